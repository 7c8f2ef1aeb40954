/** The tools of Claude Code, by the names in its hooks (`sdk-tools.d.ts` of the agent SDK 0.3.332). */
import type { HostCall } from "../host-call.ts";
import type { Judge } from "../judge.ts";
import * as act from "./actions.ts";
import { textOf } from "./fields.ts";

const TOOLS: ReadonlyMap<string, act.Action> = new Map<string, act.Action>([
  ["Read", act.readFile],
  ["NotebookRead", act.readFile],
  ["Write", act.writeFile],
  ["Edit", act.editFile],
  ["MultiEdit", act.editFile],
  ["NotebookEdit", act.editFile],
  ["Glob", act.globFiles],
  ["Grep", act.searchFiles],
  ["LS", act.searchFiles],
  ["Bash", act.runShell],
  ["WebFetch", act.fetchPage],
  ["WebSearch", act.searchWeb],
  // What a sub-agent does with tools meets this hook by itself; the rest is the host's own state.
  ...(
    "Task Agent TodoWrite TaskCreate TaskGet TaskUpdate TaskList TaskOutput TaskStop BashOutput KillShell KillBash " +
    "ExitPlanMode EnterPlanMode AskUserQuestion ToolSearch ListMcpResourcesTool"
  )
    .split(" ")
    .map((name) => [name, act.nothing] as const),
]);

export function judgeClaudeCode(judge: Judge, call: HostCall): void {
  const { tool, input } = call;
  const mcp = mcpTool(tool);
  if (tool === "Agent" || tool === "Task") agent(judge, call);
  else if (mcp === null) (TOOLS.get(tool) ?? act.unknownTool)(judge, call);
  else if (mcp.server !== act.OWN_SERVER) act.otherServer(judge, mcp.server, mcp.tool, input);
}

/** An agent elsewhere, or in a copy of the project, is no sub-agent of this session. */
function agent(judge: Judge, call: HostCall): void {
  if (textOf(call.input, "isolation") !== null) act.unknownTool(judge, call);
}

/** `mcp__server__tool`; null: it is none. */
export function mcpTool(name: string): { readonly server: string; readonly tool: string } | null {
  const parts = /^mcp__(.+?)__(.+)$/s.exec(name);
  return parts === null ? null : { server: parts[1] ?? "", tool: parts[2] ?? "" };
}
