/**
 * Policies as stacks of layers: their own rules, then each ceiling's. The answer of a stack is the strictest of its
 * layers. A rule that two policies have in the same layer is one, so that what they share is looked at once.
 */
import type { PolicyData, RuleData } from "@agent-run/policy";
import type { Owned } from "./atom.ts";
import { type Answer, answerOf, type Clause, type Role } from "./clause.ts";

/** One bit for each layer. */
export type Stack = readonly number[];

export interface Layers {
  readonly rules: readonly Owned[];
  readonly stacks: readonly Stack[];
  /** Every layer of every policy. */
  readonly data: readonly PolicyData[];
  /** There are more than there are bits, and nothing can be said; null: there are not. */
  readonly excess: string | null;
}

/** Two policies of so many have a bit each. */
const MOST_LAYERS = 15;

export function layersOf(policies: readonly PolicyData[]): Layers {
  const layers = policies.map((policy) => [policy, ...policy.ceilings].slice(0, MOST_LAYERS));
  const stacks = layers.map((own, which) => own.map((_, at) => 1 << (at * policies.length + which)));
  const depth = Math.max(...layers.map(({ length }) => length));
  const rules = Array.from({ length: depth }, (_, at) =>
    shared(
      layers.flatMap((own, which) => {
        const data = own[at];
        return data === undefined ? [] : [{ data, bit: stacks[which]?.[at] ?? 0 }];
      }),
    ),
  );
  const most = Math.max(...policies.map(({ ceilings }) => 1 + ceilings.length));
  const excess =
    most > MOST_LAYERS ? `there are ${most} layers, and at most ${MOST_LAYERS} are looked at together` : null;
  return { rules: rules.flat(), stacks, data: layers.flat(), excess };
}

function shared(policies: readonly { readonly data: PolicyData; readonly bit: number }[]): readonly Owned[] {
  const found = new Map<string, { rule: RuleData; policies: number; data: PolicyData }>();
  for (const { data, bit } of policies) {
    const around = JSON.stringify([data.subprocess.commands, data.network.privateHosts, data.localOnly?.secrets ?? []]);
    const times = new Map<string, number>();
    for (const rule of data.rules) {
      const meaning = meaningOf(rule);
      // The same rule twice is two: each makes the other needless.
      const time = (times.get(meaning) ?? 0) + 1;
      times.set(meaning, time);
      const key = `${meaning} ${time} ${around}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { rule, policies: bit, data });
      else known.policies |= bit;
    }
  }
  return [...found.values()];
}

/** What a rule does, without what it is called and what it says. */
export function meaningOf(rule: RuleData): string {
  const { ref: _ref, reason: _reason, advice: _advice, limit: _limit, ...meaning } = rule;
  return JSON.stringify(meaning);
}

export const STRICTNESS: Readonly<Record<Answer, number>> = {
  allow: 0,
  "allow sealed": 1,
  ask: 2,
  "ask sealed": 3,
  deny: 4,
};

export function stackAnswer(clauses: readonly Clause[], stack: Stack, reaches: boolean): Answer {
  const answers = stack.map((bit) =>
    answerOf(
      clauses.filter(({ policies }) => (policies & bit) !== 0),
      reaches,
    ),
  );
  return answers.reduce(bounded);
}

/** What the main policy answers, under what a ceiling does. What only the ceiling makes local-only is denied. */
function bounded(main: Answer, ceiling: Answer): Answer {
  const isSealed = main.endsWith("sealed");
  if (main === "deny" || ceiling === "deny" || (ceiling.endsWith("sealed") && !isSealed)) return "deny";
  const effect = main.startsWith("ask") || ceiling.startsWith("ask") ? "ask" : "allow";
  return isSealed ? `${effect} sealed` : effect;
}

/** Every answer that a stack could come to, where `sure` hold and of `possible` any. */
export function possibleAnswers(
  possible: readonly Clause[],
  sure: readonly Clause[],
  stack: Stack,
  reaches: boolean,
): ReadonlySet<Answer> {
  const layers = stack.map((bit) => {
    const isIn = ({ policies }: Clause) => (policies & bit) !== 0;
    return layerAnswers(new Set(possible.filter(isIn).map(roleOf)), new Set(sure.filter(isIn).map(roleOf)), reaches);
  });
  return layers.length === 1 ? (layers[0] as ReadonlySet<Answer>) : strictest(layers);
}

const roleOf = ({ role }: Clause): Role => role;

function layerAnswers(possible: ReadonlySet<Role>, sure: ReadonlySet<Role>, reaches: boolean): ReadonlySet<Answer> {
  const found = new Set<Answer>();
  const has = (...roles: readonly Role[]) => roles.some((role) => possible.has(role));
  const isReached = (way: "open" | "sealed" | "use") => !reaches || has(`${way}Reach`);
  if (!sure.has("deny")) {
    const isOpen = (has("open") && isReached("open")) || (has("use") && isReached("use"));
    const isPublic = !sure.has("local");
    const isSealed = has("local") && isReached("sealed");
    if (isPublic && isOpen && !sure.has("ask")) found.add("allow");
    if (isPublic && ((has("openAsk") && isReached("open")) || (has("ask") && isOpen))) found.add("ask");
    if (isSealed && has("sealed") && !sure.has("ask")) found.add("allow sealed");
    if (isSealed && (has("sealedAsk") || (has("ask") && has("sealed")))) found.add("ask sealed");
  }
  // Whatever is open may come to nothing; only what is granted for sure and denied by nothing does not.
  const isGranted = sure.has("open") && (!reaches || sure.has("openReach"));
  if (!isGranted || has("deny", "cover", "local", "use")) found.add("deny");
  return found;
}

function strictest(layers: readonly ReadonlySet<Answer>[]): ReadonlySet<Answer> {
  return layers.reduce((all, layer) => {
    const both = new Set<Answer>();
    for (const a of all) for (const b of layer) both.add(bounded(a, b));
    return both;
  });
}
