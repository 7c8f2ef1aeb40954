/**
 * Drives the gate's steps for the VM: synchronous calls to their end, started ones (`fetch`) interleaved, at most
 * `max_concurrency` in flight, the rest queued. It knows how to wait; it decides nothing.
 * (A few lines longer than other files: all that waits is one state.)
 */
import {
  type Errand,
  type FatalCode,
  type Gate,
  type GateAnswer,
  isJsonObject,
  type Json,
  type KeptAnswers,
  type Limits,
  type Steps,
} from "@agent-run/gate";
import { type HostAnswer, WEIGHT_FACTOR, weight } from "@agent-run/vm";
import { type Channel, isUncounted } from "./channel.ts";
import type { AnswerMessage } from "./protocol.ts";

/** Operations that touch nothing outside the VM: neither gated nor recorded, but bounded. */
export type PureOperations = ReadonlyMap<string, (args: Json) => GateAnswer>;

/** What is no call, and waits all the same: for the settle clock. */
export type WaitingOperations = ReadonlyMap<string, (args: Json) => Steps<GateAnswer>>;

export interface CallOptions {
  readonly pure: PureOperations;
  readonly waiting?: WaitingOperations;
  /** Answers, and outcomes on the record, in the order of the calls: when each was there is not to be seen. */
  readonly inOrder?: boolean;
  /** The run may be parked. */
  readonly kept?: KeptAnswers;
}

interface Started {
  readonly id: number;
  /** Of a run that may be parked; else 0. */
  readonly place: number;
  readonly steps: Steps<GateAnswer>;
  /** Bytes that its arguments take here. */
  readonly bytes: number;
  since: number;
  uncounted: boolean;
  /** What it waits for; null before its first errand. */
  kind: Errand["kind"] | null;
}

type CallLimits = Pick<Limits, "maxConcurrency" | "maxCalls" | "maxMemoryBytes">;

export class Calls {
  readonly #gate: Gate;
  readonly #channel: Channel;
  readonly #options: CallOptions;
  readonly #limits: CallLimits;
  /** Started calls that wait for the answer to the errand with this id. */
  readonly #waiting = new Map<number, Started>();
  readonly #queue: Started[] = [];
  readonly #settled: string[] = [];
  /** Ids of started calls whose answer has not been given, in order; with `inOrder` only. */
  readonly #order: number[] = [];
  readonly #early = new Map<number, string>();
  /** Answers of servers and commands to calls whose turn it is not, by the id of the call. */
  readonly #held = new Map<number, AnswerMessage>();
  /** What came for started calls while a synchronous one waited. */
  readonly #later: AnswerMessage[] = [];
  /** Of calls that are started, and of answers that the script has not taken yet. */
  #bytes = 0;
  #settledBytes = 0;
  #fatal: FatalCode | null = null;

  constructor(gate: Gate, channel: Channel, options: CallOptions, limits: CallLimits) {
    this.#gate = gate;
    this.#channel = channel;
    this.#options = options;
    this.#limits = limits;
  }

