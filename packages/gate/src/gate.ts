/**
 * The wall (ONE-WALL). Every effect on the world goes through `Gate.perform`, in this order and no other:
 * validate, canonicalize, decide what was typed, flow, budget, check against the world, decide what that added, budget
 * of what that matched, approval (before a check that leaves this host), objection of the host program, intent record,
 * permit, effect, outcome record. A step that fails or throws ends the call with nothing done (DEFAULT-NO); a refusal of what was typed touches nothing.
 * Nothing else in the product mints a permit.
 */
import { type CanonicalRequest, type Decision, type Failure, fail, type Json, type Result } from "@agent-run/policy";
import { askPerson } from "./approval.ts";
import { type Call, isAnswered, type Refused } from "./call.ts";
import type { Steps } from "./errand.ts";
import { type Flow, openFlow } from "./flow.ts";
import { objectionOf } from "./objection.ts";
import type { AnyOperation, Checked, Done } from "./operation.ts";
import { mintPermit } from "./permit.ts";
import type { CallReport, GateAnswer, GatePorts } from "./ports.ts";
import { readCall } from "./reading.ts";
import { isDurable, isRead } from "./recorder.ts";
import {
  abandoned,
  answerOf,
  decided,
  deniedByCheck,
  isDenial,
  isRefusal,
  leadsToSealed,
  recordLost,
  refusal,
  strictest,
} from "./refusal.ts";
import { Report } from "./report.ts";

export class Gate {
  readonly #ports: GatePorts;
  readonly #report: Report;
  readonly #flow: Flow;
  #started = 0;
  /** Set once the record failed: from then on nothing may happen in this run. */
  #closed = false;

  constructor(ports: GatePorts) {
    this.#ports = ports;
    this.#flow = ports.flow ?? openFlow;
    this.#report = new Report(ports.context.root, ports.told);
  }

  /** Every call so far, in order, as the report shows it. */
  get calls(): readonly CallReport[] {
    return this.#report.calls;
  }

  /** True once the record could not be written; the run's answer is then `E_AUDIT`, whatever the script does. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Answers one call of a script. `args` is the decoded JSON of that call and nothing else of the script (JSON-ABI). */
  *perform(name: string, args: Json, hops = 0): Steps<GateAnswer> {
    if (this.#closed) return { error: recordLost };
    this.#started += 1;
    if (this.#started > this.#ports.context.limits.maxCalls) return { fatal: "E_LIMIT_CALLS" };
    const operation = this.#ports.operations.get(name);
    if (operation === undefined) return { error: { code: "E_ARGUMENT", message: `there is no operation \`${name}\`` } };
    const done = yield* this.#answer(operation, args, hops);
    if (!done.ok || done.value.sealed !== undefined || done.value.next === undefined) return answerOf(done);
    return yield* this.perform(name, done.value.next, hops + 1);
  }

  *#answer(operation: AnyOperation, raw: Json, hops: number): Steps<Result<Done>> {
    const { context, policy } = this.#ports;
    const read = yield* readCall(operation, raw, hops, context, this.#flow);
    if (!read.ok) return read;
    const { args, parsed, asked, labels } = read.value;
    const first = decided(policy, asked, asked);
    const call: Call = { operation, args, parsed, typed: asked, first, seq: null, answered: null, taken: new Map() };
    const done = labels.ok ? yield* this.#settle(call, parsed) : this.#denied(call, asked, first, labels.failure);
    this.#report.ended(call, done);
    return done;
  }

  *#settle(call: Call, args: unknown): Steps<Result<Done>> {
    const { typed, first } = call;
    const carrier = this.#flow.route(call);
    if (!carrier.ok) return this.#denied(call, typed, first, carrier.failure);
    if (first.effect === "deny") return this.#recorded(call, typed, first, refusal(this.#ports, typed, first));
    const spent = this.#reserve(call, typed, first);
    if (spent !== null) return spent;
    const checked = yield* this.#check(call, carrier.value.check(args, typed, this.#ports.context));
    if (!checked.ok) return checked;
    try {
      return yield* this.#act(call, carrier.value, checked.value);
    } finally {
      checked.value.release();
    }
  }

  /**
   * Makes the checked plan. An errand of a check leaves this host (a name is resolved), so a person who must be asked
   * is asked before it, about what was typed; checks that stay here come first, so that nobody is asked in vain.
   */
  *#check(call: Call, steps: Steps<Result<Checked<unknown>>>): Steps<Result<Checked<unknown>>> {
    try {
      let step = steps.next();
      while (!step.done) {
        const refused = yield* this.#ask(call, call.typed, call.first);
        if (refused !== null) return refused;
        step = steps.next(yield step.value);
      }
      return step.value.ok ? step.value : this.#failedCheck(call, step.value.failure);
    } finally {
      // No more than a formality for a check that has ended; an abandoned one closes what it had opened.
      steps.return(fail(abandoned));
    }
  }

