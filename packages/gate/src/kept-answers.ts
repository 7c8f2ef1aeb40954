/**
 * A run that may be parked, and is run again. Guards that nothing happens twice: a call whose answer was kept is decided
 * anew, by the policy of now, and is then answered from what was kept, not carried out; a call that is not the one that stood
 * in its place ends the run. What is new is written down before it happens and after it.
 *
 * A call's place is its number in the order in which the script makes calls, which nothing outside of the script changes.
 */
import {
  type CanonicalRequest,
  canonicalJson,
  type Failure,
  fail,
  isJsonObject,
  type Json,
  ok,
  type Target,
} from "@agent-run/policy";
import type { Call } from "./call.ts";
import type { ApprovalTicket, ErrandAnswer, Steps } from "./errand.ts";
import type { Flow } from "./flow.ts";
import type { AnyOperation } from "./operation.ts";
import type { GateAnswer } from "./ports.ts";
import { isRead, type Recorder } from "./recorder.ts";
import { Turns } from "./turns.ts";

export interface KeptAnswer {
  readonly place: number;
  readonly asked: string;
  readonly started: boolean;
  readonly request: CanonicalRequest | null;
  readonly answer: Json;
}

export interface EffectOfCall {
  /** Its number in the record. */
  readonly call: number;
  readonly place: number;
}

/** Where answers are written. Each says whether it could be. */
export interface AnswerStore {
  /** An effect that changes something is about to begin. */
  begun(entry: EffectOfCall): boolean;
  repeated(entry: EffectOfCall): boolean;
  answered(entry: KeptAnswer & { readonly calls: readonly number[] }): boolean;
}

export interface KeptAnswersPorts {
  readonly store: AnswerStore;
  /** Of a run that is resumed, in the order in which they were given. */
  readonly kept: readonly KeptAnswer[];
  hash(text: string): string;
  /** For the record: this call was answered from what was kept. */
  recordRepeated(call: number): boolean;
}

interface Asked {
  readonly place: number;
  readonly op: string;
  readonly asked: string;
  readonly started: boolean;
}

interface Current {
  readonly place: number;
  readonly kept: KeptAnswer | undefined;
  request: CanonicalRequest | null;
  readonly calls: Set<number>;
}

export class KeptAnswers {
  readonly #ports: KeptAnswersPorts;
  readonly #kept: ReadonlyMap<number, KeptAnswer>;
  readonly turns: Turns;
  #places = 0;
  #current: Current | null = null;
  /** Why this run cannot be parked any more; null: it can. */
  #unkeepable: string | null = null;
  /** Why the run must end: it went another way than its kept answers. */
  failure: Failure | null = null;
  /** The question that the run is parked with. */
  parked: ApprovalTicket | null = null;

  constructor(ports: KeptAnswersPorts) {
    this.#ports = ports;
    this.#kept = new Map(ports.kept.map((answer) => [answer.place, answer]));
    this.turns = new Turns(ports.kept.filter(({ started }) => started).map(({ place }) => place));
  }

  /** From here on the run can be neither parked nor resumed. */
  spoil(why: string): void {
    this.#unkeepable ??= why;
  }

  get isSpoiled(): boolean {
    return this.#unkeepable !== null;
  }

  /** One call of the script. `started`: it does not block the script. */
  around(
    op: string,
    args: Json,
    started: boolean,
    steps: Steps<GateAnswer>,
  ): { place: number; steps: Steps<GateAnswer> } {
    this.#places += 1;
    const place = this.#places;
    const asked = this.#ports.hash(canonicalJson([op, args]));
    return { place, steps: this.#around({ place, op, asked, started }, steps) };
  }

  *#around({ place, op, asked, started }: Asked, steps: Steps<GateAnswer>): Steps<GateAnswer> {
    const kept = this.#kept.get(place);
    if (kept !== undefined && kept.asked !== asked) return this.#astray(place, op);
    const current: Current = { place, kept, request: null, calls: new Set() };
    const answer = yield* this.#driven(current, steps);
    if ("sealed" in answer) this.spoil("it has local-only values, of which nothing is kept");
    if (kept !== undefined || !("ok" in answer || "error" in answer)) return answer;
    const entry = {
      place,
      asked,
      started,
      request: current.request,
      answer: answer as Json,
      calls: [...current.calls],
    };
    if (!this.isSpoiled && !this.#ports.store.answered(entry)) this.spoil("its answers could not be kept");
    return answer;
  }

  /** What the gate does for one call, between which it may do something for others. */
  *#driven(current: Current, steps: Steps<GateAnswer>): Steps<GateAnswer> {
    try {
      let step = this.#next(current, () => steps.next());
      while (!step.done) {
        const errand = step.value;
        const told = yield errand;
        const answer = errand.kind === "approve" ? this.#settled(errand.ticket, told) : told;
        step = this.#next(current, () => steps.next(answer));
      }
      return step.value;
    } finally {
      steps.return({ error: { code: "E_INTERRUPTED", message: "the call was abandoned" } });
    }
  }

