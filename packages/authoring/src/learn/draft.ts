/**
 * Rules as they will be written: facts that belong together (a directory, an origin, a command), with their evidence.
 * What was generalised stands in a rule of its own, so that it can be read, narrowed or removed by itself.
 */
import { type Capability, escapeGlob } from "@agent-run/policy";
import { type Fact, type Place, urlOf } from "./fact.ts";
import type { Generalisation, Surroundings } from "./generalise.ts";
import { directoryOf } from "./writable.ts";

export interface DraftRule {
  readonly effect: "allow" | "ask";
  readonly on: Capability;
  /** Keys of the place, as TOML has them. */
  readonly keys: Readonly<Record<string, readonly (string | number)[]>>;
  /** How `[[rule]]` names one call that it matches, or null. */
  readonly example: Readonly<Record<string, string | readonly string[]>> | null;
  /** And one that it does not. */
  readonly counterexample: Readonly<Record<string, string>> | null;
  readonly facts: readonly Fact[];
  readonly generalised: Generalised | null;
}

export interface Generalised {
  readonly key: string;
  readonly pattern: string;
  /** What was seen, as exact patterns: the tighter alternative. */
  readonly exact: readonly string[];
  /** What else it admits, in words. */
  readonly admits: string;
  /** Files of this directory and extension, for who counts what is there. */
  readonly files: { readonly directory: string; readonly extension: string } | null;
}

/** Directories that get a rule of their own; beyond, what is exact stands in one rule a capability. */
const MAX_DIRECTORIES = 200;

export function draftRules(
  facts: readonly Fact[],
  generalisations: readonly Generalisation[],
  surroundings: Surroundings,
): readonly DraftRule[] {
  const covered = new Set(generalisations.flatMap(({ facts: some }) => some));
  const exact = withoutIdleSearches(facts).filter((fact) => !covered.has(fact));
  const directories = new Set(exact.map(({ place }) => (place.kind === "path" ? directoryOf(place.path) : "")));
  const isMany = directories.size > MAX_DIRECTORIES;
  const groups = new Map<string, Fact[]>();
  for (const fact of exact) {
    const key = groupOf(fact, isMany);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(fact);
  }
  const plain = [...groups.values()].map((group) => exactRule(group, surroundings));
  return [...plain, ...generalisations.map((one) => generalRule(one, surroundings))].sort(byPlace);
}

/** A search is granted by any grant of reading at or below its place. */
function withoutIdleSearches(facts: readonly Fact[]): readonly Fact[] {
  const granted = new Set<string>();
  for (const { on, isGranted, place } of facts) {
    if (on !== "fs.read" || !isGranted || place.kind !== "path" || place.isSearch) continue;
    for (let path = place.path; !granted.has(path); path = directoryOf(path)) granted.add(path);
  }
  return facts.filter(({ place }) => place.kind !== "path" || !place.isSearch || !granted.has(place.path));
}

function groupOf({ on, isGranted, place }: Fact, isMany: boolean): string {
  if (place.kind === "path") return JSON.stringify([on, isGranted, isMany ? "" : directoryOf(place.path)]);
  if (place.kind === "url") return JSON.stringify([on, isGranted, place.scheme, place.host, place.port, place.method]);
  return JSON.stringify([on, isGranted, place.kind === "command" ? place.name : ""]);
}

function exactRule(facts: readonly [Fact, ...Fact[]] | readonly Fact[], surroundings: Surroundings): DraftRule {
  const [first] = facts as readonly [Fact, ...Fact[]];
  const patterns = [...new Set(facts.map(({ place }) => exactPattern(place, surroundings)))].sort();
  return { ...common(first, facts, surroundings), keys: keysOf(first.place, patterns), generalised: null };
}

