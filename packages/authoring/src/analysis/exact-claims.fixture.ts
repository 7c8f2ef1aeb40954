/**
 * For tests only: everything that an analysis claims about a policy, held against the engine's answers to calls. A claim
 * that fails is told by its name, so that a smaller policy can be looked for that breaks the same one.
 */
import {
  CAPABILITIES,
  type CanonicalRequest,
  type Capability,
  compileHost,
  compilePath,
  type Effect,
  loadPolicyText,
  type NeverPlace,
  Policy,
  type PolicyNever,
  type RuleData,
} from "@agent-run/policy";
import { type Call, callsNear, linesNear } from "./exact-calls.fixture.ts";
import {
  type About,
  type Chunk,
  chunksOf,
  commandName,
  Dice,
  hostPattern,
  nearby,
  pathPattern,
  textOf,
  variablePattern,
} from "./exact-policies.fixture.ts";
import { pureWorld, ROOT } from "./generated.fixture.ts";
import { proveNevers } from "./never.ts";
import { differences, needs, possible, type Unknown } from "./regions.ts";

export interface Case {
  readonly one: readonly Chunk[];
  readonly other: readonly Chunk[];
  readonly ceiling: readonly Chunk[] | null;
  readonly questions: readonly Asked[];
  readonly calls: readonly Call[];
}

interface Asked {
  readonly on: Capability;
  readonly attribute: NeverPlace["attribute"];
  readonly text: string;
  readonly not: boolean;
  readonly port: number | null;
  readonly actor: string | null;
}

export interface Failure {
  readonly claim: string;
  readonly says: string;
}

/** How much was looked at. */
export interface Tally {
  policies: number;
  calls: number;
  witnesses: number;
  unconfirmed: number;
  unknown: number;
  claims: number;
  /** Questions about commands, and those to which the answer is not known, or possible and not confirmed. */
  ofCommands: number;
  openOfCommands: number;
}

export const emptyTally = (): Tally => ({
  policies: 0,
  calls: 0,
  witnesses: 0,
  unconfirmed: 0,
  unknown: 0,
  claims: 0,
  ofCommands: 0,
  openOfCommands: 0,
});

const EXEC: Capability = "subprocess.exec";

interface Told {
  readonly on: Capability;
  readonly witness: unknown;
}

function countCommands(tally: Tally, found: readonly Told[], unknown: readonly Unknown[]): void {
  tally.ofCommands++;
  const isOpen =
    found.some(({ on, witness }) => on === EXEC && witness === null) || unknown.some(({ on }) => on === EXEC);
  if (isOpen) tally.openOfCommands++;
}

const ATTRIBUTE = { fs: "path", net: "host", env: "name", subprocess: "command" } as const;
const PATTERNS = { path: pathPattern, host: hostPattern, name: variablePattern, command: commandName } as const;

export function caseOf(seed: number, count = 60, about: About = "all"): Case {
  const dice = new Dice(seed);
  const one = chunksOf(dice, about);
  const other = dice.once(4) ? chunksOf(dice, about) : nearby(dice, one, about);
  const ceiling = dice.once(6) ? chunksOf(dice, about) : null;
  const questions = Array.from({ length: 4 }, (): Asked => {
    const on = about === "commands" ? EXEC : dice.of(CAPABILITIES);
    const attribute = ATTRIBUTE[on.split(".")[0] as keyof typeof ATTRIBUTE];
    const text = PATTERNS[attribute](dice);
    const port = on.startsWith("net.") && dice.once(4) ? dice.of([443, 8443, 444, 3000, 80]) : null;
    return { on, attribute, text, not: dice.once(3), port, actor: dice.once(5) ? dice.of(["ci", "CI", ""]) : null };
  });
  const near = about === "commands" ? linesNear : callsNear;
  return { one, other, ceiling, questions, calls: near(dice, [...one, ...other], count) };
}

