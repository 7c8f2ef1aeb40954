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
  matchesLines,
  type PolicyData,
  type RuleData,
  readSubject,
  type Subject,
} from "@agent-run/policy";
import { type Atom, isAbout, type Owned, type Reading, rolesOf } from "./atom.ts";
import type { Line, Role, Test, Value } from "./clause.ts";
import { conditionsOf } from "./conditions.ts";

type CommandMatch = Extract<RuleData["match"], { kind: "command" }>;
type CommandSubject = Extract<Subject, { kind: "command" }>;

export function lineAtoms({ rule, policies, data }: Owned, capability: Capability): readonly Atom[] {
  const { match } = rule;
  if (match.kind !== "command") return [];
  const atoms: Atom[] = [];
  const add = (role: Role, reading: Reading) => {
    const { tests, key, excepts } = conditionsOf(rule, capability, reading, reading);
    const line = lineTest(rule, match, reading, data);
    const rest = tests.filter(([name]) => name !== "line");
    const also = tests.find(([name]) => name === "line")?.[1];
    atoms.push({
      role,
      policies,
      rule,
      place: null,
      tests: [...rest, ["line", also === undefined ? line : both(line, also)]],
      key: `${JSON.stringify(match)} ${JSON.stringify(rule.use ?? null)} ${key}`,
      excepts,
    });
  };
  for (const [role, reading] of isAbout(rule, capability) ? rolesOf(rule) : []) {
    // A question about some arguments opens no door.
    if (reading === "narrow" && rule.effect === "ask" && match.args !== undefined) continue;
    add(role, reading);
  }
  if (rule.sealed === true) add("local", "loose");
  return atoms;
}

const both = (a: Test, b: Test): Test => ({
  kind: "value",
  holds: (value) => a.kind === "value" && b.kind === "value" && a.holds(value) && b.holds(value),
});

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
        return args === undefined || isFree || args.some((pattern) => isWordByWord(pattern, subject.command.argv));
      }
      if (name !== "*" && !isNamedCommand(name, subject.command, commands)) return false;
      return args === undefined || (!isFree && args.some((pattern) => matchesLines(pattern, subject.lines)));
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

/** `*` is one word that is no option, `**` at the end any more words. */
function isWordByWord(pattern: string, argv: readonly string[]): boolean {
  const words = wordsOf(pattern);
  const isOpen = words.at(-1) === "**";
  const wanted = isOpen ? words.slice(0, -1) : words;
  const given = argv.slice(1);
  if (isOpen ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((word, at) => word === given[at] || (word === "*" && given[at]?.startsWith("-") === false));
}

const wordsOf = (pattern: string): readonly string[] => pattern.split(/\s+/).filter((word) => word !== "");

const SUBJECTS = new WeakMap<Line, CommandSubject | null>();

function subjectOf(value: Value): CommandSubject | null {
  if (typeof value !== "object" || value === null) return null;
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
      typeof value === "object" && value !== null && value.free !== true && deniedFlagsOf(value.argv) !== null,
  };
  return { role: "deny", policies, rule, place: null, tests: [["line", test]], key: "flags", excepts: [] };
}

/** Lines to try: each command alone, with the words of each pattern that is about it, and `free`. */
export function linesOf(policies: readonly PolicyData[]): readonly Line[] {
  const matches = policies
    .flatMap(({ rules }) => rules.map(({ match }) => match))
    .filter((match) => match.kind === "command");
  const uses = policies.flatMap(({ localOnly }) => localOnly?.secrets.flatMap((secret) => secret.uses) ?? []);
  const tails = [...new Set(matches.flatMap(({ args = [] }) => args))].map(wordsOf);
  const named = new Set([...matches.map(({ name }) => name.replaceAll("*", "x").replaceAll("?", "x")), "x"]);
  const commands = policies.flatMap((policy) => policy.subprocess.commands);
  const lines = [...named].flatMap((name) => {
    const reals = new Set([name, ...commands.filter((one) => one.name === name).map(({ path }) => path)]);
    const real = [...reals].at(-1) ?? name;
    const argvs = [[name], ...tails.flatMap((tail) => instancesOf(tail).map((words) => [name, ...words]))];
    return [...argvs.map((argv) => ({ real, argv })), { real, argv: [name], free: true as const }];
  });
  const used = uses.flatMap((use) =>
    use.kind === "command"
      ? instancesOf(use.argv).map((argv) => ({ real: realOf(argv[0] ?? "", policies), argv }))
      : [],
  );
  return [...lines.filter((line) => !("free" in line)), ...used, ...lines.filter((line) => "free" in line)];
}

const realOf = (name: string, policies: readonly PolicyData[]): string =>
  policies.flatMap(({ subprocess }) => subprocess.commands).find((one) => one.name === name)?.path ?? name;

/** Shortest texts that a pattern of words takes. */
const instancesOf = (words: readonly string[]): readonly (readonly string[])[] => {
  const filled = words.filter((word) => word !== "**").map((word) => word.replaceAll("*", "x").replaceAll("?", "x"));
  return words.includes("**") ? [filled, [...filled, "x"]] : [filled];
};
