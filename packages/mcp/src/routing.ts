/**
 * The tool `tool_routing`: the policy's `[tools.NAME]`, which tell a model by which calls something is done here that
 * other hosts have a tool for. Advice, not a grant: what the calls may do is decided when they are made.
 */
import type { Policy, ToolRoute } from "@agent-run/policy";
import type { Runtime } from "@agent-run/runtime";
import { LOOKS_ONLY } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import { problemText } from "./problem.ts";
import { quoted } from "./quoted.ts";
import { ROUTING_INPUT, ROUTING_OUTPUT } from "./schemas.ts";
import { answer, type Tool } from "./tool.ts";

/** Names in an error; a policy may have any number. */
const MOST_NAMES = 50;

export function routingTool({ policy }: Runtime): Tool {
  const { tools } = policy.data;
  const names = Object.keys(tools).sort();
  return {
    listed: {
      name: "tool_routing",
      title: "How tools are routed",
      description:
        "Says which calls stand for a tool here (its capabilities, and the URL and method behind it), and whether the policy grants them. A hint: use it with `run` or `http_request`.",
      inputSchema: ROUTING_INPUT,
      outputSchema: ROUTING_OUTPUT,
      annotations: LOOKS_ONLY,
    },
    unlisted: names.length === 0,
    call(given) {
      const read = readArguments(given, "tool_routing", ROUTING_INPUT);
      if (!read.ok) return refused(read.failure.message);
      const { name } = read.value;
      if (typeof name === "string" && !names.includes(name)) return refused(unknown(name, names));
      const asked = typeof name === "string" ? [name] : names;
      const routes = asked.flatMap((one) => {
        const route = tools[one];
        return route === undefined ? [] : [routeOf(one, route, policy)];
      });
      const text = routes.length === 0 ? "the policy has no routing hints" : routes.map(lineOf).join("\n");
      return answer({ tools: routes, error: null }, text, false);
    },
  };
}

interface Route {
  readonly name: string;
  readonly allowed: boolean;
  readonly capabilities: readonly string[];
  readonly backend_url: string | null;
  readonly backend_method: string | null;
  readonly description: string | null;
}

function routeOf(name: string, route: ToolRoute, policy: Policy): Route {
  const { capabilities, backendUrl = null, backendMethod, description = null } = route;
  return {
    name,
    allowed: capabilities.length > 0 && capabilities.every((capability) => policy.grants(capability)),
    capabilities,
    backend_url: backendUrl,
    backend_method: backendMethod ?? (backendUrl === null ? null : "GET"),
    description,
  };
}

function lineOf({ name, allowed, capabilities, backend_url, backend_method, description }: Route): string {
  const behind = backend_url === null ? "" : `, ${backend_method} ${backend_url}`;
  const says = description === null ? "" : `: ${description}`;
  return `${name} (${allowed ? "allowed" : "not allowed"}; ${capabilities.join(", ")}${behind})${says}`;
}

const unknown = (name: string, names: readonly string[]): string =>
  `the policy routes no tool ${quoted(name, 60)}; it has: ${names.slice(0, MOST_NAMES).join(", ") || "none"}`;

function refused(message: string) {
  const error = { code: "E_ARGUMENT", message } as const;
  return answer({ tools: [], error }, problemText(error), true);
}
