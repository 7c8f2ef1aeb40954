/** Slips in the place of a rule: a pattern that is wider, one of several that is gone. */
import type { HostPattern, RuleMatch } from "@agent-run/policy";
import { widerHosts, widerPath, widerVariable, widerWords } from "./widen.ts";

export interface Slip<T> {
  readonly kind: SlipKind;
  /** `out/**` widened to `**`. */
  readonly what: string;
  readonly after: T;
}

export type SlipKind =
  | "delete rule"
  | "flip effect"
  | "widen pattern"
  | "drop pattern"
  | "drop except"
  | "drop condition"
  | "move bound"
  | "drop expires"
  | "drop hours";

/** Rooted directories that one written pattern may hang under: a pattern stands there once for each spelling. */
export type Bases = readonly string[];

/** `narrow`: as a grant is read. */
export function slipsOfMatch(match: RuleMatch, narrow: boolean, bases: Bases): readonly Slip<RuleMatch>[] {
  switch (match.kind) {
    case "path":
      return slipsOfPaths(match, bases);
    case "host":
      return [
        ...eachOf(match.patterns, hostText, (patterns) => ({ ...match, patterns })),
        ...match.patterns.flatMap((pattern, at) =>
          widerHosts(pattern).map((wider) =>
            widened(hostText(pattern), hostText(wider), { ...match, patterns: put(match.patterns, at, wider) }),
          ),
        ),
      ];
    case "variable":
      return [
        ...eachOf(match.patterns, same, (patterns) => ({ ...match, patterns })),
        ...match.patterns.flatMap((pattern, at) => {
          const wider = widerVariable(pattern);
          return wider === null
            ? []
            : [widened(pattern, wider, { ...match, patterns: put(match.patterns, at, wider) })];
        }),
      ];
    case "address":
      return eachOf(match.ranges, same, (ranges) => ({ ...match, ranges }));
    case "command":
      return slipsOfWords(match, narrow);
    case "any":
    case "tool":
      return [];
  }
}

type PathMatch = Extract<RuleMatch, { kind: "path" }>;

/** Spellings of one written pattern change together. */
function slipsOfPaths(match: PathMatch, bases: Bases): readonly Slip<RuleMatch>[] {
  const units = unitsOf(match.patterns, bases);
  const dropped = units.flatMap((unit): Slip<RuleMatch>[] => {
    const patterns = match.patterns.filter((pattern) => !unit.patterns.includes(pattern));
    if (patterns.length === 0) return [];
    return [{ kind: "drop pattern", what: `without \`${unit.text}\``, after: { ...match, patterns } }];
  });
  const wider = units.flatMap((unit): Slip<RuleMatch>[] => {
    const changed = unit.patterns.flatMap((pattern) => widerPath(pattern, baseOf(pattern, bases)) ?? []);
    const [first] = changed;
    if (first === undefined) return [];
    const kept = match.patterns.filter((pattern) => !unit.patterns.includes(pattern));
    return [widened(unit.text, shortText(first, bases), { ...match, patterns: [...kept, ...changed] })];
  });
  return [...dropped, ...wider];
}

interface Unit {
  readonly text: string;
  readonly patterns: readonly string[];
}

/**
 * A relative pattern is compiled once for every spelling of the root, one with `~` once for every home. The other
 * spellings are not known here: a pattern that ends as one below a known base does is taken for the same one.
 */
function unitsOf(patterns: readonly string[], bases: Bases): readonly Unit[] {
  const based = patterns.filter((pattern) => baseOf(pattern, bases) !== "");
  const rest = patterns.filter((pattern) => baseOf(pattern, bases) === "");
  const twinOf = (pattern: string) => based.find((one) => pattern.endsWith(one.slice(baseOf(one, bases).length)));
  const alone = rest.filter((pattern) => twinOf(pattern) === undefined);
  return [
    ...based.map((pattern) => ({
      text: shortText(pattern, bases),
      patterns: [pattern, ...rest.filter((one) => twinOf(one) === pattern)],
    })),
    ...alone.map((pattern) => ({ text: pattern, patterns: [pattern] })),
  ];
}

const baseOf = (pattern: string, bases: Bases): string =>
  bases.find((base) => base !== "/" && pattern.startsWith(`${base}/`)) ?? "";

/** Without the root, as it was written; with `~` for the others. */
function shortText(pattern: string, bases: Bases): string {
  const base = baseOf(pattern, bases);
  if (base === "") return pattern;
  const rest = pattern.slice(base.length + 1);
  return base === bases[0] ? rest : `~/${rest}`;
}

type CommandMatch = Extract<RuleMatch, { kind: "command" }>;

function slipsOfWords(match: CommandMatch, narrow: boolean): readonly Slip<RuleMatch>[] {
  const { args } = match;
  if (args === undefined) return [];
  const wider = args.flatMap((words, at) => {
    const text = widerWords(words, narrow);
    return text === null ? [] : [widened(words, text, { ...match, args: put(args, at, text) })];
  });
  return [...eachOf(args, same, (left) => ({ ...match, args: left })), ...wider];
}

/** Without each of several. */
function eachOf<T, M>(
  list: readonly T[],
  text: (one: T) => string,
  make: (left: readonly T[]) => M,
): readonly Slip<M>[] {
  if (list.length < 2) return [];
  return list.map((one, at) => ({
    kind: "drop pattern",
    what: `without \`${text(one)}\``,
    after: make(list.filter((_, other) => other !== at)),
  }));
}

const widened = (from: string, to: string, after: RuleMatch): Slip<RuleMatch> => ({
  kind: "widen pattern",
  what: `\`${from}\` widened to \`${to}\``,
  after,
});

const put = <T>(list: readonly T[], at: number, value: T): readonly T[] =>
  list.map((one, index) => (index === at ? value : one));

const same = (text: string): string => text;

function hostText({ scheme, host, port, path }: HostPattern): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${scheme}://${name}:${port}${path ?? ""}`;
}
