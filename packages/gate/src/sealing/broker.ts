/**
 * Credentials at their slots (rule 5). The request is public but for one place, which holds the secret itself, or a
 * formatting of it that we implement; it is decided, resolved and pinned here like any other and sent by the vault, which
 * alone can fill the slot. Redirects are never followed with a secret.
 */
import {
  type CommandUse,
  fail,
  isJsonArray,
  isJsonObject,
  ok,
  type RequestUse,
  type Result,
  type SecretData,
} from "@agent-run/policy";
import type { Call } from "../call.ts";
import { errand, type HttpAnswer, type PinnedRequest, type Steps } from "../errand.ts";
import type { AnyOperation, Done } from "../operation.ts";
import { faceOf, type Handle, type Origin } from "./handles.ts";
import { answerOf } from "./orders.ts";
import { placesOf } from "./places.ts";
import type { PublicFlowPorts } from "./public-flow.ts";
import { notOriginal, outsideSlot } from "./refusals.ts";
import { placeOfToken, readSlot, slotOfCall } from "./slot.ts";
import type { BrokeredWork } from "./vault-message.ts";

/** The one handle of a request that stands in the slot and is the secret's own; everything else must be free of tokens. */
export function slotOf(ports: PublicFlowPorts, call: Call, secret: SecretData, use: RequestUse): Result<Handle> {
  const { handles } = ports;
  const carried = placesOf(call.operation.name, call.args).content.flatMap((text) => handles.inText(text));
  const read = readSlot(use, slotOfCall(use, call.args), (token) => handles.find(token));
  const [only] = carried;
  if (carried.length !== 1 || only === undefined)
    return fail(outsideSlot(secret, use, only, "it is there more than once"));
  if (!isOf(secret.name, only)) return fail(notOriginal(use, only));
  if (read.ok) return ok(read.value);
  const why = slotOfCall(use, call.args)?.includes(only.token)
    ? read.why
    : `it is in ${placeOfToken(call.args, only.token)}`;
  return fail(outsideSlot(secret, use, only, why));
}

const isOf = (secret: string, { origin }: Handle): boolean =>
  (origin.kind === "secret" || origin.kind === "formatted") && origin.secret === secret;

/** The request of the call, sent by the vault. */
export function brokeredRequest(
  ports: PublicFlowPorts,
  call: Call,
  secret: SecretData,
  use: RequestUse,
  slot: Handle,
): AnyOperation {
  const { operation } = call;
  const index = secret.uses.indexOf(use);
  return {
    ...operation,
    *execute(permit, context) {
      // The operation's own answer is made of the vault's: the same value as of any other request.
      const steps = operation.execute(permit, context);
      let step = steps.next();
      while (!step.done) {
        if (step.value.kind !== "http") {
          step = steps.next(yield step.value);
          continue;
        }
        const work = workOf(step.value.request, slot);
        if (use.response === "sealed") {
          steps.return(ok({ value: null }));
          return yield* sealedAnswer(ports, call, secret, index, use.outcome, work);
        }
        const answer = yield* errand<"broker">({ kind: "broker", secret: secret.name, use: index, work, handle: null });
        if (!answer.ok) return answer;
        step = steps.next({ ok: true, value: answer.value as HttpAnswer });
      }
      if (!step.value.ok) return step.value;
      const { value, bytes = 0 } = step.value.value;
      return ok({ value, bytes });
    },
  };
}

function workOf({ body, ...request }: PinnedRequest, { token }: Handle): BrokeredWork {
  const bodyBase64 = body === null ? null : Buffer.from(body).toString("base64");
  return { kind: "request", request, bodyBase64, slot: token };
}

/** A command that is given the secret by the vault. */
export function brokeredCommand(ports: PublicFlowPorts, call: Call, secret: SecretData, use: CommandUse): AnyOperation {
  const { operation, args } = call;
  const index = secret.uses.indexOf(use);
  const work: BrokeredWork = { kind: "command", args };
  return {
    ...operation,
    *check(_args, request) {
      return ok({ request, plan: null, release: () => undefined });
    },
    *execute(permit) {
      permit.spend();
      if (use.response === "sealed") return yield* sealedAnswer(ports, call, secret, index, use.outcome, work);
      const answer = yield* errand<"broker">({ kind: "broker", secret: secret.name, use: index, work, handle: null });
      return answer.ok ? ok({ value: answer.value.value ?? null }) : answer;
    },
  };
}

/** Sealed at once; with `outcome = "ok"` the script waits for one boolean. */
function* sealedAnswer(
  { handles, settle, vault }: PublicFlowPorts,
  call: Call,
  secret: SecretData,
  use: number,
  outcome: boolean,
  work: BrokeredWork,
): Steps<Result<Done>> {
  const { typed, first } = call;
  const isRequest = work.kind === "request";
  const source = isRequest ? `host:${String(typed.attrs.host)}` : `command:${String(typed.attrs.command)}`;
  const kind = isRequest ? "response" : "exec";
  const handle = handles.mint({
    label: first.sealed?.label ?? ["local"],
    origin: originOf(call, isRequest),
    kind,
    sources: [source],
  });
  const { id, token } = handle;
  if (!outcome) {
    settle.ordered();
    const order = { kind: "broker", run: vault.run, id: 0, secret: secret.name, use, work, handle: id, token } as const;
    vault.tell({ ...order, outcome: false });
    return ok({ value: null, sealed: faceOf(handle) });
  }
  const answer = yield* errand<"broker">({ kind: "broker", secret: secret.name, use, work, handle: { id, token } });
  // An answer that did not come is a failed one: the script sees one boolean, whatever happened.
  return ok({ value: null, sealed: { ...faceOf(handle), outcome: answer.ok && answer.value.outcome === true } });
}

/** The answer itself, for a release, if the slot is all that the script added to the request. */
function originOf({ typed, args, operation }: Call, isRequest: boolean): Origin {
  const { headers = [] } = isJsonObject(args) ? args : {};
  const isSlotAlone = isRequest && isJsonArray(headers) && headers.length <= 1;
  const of = isSlotAlone && isJsonObject(args) ? answerOf(operation.name, typed, { ...args, headers: [] }) : null;
  return of === null ? { kind: "derived" } : { kind: "answer", of };
}
