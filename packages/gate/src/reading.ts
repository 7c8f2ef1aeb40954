/**
 * The first steps of the wall: what a script sent to arguments, and these to a canonical request with the labels of the
 * data in it. Touches nothing; of a tool whose definition stands elsewhere the schema is asked, but about nothing sealed.
 */
import { type CanonicalRequest, type Json, ok, type Result } from "@agent-run/policy";
import type { Steps } from "./errand.ts";
import type { Flow } from "./flow.ts";
import type { AnyOperation, OperationContext } from "./operation.ts";

export interface ReadCall {
  /** As the schema made them, else as the script sent them. */
  readonly args: Json;
  /** Of the operation, for its check. */
  readonly parsed: unknown;
  /** With the labels, as far as they are known. */
  readonly asked: CanonicalRequest;
  /** Not ok: the data in the call may go nowhere. */
  readonly labels: Result<readonly string[]>;
}

export function* readCall(
  operation: AnyOperation,
  raw: Json,
  hops: number,
  context: OperationContext,
  flow: Flow,
): Steps<Result<ReadCall>> {
  const given = yield* validated(operation, raw, flow);
  if (!given.ok) return given;
  const args = given.value;
  const parsed = operation.parse(args, hops);
  if (!parsed.ok) return parsed;
  const typed = operation.canonicalize(parsed.value, context);
  if (!typed.ok) return typed;
  const labels = flow.labelsOf(args);
  const asked = labels.ok && labels.value.length > 0 ? { ...typed.value, labels: labels.value } : typed.value;
  return ok({ args, parsed: parsed.value, asked, labels });
}

function* validated(operation: AnyOperation, raw: Json, flow: Flow): Steps<Result<Json>> {
  if (operation.validate === undefined) return ok(raw);
  const labels = flow.labelsOf(raw);
  return yield* operation.validate(raw, labels.ok && labels.value.length === 0);
}
