/**
 * THE way from a host's JSON to the answer in that host's own form. Fail closed in its terms: for what cannot be read or
 * judged the denial is said on every channel that the host looks at, by its JSON, by standard error, and by exit code 2.
 */
import type { JsonObject, Policy } from "@agent-run/policy";
import { isJsonObject } from "@agent-run/policy";
import { type HostWorld, hostWorld } from "@agent-run/runtime/host-calls";
import type { HostCall, HostName, HostVerdict } from "./host-call.ts";
import { lexical } from "./judge.ts";
import { failed, judgeHostCall } from "./judge-host.ts";

export interface HookAnswer {
  /** One JSON text, or nothing; nothing else may stand on standard output. */
  readonly stdout: string;
  readonly stderr: string;
  /** 2 blocks for Claude Code and Codex whatever was printed; any other code but 0 lets the call proceed. */
  readonly exitCode: 0 | 2;
}

/** UTF-16 units of the host's JSON: a whole file may be in it. */
export const MAX_INPUT = 64 * 1024 * 1024;

/** `json`: what the host gave its hook. For the command, and for a server that hosts ask instead of starting one. */
export function answerHook(host: HostName, json: string, policy: Policy, world: HostWorld = hostWorld()): HookAnswer {
  const read = readCall(host, json);
  if (typeof read === "string") return failure(host, read);
  const { event, call } = read;
  const verdict = judgeHostCall(call, policy, world);
  const isFailure = verdict.decisions.some(({ decision }) => decision.rule.id === "builtin.error");
  return isFailure ? failure(host, verdict.reason, event) : answerOf(host, verdict, event);
}

/** For what is wrong before a call can be read: no policy, no input, too much time. */
export function failure(host: HostName, reason: string, event = "PreToolUse"): HookAnswer {
  const verdict = failed(reason.replace(/^agent-run: /, ""));
  const { stdout } = answerOf(host, verdict, event);
  return { stdout, stderr: `${verdict.reason}\n`, exitCode: 2 };
}

/** Events before a call, in which a host lets its hook decide. */
const EVENTS: Readonly<Record<HostName, readonly string[]>> = {
  "claude-code": ["PreToolUse", "PreSkillShellCommand"],
  codex: ["PreToolUse"],
  opencode: ["tool.execute.before"],
};

function readCall(host: HostName, json: string): { readonly event: string; readonly call: HostCall } | string {
  if (json.length > MAX_INPUT) return "the host's input is too long";
  const input = parsed(json);
  if (input === null) return "the host's input is no JSON object";
  const { tool_name: tool, tool_input: fields, cwd, hook_event_name: event } = input;
  if (typeof event !== "string" || !EVENTS[host].includes(event))
    return `this hook answers ${EVENTS[host].join(" and ")} of ${host}, and this is something else`;
  if (typeof tool !== "string" || tool === "") return "the host's input names no tool";
  if (typeof cwd !== "string" || !cwd.startsWith("/") || cwd.includes("\0"))
    return "the host's input names no absolute directory";
  if (fields === undefined || !isJsonObject(fields)) return "the host's input has no `tool_input`";
  return { event, call: { host, tool, input: fields, cwd: lexical(cwd) } };
}

function parsed(json: string): JsonObject | null {
  try {
    const value = JSON.parse(json);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

function answerOf(host: HostName, { effect, reason }: HostVerdict, event: string): HookAnswer {
  const said = (json: object): HookAnswer => ({ stdout: `${JSON.stringify(json)}\n`, stderr: "", exitCode: 0 });
  if (host === "opencode") return said({ effect: effect === "ask" ? "deny" : effect, reason });
  // Codex takes no `allow` and no `ask`: silence is yes, and nobody is there to be asked.
  if (host === "codex" && effect === "allow") return { stdout: "", stderr: "", exitCode: 0 };
  const permissionDecision = host === "codex" ? "deny" : effect;
  return said({ hookSpecificOutput: { hookEventName: event, permissionDecision, permissionDecisionReason: reason } });
}
