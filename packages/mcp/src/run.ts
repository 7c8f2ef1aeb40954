/**
 * The tool `run`: one script, one run, one report. The report is the runtime's without what is the operator's own (the
 * file of the record) and with a bounded list of calls.
 */
import { CAPABILITIES, type Failure, type Json, type JsonObject } from "@agent-run/policy";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { annotationsFor } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import type { Bounded } from "./bounds.ts";
import { guideFor } from "./guide.ts";
import { type Bench, perform } from "./performed.ts";
import { problemText } from "./problem.ts";
import { RUN_INPUT, RUN_OUTPUT } from "./schemas.ts";
import { answer, LARGE_RESULT, type Tool } from "./tool.ts";

export function runTool(bench: Bench): Tool {
  const { policy } = bench.runtime;
  return {
    listed: {
      name: "run",
      title: "Run a script",
      description: guideFor(policy),
      inputSchema: RUN_INPUT,
      outputSchema: RUN_OUTPUT,
      annotations: annotationsFor(policy, CAPABILITIES),
      _meta: LARGE_RESULT,
    },
    async call(given, signal, context) {
      const read = readArguments(given, "run", RUN_INPUT);
      if (!read.ok) return refused(read.failure);
      const shown = await perform(bench, String(read.value.script), { ...optionsOf(read.value), signal }, context);
      return answer(shown, textOf(shown), !shown.ok);
    },
    refused,
  };
}

/** Arguments that were held against the schema. */
function optionsOf({ typescript, input, args, task_id }: JsonObject) {
  const rest = { input: input ?? null, args: (args ?? []) as readonly string[] };
  return { ...languageOf(typescript), ...rest, ...taskOf(task_id) };
}

export const languageOf = (typescript: Json | undefined) =>
  typescript === true ? { typescript: true, name: "script.ts" } : { typescript: false, name: "script.js" };

export const taskOf = (task: Json | undefined) => (task === undefined ? {} : { task: String(task) });

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
export const sealedText = (count: number): string =>
  count === 1
    ? "1 sealed operation was ordered; its result is local-only, and your user's to look at"
    : `${count} sealed operations were ordered; their results are local-only, and your user's to look at`;

/** A call that began no run. */
function refused(error: Failure): CallToolResult {
  const nothing = { value: null, stdout: "", truncated: false, problems: [], calls: [], run: null, durationMs: 0 };
  return answer({ ok: false, exitCode: 1, ...nothing, error }, problemText(error), true);
}