function load(chunks: readonly Chunk[], ceiling: readonly Chunk[] | null): Policy | null {
  const path = `${ROOT}/agent-run.toml`;
  const read = (some: readonly Chunk[]) =>
    loadPolicyText(`version = 1\n${textOf(some)}`, { path, realPath: path }, pureWorld);
  const main = read(chunks);
  if (!main.ok) return null;
  if (ceiling === null) return Policy.revive(main.data);
  const bound = read(ceiling);
  return bound.ok ? Policy.revive({ ...main.data, ceilings: [bound.data] }) : null;
}

export function failureOf(
  { one, other, ceiling, questions, calls }: Case,
  tally: Tally = emptyTally(),
): Failure | null {
  const [a, b] = [load(one, ceiling), load(other, ceiling)];
  if (a === null) return null;
  tally.policies++;
  tally.calls += calls.length;
  const check = (claim: () => Failure | null) => {
    tally.claims++;
    return claim();
  };
  return (
    check(() => possibilities(a, calls, tally)) ??
    questions.map((asked) => check(() => withinPlace(a, asked, calls, tally))).find((found) => found !== null) ??
    check(() => itself(a)) ??
    (b === null ? null : check(() => compared(a, b, calls, tally))) ??
    check(() => needed(a, calls, tally)) ??
    calls.map((call) => check(() => explained(a, call))).find((found) => found !== null) ??
    null
  );
}

function answerTo(
  policy: Policy,
  { request, circumstances }: Call,
): { readonly effect: Effect; readonly answer: string } {
  const { effect, sealed } = policy.decide(request, request, circumstances);
  return { effect, answer: sealed === undefined ? effect : `${effect} sealed` };
}

const shown = (call: Call): string => JSON.stringify([call.request, call.circumstances]);
const knows = (unknown: readonly Unknown[], on: Capability): boolean => !unknown.some((one) => one.on === on);

/** A claim about a capability that is not known is none. */
function possibilities(policy: Policy, calls: readonly Call[], tally: Tally): Failure | null {
  const { found, unknown } = possible(policy, { on: CAPABILITIES });
  tally.unknown += unknown.length;
  countCommands(tally, found, unknown);
  for (const { on, answer, witness } of found) {
    tally.witnesses++;
    if (witness === null) tally.unconfirmed++;
    else if (answerTo(policy, witness).answer !== answer)
      return { claim: "witness of can", says: `${answer}: ${shown(witness)}` };
    if (witness === null && on !== "subprocess.exec") return { claim: "unconfirmed", says: `${on} ${answer}` };
  }
  const answers = new Set(found.map(({ on, answer }) => `${on} ${answer}`));
  const missed = calls.find((call) => {
    const { effect, answer } = answerTo(policy, call);
    return effect !== "deny" && !answers.has(`${call.request.on} ${answer}`) && knows(unknown, call.request.on);
  });
  return missed === undefined ? null : { claim: "can", says: `${answerTo(policy, missed).answer}: ${shown(missed)}` };
}

function placeOf({ attribute, text, not }: Asked): NeverPlace | null {
  if (attribute === "host") {
    const read = compileHost(text, !not);
    return read.ok ? { attribute, not, patterns: read.patterns } : null;
  }
  if (attribute !== "path") return { attribute, not, patterns: [text] };
  const read = compilePath(text, { roots: [ROOT], homes: ["/home/me"] }, !not);
  return read.ok ? { attribute, not, patterns: read.patterns } : null;
}

/** As a denial of the place would have it, or a grant where the place is left out. */
function isAt(policy: Policy, place: NeverPlace, request: CanonicalRequest): boolean {
  const on = [request.on];
  const every: RuleData["match"] =
    place.attribute === "path"
      ? { kind: "path", patterns: ["/**"], below: true }
      : place.attribute === "host"
        ? { kind: "host", patterns: [{ scheme: "*", host: "*", port: "*", path: null }] }
        : place.attribute === "name"
          ? { kind: "variable", patterns: ["*"] }
          : { kind: "command", name: String((request.attrs.argv as readonly string[])[0]) };
  const matches: readonly RuleData["match"][] =
    place.attribute === "path"
      ? [{ kind: "path", patterns: place.patterns, below: !place.not }]
      : place.attribute === "host"
        ? [{ kind: "host", patterns: place.patterns }]
        : place.attribute === "name"
          ? [{ kind: "variable", patterns: place.patterns }]
          : place.patterns.map((name) => ({ kind: "command", name }));
  const rule = (match: RuleData["match"], effect: Effect, id: string): RuleData => ({ ref: { id }, effect, on, match });
  const own = matches.map((match, at) => rule(match, place.not ? "allow" : "deny", `p${at}`));
  const rules = place.not ? own : [...own, rule(every, "allow", "all")];
  const { matched } = Policy.revive({ ...policy.data, rules, ceilings: [], localOnly: null }).decide(request);
  return matched.some((id) => id.startsWith("p")) !== place.not;
}

