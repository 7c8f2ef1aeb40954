/** The tools of opencode, as its plugins see them (`@opencode-ai/plugin` 1.18.33). */
import type { HostCall } from "../host-call.ts";
import type { Judge } from "../judge.ts";
import * as act from "./actions.ts";

const TOOLS: ReadonlyMap<string, act.Action> = new Map<string, act.Action>([
  ["read", act.readFile],
  ["write", act.writeFile],
  ["edit", act.editFile],
  ["multiedit", act.editFile],
  ["patch", act.applyPatch],
  ["apply_patch", act.applyPatch],
  ["glob", act.globFiles],
  ["grep", act.searchFiles],
  ["list", act.searchFiles],
  ["bash", act.runShell],
  ["webfetch", act.fetchPage],
  ["websearch", act.searchWeb],
  ["codesearch", act.searchWeb],
  ...["task", "todowrite", "todoread", "question", "invalid"].map((name) => [name, act.nothing] as const),
]);

/** A server's tools have its name before theirs, so another server could be called `agent-run_x`: only known names are ours. */
const OWN_TOOLS: ReadonlySet<string> = new Set(
  "run check explain policy fs_read fs_write fs_list http_request exec env_read tool_routing".split(" "),
);

export function judgeOpencode(judge: Judge, call: HostCall): void {
  const prefix = `${act.OWN_SERVER}_`;
  if (call.tool.startsWith(prefix) && OWN_TOOLS.has(call.tool.slice(prefix.length))) return;
  (TOOLS.get(call.tool) ?? act.unknownTool)(judge, call);
}
