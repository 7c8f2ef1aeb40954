/**
 * JSON Schemas of the tools' arguments and results. What a client validates against is what this file says, and what
 * `arguments.ts` holds a call against is the same text. No argument names a policy, a root, a seed or a file of the
 * host: those are the operator's.
 */
import { CAPABILITIES } from "@agent-run/policy";

/** The few forms that an argument has. A property without `type` and `enum` is any JSON. */
export type ArgumentSchema = {
  type?: "string" | "boolean" | "integer" | "array" | "object";
  items?: { type: "string" };
  /** Of an object: all its members. */
  additionalProperties?: { type: "string" };
  enum?: string[];
  description: string;
};

export type ArgumentsSchema = {
  type: "object";
  properties: Record<string, ArgumentSchema>;
  required: string[];
  additionalProperties: false;
};

const SCRIPT = {
  script: { type: "string", description: "the source: JavaScript (ES2023), or TypeScript with `typescript: true`" },
  typescript: { type: "boolean", description: "the script is TypeScript; types are erased, not checked" },
} satisfies ArgumentsSchema["properties"];

/** Of every tool that runs something. */
export const TASK = {
  task_id: { type: "string", description: "your name for the task that this belongs to; groups runs on the record" },
} satisfies ArgumentsSchema["properties"];

export const RUN_INPUT = argumentsOf(["script"], {
  ...SCRIPT,
  input: { description: "any JSON; the script's global `input`" },
  args: strings("the script's global `args`"),
  ...TASK,
});

export const POLICY_INPUT = argumentsOf([], {});

export const ROUTING_INPUT = argumentsOf([], { name: { type: "string", description: "one tool; default: all" } });

export const CHECK_INPUT = argumentsOf(["script"], SCRIPT);

/** A call in members, or in one line. Which of the two is not in the schema: some hosts refuse an `anyOf` at its top. */
export const EXPLAIN_INPUT = argumentsOf([], {
  call: {
    type: "string",
    description: "the call in one line: `fs.write out/a.md bytes=10`, `subprocess.exec git push -f`, `env.read HOME`",
  },
  on: { type: "string", enum: [...CAPABILITIES], description: "instead of `call`, with the following: the capability" },
  path: { type: "string", description: "for fs.*" },
  pattern: { type: "string", description: "for fs.read, instead of path: a pattern of fs.glob" },
  url: { type: "string", description: "for net.*" },
  bytes: { type: "integer", description: "for fs.* and net.*: how much is written or sent" },
  argv: strings("for subprocess.exec: the command and its arguments"),
  name: { type: "string", description: "for env.read: the variable" },
});

export function strings(description: string): ArgumentSchema {
  return { type: "array", items: { type: "string" }, description };
}

export function argumentsOf(required: string[], properties: ArgumentsSchema["properties"]): ArgumentsSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

const text = { type: "string" } as const;
const whole = { type: "integer" } as const;
const DECISION = { enum: ["allow", "ask", "deny"] } as const;

const RULE = {
  type: "object",
  properties: { id: text, file: text, line: whole, column: whole },
  required: ["id"],
} as const;

const PROBLEM = {
  type: "object",
  properties: {
    code: {
      type: ["string", "null"],
      description: "E_POLICY_DENIED and the like; null for an error of the script's own",
    },
    message: text,
    name: text,
    capability: text,
    target: text,
    rule: RULE,
    hint: { type: "string", description: "what would be allowed, or what to do" },
    line: whole,
    column: whole,
    frame: { type: "string", description: "the source lines around it" },
  },
  required: ["code", "message"],
} as const;

const CALL = {
  type: "object",
  properties: {
    seq: whole,
    capability: text,
    target: text,
    decision: DECISION,
    rule: text,
    code: { type: ["string", "null"], description: "what the call failed with; null: it ended well" },
  },
  required: ["seq", "capability", "target", "decision", "rule", "code"],
} as const;

