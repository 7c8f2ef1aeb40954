/**
 * Which program a call runs, by all of its names: as typed, as found, and without the version at the end. A grant
 * takes one reading (the very file that its name resolved to, called by that name: `busybox` granted as `ls` must not
 * become a shell); a denial takes any.
 */
import { compileName } from "./glob.ts";
import { isJsonArray } from "./json.ts";
import type { ResolvedCommand } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";

/** A command that is about to be matched. */
export interface CommandText {
  /** `argv[0]`. */
  readonly typed: string;
  readonly argv: readonly string[];
  /** Real path, or the typed name where nothing was resolved. */
  readonly real: string;
  /** Names of the program, without directories and in lower case; the same with version suffixes cut off. */
  readonly programs: readonly string[];
}

/** Programs that are many programs: the name they are called by says which, their own name says nothing. */
const MULTI_CALL: ReadonlySet<string> = new Set(["busybox", "toybox", "coreutils", "uutils"]);

/** Null: the request does not say clearly what would be run. */
export function commandText(target: Target, attrs: CanonicalRequest["attrs"]): CommandText | null {
  const { argv, command } = attrs;
  if (!isJsonArray(argv) || !argv.every((word) => typeof word === "string" && !word.includes("\0"))) return null;
  const [typed] = argv;
  if (typeof typed !== "string" || typed === "" || command !== typed || target.value === "") return null;
  return recent(target.value, argv as readonly string[]) ?? read(typed, argv as readonly string[], target.value);
}

/** Calls of commands come back, if only since each is decided twice; what is read from their words is kept with them. */
const RECENT = new Map<string, CommandText>();
const MAX_RECENT = 256;
/** Characters: more is not worth comparing. */
const MAX_KEPT = 512;

/** No two have the same: words hold no NUL, and what may is measured. */
function keyOf(real: string, argv: readonly string[]): string | null {
  let length = real.length;
  for (const word of argv) length += word.length + 1;
  return length > MAX_KEPT ? null : `${real.length}\0${real}\0${argv.join("\0")}`;
}

function recent(real: string, argv: readonly string[]): CommandText | undefined {
  const key = keyOf(real, argv);
  return key === null ? undefined : RECENT.get(key);
}

function read(typed: string, words: readonly string[], real: string): CommandText {
  // Of its own: who asked may change its list.
  const argv = [...words];
  const text = { typed, argv, real, programs: programNames(typed, real) };
  const key = keyOf(real, argv);
  if (key === null) return text;
  if (RECENT.size >= MAX_RECENT) RECENT.clear();
  RECENT.set(key, text);
  return text;
}

/** Whatever a condition could call it; as it was typed first. */
export const allNames = ({ typed, real, programs }: CommandText): readonly string[] => [
  ...new Set([typed, baseName(typed), real, ...programs]),
];

/** Last segment of a path, or the name itself. */
export const baseName = (path: string): string => path.replace(/\/+$/, "").replace(/^.*\//s, "");

/** Names under which rules about a program stand, most exact first: `python3.11`, `python`. */
export function programNames(...paths: readonly string[]): readonly string[] {
  const [typed = "", ...others] = paths.map((path) => baseName(path).toLowerCase());
  const bases = [typed, ...others.filter((name) => !MULTI_CALL.has(name))];
  // A name that no file can have needs no versions; looking for them in it would take long.
  const spelled = (name: string) => (name.length > 255 ? [name] : [name, withoutMinor(name), withoutVersion(name)]);
  return [...new Set(bases.flatMap(spelled))];
}

/** `python3.11` is a `python3`, and a `python`. */
const withoutMinor = (name: string): string => name.replace(/(?:\.\d+)+$/, "") || name;
const withoutVersion = (name: string): string => name.replace(/[-.]?\d[\d.]*$/, "") || name;

/** For grants: the policy's name resolved to this file, and it is called by that name. */
export function isGrantedCommand(name: string, call: CommandText, resolved: readonly ResolvedCommand[]): boolean {
  if (call.typed === name && call.real === name) return true;
  const sameName = baseName(call.typed) === baseName(name);
  return sameName && namesAt(call.real, resolved).has(name);
}

/** For denials and questions: any of the names of the program. */
export function isNamedCommand(name: string, call: CommandText, resolved: readonly ResolvedCommand[]): boolean {
  if (call.typed === name || call.real === name) return true;
  if (namesAt(call.real, resolved).has(name)) return true;
  if (name === "*") return true;
  if (name.includes("/")) return call.real.endsWith(name.replace(/^\.?\/*/, "/"));
  const test = compileName(name.toLowerCase(), true);
  return call.programs.some(test);
}

/** The names of the policy that were found to be this file. */
export function namesAt(path: string, resolved: readonly ResolvedCommand[]): ReadonlySet<string> {
  let paths = BY_PATH.get(resolved);
  if (paths === undefined) {
    paths = new Map<string, Set<string>>();
    for (const command of resolved) {
      const names = paths.get(command.path);
      if (names === undefined) paths.set(command.path, new Set([command.name]));
      else names.add(command.name);
    }
    BY_PATH.set(resolved, paths);
  }
  return paths.get(path) ?? NO_NAMES;
}

/** Asked for each command of each call, so that a long list is searched through once. */
const BY_PATH = new WeakMap<readonly ResolvedCommand[], Map<string, Set<string>>>();
const NO_NAMES: ReadonlySet<string> = new Set();
