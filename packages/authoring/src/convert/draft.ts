/**
 * A policy of ours as it is put together from another tool's file: rules and remarks in the order of that file, printed
 * as TOML with a comment at everything that could not be carried over.
 */
import { oneLine, type Place } from "./tree.ts";

export type Effect = "allow" | "ask" | "deny";
type Value = string | number | boolean | readonly string[] | { readonly [key: string]: Value };

export interface RuleDraft {
  readonly kind: "rule";
  readonly id: string;
  readonly effect: Effect;
  readonly on: readonly string[];
  /** `path`, `host`, `command`, `argv`, `when` ... as in `[[rule]]`. */
  readonly fields: { readonly [key: string]: Value };
  readonly from: Origin;
  readonly reason?: string;
  /** Commands, word by word. */
  readonly examples?: {
    readonly match: readonly (readonly string[])[];
    readonly no_match: readonly (readonly string[])[];
  };
  /** What is narrower or stricter than it was there. */
  readonly differs?: string;
}

/** What could not be carried over. */
export interface Remark {
  readonly kind: "remark";
  readonly from: Origin;
  readonly why: string;
}

export interface Origin {
  readonly at: Place;
  /** As the file has it. */
  readonly text: string;
}

export type Item = RuleDraft | Remark;

export const remark = (from: Origin, why: string): Remark => ({ kind: "remark", from, why });

/** The text, and for each line of it the item that it belongs to. */
export function printDraft(
  head: readonly string[],
  items: readonly Item[],
): { text: string; owners: readonly (Item | null)[] } {
  const lines: { text: string; owner: Item | null }[] = [];
  const add = (text: string, owner: Item | null) => lines.push({ text, owner });
  for (const text of head) add(`# ${oneLine(text)}`, null);
  add("version = 1", null);
  for (const item of items) {
    add("", item);
    for (const text of item.kind === "rule"
      ? ruleLines(item)
      : [`# ${place(item.from)}: left out: ${oneLine(item.why)}`])
      add(text, item);
  }
  return { text: `${lines.map(({ text }) => text).join("\n")}\n`, owners: lines.map(({ owner }) => owner) };
}

const place = ({ at, text }: Origin): string => `line ${at.line}: ${oneLine(text)}`;

function ruleLines({ id, effect, on, fields, from, reason, differs, examples = NONE }: RuleDraft): readonly string[] {
  const values = { id, effect, on, ...fields, ...(reason === undefined ? {} : { reason }) };
  return [
    `# ${place(from)}${differs === undefined ? "" : `: ${oneLine(differs)}`}`,
    "[[rule]]",
    ...Object.entries(values).map(([key, value]) => `${key} = ${toml(value)}`),
    ...Object.entries(examples).flatMap(([key, calls]) =>
      calls.length === 0 ? [] : [`${key} = [${calls.map((argv) => toml({ on: "subprocess.exec", argv })).join(", ")}]`],
    ),
  ];
}

const NONE: NonNullable<RuleDraft["examples"]> = { match: [], no_match: [] };

function toml(value: Value): string {
  if (typeof value === "string") return tomlText(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (isList(value)) return `[${value.map(tomlText).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key} = ${toml(one)}`)
    .join(", ")} }`;
}

const isList = (value: Value): value is readonly string[] => Array.isArray(value);

/** JSON escapes what TOML wants escaped, but for DEL. */
export const tomlText = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

/** Ids of one file: the name of the tool, and what stands for the rule there. */
export class Ids {
  readonly #tool: string;
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(tool: string) {
    this.#tool = tool;
  }

  next(name: string): string {
    const plain = `${this.#tool}-${name.replace(/[^A-Za-z0-9_.-]+/g, "-")}`.slice(0, 56);
    for (let count = (this.#counts.get(plain) ?? 0) + 1; ; count++) {
      const id = count === 1 ? plain : `${plain}-${count}`;
      this.#counts.set(plain, count);
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return id;
    }
  }
}

/** `reason` is one short line. */
export const reasonOf = (text: string | null): { reason?: string } => {
  const reason = oneLine(text ?? "").trim();
  return reason === "" ? {} : { reason };
};
