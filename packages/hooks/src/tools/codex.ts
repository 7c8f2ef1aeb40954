/** The tools of Codex: a shell in its several forms, patches, and what changes its own state. */
import type { HostCall } from "../host-call.ts";
import type { Judge } from "../judge.ts";
import * as act from "./actions.ts";
import { mcpTool } from "./claude-code.ts";

const TOOLS: ReadonlyMap<string, act.Action> = new Map<string, act.Action>([
  ...["Bash", "shell", "local_shell", "shell_command", "exec_command", "container.exec"].map(
    (name) => [name, act.runShell] as const,
  ),
  ...["apply_patch", "Edit", "Write"].map((name) => [name, act.applyPatch] as const),
  ["view_image", act.readFile],
  ["web_search", act.searchWeb],
  ["update_plan", act.nothing],
  // Letters for a program that runs already: a command that nobody decided. Without letters it only looks.
  ["write_stdin", (judge, call) => (call.input.chars === "" ? undefined : act.unknownTool(judge, call))],
]);

/** Codex writes `_` for what is no letter and no digit in a server's name (seen in 0.171.0). */
const OWN_NAMES: ReadonlySet<string> = new Set([act.OWN_SERVER, act.OWN_SERVER.replaceAll("-", "_")]);

export function judgeCodex(judge: Judge, call: HostCall): void {
  const mcp = mcpTool(call.tool);
  if (mcp === null) (TOOLS.get(call.tool) ?? act.unknownTool)(judge, call);
  else if (!OWN_NAMES.has(mcp.server)) act.otherServer(judge, mcp.server, mcp.tool, call.input);
}
