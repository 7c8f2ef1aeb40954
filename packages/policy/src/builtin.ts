/**
 * The rules that no file holds: `builtin.*`. They are denials, so they win over every grant. The ones of `OPENABLE_*`
 * leave out what the main policy names exactly in an allow list; every such opening is told to the operator in a
 * banner. The others have no exception: the policies of the run, what the world protects, repositories' and hosts'
 * settings.
 */
import { OPENABLE_PATHS, OPENABLE_VARIABLES, UNWRITABLE } from "./builtin-denies.ts";
import { compileName, compilePathGlob } from "./glob.ts";
import { pathText } from "./path.ts";
import { compilePath, rootPattern } from "./path-pattern.ts";
import type { ProtectedPath, RuleData } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";

/** An exact entry of the main policy's allow lists. */
export interface Opening {
  readonly on: Capability;
  /** All spellings of the one path, or the variable. */
  readonly values: readonly string[];
  /** The entry and its place, for the banner. */
  readonly text: string;
  readonly place: string;
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
    const opened = openings.filter((opening) => opens(opening, rule));
    banners.push(...opened.map((opening) => bannerOf(opening, rule)));
    return opened.length === 0 ? rule : { ...rule, opened: valuesByCapability(opened) };
  });
  const fixed = Object.entries(UNWRITABLE).map(([id, texts]) => deny(id, WRITE_DELETE, texts, homes));
  return { rules: [...openable, ...fixed], banners: [...new Set(banners)] };
}

/** Paths that neither rule nor policy can open, and every directory above them for deleting and renaming. */
export function protectedRules(paths: readonly ProtectedPath[]): readonly RuleData[] {
  const rules = new Map<string, { on: readonly Capability[]; patterns: string[] }>();
  const above = new Set<string>();
  for (const { path, access, what } of paths) {
    const id = `builtin.protected.${what.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
    const on = access === "all" ? READ_WRITE_DELETE : WRITE_DELETE;
    const rule = rules.get(`${id} ${access}`) ?? { on, patterns: [] };
    rule.patterns.push(rootPattern(path, ""));
    rules.set(`${id} ${access}`, rule);
    for (let end = path.lastIndexOf("/"); end >= 0; end = end === 0 ? -1 : path.lastIndexOf("/", end - 1)) {
      above.add(rootPattern(path.slice(0, end), ""));
    }
  }
  const found = [...rules].map(([id, { on, patterns }]) => pathRule(id.replace(/ .*/, ""), on, patterns, true));
  return above.size === 0 ? found : [...found, pathRule("builtin.protected.above", ["fs.delete"], [...above], false)];
}

/** Is the entry of `secure-defaults` one of the built-in denies, so that compiling it again would only cost time? */
export function isBuiltin(text: string): boolean {
  return OPENABLE_VARIABLES.includes(text) || Object.values(OPENABLE_PATHS).some((texts) => texts.includes(text));
}

function pathDenies(homes: readonly string[]): readonly RuleData[] {
  return Object.entries(OPENABLE_PATHS).map(([id, texts]) => deny(id, READ_WRITE_DELETE, texts, homes));
}

function variableDeny(): RuleData {
  const match = { kind: "variable", patterns: OPENABLE_VARIABLES } as const;
  return { ref: { id: "builtin.variables" }, effect: "deny", on: ["env.read"], match };
}

function deny(id: string, on: readonly Capability[], texts: readonly string[], homes: readonly string[]): RuleData {
  const patterns = texts.flatMap((text) => {
    const path = compilePath(text, { roots: [], homes }, true);
    // Only `~` patterns have none, where no home is known: then no path is in a home either.
    return path.ok ? path.patterns : [];
  });
  return pathRule(id, on, patterns, true);
}

function pathRule(id: string, on: readonly Capability[], patterns: readonly string[], below: boolean): RuleData {
  return { ref: { id }, effect: "deny", on, match: { kind: "path", patterns, below } };
}

/** By the same matcher that decides. */
function opens({ on, values }: Opening, { on: denied, match }: RuleData): boolean {
  if (!denied.includes(on)) return false;
  if (match.kind === "variable") {
    return values.some((name) => match.patterns.some((pattern) => compileName(pattern, true)(name)));
  }
  if (match.kind !== "path") return false;
  const paths = values.map(pathText).filter((path) => path !== null);
  return match.patterns.some((pattern) => {
    const glob = compilePathGlob(pattern);
    return paths.some((path) => glob.matchesFolded(path, match.below));
  });
}

function valuesByCapability(openings: readonly Opening[]): Partial<Record<Capability, readonly string[]>> {
  const opened: Partial<Record<Capability, readonly string[]>> = {};
  for (const { on, values } of openings) opened[on] = [...new Set([...(opened[on] ?? []), ...values])].sort();
  return opened;
}

function bannerOf({ on, text, place }: Opening, rule: RuleData): string {
  return `\`${text}\` is open for ${on} although ${rule.ref.id} denies it everywhere else: ${place} names it`;
}
