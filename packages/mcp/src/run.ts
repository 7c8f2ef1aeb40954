/**
 * The tool `run`: one script, one run, one report. The report is the runtime's without what is the operator's own (the
 * file of the record) and with a bounded list of calls.
 */
import type { Failure, Json, JsonObject, Policy } from "@agent-run/policy";
import type { RunReport, Runtime } from "@agent-run/runtime";
import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/server";
import { readArguments } from "./arguments.ts";
import { type Bounded, bounded } from "./bounds.ts";
import { guideFor } from "./guide.ts";
import { problemText } from "./problem.ts";
import { RUN_INPUT, RUN_OUTPUT } from "./schemas.ts";
import { answer, type Tool } from "./tool.ts";

export function runTool(runtime: Runtime): Tool {
  return {
    listed: {
      name: "run",
      title: "Run a script",
      description: guideFor(runtime.policy),
      inputSchema: RUN_INPUT,
      outputSchema: RUN_OUTPUT,
      annotations: annotationsFor(runtime.policy),
    },
    async call(given, signal, context) {
      const read = readArguments(given, "run", RUN_INPUT);
      if (!read.ok) return refused(read.failure);
      const options = { ...optionsOf(read.value), signal, ...context.asking };
      return resultOf(await runtime.run(String(read.value.script), options));
    },
    refused,
  };
}

/** Arguments that were held against the schema. */
function optionsOf({ typescript, input, args }: JsonObject) {
  return { ...languageOf(typescript), input: input ?? null, args: (args ?? []) as readonly string[] };
}

export const languageOf = (typescript: Json | undefined) =>
  typescript === true ? { typescript: true, name: "script.ts" } : { typescript: false, name: "script.js" };

function resultOf(report: RunReport): CallToolResult {
  const shown = bounded({ ...report, error: adviceFor(report.error) });
  return answer(shown, textOf(shown), !shown.ok);
}

/** The gate's hint is for who types commands; a model should turn to its user instead. What else was said stays. */
const adviceFor = (error: RunReport["error"]): RunReport["error"] =>
  error?.code === "E_APPROVAL_UNAVAILABLE" && (error.hint?.startsWith("run it on a terminal") ?? true)
    ? { ...error, hint: NOBODY_ASKED }
    : error;

const NOBODY_ASKED =
  "nobody answered: this client shows no forms, or the form was closed without an answer, or the policy takes no answer of an MCP client to such a call (`[approvals] channels` and `irreversible_channels`). Leave the call out, or ask your user to make it or to grant it in the policy";

function textOf({ stdout, truncated, value, problems, error, sealed = 0 }: Bounded): string {
  const wrong = problems.length > 0 ? problems : error === null ? [] : [error];
  const parts = [
    stdout.trimEnd(),
    ...(truncated ? ["(the output was cut here)"] : []),
    ...(value === null ? [] : [`value: ${JSON.stringify(value)}`]),
    ...wrong.map(problemText),
    ...(sealed > 0 ? [sealedText(sealed)] : []),
  ];
  const text = parts.filter((part) => part !== "").join("\n");
  return text === "" ? "the script ended well; it printed and returned nothing" : text;
}

/** How many is known from the script; whether they went well, nobody here knows. */
const sealedText = (count: number): string =>
  count === 1
    ? "1 sealed operation was ordered; its result is local-only, and your user's to look at"
    : `${count} sealed operations were ordered; their results are local-only, and your user's to look at`;

/** A call that began no run. */
function refused(error: Failure): CallToolResult {
  const nothing = { value: null, stdout: "", truncated: false, problems: [], calls: [], run: null, durationMs: 0 };
  return answer({ ok: false, exitCode: 1, ...nothing, error }, problemText(error), true);
}

/** Says honestly what a run can do under this policy. A jailed command has no network. */
function annotationsFor(policy: Policy): ToolAnnotations {
  const sends = (["net.http_post", "net.http_put", "net.http_patch", "net.http_delete"] as const).some((capability) =>
    policy.grants(capability),
  );
  const executes = policy.grants("subprocess.exec");
  const changes = sends || executes || policy.grants("fs.write") || policy.grants("fs.delete");
  const open = executes && policy.data.subprocess.sandbox === "none";
  return {
    readOnlyHint: !changes,
    destructiveHint: changes,
    idempotentHint: false,
    openWorldHint: sends || open || policy.grants("net.http_get"),
  };
}
