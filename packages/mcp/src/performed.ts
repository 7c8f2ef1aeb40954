/**
 * One run for a tool call: a script with its input, through the same runtime and the same wall as any other, heard of
 * while it goes on, and kept for the resources when it is over.
 */
import type { RunOptions, RunReport, Runtime } from "@agent-run/runtime";
import type { ServerContext } from "@modelcontextprotocol/server";
import type { Bounded } from "./bounds.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { RecentRuns } from "./recent-runs.ts";

/** What tools that run something share. */
export interface Bench {
  readonly runtime: Runtime;
  readonly recent: RecentRuns;
}

export async function perform(
  { runtime, recent }: Bench,
  script: string,
  options: RunOptions,
  context: ServerContext,
): Promise<Bounded> {
  const heartbeat = new Heartbeat(context, "the call waits for its turn");
  const onBegin = () => heartbeat.says("the script is running");
  try {
    const report = await runtime.run(script, { ...options, onBegin });
    return recent.keep({ ...report, error: adviceFor(report.error) });
  } finally {
    heartbeat.stop();
  }
}

/** The gate's hint is for who types commands; a model should turn to its user instead. */
const adviceFor = (error: RunReport["error"]): RunReport["error"] =>
  error?.code === "E_APPROVAL_UNAVAILABLE" ? { ...error, hint: NOBODY_ASKED } : error;

const NOBODY_ASKED =
  "the policy wants a person asked, and nobody is asked over MCP: leave the call out, or ask your user to make it or to grant it in the policy";
