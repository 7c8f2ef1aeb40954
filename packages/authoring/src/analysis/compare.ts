/**
 * Regions of one policy by its answer, and of two by how their answers differ. Each region has a call; every call is asked
 * of the engine, and what the engine says otherwise than the clauses is told as unconfirmed.
 */
import type { Capability } from "@agent-run/policy";
import { type Answer, type Clause, isDoor } from "./clause.ts";
import { type Dimension, explore, type Point } from "./explore.ts";
import { possibleAnswers, type Stack, stackAnswer } from "./layers.ts";

export interface Space {
  readonly capability: Capability;
  readonly dimensions: readonly Dimension[];
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
      if (
        possible.filter(isOwn).every((clause) =>
          isSuperfluous(
            clause,
            sure.filter((one) => !isOwn(one)),
          ),
        )
      )
        return true;
      const after = [...possibleAnswers(possible, sure, now)];
      return [...possibleAnswers(possible, sure, old)].every((a) =>
        after.every((b) => a === b || found.has(`${a} > ${b}`)),
      );
    },
    isNeeded: isOwn,
  });
}

/** Another clause that certainly holds, in all layers that this one is in, does the same or more. */
const isSuperfluous = ({ role, policies }: Clause, sure: readonly Clause[]): boolean =>
  sure.some(
    (one) => (policies & ~one.policies) === 0 && (one.role === role || (role === "openAsk" && one.role === "open")),
  );

/** Answers of one policy, those that are wanted. */
export function answers(
  { capability, dimensions }: Space,
  clauses: readonly Clause[],
  stack: Stack,
  wanted: readonly ("allow" | "ask" | "deny")[],
): ReadonlyMap<string, Point> {
  const reaches = capability.startsWith("net.");
  const isWanted = (answer: Answer) => wanted.some((one) => answer.startsWith(one));
  return explore(clauses, dimensions, {
    key: (held) => {
      const answer = stackAnswer(held, stack, reaches);
      return isWanted(answer) ? answer : null;
    },
    isHopeless: (possible, sure, found) =>
      [...possibleAnswers(possible, sure, stack)].every((answer) => !isWanted(answer) || found.has(answer)),
    isNeeded: (clause) => wanted.includes("deny") || isDoor(clause),
  });
}
