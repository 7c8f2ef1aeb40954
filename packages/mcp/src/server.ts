/**
 * The MCP server: `run`, `check` and `explain` over one runtime, on stdio. Standard output carries protocol and nothing
 * else. No tool takes a policy, a root, an ask mode, a seed or a record directory: those are the operator's.
 */
import { homedir } from "node:os";
import { type CallToolResult, fromJsonSchema, McpServer, type ServerContext, type ToolAnnotations } from "@modelcontextprotocol/server";
import { serveStdio, type StdioServerHandle } from "@modelcontextprotocol/server/stdio";
import { type Json, requestOf } from "@agent-run/policy";
import type { RunReport, Runtime } from "@agent-run/runtime";
import { guideFor } from "./guide.ts";
import { CHECK_INPUT, CHECK_OUTPUT, EXPLAIN_INPUT, EXPLAIN_OUTPUT, RUN_INPUT, RUN_OUTPUT } from "./schemas.ts";

export interface McpOptions {
  readonly version: string;
  /** Out-of-band errors of the protocol, for standard error. */
  onError?(error: Error): void;
}

interface ScriptInput {
  readonly script: string;
  readonly typescript?: boolean;
}

interface RunInput extends ScriptInput {
  readonly input?: Json;
  readonly args?: readonly string[];
}

/** How often a long run tells that it is still going on, in milliseconds. */
const PROGRESS_MS = 2000;

/** Serves until the client closes standard input. */
export function serveMcp(runtime: Runtime, options: McpOptions): StdioServerHandle {
  const { onError } = options;
  return serveStdio(() => serverFor(runtime, options.version), onError === undefined ? {} : { onerror: onError });
}

export function serverFor(runtime: Runtime, version: string): McpServer {
  const server = new McpServer({ name: "agent-run", version }, { capabilities: { tools: {} } });
  addRun(server, runtime);
  addCheck(server, runtime);
  addExplain(server, runtime);
  return server;
}

function addRun(server: McpServer, runtime: Runtime): void {
  const description = guideFor(runtime.policy);
  const inputSchema = fromJsonSchema<RunInput>(RUN_INPUT);
  const outputSchema = fromJsonSchema(RUN_OUTPUT);
  const annotations = annotationsFor(runtime);
  server.registerTool("run", { title: "Run a script", description, inputSchema, outputSchema, annotations }, async (input, context) => {
    const stop = reportProgress(context);
    try {
      const { script, typescript = false, input: value = null, args = [] } = input;
      const name = typescript ? "script.ts" : "script.js";
      const report = await runtime.run(script, { name, typescript, input: value, args, signal: context.mcpReq.signal });
      return runResult(report);
    } finally {
      stop();
    }
  });
}

function addCheck(server: McpServer, runtime: Runtime): void {
  const description = "Verifies a script against the policy without running it: syntax, language subset, capabilities it can never have.";
  const inputSchema = fromJsonSchema<ScriptInput>(CHECK_INPUT);
  const outputSchema = fromJsonSchema(CHECK_OUTPUT);
  server.registerTool("check", { title: "Check a script", description, inputSchema, outputSchema, annotations: READ_ONLY }, async (input, context) => {
    const { script, typescript = false } = input;
    const name = typescript ? "script.ts" : "script.js";
    const report = await runtime.check(script, { name, typescript, signal: context.mcpReq.signal });
    const text = report.ok ? "the script passes the verifier" : report.problems.map(problemText).join("\n");
    return structured({ ...report }, text, false);
  });
}

function addExplain(server: McpServer, runtime: Runtime): void {
  const description = "Says what the policy would answer to one call, by which rule, and what would be allowed instead. Nothing happens.";
  const inputSchema = fromJsonSchema<Record<string, Json>>(EXPLAIN_INPUT);
  const outputSchema = fromJsonSchema(EXPLAIN_OUTPUT);
  server.registerTool("explain", { title: "Explain a call", description, inputSchema, outputSchema, annotations: READ_ONLY }, (input) => {
    const request = requestOf(input, runtime.policy.data, { home: homedir() });
    if (!request.ok) return failed(request.failure.code, request.failure.message);
    const { effect, code, rule, matched, hint, target } = runtime.evaluate(request.value);
    const answer = { decision: effect, code, rule, matched, ...(target ? { target: target.value } : {}), ...(hint ? { hint } : {}) };
    return structured(answer, `${effect} by ${rule.id}${hint === undefined ? "" : `\nhint: ${hint}`}`, false);
  });
}

/** The agent's view of a run: the report without the operator's file of the record. */
function runResult({ record: _operators, ...report }: RunReport): CallToolResult {
  const parts = [report.stdout.trimEnd()];
  if (report.value !== null) parts.push(`value: ${JSON.stringify(report.value)}`);
  const problems = report.problems.length > 0 ? report.problems : report.error === null ? [] : [report.error];
  parts.push(...problems.map(problemText));
  const text = parts.filter((part) => part !== "").join("\n");
  return structured({ ...report }, text === "" ? "the script ended well and printed nothing" : text, !report.ok);
}

function problemText({ code, name, message, line, column, frame, rule, hint }: RunReport["problems"][number]): string {
  const at = line === undefined ? "" : ` at line ${line}, column ${column ?? 1}`;
  const lines = [`${code ?? name ?? "Error"}${at}: ${message}`];
  if (frame !== undefined) lines.push(frame);
  if (rule !== undefined) lines.push(`rule: ${rule.id}${rule.file === undefined ? "" : ` (${rule.file}:${rule.line})`}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join("\n");
}

const structured = (value: Record<string, unknown>, text: string, isError: boolean): CallToolResult => ({
  content: [{ type: "text", text }],
  structuredContent: value,
  isError,
});

const failed = (code: string, message: string): CallToolResult => ({
  content: [{ type: "text", text: `${code}: ${message}` }],
  isError: true,
});

const READ_ONLY: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };

/** Says honestly what a run can do under this policy. */
function annotationsFor({ policy }: Runtime): ToolAnnotations {
  const writes = policy.grants("fs.write") || policy.grants("fs.delete") || policy.grants("subprocess.exec");
  const sends = policy.grants("net.http_post") || policy.grants("net.http_put") || policy.grants("net.http_patch") || policy.grants("net.http_delete");
  const network = sends || policy.grants("net.http_get");
  return { readOnlyHint: !writes && !sends, destructiveHint: writes || sends, idempotentHint: false, openWorldHint: network };
}

/** While a run goes on, a client that asked for progress hears of it. Returns what stops it. */
function reportProgress({ mcpReq }: ServerContext): () => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let progress = 0;
  const timer = setInterval(() => {
    progress += 1;
    const params = { progressToken, progress, message: "the script is running" };
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  }, PROGRESS_MS);
  return () => clearInterval(timer);
}
