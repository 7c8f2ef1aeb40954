/**
 * The few steps from what was seen to a pattern: files of one kind in one directory, numbers and UUIDs in URLs, file
 * names among arguments. Each is bounded, and reported with what it rests on; what is written and deleted needs more
 * evidence than what is read. Everything else is granted exactly as it was seen.
 */
import type { PolicyData } from "@agent-run/policy";
import type { Fact, Place } from "./fact.ts";
import { directoryOf, extensionOf, isSensitiveDirectory } from "./writable.ts";

/** Some facts that one wider pattern stands for. */
export interface Generalisation {
  readonly key: string;
  readonly kind: "files" | "segments" | "words";
  readonly facts: readonly Fact[];
  /** `files`: the directory and the extension. `segments`: segments of a path, null for any. `words`: the same of words. */
  readonly pattern:
    | { readonly directory: string; readonly extension: string }
    | { readonly parts: readonly (string | null)[] };
}

/** Distinct places that have to be seen before any other is granted. */
const ENOUGH = 3;
const ENOUGH_TO_CHANGE = 5;

export interface Surroundings {
  readonly data: PolicyData;
  readonly homes: readonly string[];
}

/** `without`: keys of those that turned out to grant what they must not. */
export function generalise(
  facts: readonly Fact[],
  surroundings: Surroundings,
  without: ReadonlySet<string>,
): readonly Generalisation[] {
  const files = new Set(
    facts.flatMap(({ on, place }) => (on === "fs.read" && place.kind === "path" ? [place.path] : [])),
  );
  const groups = grouped(facts, (fact) => candidate(fact, surroundings, files));
  return groups
    .flatMap(withVariedPlaces)
    .filter(({ key, facts: some }) => some.length >= enoughFor(some[0]) && !without.has(key));
}

function grouped(facts: readonly Fact[], candidateOf: (fact: Fact) => Candidate | null): readonly Generalisation[] {
  const groups = new Map<string, Candidate & { readonly facts: Fact[] }>();
  for (const fact of facts) {
    const found = candidateOf(fact);
    if (found === null) continue;
    const group = groups.get(found.key) ?? { ...found, facts: [] };
    groups.set(found.key, group);
    group.facts.push(fact);
  }
  return [...groups.values()];
}

/** A place at which too few values were seen stays as it was seen: three posts of one user are no posts of any user. */
function withVariedPlaces(group: Generalisation): readonly Generalisation[] {
  const { facts, pattern, kind } = group;
  if (!("parts" in pattern)) return [group];
  const few = (some: readonly Fact[], parts: readonly (string | null)[]) =>
    parts.flatMap((part, at) =>
      part === null && new Set(some.map((fact) => partsOf(fact)[at])).size < ENOUGH ? [at] : [],
    );
  const fixed = few(facts, pattern.parts);
  if (fixed.length === 0) return [group];
  const narrower = grouped(facts, (fact) => {
    const parts = pattern.parts.map((part, at) => (fixed.includes(at) ? (partsOf(fact)[at] ?? null) : part));
    return { key: JSON.stringify([group.key, parts]), kind, pattern: { parts } };
  });
  return narrower.filter(
    (one) =>
      "parts" in one.pattern && one.pattern.parts.includes(null) && few(one.facts, one.pattern.parts).length === 0,
  );
}

const partsOf = ({ place }: Fact): readonly string[] =>
  place.kind === "url" ? place.urlPath.split("/") : place.kind === "command" ? place.words : [];

const enoughFor = (fact: Fact | undefined): number =>
  fact?.on === "fs.write" || fact?.on === "fs.delete" ? ENOUGH_TO_CHANGE : ENOUGH;

type Candidate = Omit<Generalisation, "facts">;

function candidate(fact: Fact, surroundings: Surroundings, files: ReadonlySet<string>): Candidate | null {
  const { place } = fact;
  if (place.kind === "path") return fileCandidate(fact, place, surroundings);
  if (place.kind === "url") return segmentCandidate(fact, place);
  return place.kind === "command" ? wordCandidate(fact, place, surroundings, files) : null;
}

function fileCandidate(
  { on, isGranted }: Fact,
  { path, isSearch }: Extract<Place, { kind: "path" }>,
  { data, homes }: Surroundings,
): Candidate | null {
  const [directory, extension] = [directoryOf(path), extensionOf(path)];
  if (isSearch || extension === null || isSensitiveDirectory(directory, data, homes)) return null;
  const key = JSON.stringify(["files", on, isGranted, directory, extension]);
  return { key, kind: "files", pattern: { directory, extension } };
}

const ID = /^(?:\d{1,20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

function segmentCandidate({ on, isGranted }: Fact, place: Extract<Place, { kind: "url" }>): Candidate | null {
  const parts = place.urlPath.split("/").map((segment) => (ID.test(segment) ? null : segment));
  if (!parts.includes(null)) return null;
  const { scheme, host, port, method } = place;
  const key = JSON.stringify(["segments", on, isGranted, scheme, host, port, method, parts]);
  return { key, kind: "segments", pattern: { parts } };
}

/** A word that varies is a name of a file that is read anyway; the file rules hold for any other, too. */
function wordCandidate(
  { on, isGranted }: Fact,
  { name, words }: Extract<Place, { kind: "command" }>,
  { data }: Surroundings,
  files: ReadonlySet<string>,
): Candidate | null {
  const isFile = (word: string) =>
    !word.startsWith("-") && files.has(word.startsWith("/") ? word : `${data.root}/${word}`);
  const parts = words.map((word) => (isFile(word) ? null : word));
  if (!parts.includes(null)) return null;
  return { key: JSON.stringify(["words", on, isGranted, name, parts]), kind: "words", pattern: { parts } };
}
