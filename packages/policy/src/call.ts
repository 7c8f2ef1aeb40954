/**
 * A call as people and tools write it (`{ on: "fs.write", path: "out/a" }`) to the canonical request that a run would
 * decide. Lexical: nothing is resolved and no disk is touched, so an answer is about the names that were written.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";
import { canonicalPath } from "./path.ts";
import type { PolicyData } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import { fail, ok, type Result } from "./result.ts";
import { globStart } from "./script-glob.ts";
import { CAPABILITIES, type Capability, METHOD_CAPABILITY } from "./signatures.ts";
import { shown } from "./spelling.ts";
import { isTool, readTool, type ToolCapability } from "./tool-name.ts";
import { toolArguments, toolRequest } from "./tool-request.ts";
import { canonicalUrl } from "./url.ts";

/** Members of a call besides `on` and `labels`, by capability family. */
const MEMBERS: Record<string, readonly string[]> = {
  fs: ["path", "bytes"],
  net: ["url", "method", "bytes"],
  subprocess: ["argv", "env", "stdin_bytes"],
  env: ["name"],
};

export interface CallBase {
  /** What `~` stands for. */
  readonly home: string;
}

export function requestOf(call: Json, policy: PolicyData, base: CallBase): Result<CanonicalRequest> {
  if (!isJsonObject(call)) return bad('a call is an object such as `{ on: "fs.read", path: "src/a.ts" }`');
  const on = CAPABILITIES.find((name) => name === call.on);
  const tool = typeof call.on === "string" ? readTool(call.on) : undefined;
  if (tool !== undefined) return toolCall(tool, call);
  if (typeof call.on === "string" && isTool(call.on))
    return bad(`\`${shown(call.on)}\` is not the name of a tool; a tool is \`tool.payments.refund\``);
  if (on === undefined) return bad(`\`on\` must be one of ${CAPABILITIES.join(", ")}`);
  const family = on.slice(0, on.indexOf("."));
  const allowed = [...(MEMBERS[family] ?? []), ...(on === "fs.read" ? ["pattern"] : [])];
  const unknown = Object.keys(call).find((key) => key !== "on" && key !== "labels" && !allowed.includes(key));
  if (unknown !== undefined)
    return bad(`\`${unknown}\` is not a member of a call on ${on}; there are: ${allowed.join(", ")}`);
  const size = ["bytes", "stdin_bytes"].find((key) => call[key] !== undefined && !isSize(call[key]));
  if (size !== undefined) return bad(`\`${size}\` must be a whole number, 0 or more`);
  const list = ["labels", "env"].find((key) => call[key] !== undefined && !isTexts(call[key]));
  if (list !== undefined) return bad(`\`${list}\` must be an array of strings`);
  const made = requestOn(on, family, call, policy, base);
  return made.ok && isTexts(call.labels) ? ok({ ...made.value, labels: call.labels }) : made;
}

/** As a run makes it, but for what the tool's definition says that the call is about. */
function toolCall(on: ToolCapability, call: JsonObject): Result<CanonicalRequest> {
  const unknown = Object.keys(call).find((key) => key !== "on" && key !== "labels" && key !== "args");
  if (unknown !== undefined) return bad(`\`${unknown}\` is not a member of a call on ${on}; there is: args`);
  if (call.labels !== undefined && !isTexts(call.labels)) return bad("`labels` must be an array of strings");
  const args = toolArguments(on, call.args ?? null);
  if (!args.ok) return args;
  const made = toolRequest(on.slice("tool.".length), args.value, null);
  return ok(isTexts(call.labels) ? { ...made, labels: call.labels } : made);
}

function requestOn(
  on: Capability,
  family: string,
  call: JsonObject,
  policy: PolicyData,
  base: CallBase,
): Result<CanonicalRequest> {
  if (family === "fs") return pathRequest(on, call, policy, base);
  if (family === "net") return urlRequest(on, call);
  if (family === "env") return variableRequest(on, call);
  return commandRequest(on, call, policy);
}

