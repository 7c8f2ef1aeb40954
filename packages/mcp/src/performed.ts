/**
 * One run for a tool call: a script with its input, through the same runtime and the same wall as any other, and kept for
 * the resources when it is over.
 */
import type { RunOptions, RunReport, Runtime } from "@agent-run/runtime";
import type { Bounded } from "./bounds.ts";
import type { RecentRuns } from "./recent-runs.ts";
import type { ToolContext } from "./tool.ts";

/** What tools that run something share. */
export interface Bench {
  readonly runtime: Runtime;
  readonly recent: RecentRuns;
}

export async function perform(
  { runtime, recent }: Bench,
  script: string,
  options: RunOptions,
  { asking }: ToolContext,
): Promise<Bounded> {
  const report = await runtime.run(script, { ...options, ...asking });
  return recent.keep({ ...report, error: adviceFor(report.error) });
}

/** The gate's hint is for who types commands; a model should turn to its user instead. What else was said stays. */
const adviceFor = (error: RunReport["error"]): RunReport["error"] =>
  error?.code === "E_APPROVAL_UNAVAILABLE" && (error.hint?.startsWith("run it on a terminal") ?? true)
    ? { ...error, hint: NOBODY_ASKED }
    : error;

const NOBODY_ASKED =
  "nobody answered: this client shows no forms, or the form was closed without an answer, or the policy takes no answer of an MCP client to such a call (`[approvals] channels` and `irreversible_channels`). Leave the call out, or ask your user to make it or to grant it in the policy";