const RUN = { type: ["string", "null"], description: "name of the operator's record of the run" } as const;

export const RUN_OUTPUT = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    exitCode: whole,
    value: { description: "what the script returned" },
    stdout: { type: "string", description: "what it printed" },
    truncated: { type: "boolean", description: "the output was cut" },
    error: { anyOf: [PROBLEM, { type: "null" }] },
    problems: { type: "array", items: PROBLEM, description: "what the verifier refused; nothing ran then" },
    calls: { type: "array", items: CALL, description: "the first calls, in order" },
    moreCalls: { type: "integer", description: "calls that are not in the list" },
    run: RUN,
    task_id: text,
    durationMs: { type: "number" },
    sealed: { type: "integer", description: "sealed operations that were ordered; what came of them is local-only" },
  },
  required: ["ok", "exitCode", "value", "stdout", "truncated", "error", "problems", "calls", "run", "durationMs"],
} as const;

export const CHECK_OUTPUT = {
  type: "object",
  properties: { ok: { type: "boolean" }, exitCode: whole, problems: { type: "array", items: PROBLEM } },
  required: ["ok", "exitCode", "problems"],
} as const;

export const EXPLAIN_OUTPUT = {
  type: "object",
  properties: {
    decision: { enum: ["allow", "ask", "deny", null], description: "null: this is no call that could be made" },
    code: { type: ["string", "null"], description: "what a script that makes the call would get" },
    message: text,
    rule: { anyOf: [RULE, { type: "null" }] },
    matched: { type: "array", items: text, description: "ids of all rules that match" },
    layer: { type: "string", description: "whose answer it is: `policy`, or `ceiling:` and its file" },
    target: { type: "string", description: "what was refused or asked about" },
    hint: { type: "string", description: "what would be allowed instead" },
    sealed: {
      type: "object",
      properties: { label: { type: "array", items: text }, accepts: { type: "array", items: text } },
      description: "what comes back is a Sealed of this label; it takes sealed data of the labels that it accepts",
    },
    secret: { type: "string", description: "the secret that the call is given at its slot" },
  },
  required: ["decision", "code", "rule", "matched"],
} as const;

/** Of a single call: the report of `run` without what only a script has. */
export const CALL_OUTPUT = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    exitCode: whole,
    value: { description: "what the call gave" },
    error: { anyOf: [PROBLEM, { type: "null" }] },
    calls: { type: "array", items: CALL, description: "as it was decided" },
    run: RUN,
    task_id: text,
    sealed: { type: "integer", description: "1: what came of it is local-only" },
  },
  required: ["ok", "exitCode", "value", "error", "calls", "run"],
} as const;

export const POLICY_OUTPUT = {
  type: "object",
  properties: {
    grants: {
      type: "array",
      items: { type: "object", properties: { capability: text, allows: text }, required: ["capability", "allows"] },
      description: "what a script can do, by capability; what is not here is denied",
    },
    asks: { type: "array", items: text, description: "capabilities of which some calls are asked about first" },
    sealed: { type: "array", items: text, description: "what is local-only, and how it is used" },
    limits: { type: "object", additionalProperties: whole, description: "of one run" },
    budget: { type: "object", additionalProperties: whole, description: "of all runs together" },
  },
  required: ["grants", "asks", "sealed", "limits", "budget"],
} as const;

export const ROUTING_OUTPUT = {
  type: "object",
  properties: {
    tools: {
      type: "array",
      items: {
        type: "object",
        properties: {
          name: text,
          allowed: { type: "boolean", description: "the policy grants all of its capabilities, to some extent" },
          capabilities: { type: "array", items: text },
          backend_url: { type: ["string", "null"] },
          backend_method: { type: ["string", "null"] },
          description: { type: ["string", "null"] },
        },
        required: ["name", "allowed", "capabilities", "backend_url", "backend_method", "description"],
      },
    },
    error: { anyOf: [PROBLEM, { type: "null" }] },
  },
  required: ["tools", "error"],
} as const;