function pathRequest(on: Capability, call: JsonObject, policy: PolicyData, base: CallBase): Result<CanonicalRequest> {
  if (call.pattern !== undefined) return patternRequest(on, call, policy, base);
  if (typeof call.path !== "string") return bad("`path` must be a string");
  const path = canonicalPath(call.path, { root: policy.root, home: base.home });
  if (!path.ok) return path;
  const role = on === "fs.read" ? "read" : on === "fs.write" ? "write" : "delete";
  return request(on, [{ on, role, kind: "path", value: path.value }], sizeOf(call));
}

/** `fs.glob(pattern)`: as the run does, the place where the pattern begins is decided. */
function patternRequest(
  on: Capability,
  call: JsonObject,
  policy: PolicyData,
  base: CallBase,
): Result<CanonicalRequest> {
  if (typeof call.pattern !== "string") return bad("`pattern` must be a string");
  if (call.path !== undefined) return bad("a call has either `path` or `pattern`");
  const start = globStart(call.pattern);
  if (!start.ok) return start;
  const path = canonicalPath(start.value.base || ".", { root: policy.root, home: base.home });
  if (!path.ok) return path;
  const role = start.value.isLiteral ? "read" : "search";
  return request(on, [{ on, role, kind: "path", value: path.value }], {});
}

function urlRequest(on: Capability, call: JsonObject): Result<CanonicalRequest> {
  if (typeof call.url !== "string") return bad("`url` must be a string");
  const url = canonicalUrl(call.url);
  if (!url.ok) return url;
  const { host, port, scheme, path } = url.value;
  const methods = Object.keys(METHOD_CAPABILITY).filter((name) => METHOD_CAPABILITY[name] === on);
  const { method = methods[0] ?? "GET" } = call;
  if (typeof method !== "string" || !methods.includes(method)) {
    return bad(`\`method\` of a call on ${on} must be ${methods.join(" or ")}`);
  }
  const attrs = { host, port, scheme, method, url_path: path, ...sizeOf(call) };
  return request(on, [{ on, role: "connect", kind: "url", value: url.value.url }], attrs);
}

function variableRequest(on: Capability, call: JsonObject): Result<CanonicalRequest> {
  if (typeof call.name !== "string") return bad("`name` must be a string");
  return request(on, [{ on, role: "read", kind: "variable", value: call.name }], { name: call.name });
}

/** The command is named as it would be typed; its arguments' paths are decided by the run, which can see the disk. */
function commandRequest(on: Capability, call: JsonObject, policy: PolicyData): Result<CanonicalRequest> {
  const { argv } = call;
  const [command] = isJsonArray(argv) ? argv : [];
  if (!isJsonArray(argv) || typeof command !== "string" || !argv.every((word) => typeof word === "string")) {
    return bad("`argv` must be a non-empty array of strings");
  }
  const resolved = policy.subprocess.commands.find(({ name, path }) => name === command || path === command);
  const value = resolved?.path ?? command;
  return request(on, [{ on, role: "execute", kind: "command", value }], { command, argv, ...statedIn(call) });
}

/** What a call on a command says besides its words. */
const statedIn = ({ env, stdin_bytes }: JsonObject): JsonObject => ({
  ...(env === undefined ? {} : { env }),
  ...(stdin_bytes === undefined ? {} : { stdin_bytes }),
});

const isTexts = (value: Json | undefined): value is readonly string[] =>
  value !== undefined && isJsonArray(value) && value.every((one) => typeof one === "string");

const isSize = (value: Json | undefined): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

const sizeOf = ({ bytes }: JsonObject): JsonObject => (typeof bytes === "number" ? { bytes } : {});

const request = (on: Capability, targets: readonly Target[], attrs: JsonObject): Result<CanonicalRequest> =>
  ok({ v: 1, on, targets, attrs, labels: [] });

const bad = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message });
