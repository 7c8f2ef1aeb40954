/** JSON Schemas of the tools' inputs and outputs: what a client validates against is what this file says. */

const text = (description: string) => ({ type: "string", description }) as const;

export const RUN_INPUT = {
  type: "object",
  properties: {
    script: text("JavaScript (ES2023), or TypeScript with `typescript: true`. `return` gives the result."),
    typescript: { type: "boolean", description: "the script is TypeScript" },
    input: { description: "any JSON; the script's global `input`" },
    args: { type: "array", items: { type: "string" }, description: "the script's global `args`" },
  },
  required: ["script"],
  additionalProperties: false,
} as const;

export const CHECK_INPUT = {
  type: "object",
  properties: { script: RUN_INPUT.properties.script, typescript: RUN_INPUT.properties.typescript },
  required: ["script"],
  additionalProperties: false,
} as const;

export const EXPLAIN_INPUT = {
  type: "object",
  properties: {
    on: text("the capability: fs.read, fs.write, fs.delete, net.http_get, net.http_post, ..., subprocess.exec, env.read"),
    path: text("for fs.*"),
    url: text("for net.*"),
    argv: { type: "array", items: { type: "string" }, description: "for subprocess.exec" },
    name: text("for env.read"),
  },
  required: ["on"],
  additionalProperties: false,
} as const;

const RULE = {
  type: "object",
  properties: { id: { type: "string" }, file: { type: "string" }, line: { type: "integer" } },
  required: ["id"],
} as const;

const ERROR = {
  type: "object",
  properties: {
    code: { type: ["string", "null"], description: "E_POLICY_DENIED and the like; null for an error of the script's own" },
    message: { type: "string" },
    name: { type: "string" },
    capability: { type: "string" },
    target: { type: "string" },
    rule: RULE,
    hint: { type: "string" },
    line: { type: "integer" },
    column: { type: "integer" },
    frame: { type: "string" },
  },
  required: ["code", "message"],
} as const;

const CALL = {
  type: "object",
  properties: {
    seq: { type: "integer" },
    capability: { type: "string" },
    target: { type: "string" },
    decision: { enum: ["allow", "ask", "deny"] },
    rule: { type: "string" },
  },
  required: ["seq", "capability", "target", "decision", "rule"],
} as const;

export const RUN_OUTPUT = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    exitCode: { type: "integer" },
    value: { description: "what the script returned" },
    stdout: { type: "string" },
    truncated: { type: "boolean" },
    error: { anyOf: [ERROR, { type: "null" }] },
    problems: { type: "array", items: ERROR },
    calls: { type: "array", items: CALL },
    run: { type: "string" },
    durationMs: { type: "number" },
  },
  required: ["ok", "exitCode", "value", "stdout", "truncated", "error", "problems", "calls", "run", "durationMs"],
} as const;

export const CHECK_OUTPUT = {
  type: "object",
  properties: { ok: { type: "boolean" }, exitCode: { type: "integer" }, problems: { type: "array", items: ERROR } },
  required: ["ok", "exitCode", "problems"],
} as const;

export const EXPLAIN_OUTPUT = {
  type: "object",
  properties: {
    decision: { enum: ["allow", "ask", "deny"] },
    code: { type: ["string", "null"] },
    rule: RULE,
    matched: { type: "array", items: { type: "string" } },
    target: { type: "string" },
    hint: { type: "string" },
  },
  required: ["decision", "code", "rule", "matched"],
} as const;
