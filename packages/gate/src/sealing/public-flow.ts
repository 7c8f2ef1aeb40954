/**
 * The flow rules of the public side. For each call: which sealed data it carries, whether that data may go where the
 * call goes, and by whom it is carried out. Everything here is computed from the policy, from what the script typed and
 * from metadata that was there before the plaintext was, so a refusal tells nothing of a value (NO-PLAINTEXT).
 */
import { type Failure, fail, type Json, ok, type PolicyData, type Result, type SecretUse } from "@agent-run/policy";
import type { Call } from "../call.ts";
import type { Flow } from "../flow.ts";
import type { AnyOperation } from "../operation.ts";
import { brokeredCommand, brokeredRequest, slotOf } from "./broker.ts";
import type { Handles } from "./handles.ts";
import { reads, sealedOperation, sealedVariable } from "./orders.ts";
import { placesOf } from "./places.ts";
import { withoutTokens } from "./public-answer.ts";
import { brokenToken, misplaced, toLocalOnly, toPublic } from "./refusals.ts";
import type { SealedWrites } from "./sealed-writes.ts";
import type { SettleState } from "./settle.ts";
import { textsOf } from "./token.ts";
import type { VaultLine } from "./vault-line.ts";

export interface PublicFlowPorts {
  readonly policy: PolicyData;
  readonly handles: Handles;
  readonly settle: SettleState;
  readonly vault: VaultLine;
  readonly writes: SealedWrites;
}

export class PublicFlow implements Flow {
  readonly #ports: PublicFlowPorts;
  /** Uses with an outcome, by their rule. */
  readonly #outcomes = new Map<string, number>();

  constructor(ports: PublicFlowPorts) {
    this.#ports = ports;
  }

  labelsOf(args: Json): Result<readonly string[]> {
    const labels = new Set<string>();
    for (const text of textsOf(args)) if (this.#ports.handles.isBroken(text)) return fail(brokenToken);
    for (const { label, origin } of this.#ports.handles.inJson(args)) {
      for (const one of label) labels.add(one);
      if ("secret" in origin) labels.add(`secret:${origin.secret}`);
    }
    return ok([...labels].sort());
  }

  route(call: Call): Result<AnyOperation> {
    const { operation, first, args } = call;
    const { handles, settle, policy, vault } = this.#ports;
    const places = placesOf(operation.name, args);
    const stray = places.names.find(([, text]) => handles.inText(text).length > 0);
    if (stray !== undefined) return fail(misplaced(handles.inText(stray[1])[0], stray[0]));
    // Bytes in base64 show what they hold only here.
    if (places.content.some((text) => handles.isBroken(text))) return fail(brokenToken);
    const carried = places.content.flatMap((text) => handles.inText(text));
    if (first.use !== undefined) return this.#credential(call, carried.length);
    if (first.sealed !== undefined) {
      const { accepts } = first.sealed;
      const kept = carried.find(({ label }) => !label.every((one) => accepts.includes(one)));
      if (kept !== undefined) return fail(toLocalOnly(policy, kept, call));
      if (first.effect === "deny") return ok(operation);
      if (vault.isFull) return fail(tooMuch);
      return ok(
        operation.name.startsWith("env.")
          ? sealedVariable(this.#ports, call)
          : sealedOperation(this.#ports, call, carried),
      );
    }
    const [leaving] = carried;
    if (leaving !== undefined) return fail(toPublic(policy, leaving, call));
    const carrier = reads(call.typed) ? operation : settle.before(operation);
    return ok(withoutTokens(carrier, handles));
  }

  #credential(call: Call, carried: number): Result<AnyOperation> {
    const { policy, settle } = this.#ports;
    const { first, operation } = call;
    const secret = policy.localOnly?.secrets.find(({ name }) => name === first.use?.secret);
    const use = secret?.uses[first.use?.index ?? -1];
    if (secret === undefined || use === undefined || first.effect === "deny") return ok(operation);
    const told = this.#outcomes.get(use.ref.id) ?? 0;
    if (use.outcomesPerRun !== null && told >= use.outcomesPerRun) return fail(outcomesUsedUp(use));
    this.#outcomes.set(use.ref.id, told + 1);
    if (use.kind === "command") {
      if (carried > 0) return fail(commandTakesNone(secret.name));
      return ok(settle.before(brokeredCommand(this.#ports, call, secret, use)));
    }
    const slot = slotOf(this.#ports, call, secret, use);
    return slot.ok ? ok(settle.before(brokeredRequest(this.#ports, call, secret, use, slot.value))) : slot;
  }
}

const tooMuch: Failure = {
  code: "E_TOO_LARGE",
  message: "the sealed work of this run holds too much data",
  hint: "write less in one run, or several runs",
};

const commandTakesNone = (secret: string): Failure => ({
  code: "E_SLOT",
  message: `the command gets [sealed secret:${secret}] by itself; nothing sealed may stand in its words, input or variables`,
  hint: "leave it out of the call",
});

const outcomesUsedUp = ({ ref, outcomesPerRun }: SecretUse): Failure => ({
  code: "E_RELEASE",
  message: `the outcomes of \`${ref.id}\` are used up (${outcomesPerRun} per run)`,
  rule: ref,
  hint: "each outcome tells one bit; raise `per_run` of the use to allow more",
});