function generalRule(one: Generalisation, surroundings: Surroundings): DraftRule {
  const [first] = one.facts as readonly [Fact, ...Fact[]];
  const exact = one.facts.map(({ place }) => exactPattern(place, surroundings)).sort();
  const { pattern, admits, keys, files } = widened(one, first, surroundings);
  return {
    ...common(first, one.facts, surroundings),
    keys: { ...keysOf(first.place, [pattern]), ...keys },
    generalised: { key: one.key, pattern, exact, admits, files },
  };
}

function widened({ pattern }: Generalisation, { place }: Fact, surroundings: Surroundings) {
  if ("directory" in pattern) {
    const { directory, extension } = pattern;
    const at = directory === surroundings.data.root ? "" : `${shownPath(directory, surroundings)}/`;
    const text = `${at}*.${extension}`;
    // A hidden file is none that was meant.
    const keys = { except: [`${at}.*`] };
    return { pattern: text, admits: "every file there with that ending, but hidden ones", keys, files: pattern };
  }
  const part = (text: string | null) => (text === null ? "*" : place.kind === "url" ? escapeGlob(text) : text);
  const text = pattern.parts.map(part).join(place.kind === "url" ? "/" : " ");
  const admits = place.kind === "url" ? "any one segment in each of these places" : "any one word that is no option";
  return { pattern: text, admits, keys: {}, files: null };
}

function common({ on, place, isGranted }: Fact, facts: readonly Fact[], surroundings: Surroundings) {
  return {
    effect: isGranted ? "allow" : "ask",
    on,
    facts,
    example: exampleOf(on, place, surroundings),
    counterexample: counterexampleOf(on, place, surroundings),
  } as const;
}

function keysOf(place: Place, patterns: readonly string[]): DraftRule["keys"] {
  if (place.kind === "path") return { path: patterns };
  if (place.kind === "variable") return { name: patterns };
  if (place.kind === "command") return { command: [place.name], argv: patterns };
  const { host, scheme, port, method } = place;
  return { host: [host], scheme: [scheme], port: [port], method: [method], url_path: patterns };
}

/** A pattern that matches this place and no other. */
function exactPattern(place: Place, surroundings: Surroundings): string {
  if (place.kind === "path") return shownPath(place.path, surroundings);
  if (place.kind === "url") return escapeGlob(place.urlPath);
  return place.kind === "variable" ? place.name : place.words.join(" ");
}

/** As a pattern: relative below the root. */
const shownPath = (path: string, { data: { root } }: Surroundings): string => {
  if (path === root) return ".";
  const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return `${relative.startsWith("~") ? "./" : ""}${escapeGlob(relative)}`;
};

/** As a script types it. */
const typedPath = (path: string, { data: { root } }: Surroundings): string => {
  if (path === root) return ".";
  const relative = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  return relative.startsWith("~") ? `./${relative}` : relative;
};

function exampleOf(on: Capability, place: Place, surroundings: Surroundings): DraftRule["example"] {
  if (place.kind === "path") return { on, path: typedPath(place.path, surroundings) };
  if (place.kind === "variable") return { on, name: place.name };
  if (place.kind === "command") return { on, argv: [place.name, ...place.words] };
  // A call says nothing of its method but what its capability does.
  return place.method === "HEAD" ? null : { on, url: urlOf(place) };
}

function counterexampleOf(on: Capability, place: Place, surroundings: Surroundings): DraftRule["counterexample"] {
  if (place.kind === "path")
    return { on, path: typedPath(`${directoryOf(place.path)}/.never-seen`.replace(/^\/\//, "/"), surroundings) };
  return place.kind === "variable" ? { on, name: "NEVER_SEEN_BY_LEARNING" } : null;
}

const ORDER: readonly string[] = ["fs.read", "fs.write", "fs.delete"];

function byPlace(a: DraftRule, b: DraftRule): number {
  const [left, right] = [a, b].map((rule) => {
    const at = ORDER.indexOf(rule.on);
    return `${at === -1 ? ORDER.length : at} ${rule.on} ${Object.values(rule.keys).flat().join(" ")}`;
  }) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}
