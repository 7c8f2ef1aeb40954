/**
 * Regions of one policy by its answer, and of two by how their answers differ. Each region has a call; every call is asked
 * of the engine, and what the engine says otherwise than the clauses is told as unconfirmed.
 */
import type { Capability } from "@agent-run/policy";
import { type Answer, type Clause, isDoor, type Role } from "./clause.ts";
import { explore, type Point } from "./explore.ts";
import { possibleAnswers, STRICTNESS, type Stack, stackAnswer } from "./layers.ts";
import type { Narrowed } from "./question.ts";

export interface Space extends Narrowed {
  readonly capability: Capability;
}

/** Pairs of answers that differ where one of `own` holds, as `old > new`. */
export function changes(
  { capability, dimensions }: Space,
  { own, others }: { readonly own: readonly Clause[]; readonly others: readonly Clause[] },
  [old, now]: readonly [Stack, Stack],
): ReadonlyMap<string, Point> {
  const reaches = capability.startsWith("net.");
  const ids = new Set(own.map(({ id }) => id));
  const isOwn = ({ id }: Clause) => ids.has(id);
  return explore([...own, ...others], dimensions, {
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
  });
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
  { capability, dimensions, bounds }: Space,
  clauses: readonly Clause[],
  stack: Stack,
  wanted: readonly ("allow" | "ask" | "deny")[],
): ReadonlyMap<string, Point> {
  const reaches = capability.startsWith("net.");
  const isWanted = (answer: Answer) => wanted.some((one) => answer.startsWith(one));
  const needed = bounds.filter((bound) => !bound.not).map(({ clauses: some }) => new Set(some));
  const forbidden = new Set(bounds.flatMap((bound) => (bound.not ? bound.clauses : [])));
  const isOutside = (possible: readonly Clause[], sure: readonly Clause[]) =>
    needed.some((some) => !possible.some((clause) => some.has(clause))) || sure.some((clause) => forbidden.has(clause));
  return explore([...clauses, ...bounds.flatMap((bound) => bound.clauses)], dimensions, {
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
  });
}
