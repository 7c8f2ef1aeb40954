/**
 * The rules of a policy, ready to be asked: by capability, in policy order, each compiled when it is first needed and
 * never again. Grants match the narrow reading of a value, denials and questions every reading of it.
 */
import { matchArgsOf } from "./argv.ts";
import { isGrantedCommand, isNamedCommand } from "./command.ts";
import { compilePathGlob, type PathGlob } from "./glob.ts";
import { compileHostPattern, type HostGrant, inAnyRange } from "./host.ts";
import type { PathText } from "./path.ts";
import type { PolicyData, ResolvedCommand, RuleData, RuleMatch } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";
import { compileVariables } from "./variable.ts";

export interface Rule {
  readonly data: RuleData;
  /** Place in the policy. */
  readonly order: number;
  readonly matches: (subject: Subject) => boolean;
  /** The patterns of a host rule; none for others. */
  readonly hosts: () => readonly HostGrant[];
}

/** The rules about one capability. */
export interface Chapter {
  readonly deny: readonly Rule[];
  readonly ask: readonly Rule[];
  readonly allow: readonly Rule[];
}

export class RuleBook {
  readonly data: PolicyData;
  readonly #chapters = new Map<Capability, Chapter>();
  readonly #rules: readonly Rule[];

  constructor(data: PolicyData) {
    this.data = data;
    this.#rules = data.rules.map((rule, order) => lazyRule(rule, order, data.subprocess.commands));
  }

  about(capability: Capability): Chapter {
    const known = this.#chapters.get(capability);
    if (known !== undefined) return known;
    const rules = this.#rules.filter(({ data }) => data.on.includes(capability));
    const of = (effect: RuleData["effect"]) => rules.filter(({ data }) => data.effect === effect);
    const chapter = { deny: of("deny"), ask: of("ask"), allow: of("allow") };
    this.#chapters.set(capability, chapter);
    return chapter;
  }
}

/**
 * Questions that grant, too: they name what they are about. `requires_approval` and `ask_args` only put a question
 * before what something else grants.
 */
export const grantsByAsking = ({ effect, match }: RuleData): boolean =>
  effect === "ask" && match.kind !== "any" && !(match.kind === "command" && match.args !== undefined);

type Test = (subject: Subject) => boolean;

function lazyRule(data: RuleData, order: number, commands: readonly ResolvedCommand[]): Rule {
  let test: Test | null = null;
  let hosts: readonly HostGrant[] | null = null;
  return {
    data,
    order,
    matches: (subject) => {
      test ??= compile(data, commands);
      return test(subject);
    },
    hosts: () => {
      hosts ??= data.match.kind === "host" ? data.match.patterns.map(compileHostPattern) : [];
      return hosts;
    },
  };
}

function compile(rule: RuleData, commands: readonly ResolvedCommand[]): Test {
  const { match } = rule;
  const grants = rule.effect === "allow";
  switch (match.kind) {
    case "any":
      return () => !grants;
    case "path":
      return pathTest(rule, match);
    case "host":
      return hostTest(match, grants);
    case "address":
      return addressTest(match, grants);
    case "variable":
      return variableTest(rule, match);
    case "command":
      return commandTest(match, grants, commands);
  }
}

type MatchOf<K extends RuleMatch["kind"]> = Extract<RuleMatch, { kind: K }>;

function pathTest(rule: RuleData, { patterns, below }: MatchOf<"path">): Test {
  const globs = patterns.map(compilePathGlob);
  if (rule.effect === "allow") {
    return (subject) => subject.kind === "path" && globs.some((glob) => glob.matches(subject.path.segments, below));
  }
  const denies = rule.effect === "deny";
  return (subject) => {
    if (subject.kind !== "path") return false;
    const { path, target } = subject;
    if (denies && target.role === "delete" && globs.some((glob) => liesAbove(path, glob))) return true;
    return !isOpened(rule, subject, path.value) && globs.some((glob) => glob.matchesFolded(path, below));
  };
}

/** Deleting or moving a directory takes along what a denial names below it. */
const liesAbove = (path: PathText, { literal }: PathGlob): boolean =>
  literal.length > path.folded.length && path.folded.every((segment, at) => segment === fold(literal[at] ?? ""));

function isOpened({ opened, effect }: RuleData, { target }: Subject, value: string): boolean {
  return effect === "deny" && opened?.[target.on]?.includes(value) === true;
}

function hostTest(match: MatchOf<"host">, grants: boolean): Test {
  const hosts = match.patterns.map(compileHostPattern);
  if (grants) return (subject) => subject.kind === "url" && hosts.some((host) => host.matches(subject.url));
  return (subject) => {
    // A denied address is denied by whatever name it was found.
    if (subject.kind === "address") return hosts.some(({ address }) => address === subject.address);
    return subject.kind === "url" && hosts.some((host) => host.matchesLoosely(subject.url));
  };
}

function addressTest({ ranges }: MatchOf<"address">, grants: boolean): Test {
  if (grants) return () => false;
  return (subject) => {
    if (subject.kind === "address") return inAnyRange(subject.address, ranges);
    return subject.kind === "url" && subject.addresses.some((address) => inAnyRange(address, ranges));
  };
}

function variableTest(rule: RuleData, { patterns }: MatchOf<"variable">): Test {
  const names = compileVariables(patterns);
  if (rule.effect === "allow") return (subject) => subject.kind === "variable" && names.matches(subject.name);
  return (subject) =>
    subject.kind === "variable" && !isOpened(rule, subject, subject.name) && names.matchesFolded(subject.name);
}

function commandTest({ name, args }: MatchOf<"command">, grants: boolean, commands: readonly ResolvedCommand[]): Test {
  if (grants) {
    // A grant of some arguments only is not a thing; it must not become a grant of all.
    if (args !== undefined) return () => false;
    return (subject) => subject.kind === "command" && isGrantedCommand(name, subject.command, commands);
  }
  return (subject) => {
    if (subject.kind !== "command" || !isNamedCommand(name, subject.command, commands)) return false;
    const { programs, argv } = subject.command;
    return args === undefined || args.some((pattern) => matchArgsOf(programs, pattern, argv));
  };
}
