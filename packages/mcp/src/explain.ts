/** The tool `explain`: what the policy answers to one call. Nothing happens, nothing is resolved, no disk is touched. */
import {
  type CanonicalRequest,
  CODES,
  type Decision,
  fail,
  type JsonObject,
  ok,
  type Result,
  readCall,
  requestOf,
  type Target,
} from "@agent-run/policy";
import { homeDirectory, type Runtime } from "@agent-run/runtime";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { LOOKS_ONLY } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import { cut } from "./bounds.ts";
import { type Places, shownPath } from "./place.ts";
import { ruleText } from "./problem.ts";
import { EXPLAIN_INPUT, EXPLAIN_OUTPUT } from "./schemas.ts";
import { answer, type Tool } from "./tool.ts";

export function explainTool(runtime: Runtime): Tool {
  const { data } = runtime.policy;
  const places = { root: data.root, home: homeDirectory() ?? "/" };
  return {
    listed: {
      name: "explain",
      title: "Explain a call",
      description:
        "Says whether the policy would allow one call, by which rule, and what would be allowed instead. Nothing happens. It judges the names alone: a run also judges where links lead, which addresses a host has, and the paths among a command's arguments.",
      inputSchema: EXPLAIN_INPUT,
      outputSchema: EXPLAIN_OUTPUT,
      annotations: LOOKS_ONLY,
    },
    call(given) {
      const read = readArguments(given, "explain", EXPLAIN_INPUT);
      const asked = read.ok ? callOf(read.value) : read;
      const request = asked.ok ? requestOf(asked.value, data, places) : asked;
      return request.ok
        ? explained(request.value, runtime.policy.decide(request.value), places)
        : refused(request.failure);
    },
  };
}

/** One of the two forms; of both nobody could say which was meant. */
function callOf(given: JsonObject): Result<JsonObject> {
  const { call, ...members } = given;
  const [member] = Object.keys(members);
  if (typeof call !== "string") return member === undefined ? bad("`call` or `on` is missing") : ok(members);
  return member === undefined
    ? readCall(call)
    : bad(`\`call\` is the whole call; \`${member}\` cannot stand beside it`);
}

const bad = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message });

function explained(request: CanonicalRequest, decision: Decision, places: Places): CallToolResult {
  const { effect, code, rule, layer, matched, target, hint, sealed, use } = decision;
  const what = target === undefined ? {} : { target: cut(asTyped(target, request, places)) };
  const whose = layer === "policy" ? "" : " of a policy above this one (a ceiling)";
  const lines = [`${effect}, by rule ${ruleText(rule)}${whose}`];
  if (code !== null) lines.push(`a script would get ${code}: ${CODES[code].says}`);
  if (use !== undefined) lines.push(`it is given the secret ${use.secret} at its slot`);
  if (sealed !== undefined) lines.push(`sealed: a script gets a Sealed of the label ${sealed.label.join(", ")}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  const data = {
    ...{ decision: effect, code, rule, matched, layer, ...what },
    ...(hint === undefined ? {} : { hint }),
    ...(sealed === undefined ? {} : { sealed }),
    ...(use === undefined ? {} : { secret: use.secret }),
  };
  return answer(data, lines.join("\n"), false);
}

/** In the caller's terms, not in those of the machine. */
function asTyped({ kind, value }: Target, { attrs }: CanonicalRequest, places: Places): string {
  if (kind === "path") return shownPath(value, places);
  return kind === "command" && typeof attrs.command === "string" ? attrs.command : value;
}

/** What is no call is a mistake of the caller, not an answer of the policy. */
function refused({ code, message }: { readonly code: string; readonly message: string }): CallToolResult {
  const says = cut(message);
  return answer({ decision: null, code, message: says, rule: null, matched: [] }, `${code}: ${says}`, true);
}