  /** From a checked plan to its outcome: the part that may change the world. */
  *#act(call: Call, operation: AnyOperation, checked: Checked<unknown>): Steps<Result<Done>> {
    const { request } = checked;
    // Deciding is pure: where the check added nothing, the first answer is the answer.
    const decision =
      request === call.typed ? call.first : strictest(call.first, decided(this.#ports.policy, request, call.typed));
    if (decision.effect === "deny")
      return this.#recorded(call, request, decision, refusal(this.#ports, call.typed, decision));
    if (checked.denied !== undefined) return this.#denied(call, request, decision, checked.denied);
    if (decision.sealed !== undefined && call.first.sealed === undefined)
      return this.#denied(call, request, decision, leadsToSealed(call.typed));
    const refused = this.#reserve(call, request, decision) ?? (yield* this.#ask(call, request, decision, checked));
    if (refused !== null) return refused;
    const objection = yield* objectionOf(this.#ports, this.#report, call, decision);
    if (objection !== null) return this.#denied(call, request, decision, objection);
    const seq = this.#report.decided(call, decision);
    const { recorder } = this.#ports;
    if (!recorder.intent({ seq, op: call.operation.name, request, decision }, isDurable(request, operation)))
      return this.#close();
    return yield* this.#execute(operation, seq, checked);
  }

  *#execute(operation: AnyOperation, seq: number, checked: Checked<unknown>): Steps<Result<Done>> {
    const { recorder, context, now } = this.#ports;
    const start = now();
    const done = yield* operation.execute(mintPermit(checked, seq), context);
    const [code, bytes] = done.ok ? [null, done.value.bytes ?? 0] : [done.failure.code, 0];
    const outcome = { seq, ok: done.ok, code, bytes, ms: Math.round(now() - start) };
    return recorder.outcome(outcome, isRead(checked.request, operation)) ? done : this.#close();
  }

  /** Null: go on. From here on the call counts, unless something refuses it later. */
  #reserve(call: Call, request: CanonicalRequest, decision: Decision): Refused {
    const spent = this.#ports.budget?.reserve(call, decision) ?? null;
    return spent === null ? null : this.#denied(call, request, decision, spent);
  }

  /** Null: go on. One yes covers the rules that had matched by then; what a check finds may match further ones. */
  *#ask(call: Call, request: CanonicalRequest, decision: Decision, checked?: Checked<unknown>): Steps<Refused> {
    if (decision.effect !== "ask" || isAnswered(call, decision)) return null;
    const asked = { seq: this.#report.decided(call, decision), request, call, decision, checked };
    const refused = yield* askPerson(this.#ports, asked);
    if (refused !== null) return this.#recorded(call, request, decision, refused);
    call.answered = decision.matched;
    return null;
  }

  /** Not denied by the policy, but the world says no (missing file, name that does not resolve): recorded all the same. */
  #failedCheck(call: Call, failure: Failure): Result<never> {
    const { typed, first } = call;
    if (isDenial(failure)) return this.#denied(call, typed, first, failure);
    const outcome = { seq: this.#report.decided(call, first), ok: false, code: failure.code, bytes: 0, ms: 0 };
    const told = this.#recorded(call, typed, first, failure);
    return this.#closed || this.#ports.recorder.outcome(outcome, true) ? told : this.#close();
  }

  /** A guard of the check denies what the rules let through; the record says so, under the guard's name. */
  #denied(call: Call, request: CanonicalRequest, decision: Decision, failure: Failure): Result<never> {
    return this.#recorded(call, request, deniedByCheck(decision, failure), failure);
  }

  #recorded(call: Call, request: CanonicalRequest, decision: Decision, failure: Failure): Result<never> {
    if (isRefusal(failure)) this.#ports.budget?.giveBack(call);
    const entry = { seq: this.#report.decided(call, decision), op: call.operation.name, request, decision };
    return this.#ports.recorder.intent(entry, false) ? fail(failure) : this.#close();
  }

  #close(): Result<never> {
    this.#closed = true;
    return fail(recordLost);
  }
}
