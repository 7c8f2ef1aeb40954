/**
 * The flow step of the wall, as the gate knows it: what data a call carries, and the operation that really carries the
 * call out. A call about public things is carried out as it is; one that touches what is local-only becomes an order to
 * the vault, so that this side never holds what it is about (NO-PLAINTEXT).
 */
import { type Json, ok, type Result } from "@agent-run/policy";
import type { Call } from "./call.ts";
import type { AnyOperation } from "./operation.ts";
import { InvariantViolation } from "./permit.ts";

export interface Flow {
  /** Labels of the sealed data that the arguments of a call hold, or why such data may go nowhere. Pure. */
  labelsOf(args: Json): Result<readonly string[]>;
  /** The operation that carries out a call that was not denied outright, or why the data in it may not go there. Pure. */
  route(call: Call): Result<AnyOperation>;
}

/** Of a policy that declares nothing local-only. */
export const openFlow: Flow = {
  labelsOf: () => ok([]),
  route: ({ operation, first, typed }) => {
    if (first.sealed !== undefined || first.use !== undefined || typed.labels.length > 0)
      throw new InvariantViolation("a sealed decision reached a gate that has no flow rules");
    return ok(operation);
  },
};
