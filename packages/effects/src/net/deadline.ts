/**
 * One clock over a whole request: connecting, handshake, headers, body (KILLABLE). A server that sends a byte a second
 * keeps every idle timer alive, so idle timers are not used at all. The reason of the signal is the failure to answer.
 */
import type { Failure } from "@agent-run/gate";

export interface Deadline {
  /** Aborts when the time is over or the run ends. */
  readonly signal: AbortSignal;
  /** Why it aborted. */
  failure(): Failure;
  /** Takes timer and listener away. */
  end(): void;
}

/** `what` is the subject of the message: `the request to ...`. */
export function startDeadline(what: string, timeoutMs: number, stop: AbortSignal): Deadline {
  const controller = new AbortController();
  let reason: Failure = { code: "E_INTERRUPTED", message: `${what} was given up because the run ended` };
  const late: Failure = { code: "E_TIMEOUT", message: `${what} took longer than ${timeoutMs} ms` };
  const timer = setTimeout(() => {
    reason = late;
    controller.abort();
  }, clampDelay(timeoutMs));
  const interrupt = (): void => controller.abort();
  stop.addEventListener("abort", interrupt, { once: true });
  if (stop.aborted) interrupt();
  return {
    signal: controller.signal,
    failure: () => reason,
    end: () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", interrupt);
    },
  };
}

/** Node turns a delay above 2^31-1 into 1 ms; a NaN would be 1 ms, too. */
const clampDelay = (ms: number): number => Math.min(Math.max(1, Math.ceil(ms) || 1), 2 ** 31 - 1);
