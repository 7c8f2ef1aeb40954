/**
 * Regions of one policy by its answer, and of two by how their answers differ. Each region has a call; every call is asked
 * of the engine, and what the engine says otherwise than the clauses is told as unconfirmed.
 */
import type { Capability, Effect } from "@agent-run/policy";
import { type Answer, type Clause, isDoor, type Line, type Role } from "./clause.ts";
import { type Dimension, explore, type Findings, type Goal, type Point } from "./explore.ts";
import { possibleAnswers, STRICTNESS, type Stack, stackAnswer } from "./layers.ts";
import { ProgramClauses } from "./line-space.ts";
import type { Bound, Narrowed } from "./question.ts";
import { Effort, TooComplex } from "./work.ts";

export interface Space extends Narrowed {
  readonly capability: Capability;
  /** Of commands. */
  readonly lines?: {
    /** Each as a line of its name alone. */
    readonly programs: readonly Line[];
    /** What is tried where bounds leave an answer open. */
    tried(): readonly Line[];
  };
}

type Found = Pick<Findings<unknown>, "found" | "note" | "isOpen" | "givenUp">;

/** Steps for the arguments of all programs of one question: some seconds. */
const LINE_STEPS = 30_000_000;

/**
 * The space of one program after the other, and where that leaves something open the lines that are tried. `narrowed`: the
 * lists of clauses as they are for a program; null: nothing of it is asked about.
 */
function inEach<T>(
  { lines, dimensions, bounds, ...space }: Space,
  findings: Found,
  given: T,
  narrowed: (one: ProgramClauses) => T | null,
  search: (space: Space, clauses: T, findings: Pick<Found, "found" | "note">) => void,
): void {
  if (lines === undefined) {
    search({ ...space, dimensions, bounds }, given, findings);
    return;
  }
  const each = () => {
    for (const program of lines.programs) {
      const one = new ProgramClauses(program);
      const clauses = narrowed(one);
      if (clauses === null) continue;
      const own = bounds.map((bound): Bound => ({ ...bound, clauses: one.of(bound.clauses) }));
      const note = (key: string, found: Point) => {
        for (const point of one.points(found))
          findings.note(
            key,
            point,
            bounds.every((bound) => isIn(bound, point)),
          );
      };
      search({ ...space, dimensions: one.dimensions(dimensions), bounds: own }, clauses, {
        found: findings.found,
        note,
      });
    }
  };
  try {
    new Effort(LINE_STEPS).within(each);
  } catch (error) {
    if (!(error instanceof TooComplex)) throw error;
    findings.givenUp = error.message;
  }
  if (!findings.isOpen && findings.givenUp === null) return;
  try {
    const line: Dimension = { name: "line", kind: "value", values: lines.tried() };
    new Effort(LINE_STEPS).within(() =>
      search({ ...space, dimensions: [line, ...dimensions], bounds }, given, findings),
    );
  } catch (error) {
    // What was found so far stands, and what is open stays so.
    if (!(error instanceof TooComplex)) throw error;
  }
}

/** Of this very line, as the engine reads it. */
const isIn = ({ clauses, not }: Bound, { line = null }: Point): boolean =>
  clauses.some(({ tests }) => [...tests.values()].every((test) => test.kind === "value" && test.holds(line))) !== not;

/** Pairs of answers that differ where one of `own` holds, as `old > new`. */
export function changes(space: Space, parts: Parts, stacks: readonly [Stack, Stack], findings: Found): void {
  const narrowed = (one: ProgramClauses): Parts | null => {
    const own = one.of(parts.own);
    if (own.length === 0) return null;
    const others = one.of(parts.others);
    return [...own, ...others].some(isDoor) ? { own, others } : null;
  };
  inEach(space, findings, parts, narrowed, (each, clauses, found) => changesIn(each, clauses, stacks, found));
}

/** A rule apart from all others. */
export interface Parts {
  readonly own: readonly Clause[];
  readonly others: readonly Clause[];
}

