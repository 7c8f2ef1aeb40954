/**
 * Tools that make one call each, for hosts and models that prefer tools to scripts. Each runs a script of ours, whose
 * text no argument changes, over the arguments as its input: so it is verified, decided, counted and recorded like any
 * other run, a sealed answer is a display, and a refusal has the same form.
 */
import type { Capability, Failure, JsonObject } from "@agent-run/policy";
import { annotationsFor } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import type { Bounded } from "./bounds.ts";
import { type Bench, perform } from "./performed.ts";
import { type Problem, problemText } from "./problem.ts";
import { sealedText, taskOf } from "./run.ts";
import { type ArgumentsSchema, argumentsOf, CALL_OUTPUT, strings, TASK } from "./schemas.ts";
import { answer, LARGE_RESULT, type Tool } from "./tool.ts";

interface SingleCall {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** It is listed where the policy grants one of these. */
  readonly uses: readonly Capability[];
  readonly input: ArgumentsSchema;
  readonly script: string;
}

const text = (description: string) => ({ type: "string" as const, description });
const flag = (description: string) => ({ type: "boolean" as const, description });
const whole = (description: string) => ({ type: "integer" as const, description });
const PATH = { path: text("relative to the project's root, or absolute") };
const TIMEOUT = { timeoutMs: whole("lowers the policy's own limit") };
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

const SINGLE_CALLS: readonly SingleCall[] = [
  {
    name: "fs_read",
    title: "Read a file",
    description:
      "Reads one file, if the policy allows it. Of a large one, read parts with `offset` and `length` (bytes).",
    uses: ["fs.read"],
    input: argumentsOf(["path"], {
      ...PATH,
      encoding: { type: "string", enum: ["utf8", "base64"], description: "default: utf8" },
      offset: whole("first byte"),
      length: whole("number of bytes"),
    }),
    script: "const { path, ...options } = input;\nreturn fs.read(path, options);",
  },
  {
    name: "fs_write",
    title: "Write a file",
    description: "Writes one file, whole unless `append` is given, if the policy allows it.",
    uses: ["fs.write"],
    input: argumentsOf(["path", "data"], {
      ...PATH,
      data: text("the new content"),
      append: flag("add to the end of it"),
      base64: flag("`data` is base64"),
      createParents: flag("make missing directories"),
    }),
    script: "const { path, data, ...options } = input;\nreturn fs.write(path, data, options);",
  },
  {
    name: "fs_list",
    title: "List a directory",
    description: "Lists one directory, if the policy allows it; what the policy hides is not in the list.",
    uses: ["fs.read"],
    input: argumentsOf(["path"], { ...PATH, recursive: flag("everything below it, too") }),
    script: "const { path, ...options } = input;\nreturn fs.list(path, options);",
  },
  {
    name: "http_request",
    title: "Send an HTTP request",
    description: "Sends one HTTP request, if the policy allows it. Gives status, headers and body.",
    uses: ["net.http_get", "net.http_post", "net.http_put", "net.http_patch", "net.http_delete"],
    input: argumentsOf(["url"], {
      url: text("http or https"),
      method: { type: "string", enum: METHODS, description: "default: GET" },
      headers: { type: "object", additionalProperties: { type: "string" }, description: "header fields" },
      body: text("as it is sent"),
      ...TIMEOUT,
    }),
    // Whether an answer is sealed is no secret; a field of a sealed one would be a value of its own.
    script:
      'const answer = net.request({ method: "GET", ...input });\nif (answer.label !== undefined) return answer;\nconst { status, ok, url, headers, body } = answer;\nreturn { status, ok, url, headers, body };',
  },
  {
    name: "exec",
    title: "Run a command",
    description: "Runs one command, without a shell, if the policy allows it. Gives its exit code and output.",
    uses: ["subprocess.exec"],
    input: argumentsOf(["argv"], {
      argv: strings("the command and its arguments"),
      cwd: text("default: the project's root"),
      stdin: text("its standard input"),
      ...TIMEOUT,
    }),
    script: "const { argv, ...options } = input;\nreturn subprocess.exec(argv, options);",
  },
  {
    name: "env_read",
    title: "Read an environment variable",
    description: "Reads one environment variable, if the policy allows it; null where it is not set.",
    uses: ["env.read"],
    input: argumentsOf(["name"], { name: text("its name") }),
    script: "return env.read(input.name);",
  },
];

export const singleCalls = (bench: Bench): readonly Tool[] => SINGLE_CALLS.map((one) => toolOf(bench, one));

function toolOf(bench: Bench, { name, title, description, uses, input, script }: SingleCall): Tool {
  const { policy } = bench.runtime;
  const inputSchema = { ...input, properties: { ...input.properties, ...TASK } };
  return {
    listed: {
      name,
      title,
      description,
      inputSchema,
      outputSchema: CALL_OUTPUT,
      annotations: annotationsFor(policy, uses),
      _meta: LARGE_RESULT,
    },
    unlisted: !uses.some((capability) => policy.grants(capability)),
    async call(given, signal, context) {
      const read = readArguments(given, name, inputSchema);
      if (!read.ok) return refused(read.failure);
      const { task_id, ...call } = read.value;
      const options = { name: `${name}.js`, input: call as JsonObject, ...taskOf(task_id), signal };
      const shown = shownCall(await perform(bench, script, options, context));
      return answer(shown, textOf(shown), !shown.ok);
    },
    refused,
  };
}

type ShownCall = Pick<Bounded, "ok" | "exitCode" | "value" | "calls" | "task_id" | "sealed"> & {
  readonly run: string | null;
  readonly error: Problem | null;
};

/** Without what is about our own script. */
function shownCall({ ok, exitCode, value, error, calls, run, task_id, sealed }: Bounded): ShownCall {
  return {
    ...{ ok, exitCode, value, error: error === null ? null : withoutPlace(error), calls, run },
    ...(task_id === undefined ? {} : { task_id }),
    ...(sealed === undefined ? {} : { sealed }),
  };
}

function withoutPlace({ line: _line, column: _column, frame: _frame, ...problem }: Problem): Problem {
  return problem;
}

function textOf({ value, error, sealed = 0 }: ShownCall): string {
  if (error !== null) return problemText(error);
  const said = typeof value === "string" ? value : JSON.stringify(value);
  return sealed > 0 ? `${said}\n${sealedText(sealed)}` : said;
}

function refused(error: Failure) {
  return answer({ ok: false, exitCode: 1, value: null, error, calls: [], run: null }, problemText(error), true);
}