  /** The single dispatcher of the VM: one JSON text in, one out (JSON-ABI). */
  call(text: string): HostAnswer {
    const call: unknown = JSON.parse(text);
    if (!isJsonObject(call) || typeof call.op !== "string") {
      return answerText({ error: { code: "E_ARGUMENT", message: "a call must name its operation" } });
    }
    const { op, args = null, id } = call;
    const pure = this.#options.pure.get(op);
    if (pure !== undefined) return hostAnswer(this.#noted(pure(args)));
    const { steps, place } = this.#stepsOf(op, args, typeof id === "number");
    if (typeof id !== "number") return hostAnswer(this.#noted(this.#drive(steps)));
    this.#start({ id, place, steps, bytes: weight(text), since: 0, uncounted: false, kind: null });
    if (this.#isTooMuch()) this.#noted({ fatal: "E_LIMIT_MEMORY" });
    return this.#fatal === null ? '{"started":true}' : answerText({ fatal: this.#fatal });
  }

  #stepsOf(op: string, args: Json, started: boolean): { readonly steps: Steps<GateAnswer>; readonly place: number } {
    const waiting = this.#options.waiting?.get(op)?.(args);
    if (waiting !== undefined) return { steps: waiting, place: 0 };
    const steps = this.#gate.perform(op, args);
    return this.#options.kept?.around(op, args, started, steps) ?? { steps, place: 0 };
  }

  /** Blocks until a started call has its answer; null when none is in flight, or when the run must stop. */
  nextSettlement(): string | null {
    for (;;) {
      const settled = this.#settled.shift();
      if (settled !== undefined) {
        this.#bytes -= settled.length;
        this.#settledBytes -= settled.length;
        this.#fill();
        return settled;
      }
      this.#fill();
      if (this.#settled.length > 0) continue;
      if (this.#waiting.size === 0) this.#settled.push(...(this.#options.kept?.turns.rest() ?? []));
      if (this.#settled.length > 0) continue;
      if (this.#waiting.size === 0) return null;
      const message = this.#later.shift() ?? this.#channel.wait();
      if (message === null) return null;
      this.#resume(message);
    }
  }

  stop(): FatalCode | null {
    return this.#fatal ?? this.#channel.stop();
  }

  /** Runs what is no call of the script's to its end, as the end of a run. */
  drive(steps: Steps<unknown>): void {
    this.#drive(
      (function* (): Steps<GateAnswer> {
        yield* steps;
        return { ok: null };
      })(),
    );
  }

  /** Of a parked run nothing is in doubt: what is under way comes to its end. */
  finishStarted(): void {
    while (this.#waiting.size > 0) {
      const message = this.#later.shift() ?? this.#channel.wait();
      if (message === null) return;
      this.#resume(message);
    }
  }

  /** Closes what pending calls hold open. */
  abandon(): void {
    for (const { steps } of [...this.#waiting.values(), ...this.#queue]) steps.return({ error: abandoned });
    this.#waiting.clear();
    this.#queue.length = 0;
  }

  /** Runs steps to their end; answers to other errands that arrive meanwhile go to their own calls. */
  #drive(steps: Steps<GateAnswer>): GateAnswer {
    let step = steps.next();
    while (!step.done) {
      const uncounted = isUncounted(step.value);
      const since = performance.now();
      const id = this.#channel.post(step.value);
      let message = this.#channel.wait();
      while (message !== null && message.id !== id) {
        if (this.#options.inOrder === true) this.#later.push(message);
        else this.#resume(message);
        message = this.#channel.wait();
      }
      if (message === null) {
        steps.return({ error: abandoned });
        return { fatal: this.#channel.stop() ?? "E_INTERRUPTED" };
      }
      if (uncounted) this.#channel.uncountedEnded(performance.now() - since);
      step = steps.next(message.answer);
    }
    return step.value;
  }

  /** What a script makes this side hold is bounded with its own memory. */
  #isTooMuch(): boolean {
    return this.#bytes > WEIGHT_FACTOR * this.#limits.maxMemoryBytes;
  }

  #start(started: Started): void {
    this.#bytes += started.bytes;
    // Calls in the queue are not counted by the gate yet.
    if (this.#queue.length > this.#limits.maxCalls) this.#noted({ fatal: "E_LIMIT_CALLS" });
    this.#queue.push(started);
    if (this.#options.inOrder === true) this.#order.push(started.id);
    this.#fill();
  }

  /** Lets calls of the queue begin, while there is room for their answers: a script that computes takes none. */
  #fill(): void {
    const room = (WEIGHT_FACTOR * this.#limits.maxMemoryBytes) / 2;
    while (this.#fatal === null && this.#waiting.size < this.#limits.maxConcurrency && this.#settledBytes <= room) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#take(next, next.steps.next());
    }
  }

  #resume(message: AnswerMessage): void {
    const started = this.#waiting.get(message.id);
    if (started === undefined) return;
    if (this.#options.inOrder === true && isResult(started.kind) && started.id !== this.#order[0]) {
      this.#held.set(started.id, message);
      return;
    }
    this.#waiting.delete(message.id);
    if (started.uncounted) this.#channel.uncountedEnded(performance.now() - started.since);
    this.#take(started, started.steps.next(message.answer));
    this.#fill();
  }

  #take(started: Started, step: IteratorResult<Errand, GateAnswer>): void {
    if (step.done) {
      const text = answerText(this.#noted(step.value), started.id);
      this.#give(started, text);
      this.#bytes += text.length - started.bytes;
      this.#settledBytes += text.length;
      if (this.#isTooMuch()) this.#noted({ fatal: "E_LIMIT_MEMORY" });
      return;
    }
    started.kind = step.value.kind;
    started.uncounted = isUncounted(step.value);
    started.since = performance.now();
    this.#waiting.set(this.#channel.post(step.value), started);
  }

  #give({ id, place }: Started, text: string): void {
    if (this.#options.inOrder !== true) {
      this.#settled.push(...(this.#options.kept?.turns.settle(place, text) ?? [text]));
      return;
    }
    this.#early.set(id, text);
    for (let [next] = this.#order; next !== undefined; [next] = this.#order) {
      const answer = this.#early.get(next);
      if (answer === undefined) break;
      this.#early.delete(next);
      this.#order.shift();
      this.#settled.push(answer);
    }
    const [next] = this.#order;
    const held = next === undefined ? undefined : this.#held.get(next);
    if (next === undefined || held === undefined) return;
    this.#held.delete(next);
    this.#resume(held);
  }

  #noted(answer: GateAnswer): GateAnswer {
    if ("fatal" in answer) this.#fatal ??= answer.fatal;
    return answer;
  }
}

/** Whether what a call waits for shows, by when it comes, how long somebody took to answer. */
const isResult = (kind: Started["kind"]): boolean => kind === "http" || kind === "exec" || kind === "broker";

const abandoned = { code: "E_INTERRUPTED", message: "the run ended before the call did" } as const;

/** Below it JSON is as fast. */
const LONG_TEXT = 200;

/** A long text goes as itself, without a JSON text in between. */
const hostAnswer = (answer: GateAnswer): HostAnswer =>
  "ok" in answer && typeof answer.ok === "string" && answer.ok.length >= LONG_TEXT
    ? { mark: "s", text: answer.ok }
    : answerText(answer);

/** Texts that V8 cannot hold (2^29 units, escapes included) are more than any VM's memory. */
function answerText(answer: GateAnswer, id?: number): string {
  try {
    return JSON.stringify(id === undefined ? answer : { ...answer, id });
  } catch (error) {
    if (error instanceof RangeError) return '{"fatal":"E_LIMIT_MEMORY"}';
    throw error;
  }
}
