/**
 * Answers from public places, before a script gets them. One that holds a live token is withheld: nobody outside has been
 * sent one, so it was guessed or fixed by a seed, and would let what is outside choose where sealed data goes.
 */
import { fail, type Json } from "@agent-run/policy";
import type { AnyOperation } from "../operation.ts";
import type { Handles } from "./handles.ts";

export function withoutTokens(operation: AnyOperation, handles: Handles): AnyOperation {
  return {
    ...operation,
    *execute(permit, context) {
      const done = yield* operation.execute(permit, context);
      if (!done.ok || !holdsToken(done.value.value, handles)) return done;
      return fail({
        code: "E_SINK",
        message: "withheld: the answer holds the placeholder of a sealed value",
        hint: "nothing outside knows one; run it without --seed",
      });
    },
  };
}

const holdsToken = (value: Json, handles: Handles): boolean => handles.size > 0 && handles.inJson(value).length > 0;
