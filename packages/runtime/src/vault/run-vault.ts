/**
 * The vault's work for one run: orders are passed on, errands are answered. The settle clock is here: whatever the vault
 * does, a run goes on at the first tick at which all of its sealed work is done, and at the last tick in any case.
 *
 * Answers that are told in the open come from the process `told`, which is given no sealed data and no compartment: a
 * script that lets a value decide whether the vault is busy, or out of memory, would read it off them otherwise.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type BrokeredAnswer,
  type Errand,
  type ErrandAnswer,
  type Failure,
  type FromVault,
  fail,
  isJsonObject,
  type Json,
  type LocalOnlyData,
  ok,
  type ToVault,
} from "@agent-run/gate";
import type { DayBudget } from "./day-budget.ts";
import type { VaultProcess } from "./vault-process.ts";

export type VaultErrand = Extract<Errand, { kind: "settle" | "release" | "broker" }>;

/** One and the same process where a policy leaves no sealed data for it to work on. */
export interface VaultProcesses {
  readonly data: VaultProcess;
  readonly told: VaultProcess;
}

/** Where the operator's logs of sealed work lie; null: nowhere. */
export interface SealedLogs {
  readonly data: string | null;
  readonly told: string | null;
}

export type RunFacts = Pick<Extract<ToVault, { kind: "run" }>, "startMs" | "actor">;

/** What the value of a credential slot may be made of; nothing of it is computed before a slot asks for it. */
const OF_CREDENTIALS: readonly string[] = ["secret", "encode", "hmac", "jwt"];

export class RunVault {
  readonly #process: VaultProcess;
  readonly #told: VaultProcess;
  readonly #policy: LocalOnlyData;
  readonly #run: string;
  readonly #budget: DayBudget;
  /** Milliseconds after which a brokered answer is given up. */
  readonly #patienceMs: number;
  /** Nothing was ordered since the lane was last known to be empty. */
  #isEmpty = true;
  /** Credentials with sealed answers whose outcome was asked for and has not come. */
  #outcomes = 0;
  waitedMs = 0;
  /** How many sealed operations were ordered: effects, private blocks, credentials with sealed answers. Public. */
  orders = 0;
  /** The operator's log of sealed work. */
  log: string | null = null;
  #current: Promise<number> = Promise.resolve(0);

  constructor(
    { data, told }: VaultProcesses,
    policy: LocalOnlyData,
    run: string,
    budget: DayBudget,
    patienceMs: number,
  ) {
    this.#process = data;
    this.#told = told;
    this.#policy = policy;
    this.#run = run;
    this.#budget = budget;
    this.#patienceMs = patienceMs;
  }

