/** What is around the calls of a run: this host's clock, read at each decision, and who started the run says who acts. */
import type { Failure } from "@agent-run/gate";
import type { Circumstances } from "@agent-run/policy";

export const circumstancesOf =
  (actor: string | null): (() => Circumstances) =>
  () => ({ now: Date.now(), actor });

/** Characters. */
const MOST = 256;

/** Null: it can be compared, recorded and shown. One of two texts that look the same would be another to a rule. */
export function actorProblem(actor: string): Failure | null {
  if (actor !== "" && actor.length <= MOST && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(actor)) return null;
  return {
    code: "E_ARGUMENT",
    message: `an actor is a name of 1 to ${MOST} characters, without control characters`,
    hint: "name who acts in one word, such as `release-bot`",
  };
}

/** Null: it can stand in a report, a record and a file's name as it is. Who gave it is not trusted with more than letters. */
export function taskProblem(task: string): Failure | null {
  if (/^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$/.test(task)) return null;
  return {
    code: "E_ARGUMENT",
    message: "a task id has 1 to 128 letters, digits and `. _ : @ / + -`, and begins with a letter or digit",
    hint: "name the task in a word, such as `fix-login-42`",
  };
}