function changesIn(
  { capability, dimensions }: Space,
  { own, others }: Parts,
  [old, now]: readonly [Stack, Stack],
  findings: Pick<Found, "found" | "note">,
): void {
  const reaches = capability.startsWith("net.");
  const ids = new Set(own.map(({ id }) => id));
  const isOwn = ({ id }: Clause) => ids.has(id);
  const goal: Goal = {
    key: (held) => {
      const [before, after] = [stackAnswer(held, old, reaches), stackAnswer(held, now, reaches)];
      return before === after || !held.some(isOwn) ? null : `${before} > ${after}`;
    },
    isHopeless: (possible, sure, found) => {
      const mine = possible.filter(isOwn);
      const theirs = sure.filter((one) => !isOwn(one));
      if (mine.every((clause) => isSuperfluous(clause, theirs, [old, now]))) return true;
      const pairs = possiblePairs(
        mine,
        [possibleAnswers(possible, sure, old, reaches), possibleAnswers(possible, sure, now, reaches)],
        [old, now],
      );
      return pairs.every(([a, b]) => a === b || found.has(`${a} > ${b}`));
    },
    needed: [isOwn, isDoor],
  };
  explore([...own, ...others], dimensions, goal, findings);
}

type Pair = readonly [Answer, Answer];

/** Pairs of answers where one of `mine` holds, which only one of the two has. */
function possiblePairs(
  mine: readonly Clause[],
  [before, after]: readonly [ReadonlySet<Answer>, ReadonlySet<Answer>],
  [old, now]: readonly [Stack, Stack],
): readonly Pair[] {
  const isOf = (stack: Stack) => mine.every(({ policies }) => stack.some((bit) => bit === policies));
  const owner = isOf(old) ? 0 : isOf(now) ? 1 : null;
  const pairs = [...before].flatMap((a) => [...after].map((b): Pair => [a, b]));
  if (owner === null) return pairs;
  if (mine.every(({ role }) => role === "deny")) return pairs.filter((pair) => pair[owner] === "deny");
  // What only opens doors makes no answer stricter.
  if (!mine.every(({ role }) => OPENING.has(role))) return pairs;
  return pairs.filter((pair) => STRICTNESS[pair[owner] as Answer] <= STRICTNESS[pair[1 - owner] as Answer]);
}

const OPENING: ReadonlySet<Role> = new Set(["open", "openAsk", "openReach"]);

/** Another clause that certainly holds, in the same layers and in both policies, does the same or more. */
function isSuperfluous(
  { role, policies }: Clause,
  sure: readonly Clause[],
  [old, now]: readonly [Stack, Stack],
): boolean {
  const both = old.reduce((bits, bit, at) => {
    const pair = bit | (now[at] ?? 0);
    return (policies & pair) === 0 ? bits : bits | pair;
  }, policies);
  const does = (one: Clause) => one.role === role || (role === "openAsk" && one.role === "open");
  return sure.some((one) => (both & ~one.policies) === 0 && does(one));
}

/** Answers of one policy, those that are wanted. */
export function answers(
  space: Space,
  clauses: readonly Clause[],
  stack: Stack,
  wanted: readonly Effect[],
  findings: Found,
): void {
  const narrowed = (one: ProgramClauses): readonly Clause[] | null => {
    const own = one.of(clauses);
    return own.some(isDoor) || wanted.includes("deny") ? own : null;
  };
  inEach(space, findings, clauses, narrowed, (each, own, found) => answersIn(each, own, stack, wanted, found));
}

function answersIn(
  { capability, dimensions, bounds }: Space,
  clauses: readonly Clause[],
  stack: Stack,
  wanted: readonly Effect[],
  findings: Pick<Found, "found" | "note">,
): void {
  const reaches = capability.startsWith("net.");
  const isWanted = (answer: Answer) => wanted.some((one) => answer.startsWith(one));
  const needed = bounds.filter((bound) => !bound.not).map(({ clauses: some }) => new Set(some));
  const forbidden = new Set(bounds.flatMap((bound) => (bound.not ? bound.clauses : [])));
  const isOutside = (possible: readonly Clause[], sure: readonly Clause[]) =>
    needed.some((some) => !possible.some((clause) => some.has(clause))) || sure.some((clause) => forbidden.has(clause));
  const goal: Goal = {
    key: (held) => {
      if (isOutside(held, held)) return null;
      const answer = stackAnswer(held, stack, reaches);
      return isWanted(answer) ? answer : null;
    },
    isHopeless: (possible, sure, found) =>
      isOutside(possible, sure) ||
      [...possibleAnswers(possible, sure, stack, reaches)].every((answer) => !isWanted(answer) || found.has(answer)),
    needed: [
      ...(wanted.includes("deny") ? [] : [isDoor]),
      ...needed.map((some) => (clause: Clause) => some.has(clause)),
    ],
  };
  explore([...clauses, ...bounds.flatMap((bound) => bound.clauses)], dimensions, goal, findings);
}
