/** What a run shows at its end, with every text that a script can put words into seen through `show`. */
import type { Json } from "@agent-run/gate";
import type { WorkerEnd } from "./protocol.ts";
import type { RunError } from "./report.ts";

/** Codes, capabilities, rules and numbers are the policy's and ours. */
export function shownEnd(end: WorkerEnd, show: (text: string) => string, showValue: (value: Json) => Json): WorkerEnd {
  return {
    ...end,
    value: showValue(end.value),
    error: end.error === null ? null : shownError(end.error, show),
    calls: end.calls.map((call) => ({ ...call, target: show(call.target) })),
    problems: end.problems.map((problem) => shownError(problem, show)),
  };
}

function shownError(error: RunError, show: (text: string) => string): RunError {
  const { name, target, hint, causes, frame } = error;
  return {
    ...error,
    message: show(error.message),
    ...(name === undefined ? {} : { name: show(name) }),
    ...(target === undefined ? {} : { target: show(target) }),
    ...(hint === undefined ? {} : { hint: show(hint) }),
    ...(causes === undefined ? {} : { causes: causes.map(show) }),
    ...(frame === undefined ? {} : { frame: show(frame) }),
  };
}
