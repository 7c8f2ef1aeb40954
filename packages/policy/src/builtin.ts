/**
 * The rules that no file holds: `builtin.*`. They are denials, so they win over every grant. The ones of `OPENABLE_*`
 * leave out what the main policy names exactly in an allow list; every such opening is told to the operator in a
 * banner. The others have no exception: the policies of the run, what the world protects, repositories' and hosts'
 * settings.
 */

import { Batch } from "./batch.ts";
import { OPENABLE_PATHS, OPENABLE_VARIABLES, UNWRITABLE } from "./builtin-denies.ts";
import { compileName, compilePathGlob, type PathGlob } from "./glob.ts";
import { once } from "./once.ts";
import { pathText } from "./path.ts";
import { PathIndex } from "./path-index.ts";
import { rootPattern } from "./path-pattern.ts";
import { pathKey } from "./place-key.ts";
import type { ProtectedPath, RuleData } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";
import { shown } from "./spelling.ts";

/** An exact entry of the main policy's allow lists. */
export interface Opening {
  readonly on: Capability;
  /** All spellings of the one path, or the variable. */
  readonly values: readonly string[];
  /** The entry and its place, for the banner. */
  readonly text: string;
  readonly place: string;
  /** `told`: it is shown in the banner as sealed. `untold`: no banner, as a secret's own table says it. */
  readonly sealed?: "told" | "untold";
}

export interface BuiltinRules {
  readonly rules: readonly RuleData[];
  readonly banners: readonly string[];
}

const READ_WRITE_DELETE = ["fs.read", "fs.write", "fs.delete"] as const;
const WRITE_DELETE = ["fs.write", "fs.delete"] as const;

export function builtinRules(homes: readonly string[], openings: readonly Opening[]): BuiltinRules {
  const banners: string[] = [];
  const openable = [...pathDenies(homes), variableDeny()].map((rule) => {
    const test = openings.length === 0 ? null : matcherOf(rule);
    const opened = openings.filter(({ on, values }) => rule.on.includes(on) && test !== null && values.some(test));
    const told = opened.filter(({ sealed }) => sealed !== "untold");
    banners.push(...told.map((opening) => bannerOf(opening, rule)));
    return opened.length === 0 ? rule : { ...rule, opened: valuesByCapability(opened) };
  });
  const fixed = Object.entries(UNWRITABLE).map(([id, texts]) => pathRule(id, WRITE_DELETE, rooted(texts, homes), true));
  return { rules: [...openable, ...fixed], banners: [...new Set(banners)] };
}

/** Paths that neither rule nor policy can open. (A denial holds for deleting what lies above it, too.) */
export function protectedRules(paths: readonly ProtectedPath[]): readonly RuleData[] {
  const rules = new Map<string, { on: readonly Capability[]; patterns: string[]; below: boolean }>();
  for (const { path, access, what, alone } of paths) {
    const id = `builtin.protected.${what.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
    const on = access === "all" ? READ_WRITE_DELETE : WRITE_DELETE;
    const key = `${id} ${access} ${alone ?? false}`;
    const rule = rules.get(key) ?? { on, patterns: [], below: alone !== true };
    rule.patterns.push(rootPattern(path, ""));
    rules.set(key, rule);
  }
  return [...rules].map(([key, { on, patterns, below }]) => pathRule(key.replace(/ .*/, ""), on, patterns, below));
}

/** Does the entry stand among the built-in denials, so that removing it from a policy changes nothing? */
export const isBuiltin = (text: string): boolean =>
  [...OPENABLE_PATHS, OPENABLE_VARIABLES].some((group) => group.entries.includes(text));

function pathDenies(homes: readonly string[]): readonly RuleData[] {
  const ids = [...new Set(OPENABLE_PATHS.map((group) => group.id))];
  return ids.map((id) => {
    const texts = OPENABLE_PATHS.filter((group) => group.id === id).flatMap((group) => group.entries);
    return pathRule(id, READ_WRITE_DELETE, rooted(texts, homes), true);
  });
}

function variableDeny(): RuleData {
  const { id, entries } = OPENABLE_VARIABLES;
  return { ref: { id }, effect: "deny", on: ["env.read"], match: { kind: "variable", patterns: entries } };
}

/** The short way for patterns of which a test knows that they need no reading. */
const rooted = (texts: readonly string[], homes: readonly string[]): readonly string[] =>
  texts.flatMap((text) => {
    if (text.startsWith("~/")) return homes.map((home) => rootPattern(home, text.slice(2)));
    return text.startsWith("/") ? [text] : [`/${text}`];
  });

function pathRule(id: string, on: readonly Capability[], patterns: readonly string[], below: boolean): RuleData {
  return { ref: { id }, effect: "deny", on, match: { kind: "path", patterns, below } };
}

/** By the matcher that decides; a pattern is only compiled for values that it could match. */
function matcherOf({ match }: RuleData): (value: string) => boolean {
  if (match.kind === "variable") {
    const tests = match.patterns.map((pattern) => compileName(pattern, true));
    return (name) => tests.some((test) => test(name));
  }
  if (match.kind !== "path") return () => false;
  const index = new PathIndex<() => PathGlob>();
  for (const pattern of match.patterns)
    index.add(
      pathKey(pattern),
      once(() => compilePathGlob(pattern)),
    );
  return (value) => {
    const path = pathText(value);
    if (path === null) return false;
    const near = new Batch<() => PathGlob>();
    index.near(path, near);
    return near.items.some((glob) => glob().matchesFolded(path, match.below));
  };
}

function valuesByCapability(openings: readonly Opening[]): Partial<Record<Capability, readonly string[]>> {
  const opened: Partial<Record<Capability, readonly string[]>> = {};
  for (const { on, values } of openings) opened[on] = [...new Set([...(opened[on] ?? []), ...values])].sort();
  return opened;
}

function bannerOf({ on, text, place, sealed }: Opening, rule: RuleData): string {
  const how = sealed === undefined ? on : `${on}, sealed,`;
  return `\`${shown(text)}\` is open for ${how} although ${rule.ref.id} denies it everywhere else: ${place} names it`;
}
