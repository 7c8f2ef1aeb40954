/**
 * A rule taken apart into its patterns, each with the text by which it can be found. `narrow` is how a grant is read:
 * case counts, all readings of a URL must match, only the very file that a command was found to be. A denial takes
 * any reading.
 */

import { type Line, matchesLines } from "./argv.ts";
import { type Clause, clausesOf } from "./clauses.ts";
import { baseName, isGrantedCommand, isNamedCommand } from "./command.ts";
import type { Effect } from "./decision.ts";
import { compilePathGlob, type PathGlob } from "./glob.ts";
import { compileHostPattern, type HostGrant, inAnyRange, isAt } from "./host.ts";
import { once } from "./once.ts";
import type { PathText } from "./path.ts";
import { type PathKey, pathKey, type Sure, sureOf } from "./place-key.ts";
import type { HostPattern, ResolvedCommand, RuleData, RuleMatch } from "./policy-data.ts";
import type { Rule } from "./rule.ts";
import type { Way } from "./rule-book.ts";
import { linesBehind } from "./runner.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";
import { compileVariable } from "./variable.ts";
import { matchesWords } from "./words.ts";

/** What it is asked for: denials, questions, or one of the ways of being granted. */
export type AtomList = "deny" | "ask" | Way;

export const listOf = (effect: Effect): AtomList => (effect === "allow" ? "open" : effect);

/** How grants are read; denials and questions are read loosely. */
export const isNarrow = (list: AtomList): boolean => list !== "deny" && list !== "ask";

export interface Atom {
  readonly rule: Rule;
  readonly list: AtomList;
  readonly key: AtomKey;
  /** Is it at the place of the rule? */
  readonly test: (subject: Subject) => boolean;
  /** What else the rule asks for. */
  readonly clauses: readonly Clause[];
  /** For denials of paths: does the pattern name something below the path? */
  readonly isBelow?: (path: PathText) => boolean;
  readonly host?: () => HostGrant;
}

/**
 * What a matching value is sure to have. `name`: it is this host or variable, or a command of this name. `domain`: a host
 * below this one. `part`: a variable with that. Always folded. Null: nothing is known, always test.
 */
export type AtomKey =
  | { readonly kind: "path"; readonly path: PathKey }
  | { readonly kind: "name" | "domain"; readonly text: string }
  | { readonly kind: "part"; readonly sure: Sure }
  | null;

export function atomsOf(rule: Rule, list: AtomList, commands: readonly ResolvedCommand[]): readonly Atom[] {
  const narrow = isNarrow(list);
  const clauses = clausesOf(rule.data, narrow);
  return places(rule, narrow, commands).map((place) => ({ ...place, rule, list, clauses }));
}

type Placed = Omit<Atom, "rule" | "list" | "clauses">;

function places(rule: Rule, narrow: boolean, commands: readonly ResolvedCommand[]): readonly Placed[] {
  const { match } = rule.data;
  switch (match.kind) {
    case "path":
      // What lies below a local-only directory is local-only, too, though only what a pattern matches is granted.
      return match.patterns.map((pattern) => pathAtom(rule, pattern, match.below || isSealed(rule, narrow), narrow));
    case "host":
      return match.patterns.map((pattern) => hostAtom(pattern, narrow));
    case "variable":
      return match.patterns.map((pattern) => variableAtom(rule, pattern, narrow));
    case "command":
      return [{ key: commandKey(match, narrow), test: commandTest(rule.data, match, narrow, commands) }];
    case "tool":
      return [{ key: null, test: ({ kind }) => kind === "tool" }];
    // Neither names a target, so neither is a grant.
    case "address":
      return narrow ? [] : [{ key: null, test: addressTest(match) }];
    case "any":
      return narrow ? [] : [{ key: null, test: () => true }];
  }
}

const isSealed = ({ data }: Rule, narrow: boolean): boolean => !narrow && data.sealed === true;

function pathAtom(rule: Rule, pattern: string, below: boolean, narrow: boolean): Placed {
  const glob = once(() => compilePathGlob(pattern));
  const key: AtomKey = { kind: "path", path: pathKey(pattern) };
  const text = plainText(pattern, narrow);
  const isWithin = below || pattern.endsWith("/**");
  if (narrow) {
    const test = (subject: Subject) => {
      if (subject.kind !== "path") return false;
      if (isSearch(subject, rule)) return glob().reaches(subject.path.segments, below);
      if (text !== null) return isThere(text, isWithin, subject.path.value);
      return glob().matches(subject.path.segments, below);
    };
    return { key, test };
  }
  const isOpened = openedBy(rule.data);
  return {
    key,
    test: (subject) =>
      subject.kind === "path" &&
      (text === null ? glob().matchesFolded(subject.path, below) : isThere(text, isWithin, subject.path.joined)) &&
      isOpened?.(subject) !== true,
    isBelow: (path) => isBelow(glob(), path),
  };
}

/**
 * Of a pattern that is one path, or all that lies below it, too, as most are: a look at the letters answers it. Null: it is
 * another, or its letters could be folded into others.
 */
