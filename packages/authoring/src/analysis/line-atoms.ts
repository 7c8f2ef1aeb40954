/**
 * Rules about commands as atoms. Which commands can be granted is a finite list of programs; of each, a rule says which
 * arguments it takes: a grant exactly, a denial or question within bounds (line-bounds.ts). Each test can also be asked of
 * one line, as the engine reads it, for lines that are tried.
 */
import {
  type Capability,
  deniedFlagsIn,
  isGrantedCommand,
  isNamedCommand,
  isUseOf,
  linesBehind,
  matchesLines,
  matchesWords,
  type PolicyData,
  type RuleData,
  readSubject,
  type Subject,
} from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Reading, rolesOf } from "./atom.ts";
import { ALWAYS, anyOf, type Bounds, exact, kept, NEVER } from "./bounds.ts";
import { allTests, type Line, type Test, type Value } from "./clause.ts";
import { conditionsOf } from "./conditions.ts";
import { behindBounds } from "./line-behind.ts";
import { deniedBounds } from "./line-bounds.ts";
import { flagBounds } from "./line-flags.ts";
import { grantedWords } from "./line-texts.ts";

type CommandMatch = Extract<RuleData["match"], { kind: "command" }>;
type CommandSubject = Extract<Subject, { kind: "command" }>;

export function lineAtoms({ rule, policies, data }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  if (match.kind !== "command") return [];
  const about = `${JSON.stringify(match)} ${JSON.stringify([rule.use ?? null, rule.opens ?? null])}`;
  const ways = isAbout(rule, capability) ? rolesOf(rule) : [];
  // A question about some arguments opens no door, unless it says so.
  const open = ways.filter(
    ([, reading]) => reading === "loose" || rule.effect === "allow" || match.args === undefined || rule.opens === true,
  );
  const atoms = open.map(([role, reading]): Atom => {
    const { tests, key } = conditionsOf(rule, reading, reading);
    const own = lineTest(rule, match, reading, data);
    const lines = [own, ...tests.filter(([name]) => name === "line").map(([, test]) => test)];
    const rest = tests.filter(([name]) => name !== "line");
    const all = [...rest, ["line", allTests(lines)] as const];
    return {
      role,
      policies,
      rule,
      place: null,
      tests: all,
      key: `${about} ${key}`,
      excepts: lineExcepts(rule, policies, reading),
    };
  });
  if (rule.sealed !== true) return atoms;
  const test = lineTest(rule, match, "loose", data);
  return [...atoms, { role: "local", policies, rule, place: null, tests: [["line", test]], key: about, excepts: [] }];
}

/** Read the other way round than its rule; of a line of which nothing is known, nothing is left out. */
export function lineExcepts(rule: RuleData, policies: number, reading: Reading): readonly Atom[] {
  const { except } = rule;
  if (except?.kind !== "command") return [];
  const { args = [] } = except;
  const holds = (value: Value): boolean => {
    const subject = subjectOf(value);
    if (subject === null) return false;
    const isLeft = (pattern: string) =>
      reading === "narrow" ? matchesLines(pattern, subject.lines) : matchesWords(pattern, subject.command.argv);
    return args.some(isLeft);
  };
  const key = JSON.stringify(["except", reading, args]);
  const bounds = (program: Line): Bounds => {
    const subject = subjectOf(program);
    if (subject === null) return NEVER;
    return reading === "narrow" ? deniedBounds(args, subject.command.programs) : grantedArgs(args);
  };
  return [
    {
      role: "except",
      policies,
      rule,
      place: null,
      tests: [["line", { kind: "value", holds, bounds }]],
      key,
      excepts: [],
    },
  ];
}

/** As a grant reads them. */
function grantedArgs(patterns: readonly string[]): Bounds {
  const key = JSON.stringify(["words", patterns]);
  return kept(key, () => exact(key, grantedWords(patterns.map(wordsOf))));
}