  begin(logs: SealedLogs, { startMs, actor }: RunFacts): void {
    this.log = logs.data;
    const order = { kind: "run", run: this.#run, startMs, actor } as const;
    this.#process.begin({ ...order, sealedLog: logs.data });
    if (this.#isApart) this.#told.begin({ ...order, sealedLog: logs.told });
  }

  tell(message: ToVault): void {
    if (["effect", "block", "broker"].includes(message.kind)) this.orders += 1;
    if (message.kind !== "define" && !("deferrable" in message && message.deferrable)) this.#isEmpty = false;
    this.#process.tell(message);
    if (this.#isApart && message.kind === "define" && OF_CREDENTIALS.includes(message.as.kind))
      this.#told.tell(message);
  }

  end(): void {
    this.#process.isLate ||= !this.#isEmpty || this.#outcomes > 0;
    for (const process of new Set([this.#process, this.#told])) process.end(this.#run);
  }

  get #isApart(): boolean {
    return this.#told !== this.#process;
  }

  async perform(errand: VaultErrand, signal: AbortSignal): Promise<ErrandAnswer> {
    // One signal a run, and a run has more errands under way than the ten listeners that Node warns about.
    setMaxListeners(0, signal);
    try {
      if (errand.kind === "settle") return ok({ waitedMs: await this.#tick(errand, signal) });
      if (errand.kind === "release") return await this.#release(errand.rule, errand.handle, signal);
      return await this.#broker(errand, signal);
    } catch {
      return fail(interrupted);
    }
  }

  #tick({ durationMs, joins }: Extract<VaultErrand, { kind: "settle" }>, signal: AbortSignal): Promise<number> {
    if (joins) return this.#current;
    this.#current = this.#settle(durationMs, signal);
    return this.#current;
  }

  /** The tick at which the run goes on, in milliseconds. */
  async #settle(durationMs: number | null, signal: AbortSignal): Promise<number> {
    let settled = false;
    const asked = this.#process.ask((id) => ({ kind: "settle", run: this.#run, id }));
    void asked.then((message) => {
      settled = message !== null;
    });
    const ticks = durationMs === null ? this.#policy.settleMs : [durationMs];
    // `relaxed`: no clock, which the policy says in words.
    if (ticks.length === 0) await Promise.race([asked, untilAborted(signal)]);
    let now = 0;
    for (const tick of ticks) {
      await sleep(tick - now, undefined, { signal });
      now = tick;
      if (settled) break;
    }
    if (!settled) this.#process.tell({ kind: "drop", run: this.#run });
    this.#isEmpty = settled;
    this.waitedMs += now;
    return now;
  }

  /** Asked at once, told at the tick: when the vault got there is nobody's business. */
  async #release(rule: string, handle: number, signal: AbortSignal): Promise<ErrandAnswer<"release">> {
    const data = this.#policy.releases.find(({ name }) => name === rule);
    if (data === undefined) return fail({ code: "E_RELEASE", message: `no release rule \`${rule}\`` });
    const refused = this.#budget.spend(data);
    if (refused !== null) return fail(refused);
    let value: Json = data.otherwise;
    void this.#process
      .ask((id) => ({ kind: "release", run: this.#run, id, rule, handle }))
      .then((message) => {
        if (message?.kind === "released") value = message.value;
      });
    const waitedMs = await this.#tick({ kind: "settle", durationMs: null, joins: false }, signal);
    return ok({ value, waitedMs });
  }

  async #broker(
    { secret, use, work, handle }: Extract<Errand, { kind: "broker" }>,
    signal: AbortSignal,
  ): Promise<ErrandAnswer<"broker">> {
    const isSealed = handle !== null;
    if (isSealed) {
      this.orders += 1;
      this.#outcomes += 1;
    }
    const { id: handleId = null, token = null } = handle ?? {};
    const order = { kind: "broker", run: this.#run, secret, use, work, handle: handleId, token } as const;
    const process = isSealed ? this.#process : this.#told;
    const asked = process.ask((id) => ({ ...order, id, outcome: isSealed }));
    const message = await answerWithin(this.#patienceMs, asked, signal);
    if (isSealed && message !== null) this.#outcomes -= 1;
    if (message?.kind === "outcome") return ok({ outcome: message.ok });
    return message?.kind === "brokered" ? answerOf(message.answer) : fail(noAnswer);
  }
}

/** Null: no answer by then; that the vault is gone looks the same. The clock ends with the answer. */
async function answerWithin(
  ms: number,
  asked: Promise<FromVault | null>,
  signal: AbortSignal,
): Promise<FromVault | null> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const late = sleep(ms, null, { signal: over.signal });
  try {
    return await Promise.race([asked.then((answer) => answer ?? late), late]);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

function answerOf(answer: BrokeredAnswer): ErrandAnswer<"broker"> {
  if (!answer.ok) return answer;
  const { value } = answer;
  if (!isJsonObject(value) || typeof value.bodyBase64 !== "string") return ok({ value });
  const { status, headers, bodyBase64 } = value;
  return ok({
    status: Number(status),
    headers: headers as readonly (readonly [string, string])[],
    body: Uint8Array.from(Buffer.from(bodyBase64, "base64")),
  });
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(new Error("aborted"));
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  });

const interrupted: Failure = { code: "E_INTERRUPTED", message: "the run ended before its sealed work did" };

const noAnswer: Failure = { code: "E_TIMEOUT", message: "the request took longer than it may" };
