/**
 * The MCP server: tools and resources over one runtime, for one connection. It holds no rule of its own. The policy, the
 * root, where records go and who is asked were settled by the operator who started it; no argument of a tool changes them.
 */
import type { Failure } from "@agent-run/policy";
import type { Runtime } from "@agent-run/runtime";
import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { checkTool } from "./check.ts";
import { Elicitation } from "./elicitation.ts";
import { clientOf } from "./elicitation-client.ts";
import { explainTool } from "./explain.ts";
import type { Bench } from "./performed.ts";
import { policyTool } from "./policy-tool.ts";
import { problemText } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { RecentRuns } from "./recent-runs.ts";
import { Resources, RUN_TEMPLATE } from "./resources.ts";
import { routingTool } from "./routing.ts";
import { runTool } from "./run.ts";
import { singleCalls } from "./single-call.ts";
import type { Tool } from "./tool.ts";
import { Underway } from "./underway.ts";

const INSTRUCTIONS =
  "`run` executes a script whose calls are checked against the operator's policy; `check` verifies one without running it; `explain` says what the policy answers to a single call; `policy` says what it grants. The other tools make one call each, under the same policy: several calls are better made in one script.";

/** What all connections share. */
export interface Shared {
  readonly version: string;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly resources: Resources;
  readonly underway: Underway;
  readonly elicitation: Elicitation;
  readonly asksClients: boolean;
}

export function sharedOf(runtime: Runtime, version: string, asksClients: boolean): Shared {
  const bench = { runtime, recent: new RecentRuns() };
  const tools = new Map(toolsOf(bench).map((tool) => [tool.listed.name, tool]));
  const elicitation = new Elicitation(runtime.policy.data.approvals.remember);
  return { version, tools, resources: new Resources(bench), underway: new Underway(), elicitation, asksClients };
}

/** In the order in which they are listed. */
const toolsOf = (bench: Bench): readonly Tool[] => [
  runTool(bench),
  checkTool(bench.runtime),
  explainTool(bench.runtime),
  policyTool(bench.runtime),
  ...singleCalls(bench),
  routingTool(bench.runtime),
];

export function serverFor({ version, tools, resources, underway, elicitation, asksClients }: Shared): Server {
  const info = { name: "agent-run", title: "agent-run", version };
  const capabilities = { tools: {}, resources: {} };
  const server = new Server(info, { capabilities, instructions: INSTRUCTIONS, ...ASKING });
  const channels = asksClients ? [elicitation] : [];
  const listed = [...tools.values()].filter(({ unlisted }) => unlisted !== true).map((tool) => tool.listed);
  server.setRequestHandler("tools/list", () => ({ tools: listed }));
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const tool = tools.get(params.name);
    if (tool === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(params.name, listed));
    const given = params.arguments ?? {};
    return underway.perform(given, cancelledBy(context), (signal) =>
      elicitation.serve({
        ...{ tool: params.name, given, context, client: clientOf(server, context), signal },
        refuse: (failure) => tool.refused?.(failure) ?? refusedInText(failure),
        begin: (ended, onBegin) => tool.call(given, ended, { ...context, asking: { channels, onBegin } }),
      }),
    );
  });
  server.setRequestHandler("resources/list", () => ({ resources: resources.list() }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [RUN_TEMPLATE] }));
  server.setRequestHandler("resources/read", ({ params }) => ({ contents: [resources.read(params.uri)] }));
  return server;
}

/** We ask in each generation's own way, for as long and as often as the policy says; the library's way has bounds of its own. */
const ASKING = { inputRequired: { legacyShim: false } };

const refusedInText = (failure: Failure): CallToolResult => ({
  content: [{ type: "text", text: problemText(failure) }],
  isError: true,
});

/** The client says so, or it hung up: over HTTP nobody can take the answer any more. */
const cancelledBy = ({ mcpReq, http }: ServerContext): AbortSignal =>
  http?.req === undefined ? mcpReq.signal : AbortSignal.any([mcpReq.signal, http.req.signal]);

const unknownTool = (name: string, listed: readonly { readonly name: string }[]): string =>
  `there is no tool ${quoted(name, 60)}; there are: ${listed.map((tool) => tool.name).join(", ")}`;
