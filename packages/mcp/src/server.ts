/**
 * The MCP server: the tools `run`, `check` and `explain` over one runtime, for one connection. It holds no rule of its
 * own. The policy, the root, where records go and who is asked were settled by the operator who started it; no argument
 * of a tool changes them.
 */
import type { Failure } from "@agent-run/policy";
import type { Runtime } from "@agent-run/runtime";
import { type CallToolResult, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { checkTool } from "./check.ts";
import type { Elicitation } from "./elicitation.ts";
import { clientOf } from "./elicitation-client.ts";
import { explainTool } from "./explain.ts";
import { problemText } from "./problem.ts";
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

export interface Connections {
  readonly underway: Underway;
  readonly elicitation: Elicitation;
}

export function serverFor(tools: readonly Tool[], { underway, elicitation }: Connections, version: string): Server {
  const info = { name: "agent-run", title: "agent-run", version };
  const server = new Server(info, { capabilities: { tools: {} }, instructions: INSTRUCTIONS, ...ASKING });
  const table = new Map(tools.map((tool) => [tool.listed.name, tool]));
  server.setRequestHandler("tools/list", () => ({ tools: tools.map(({ listed }) => listed) }));
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const tool = table.get(params.name);
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(params.name, table));
    const { name: toolName, arguments: given = {} } = params;
    return underway.perform(context.mcpReq.signal, (signal) =>
      elicitation.serve({
        ...{ tool: toolName, given, context, client: clientOf(server, context), signal },
        refuse: (failure) => tool.refused?.(failure) ?? refusedInText(failure),
        begin: (ended, began) =>
          tool.call(given, ended, { ...context, asking: { channels: [elicitation], onBegin: began } }),
      }),
    );
  });
  return server;
}

const unknownTool = (name: string, table: ReadonlyMap<string, Tool>): string =>
  `there is no tool ${quoted(name, 60)}; there are: ${[...table.keys()].join(", ")}`;

/** We ask in each generation's own way, for as long and as often as the policy says; the library's way has bounds of its own. */
const ASKING = { inputRequired: { legacyShim: false } };

const refusedInText = (failure: Failure): CallToolResult => ({
  content: [{ type: "text", text: problemText(failure) }],
  isError: true,
});
