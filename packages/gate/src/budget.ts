/**
 * The budget step of the wall: how much a run, or all runs of a session together, may do of what the policy allows. What
 * a call needs is taken before anything of it happens and before a person is asked, so that calls at the same time, of
 * other workers too, cannot overspend: a counter is raised first and looked at then. What refuses a call later gives it
 * back; a call that failed, or that was cut off with its run, keeps it, as it may have happened. Everything that counts is
 * public: calls, and the lengths of what the script typed (NO-PLAINTEXT).
 */
import {
  BUDGET_IDS,
  CAPABILITIES,
  type Decision,
  type Failure,
  limitedRules,
  type PolicyData,
  type RuleRef,
} from "@agent-run/policy";
import type { Call } from "./call.ts";
import { targetText } from "./refusal.ts";

/** One counter. */
interface Meter {
  readonly ref: RuleRef;
  readonly most: number;
  readonly unit: "calls" | "bytes";
  /** As messages call it: "the budget `budget.calls`". */
  readonly what: string;
  readonly hint: string;
  /** What this call takes of it; 0: nothing. */
  amountOf(call: Call, decision: Decision): number;
}

export class Budget {
  readonly #meters: readonly Meter[];
  /** By place of the meter, how much is taken; the same memory for all who share the budget. */
  readonly #taken: BigInt64Array;
  readonly #root: string;

  /** `counters`: from `Budget.counters` of the same policy. */
  constructor(policy: PolicyData, counters: SharedArrayBuffer) {
    this.#meters = metersOf(policy);
    this.#taken = new BigInt64Array(counters);
    this.#root = policy.root;
  }

  /** Memory for who shares a budget, all of it still there; null where the policy bounds nothing. */
  static counters(policy: PolicyData): SharedArrayBuffer | null {
    const { length } = metersOf(policy);
    return length === 0 ? null : new SharedArrayBuffer(length * BigInt64Array.BYTES_PER_ELEMENT);
  }

  /** Takes what the call has not taken yet. Not enough of one: says so, and takes nothing. */
  reserve(call: Call, decision: Decision): Failure | null {
    const added: [number, bigint][] = [];
    for (const [place, meter] of this.#meters.entries()) {
      const amount = call.taken.has(place) ? 0 : meter.amountOf(call, decision);
      if (amount === 0) continue;
      const before = Atomics.add(this.#taken, place, BigInt(amount));
      added.push([place, BigInt(amount)]);
      if (before + BigInt(amount) <= BigInt(meter.most)) continue;
      this.#lower(added);
      return this.#refusal(call, decision, meter, amount, Math.max(0, meter.most - Number(before)));
    }
    for (const [place, amount] of added) call.taken.set(place, amount);
    return null;
  }

  /** The call was refused: nothing of it happened. */
  giveBack({ taken }: Call): void {
    const all = [...taken];
    taken.clear();
    this.#lower(all);
  }

  #lower(amounts: readonly (readonly [number, bigint])[]): void {
    for (const [place, amount] of amounts) Atomics.sub(this.#taken, place, amount);
  }

  #refusal(call: Call, decision: Decision, meter: Meter, amount: number, left: number): Failure {
    const capability = call.typed.on;
    const target = targetText(call.typed, decision, this.#root);
    const message = `\`${capability}\` of \`${target}\` is beyond ${meter.what}: ${shortage(meter, amount, left)}`;
    return { code: "E_BUDGET", message, capability, target, rule: meter.ref, hint: meter.hint };
  }
}

function shortage({ unit, most }: Meter, amount: number, left: number): string {
  if (unit === "bytes") return `it would send ${amount} bytes, and ${left} of ${most} are left`;
  return most === 0 ? "it allows no call" : `${most} of ${most} calls are used`;
}

/** In an order that depends on the policy alone, as their places in shared memory do. */
function metersOf(policy: PolicyData): readonly Meter[] {
  const { calls, bytesOut, callsPerCapability, refs = {} } = policy.budget;
  const meters: Meter[] = [];
  const add = (id: string, most: number | null, unit: Meter["unit"], amountOf: Meter["amountOf"]): void => {
    if (most === null) return;
    const hint = unit === "bytes" ? "send less" : "do with fewer calls";
    const ref = refs[id] ?? { id };
    meters.push({ ref, most, unit, what: `the budget \`${id}\``, hint: `${hint}, or have \`${id}\` raised`, amountOf });
  };
  add(BUDGET_IDS.calls, calls, "calls", () => 1);
  add(BUDGET_IDS.bytesOut, bytesOut, "bytes", ({ typed }) => bytesSent(typed));
  for (const capability of CAPABILITIES) {
    const most = callsPerCapability[capability] ?? null;
    add(BUDGET_IDS.callsOf(capability), most, "calls", ({ typed }) => (typed.on === capability ? 1 : 0));
  }
  return [...meters, ...limitsOf(policy)];
}

/** Of a request its URL and its body, as typed and with tokens for what is sealed; of any other call nothing. */
function bytesSent({ on, targets, attrs }: Call["typed"]): number {
  if (!on.startsWith("net.")) return 0;
  const urls = targets.filter(({ kind }) => kind === "url").reduce((sum, { value }) => sum + value.length, 0);
  return urls + (typeof attrs.bytes === "number" ? attrs.bytes : 0);
}

function limitsOf(policy: PolicyData): readonly Meter[] {
  return [...limitedRules(policy)].map(([name, { ref, limit, advice }]) => ({
    ref,
    most: limit?.calls ?? 0,
    unit: "calls",
    what: `the limit of rule \`${ref.id}\``,
    hint: advice ?? "do with fewer calls, or have the rule's `limit` raised",
    amountOf: (_call, { limited = [] }) => (limited.includes(name) ? 1 : 0),
  }));
}
