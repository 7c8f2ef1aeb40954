/** Which programs a question about commands is about, and lines of them that are tried where bounds leave an answer open. */
import { baseName, isRunner, type NeverPlace, type PolicyData } from "@agent-run/policy";
import type { Line } from "./clause.ts";
import { operandsOf } from "./conditions.ts";
import { subjectOf, wordsOf } from "./line-atoms.ts";
import { TooComplex } from "./work.ts";

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
