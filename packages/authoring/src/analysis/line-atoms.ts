/**
 * Rules about commands as atoms. Which commands can be granted is a finite list of programs; of each, a rule says which
 * arguments it takes: a grant exactly, a denial or question within bounds (line-bounds.ts). Each test can also be asked of
 * one line, as the engine reads it, for lines that are tried.
 */
import {
  baseName,
  type Capability,
  deniedFlagsIn,
  isGrantedCommand,
  isNamedCommand,
  isRunner,
  isUseOf,
  linesBehind,
  matchesLines,
  matchesWords,
  type NeverPlace,
  type PolicyData,
  type RuleData,
  readSubject,
  type Subject,
} from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Reading, rolesOf } from "./atom.ts";
import { allTests, type Line, type Test, type Value } from "./clause.ts";
import { conditionsOf, operandsOf } from "./conditions.ts";
import {
  ALWAYS,
  anyOf,
  type Bounds,
  behindBounds,
  deniedBounds,
  exact,
  flagBounds,
  kept,
  NEVER,
} from "./line-bounds.ts";
import { grantedWords } from "./line-texts.ts";
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
    holds: (value) => {
      const subject = subjectOf(value);
      return subject !== null && deniedFlagsIn(subject.command) !== null;
    },
    bounds: (program) => flagBounds(subjectOf(program)?.command.programs ?? []),
  };
  return { role: "deny", policies, rule, place: null, tests: [["line", test]], key: "flags", excepts: [] };
}

/** Each program that a rule or the question could mean, and one that none does, as a line of its name alone. */
export function programsOf(policies: readonly PolicyData[], asked: readonly NeverPlace[] = []): readonly Line[] {
  const rules = policies.flatMap((policy) => policy.rules);
  const conditions = rules.flatMap(({ when = [] }) => when);
  const named = [...namesOf(policies, asked)];
  const texts = [
    ...conditions.filter(({ attribute }) => attribute === "command" || attribute === "argv").flatMap(operandsOf),
    ...conditions
      .filter(({ attribute }) => attribute === "command_line")
      .flatMap(operandsOf)
      .map((text) => String(text).split(" ")[0] ?? ""),
  ];
  const paths = [...named, ...texts.map(String)].filter((text) => text.includes("/"));
  const commands = policies.flatMap((policy) => policy.subprocess.commands);
  const isTyped = conditions.some(({ attribute }) => TYPED.has(attribute));
  const found = new Map<string, Line>();
  for (const name of named) {
    const resolved = commands.filter((one) => one.name === name).map(({ path }) => path);
    const base = baseName(name);
    // Who is granted a command may type a path to it; that only matters where a rule looks at what was typed.
    const others = [
      base,
      ...resolved,
      ...(isTyped ? [`/x/${base}`] : []),
      ...paths.filter((path) => baseName(path) === base),
    ];
    for (const real of [...resolved].reverse()) for (const typed of [name, ...others]) put(found, real, typed);
    put(found, name, name);
    if (found.size > MOST_PROGRAMS) throw new TooComplex("there are too many commands");
  }
  return [...found.values()];
}

const TYPED: ReadonlySet<string> = new Set(["command", "argv", "command_line"]);
const MOST_PROGRAMS = 5_000;

const put = (found: Map<string, Line>, real: string, typed: string): unknown =>
  typed === "" ? null : found.set(JSON.stringify([real, typed]), { real, argv: [typed] });

function namesOf(policies: readonly PolicyData[], asked: readonly NeverPlace[]): ReadonlySet<string> {
  const rules = policies.flatMap((policy) => policy.rules);
  const matches = rules.flatMap(({ match }) => (match.kind === "command" ? [match.name] : []));
  const places = asked.flatMap((place) => (place.attribute === "command" ? place.patterns : []));
  return new Set([...matches, ...places, "x"].map((name) => name.replaceAll("*", "x").replaceAll("?", "x")));
}

/** Lines to try where bounds leave it open: each command alone, with the words of each pattern, behind each that runs others. */
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
  const named = namesOf(policies, asked);
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
    const behind = runsOthers(name)
      ? [...named].flatMap((other) => [[other], ...ends.map((words) => [other, ...words])])
      : [];
    const argvs = [[], ...ends, ...behind].map((words) => [name, ...words]);
    count += argvs.length;
    if (count > MOST_LINES) throw new TooComplex("there are too many commands and patterns of arguments");
    return argvs.map((argv) => ({ real, argv }));
  });
  const used = uses.flatMap((use) =>
    use.kind === "command"
      ? instancesOf(use.argv).map((argv) => ({ real: realOf(argv[0] ?? "", policies), argv }))
      : [],
  );
  return [...lines, ...used];
}

/** Lines of one question. */
const MOST_LINES = 50_000;

function runsOthers(name: string): boolean {
  const subject = subjectOf({ real: name, argv: [name] });
  return subject !== null && isRunner(subject.command);
}

const realOf = (name: string, policies: readonly PolicyData[]): string =>
  policies.flatMap(({ subprocess }) => subprocess.commands).find((one) => one.name === name)?.path ?? name;

/** Shortest texts that a pattern of words takes. */
const instancesOf = (words: readonly string[]): readonly (readonly string[])[] => {
  const filled = words.filter((word) => word !== "**").map((word) => word.replaceAll("*", "x").replaceAll("?", "x"));
  return words.includes("**") ? [filled, [...filled, "x"]] : [filled];
};
