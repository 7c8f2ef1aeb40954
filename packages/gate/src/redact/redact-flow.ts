/**
 * The flow of `mode = "redact"`: local-only data is given to the script as it is, and what it was is noted, so that it can
 * be scrubbed from what the run shows. A filter, not a wall (see ../redact.ts).
 */
import { type Json, ok } from "@agent-run/policy";
import type { Call } from "../call.ts";
import type { Flow } from "../flow.ts";
import type { AnyOperation } from "../operation.ts";
import type { Redactor } from "../redact.ts";
import { sourceText } from "../sealing/orders.ts";

export const redactFlow = (redactor: Redactor): Flow => ({
  labelsOf: () => ok([]),
  route: (call) => ok(call.first.sealed === undefined ? call.operation : noting(call, redactor)),
});

function noting({ operation, typed, args }: Call, redactor: Redactor): AnyOperation {
  const name = sourceText(typed, args);
  return {
    ...operation,
    *execute(permit, context) {
      const done = yield* operation.execute(permit, context);
      if (done.ok) for (const text of leavesOf(done.value.value)) redactor.register(text, name);
      return done;
    },
  };
}

/** Every string of a value, and numbers as they would be printed. */
function* leavesOf(value: Json): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "number") yield String(value);
  else if (typeof value === "object" && value !== null)
    for (const member of Object.values(value)) yield* leavesOf(member);
}