function withinPlace(policy: Policy, asked: Asked, calls: readonly Call[], tally: Tally): Failure | null {
  const place = placeOf(asked);
  if (place === null) return null;
  const { on, port, actor } = asked;
  const at = { file: "", line: 1, column: 1 };
  const never: PolicyNever = { name: null, on: [on], where: [place], at };
  const [proof] = proveNevers(policy, [never]);
  const { violations = [], unknown = [] } = proof ?? {};
  if (on === EXEC) countCommands(tally, violations, unknown);
  for (const { answer, witness } of violations) {
    if (witness === null) continue;
    tally.witnesses++;
    if (answerTo(policy, witness).effect === "deny" || !isAt(policy, place, witness.request))
      return { claim: "witness of never", says: `${answer} ${JSON.stringify(asked)}: ${shown(witness)}` };
  }
  const broken = calls
    .filter((call) => call.request.on === on && answerTo(policy, call).effect !== "deny")
    .filter(({ request }) => isAt(policy, place, request));
  if (violations.length === 0 && unknown.length === 0 && broken[0] !== undefined)
    return { claim: "never", says: `${JSON.stringify(asked)}: ${shown(broken[0])}` };
  if (port === null && actor === null) return null;
  const within = {
    places: [place],
    reading: "loose",
    ...(port === null ? {} : { port }),
    ...(actor === null ? {} : { actor }),
  } as const;
  const { found, unknown: open } = possible(policy, { on: [on], within });
  const inside = broken.filter(
    ({ request, circumstances }) =>
      (port === null || request.attrs.port === port) && (actor === null || circumstances.actor === actor),
  );
  const outside = found.find(
    ({ witness }) =>
      witness !== null &&
      ((port !== null && witness.request.attrs.port !== port) ||
        (actor !== null && witness.circumstances.actor !== actor)),
  );
  if (outside !== undefined) return { claim: "witness of a question", says: JSON.stringify([asked, outside.witness]) };
  if (found.length > 0 || open.length > 0 || inside[0] === undefined) return null;
  return { claim: "question", says: `${JSON.stringify(asked)}: ${shown(inside[0])}` };
}

function itself(policy: Policy): Failure | null {
  const { found, unknown } = differences(policy, policy);
  return found.length + unknown.length === 0
    ? null
    : { claim: "no difference to itself", says: JSON.stringify([found, unknown]) };
}

/** Servers read these in two ways; a difference that only shows there is not looked for. */
const isTwofold = ({ request }: Call): boolean => /;/.test(request.targets[0]?.value ?? "");

function compared(a: Policy, b: Policy, calls: readonly Call[], tally: Tally): Failure | null {
  const { found, unknown } = differences(a, b);
  tally.unknown += unknown.length;
  countCommands(tally, found, unknown);
  for (const { on, before, after, witness } of found) {
    tally.witnesses++;
    if (witness === null) {
      tally.unconfirmed++;
      if (on !== "subprocess.exec") return { claim: "unconfirmed difference", says: `${on} ${before} > ${after}` };
    } else if (answerTo(a, witness).answer !== before || answerTo(b, witness).answer !== after)
      return { claim: "witness of diff", says: `${before} > ${after}: ${shown(witness)}` };
  }
  const kinds = new Set(found.map(({ on, before, after }) => `${on} ${before} > ${after}`));
  const missed = calls.find((call) => {
    const [before, after] = [answerTo(a, call).answer, answerTo(b, call).answer];
    const { on } = call.request;
    return before !== after && !isTwofold(call) && knows(unknown, on) && !kinds.has(`${on} ${before} > ${after}`);
  });
  return missed === undefined
    ? null
    : { claim: "diff", says: `${answerTo(a, missed).answer} > ${answerTo(b, missed).answer}: ${shown(missed)}` };
}