  #next<T>(current: Current, next: () => T): T {
    this.#current = current;
    try {
      return next();
    } finally {
      this.#current = null;
    }
  }

  #settled(ticket: ApprovalTicket, told: ErrandAnswer): ErrandAnswer {
    if (!told.ok || !("answer" in told.value) || told.value.answer !== "parked") return told;
    if (this.#unkeepable !== null)
      return {
        ok: true,
        value: { answer: "unavailable", by: "nobody", hint: `the run cannot be parked: ${this.#unkeepable}` },
      };
    this.parked ??= ticket;
    return told;
  }

  /** The numbers of calls in the record, by their place. */
  recorder(recorder: Recorder): Recorder {
    return {
      intent: (entry, durable) => {
        this.#current?.calls.add(entry.seq);
        return recorder.intent(entry, durable);
      },
      approval: (entry) => recorder.approval(entry),
      outcome: (entry, mayWait) => recorder.outcome(entry, mayWait),
    };
  }

  flow(flow: Flow): Flow {
    return {
      labelsOf: (args) => flow.labelsOf(args),
      route: (call) => {
        const carrier = flow.route(call);
        const current = this.#current;
        if (!carrier.ok || current === null) return carrier;
        return ok(
          current.kept === undefined
            ? this.#noting(carrier.value, current)
            : this.#repeating(call, carrier.value, current.kept),
        );
      },
    };
  }

  /** Carried out, and written down around it. */
  #noting(operation: AnyOperation, current: Current): AnyOperation {
    const note = (call: number) => {
      if (this.isSpoiled || (current.request !== null && isRead(current.request))) return;
      if (!this.#ports.store.begun({ call, place: current.place }))
        this.spoil("what it does could not be written down before it is done");
    };
    return {
      ...operation,
      *check(args, typed, context) {
        const checked = yield* operation.check(args, typed, context);
        if (checked.ok) current.request = joined(current.request, checked.value.request);
        return checked;
      },
      *execute(permit, context) {
        note(permit.seq);
        return yield* operation.execute(permit, context);
      },
    };
  }

  /** Decided, recorded, and not carried out. */
  #repeating(call: Call, operation: AnyOperation, kept: KeptAnswer): AnyOperation {
    const { store, recordRepeated } = this.#ports;
    // Whoever had to say yes has said it, and it has happened.
    call.repeats = true;
    const answer = isJsonObject(kept.answer) ? kept.answer : {};
    const failure = answer.error as Failure | undefined;
    return {
      ...operation,
      *check(_args, typed) {
        if (kept.request === null && failure !== undefined) return fail(failure);
        return ok({ request: kept.request ?? typed, plan: null, release: () => undefined });
      },
      *execute(permit) {
        permit.spend();
        if (!store.repeated({ call: permit.seq, place: kept.place }) || !recordRepeated(permit.seq))
          return fail(unrepeatable);
        return failure === undefined ? ok({ value: answer.ok ?? null }) : fail(failure);
      },
    };
  }

  #astray(place: number, op: string): GateAnswer {
    this.failure ??= {
      code: "E_CONFIG",
      message: `call ${place} of the script is \`${op}\`, and was another one before: the run goes another way than its kept answers, so it was ended`,
      hint: "run the script anew; what it did before is in its record",
    };
    return { fatal: "E_INTERRUPTED" };
  }
}

const unrepeatable: Failure = { code: "E_AUDIT", message: "that an answer was repeated cannot be written down" };

/** A redirect is one more request of the same call: all that it touched is decided again. */
function joined(before: CanonicalRequest | null, request: CanonicalRequest): CanonicalRequest {
  if (before === null) return request;
  const key = ({ on, role, kind, value }: Target) => JSON.stringify([on, role, kind, value]);
  const seen = new Set(before.targets.map(key));
  return { ...before, targets: [...before.targets, ...request.targets.filter((target) => !seen.has(key(target)))] };
}