function plainText(pattern: string, narrow: boolean): string | null {
  const text = pattern.replace(/\/\*\*$/, "");
  if (!/^(?:\/[^/\\*?[]+)+$/.test(text) || !/^[\x20-\x7e]*$/.test(text)) return null;
  // In one piece of its own, and not a part of the pattern.
  return (narrow ? text : fold(text)).split("/").join("/");
}

const isThere = (text: string, isWithin: boolean, path: string): boolean =>
  path.length === text.length
    ? path === text
    : isWithin && path.length > text.length && path.charCodeAt(text.length) === SLASH && path.startsWith(text);

const SLASH = 0x2f;

/**
 * A directory may be searched if a grant could let something in it be read: nothing of it is shown for that, since each
 * path that is found is decided by itself. A question opens nothing that it does not name.
 */
const isSearch = ({ target }: Subject, { effect }: Rule): boolean => target.role === "search" && effect === "allow";

/** Deleting or moving a directory takes along what a denial names below it. */
export const isBelow = ({ literal: named }: PathGlob, { folded }: PathText): boolean =>
  named.length > folded.length && folded.every((segment, at) => segment === fold(named[at] ?? ""));

/** What the main policy opens of a denial; null: nothing. */
function openedBy({ opened, effect }: RuleData): ((subject: Subject) => boolean) | null {
  if (effect !== "deny" || opened === undefined) return null;
  return (subject) => {
    const value = subject.kind === "path" ? subject.path.value : subject.target.value;
    return opened[subject.target.on]?.includes(value) === true;
  };
}

function hostAtom(pattern: HostPattern, narrow: boolean): Placed {
  const host = once(() => compileHostPattern(pattern));
  const key = hostKey(pattern, host);
  if (narrow) {
    const { port, scheme, path } = pattern;
    // One host, as most are: compared without what is compiled.
    const name = key?.kind === "name" && path === null ? key.text : null;
    const test = (subject: Subject) => {
      if (subject.kind !== "url") return false;
      return name === null ? host().matches(subject.url) : subject.url.host === name && isAt(subject.url, scheme, port);
    };
    return { key, host, test };
  }
  const test = (subject: Subject) =>
    // A denied address is denied by whatever name it was found; for a local-only one the port counts (local-only-book.ts).
    subject.kind === "address"
      ? host().address === subject.address
      : subject.kind === "url" && host().matchesLoosely(subject.url);
  return { key, host, test };
}

function hostKey({ host }: HostPattern, compiled: () => HostGrant): AtomKey {
  if (!host.startsWith("*")) return { kind: "name", text: compiled().host };
  return host.startsWith("*.") ? { kind: "domain", text: host.slice(2) } : null;
}

function variableAtom(rule: Rule, pattern: string, narrow: boolean): Placed {
  const matches = once(() => compileVariable(pattern, narrow));
  const key = variableKey(pattern);
  const isOpened = openedBy(rule.data);
  const test = (subject: Subject) =>
    subject.kind === "variable" && matches()(subject.name) && isOpened?.(subject) !== true;
  return { key, test };
}

function variableKey(pattern: string): AtomKey {
  if (!/[*?[\\]/.test(pattern)) return { kind: "name", text: fold(pattern) };
  const sure = sureOf(pattern);
  return sure === null ? null : { kind: "part", sure: { ...sure, text: fold(sure.text) } };
}

function addressTest({ ranges }: Extract<RuleMatch, { kind: "address" }>) {
  return (subject: Subject): boolean => {
    if (subject.kind === "address") return inAnyRange(subject.address, ranges);
    return subject.kind === "url" && subject.addresses.some((address) => inAnyRange(address, ranges));
  };
}

/** A name by which a command is looked up. */
export const foldedCommand = (name: string): string => fold(name.toLowerCase());

type CommandMatch = Extract<RuleMatch, { kind: "command" }>;

function commandKey({ name }: CommandMatch, narrow: boolean): AtomKey {
  const text = baseName(name);
  return !narrow && /[*?[\\]/.test(text) ? null : { kind: "name", text: foldedCommand(text) };
}

function commandTest(
  { effect, opens }: RuleData,
  { name, args }: CommandMatch,
  narrow: boolean,
  commands: readonly ResolvedCommand[],
) {
  return (subject: Subject): boolean => {
    if (subject.kind !== "command") return false;
    if (narrow) {
      if (!isGrantedCommand(name, subject.command, commands)) return false;
      if (args === undefined) return true;
      // A question about some arguments opens nothing, unless it says so.
      return (effect === "allow" || opens === true) && args.some((one) => matchesWords(one, subject.command.argv));
    }
    const isMatched = (lines: readonly Line[]) =>
      args === undefined || args.some((pattern) => matchesLines(pattern, lines));
    if (isNamedCommand(name, subject.command, commands) && isMatched(subject.lines)) return true;
    return linesBehind(subject.command, name).some((line) => isMatched([line]));
  };
}