function needed(policy: Policy, calls: readonly Call[], tally: Tally): Failure | null {
  for (const { rule, changes, unknown } of needs(
    policy,
    ({ ref }) => /^r\d|_allow|deny/.test(ref.id) && !ref.id.startsWith("builtin"),
  )) {
    const other = Policy.revive({
      ...policy.data,
      rules: policy.data.rules.filter(({ ref }) => ref.id !== rule.ref.id),
    });
    if (rule.on.includes(EXEC)) countCommands(tally, changes, unknown);
    for (const { witness, before, after, on } of changes) {
      if (witness === null && on === "subprocess.exec") continue;
      tally.witnesses++;
      if (witness === null) return { claim: "unconfirmed need", says: `${rule.ref.id} ${on} ${before} > ${after}` };
      if (answerTo(policy, witness).answer === answerTo(other, witness).answer)
        return { claim: "witness of a need", says: `${rule.ref.id}: ${shown(witness)}` };
    }
    const on = new Set([...changes, ...unknown].map((one) => one.on));
    const missed = calls.find(
      (call) =>
        !on.has(call.request.on) && !isTwofold(call) && answerTo(policy, call).answer !== answerTo(other, call).answer,
    );
    if (missed !== undefined) return { claim: "need", says: `${rule.ref.id}: ${shown(missed)}` };
  }
  return null;
}

/** A rule that matched does so alone; one that nearly did does once what failed is left out, and not before. */
function explained(policy: Policy, call: Call): Failure | null {
  const { request, circumstances } = call;
  const { decision, targets, nearMisses } = policy.explain(request, circumstances);
  if (JSON.stringify(decision) !== JSON.stringify(policy.decide(request, request, circumstances)))
    return { claim: "explained decision", says: shown(call) };
  for (const { rule, layer } of targets.flatMap(({ matched }) => matched)) {
    if (layer !== "policy") continue;
    if (!speaks(policy, rule.id, call, (one) => one))
      return { claim: "matched rule", says: `${rule.id}: ${shown(call)}` };
  }
  for (const { rule, layer, failed } of nearMisses) {
    const parts = policy.data.rules.filter(({ ref }) => ref.id === rule.id);
    if (layer !== "policy" || parts.length > 1) continue;
    if (failed.length === 0) return { claim: "near miss without a reason", says: `${rule.id}: ${shown(call)}` };
    if (speaks(policy, rule.id, call, (one) => one)) return { claim: "near miss", says: `${rule.id}: ${shown(call)}` };
  }
  return null;
}

function speaks(
  policy: Policy,
  id: string,
  { request, circumstances }: Call,
  change: (rule: RuleData) => RuleData,
): boolean {
  const rules = policy.data.rules.filter(({ ref }) => ref.id === id).map(change);
  const alone = Policy.revive({ ...policy.data, rules, ceilings: [] });
  return alone.decide(request, request, circumstances).matched.includes(id);
}

/** Fewer chunks that break the same claim. */
export function smaller(given: Case, claim: string): Case {
  const isStill = (one: Case) => {
    try {
      return failureOf(one)?.claim === claim;
    } catch (error) {
      return claim === `throws ${String(error)}`;
    }
  };
  let least = given;
  for (const call of given.calls) {
    const one = { ...least, calls: [call] };
    if (isStill(one)) {
      least = one;
      break;
    }
  }
  for (const key of ["questions", "other", "one"] as const) {
    for (let at = least[key].length - 1; at >= 0; at--) {
      const gone = least[key][at];
      const one = { ...least, [key]: least[key].filter((_, index) => index !== at) } as Case;
      const both = {
        ...one,
        one: one.one.filter((chunk) => chunk !== gone),
        other: one.other.filter((chunk) => chunk !== gone),
      };
      least = isStill(both) ? both : isStill(one) ? one : least;
    }
  }
  const bare = { ...least, ceiling: null };
  return isStill(bare) ? bare : least;
}
