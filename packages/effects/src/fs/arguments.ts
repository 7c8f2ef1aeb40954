/**
 * Reads the arguments of a call: exactly the named members, of exactly these types. What a script sends is hostile; an
 * unknown member is refused, as it may be a misspelt one that the caller relies on.
 */
import { type Failure, fail, isJsonObject, type Json, ok, type Result } from "@agent-run/gate";

type Kind = "text" | "flag" | "count";
type Shape = Readonly<Record<string, Kind | `${Kind}?`>>;

interface Values {
  text: string;
  flag: boolean;
  /** A whole number from 0 to 2^53 - 1. */
  count: number;
}

type ValueOf<K extends string> = K extends keyof Values
  ? Values[K]
  : K extends `${infer R extends keyof Values}?`
    ? Values[R] | undefined
    : never;

export type Members<S extends Shape> = { readonly [N in keyof S]: ValueOf<S[N]> };

const SAYS: Record<Kind, string> = { text: "a string", flag: "true or false", count: "a whole number from 0" };

export function readMembers<const S extends Shape>(operation: string, args: Json, shape: S): Result<Members<S>> {
  if (!isJsonObject(args)) return fail(wrong(`\`${operation}\` takes an object of arguments`));
  const unknown = Object.keys(args).find((name) => !Object.hasOwn(shape, name));
  if (unknown !== undefined) return fail(wrong(`\`${operation}\` has no option \`${shortened(unknown)}\``));
  const members: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(shape)) {
    const value = args[name];
    const wanted = kindOf(kind);
    if (value === undefined ? !kind.endsWith("?") : !isOf(wanted, value)) {
      return fail(wrong(`\`${name}\` of \`${operation}\` must be ${SAYS[wanted]}`));
    }
    members[name] = value;
  }
  return ok(members as Members<S>);
}

const kindOf = (kind: Kind | `${Kind}?`): Kind => (kind.endsWith("?") ? kind.slice(0, -1) : kind) as Kind;

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === "count") return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
  return typeof value === (kind === "text" ? "string" : "boolean");
}

const shortened = (name: string): string => (name.length > 40 ? `${name.slice(0, 40)}…` : name);

const wrong = (message: string): Failure => ({ code: "E_ARGUMENT", message });