function lineTest(rule: RuleData, match: CommandMatch, reading: Reading, data: PolicyData): Test {
  const { commands } = data.subprocess;
  const { name, args } = match;
  if (reading === "narrow") {
    const used = rule.use === undefined ? null : usedWords(rule, data);
    const isGranted = (subject: CommandSubject) => isGrantedCommand(name, subject.command, commands);
    return {
      kind: "value",
      holds: (value) => {
        const subject = subjectOf(value);
        if (subject === null || !isGranted(subject)) return false;
        if (rule.use !== undefined) return isUsed(rule, data, subject);
        return args === undefined || args.some((pattern) => matchesWords(pattern, subject.command.argv));
      },
      bounds: (program) => {
        const subject = subjectOf(program);
        if (subject === null || !isGranted(subject)) return NEVER;
        if (rule.use === undefined) return args === undefined ? ALWAYS : grantedArgs(args);
        if (used === null) return NEVER;
        const key = JSON.stringify(["use", used]);
        return kept(key, () => exact(key, grantedWords([used])));
      },
    };
  }
  const isNamed = (subject: CommandSubject) => isNamedCommand(name, subject.command, commands);
  return {
    kind: "value",
    holds: (value) => {
      const subject = subjectOf(value);
      if (subject === null) return false;
      const isMatched = (lines: CommandSubject["lines"]) =>
        args === undefined || args.some((pattern) => matchesLines(pattern, lines));
      if (isNamed(subject) && isMatched(subject.lines)) return true;
      return linesBehind(subject.command, name).some((line) => isMatched([line]));
    },
    bounds: (program) => {
      const subject = subjectOf(program);
      if (subject === null) return NEVER;
      const own = !isNamed(subject)
        ? NEVER
        : args === undefined
          ? ALWAYS
          : deniedBounds(args, subject.command.programs);
      const behind = behindBounds(name, args, subject.command);
      return anyOf(JSON.stringify(["line", own.key, behind.key]), [own, behind]);
    },
  };
}

/** Words of a use of a secret by a command; null: it is none. */
function usedWords({ use }: RuleData, { localOnly }: PolicyData): readonly string[] | null {
  const found = localOnly?.secrets.find(({ name }) => name === use?.secret)?.uses[use?.index ?? -1];
  return found?.kind === "command" ? found.argv.slice(1) : null;
}

function isUsed({ use }: RuleData, { localOnly }: PolicyData, { command }: CommandSubject): boolean {
  const secret = localOnly?.secrets.find(({ name }) => name === use?.secret);
  const found = secret?.uses[use?.index ?? -1];
  if (secret === undefined || found === undefined) return false;
  return isUseOf(secret, found, {
    v: 1,
    on: "subprocess.exec",
    targets: [],
    attrs: { argv: command.argv },
    labels: [],
  });
}

export const wordsOf = (pattern: string): readonly string[] => pattern.split(/\s+/).filter((word) => word !== "");

const SUBJECTS = new WeakMap<Line, CommandSubject | null>();

export function subjectOf(value: Value): CommandSubject | null {
  if (typeof value !== "object" || value === null || !("argv" in value)) return null;
  const known = SUBJECTS.get(value);
  if (known !== undefined) return known;
  const { real, argv } = value;
  const target = { on: "subprocess.exec", role: "execute", kind: "command", value: real } as const;
  const subject = readSubject(target, { command: argv[0] ?? "", argv });
  const read = subject?.kind === "command" ? subject : null;
  SUBJECTS.set(value, read);
  return read;
}

/** Arguments that no policy opens. */
export function flagsAtom(policies: number): Atom {
  const rule: RuleData = {
    ref: { id: "builtin.program_flags" },
    effect: "deny",
    on: ["subprocess.exec"],
    match: { kind: "any" },
  };
  const test: Test = {
    kind: "value",
    holds: (value) => {
      const subject = subjectOf(value);
      return subject !== null && deniedFlagsIn(subject.command) !== null;
    },
    bounds: (program) => flagBounds(subjectOf(program)?.command.programs ?? []),
  };
  return { role: "deny", policies, rule, place: null, tests: [["line", test]], key: "flags", excepts: [] };
}
