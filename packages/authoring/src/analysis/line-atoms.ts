/**
 * Rules about commands as atoms. A command line is a value: which commands can be granted is a finite list; which lines
 * of arguments matter is guessed from the patterns, so besides the guesses stands one line of each command of which
 * nothing but the command is known (`free`): denials by arguments leave it alone, grants of arguments take it. What only
 * that line gets is possible, and not confirmed.
 */
import {
  type Capability,
  deniedFlagsOf,
  isGrantedCommand,
  isNamedCommand,
  isUseOf,
  linesBehind,
  matchesLines,
  matchesWords,
  type NeverPlace,
  namesBehind,
  type PolicyData,
  type RuleData,
  readSubject,
  type Subject,
} from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Reading, rolesOf } from "./atom.ts";
import { allTests, type Line, type Test, type Value } from "./clause.ts";
import { conditionsOf, operandsOf } from "./conditions.ts";
import { TooComplex } from "./work.ts";

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
    if ((value as Line).free === true) return reading === "loose";
    const isLeft = (pattern: string) =>
      reading === "narrow" ? matchesLines(pattern, subject.lines) : matchesWords(pattern, subject.command.argv);
    return args.some(isLeft);
  };
  const key = JSON.stringify(["except", reading, args]);
  return [
    { role: "except", policies, rule, place: null, tests: [["line", { kind: "value", holds }]], key, excepts: [] },
  ];
}

function lineTest(rule: RuleData, match: CommandMatch, reading: Reading, data: PolicyData): Test {
  const { commands } = data.subprocess;
  const { name, args } = match;
  return {
    kind: "value",
    holds: (value) => {
      const subject = subjectOf(value);
      if (subject === null) return false;
      const isFree = (value as Line).free === true;
      if (reading === "narrow") {
        if (!isGrantedCommand(name, subject.command, commands)) return false;
        if (rule.use !== undefined) return isUsed(rule, data, subject, isFree);
        return args === undefined || isFree || args.some((pattern) => matchesWords(pattern, subject.command.argv));
      }
      const isMatched = (lines: CommandSubject["lines"]) =>
        args === undefined || (!isFree && args.some((pattern) => matchesLines(pattern, lines)));
      if (isNamedCommand(name, subject.command, commands) && isMatched(subject.lines)) return true;
      return linesBehind(subject.command, name).some((line) => isMatched([line]));
    },
  };
}

function isUsed({ use }: RuleData, { localOnly }: PolicyData, { command }: CommandSubject, isFree: boolean): boolean {
  const secret = localOnly?.secrets.find(({ name }) => name === use?.secret);
  const found = secret?.uses[use?.index ?? -1];
  if (secret === undefined || found === undefined) return false;
  if (isFree) return true;
  return isUseOf(secret, found, {
    v: 1,
    on: "subprocess.exec",
    targets: [],
    attrs: { argv: command.argv },
    labels: [],
  });
}

const wordsOf = (pattern: string): readonly string[] => pattern.split(/\s+/).filter((word) => word !== "");

const SUBJECTS = new WeakMap<Line, CommandSubject | null>();

function subjectOf(value: Value): CommandSubject | null {
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
    holds: (value) =>
      typeof value === "object" &&
      value !== null &&
      "argv" in value &&
      value.free !== true &&
      deniedFlagsOf(value.argv) !== null,
  };
  return { role: "deny", policies, rule, place: null, tests: [["line", test]], key: "flags", excepts: [] };
}

/** Lines to try: each command alone, with the words of each pattern, behind each that runs others, and `free`. */
export function linesOf(policies: readonly PolicyData[], asked: readonly NeverPlace[] = []): readonly Line[] {
  const matches = policies
    .flatMap(({ rules }) => rules.map(({ match }) => match))
    .filter((match) => match.kind === "command");
  const uses = policies.flatMap(({ localOnly }) => localOnly?.secrets.flatMap((secret) => secret.uses) ?? []);
  const rules = policies.flatMap((policy) => policy.rules);
  const excepts = rules.flatMap(({ except }) => (except?.kind === "command" ? (except.args ?? []) : []));
  const words = rules.flatMap(({ when = [] }) =>
    when.filter(({ attribute }) => attribute === "argv").flatMap(operandsOf),
  );
  const wholes = rules.flatMap(({ when = [] }) =>
    when.filter(({ attribute }) => attribute === "command_line").flatMap(operandsOf),
  );
  const texts = [...matches.flatMap(({ args = [] }) => args), ...excepts, ...words.map(String)];
  const places = asked.flatMap((place) => (place.attribute === "command" ? place.patterns : []));
  const named = new Set(
    [...matches.map(({ name }) => name), ...places, "x"].map((name) => name.replaceAll("*", "x").replaceAll("?", "x")),
  );
  const whole = wholes
    .map((text) => wordsOf(String(text)))
    .map((all) => (named.has(all[0] ?? "") ? all.slice(1) : all));
  const tails = [...[...new Set(texts)].map(wordsOf), ...whole];
  const commands = policies.flatMap((policy) => policy.subprocess.commands);
  let count = 0;
  const lines = [...named].flatMap((name) => {
    const reals = new Set([name, ...commands.filter((one) => one.name === name).map(({ path }) => path)]);
    const real = [...reals].at(-1) ?? name;
    const ends = tails.flatMap((tail) => instancesOf(tail));
    const behind = isRunner(name)
      ? [...named].flatMap((other) => [[other], ...ends.map((words) => [other, ...words])])
      : [];
    const argvs = [[], ...ends, ...behind].map((words) => [name, ...words]);
    count += argvs.length;
    if (count > MOST_LINES) throw new TooComplex("there are too many commands and patterns of arguments");
    return [...argvs.map((argv) => ({ real, argv })), { real, argv: [name], free: true as const }];
  });
  const used = uses.flatMap((use) =>
    use.kind === "command"
      ? instancesOf(use.argv).map((argv) => ({ real: realOf(argv[0] ?? "", policies), argv }))
      : [],
  );
  return [...lines.filter((line) => !("free" in line)), ...used, ...lines.filter((line) => "free" in line)];
}

/** Lines of one question. */
const MOST_LINES = 50_000;

function isRunner(name: string): boolean {
  const subject = subjectOf({ real: name, argv: [name, "x"] });
  return subject !== null && namesBehind(subject.command).length > 0;
}

const realOf = (name: string, policies: readonly PolicyData[]): string =>
  policies.flatMap(({ subprocess }) => subprocess.commands).find((one) => one.name === name)?.path ?? name;

/** Shortest texts that a pattern of words takes. */
const instancesOf = (words: readonly string[]): readonly (readonly string[])[] => {
  const filled = words.filter((word) => word !== "**").map((word) => word.replaceAll("*", "x").replaceAll("?", "x"));
  return words.includes("**") ? [filled, [...filled, "x"]] : [filled];
};
