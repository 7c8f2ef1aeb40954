/**
 * The MCP server: the tools `run`, `check` and `explain` over one runtime, for one connection. It holds no rule of its
 * own. The policy, the root, where records go and who is asked were settled by the operator who started it; no argument
 * of a tool changes them.
 */
import type { Runtime } from "@agent-run/runtime";
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { checkTool } from "./check.ts";
import { explainTool } from "./explain.ts";
import { quoted } from "./quoted.ts";
import { runTool } from "./run.ts";
import type { Tool } from "./tool.ts";
import type { Underway } from "./underway.ts";

const INSTRUCTIONS =
  "`run` executes a script whose calls are checked against the operator's policy; `check` verifies one without running it; `explain` says what the policy answers to a single call.";

/** In the order in which they are listed. */
export const toolsOf = (runtime: Runtime): readonly Tool[] => [
  runTool(runtime),
  checkTool(runtime),
  explainTool(runtime),
];

export function serverFor(tools: readonly Tool[], underway: Underway, version: string): Server {
  const info = { name: "agent-run", title: "agent-run", version };
  const server = new Server(info, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  const table = new Map(tools.map((tool) => [tool.listed.name, tool]));
  server.setRequestHandler("tools/list", () => ({ tools: tools.map(({ listed }) => listed) }));
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const tool = table.get(params.name);
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(params.name, table));
    return underway.perform(context.mcpReq.signal, async (signal) =>
      tool.call(params.arguments ?? {}, signal, context),
    );
  });
  return server;
}

const unknownTool = (name: string, table: ReadonlyMap<string, Tool>): string =>
  `there is no tool ${quoted(name, 60)}; there are: ${[...table.keys()].join(", ")}`;
