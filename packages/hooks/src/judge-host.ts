/** One call of a host's tool, judged by a policy. Whatever goes wrong in here is a denial (DEFAULT-NO). */
import type { Policy } from "@agent-run/policy";
import { type HostWorld, hostWorld } from "@agent-run/runtime/host-calls";
import type { HostCall, HostName, HostVerdict } from "./host-call.ts";
import { denial, Judge } from "./judge.ts";
import { judgeClaudeCode } from "./tools/claude-code.ts";
import { judgeCodex } from "./tools/codex.ts";
import { judgeOpencode } from "./tools/opencode.ts";

const TOOLS: Readonly<Record<HostName, (judge: Judge, call: HostCall) => void>> = {
  "claude-code": judgeClaudeCode,
  codex: judgeCodex,
  opencode: judgeOpencode,
};

/** Looks at the disk and changes nothing. */
export function judgeHostCall(call: HostCall, policy: Policy, world: HostWorld = hostWorld()): HostVerdict {
  try {
    const judge = new Judge(policy, world);
    TOOLS[call.host](judge, call);
    return judge.verdict();
  } catch {
    return failed("the call could not be judged, so it is denied");
  }
}

export const failed = (reason: string): HostVerdict => ({
  effect: "deny",
  reason: `agent-run: ${reason}`,
  decisions: [{ call: "the call", decision: denial("builtin.error", reason) }],
});
