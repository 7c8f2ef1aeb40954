/**
 * The canonical request of a call of a tool: its name is the target, its arguments are one attribute, as they are. They
 * are decided, recorded, shown and given to the tool, so they are bounded, and no name in them is one that a merge of
 * objects could take for a prototype.
 */
import { canonicalJson, isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";
import type { CanonicalRequest } from "./request.ts";
import { type Failure, fail, ok, type Result } from "./result.ts";
import { type ToolCapability, toolNamed } from "./tool-name.ts";

/** Bytes of the arguments as canonical JSON. */
export const MAX_TOOL_ARGUMENTS = 64 * 1024;
const MAX_DEPTH = 32;

/** Of one call: an object, an empty one where nothing is given. */
export function toolArguments(on: ToolCapability, given: Json): Result<JsonObject> {
  const args = given ?? {};
  if (!isJsonObject(args)) return refused(on, "takes one object, as in `{ amount: 5 }`");
  const odd = oddity(args, MAX_DEPTH);
  if (odd !== null) return refused(on, odd);
  const bytes = Buffer.byteLength(canonicalJson(args));
  if (bytes <= MAX_TOOL_ARGUMENTS) return ok(args);
  const message = `the arguments of \`${on}\` are ${bytes} bytes of JSON, and a call takes ${MAX_TOOL_ARGUMENTS}`;
  return fail({ code: "E_TOO_LARGE", message, capability: on, hint: "write the data to a file and pass its name" });
}

export function toolRequest(name: string, args: JsonObject, target: string | null): CanonicalRequest {
  const on = toolNamed(name);
  const attrs = target === null ? { args } : { args, target };
  return { v: 1, on, targets: [{ on, role: "call", kind: "tool", value: name }], attrs, labels: [] };
}

function oddity(value: Json, depth: number): string | null {
  if (depth === 0) return `takes values nested up to ${MAX_DEPTH} levels deep`;
  if (isJsonArray(value)) return first(value, (member) => oddity(member, depth - 1));
  if (!isJsonObject(value)) return null;
  if (Object.hasOwn(value, "__proto__")) return "takes no member named `__proto__`";
  return first(Object.values(value), (member) => oddity(member, depth - 1));
}

function first<T>(list: readonly T[], find: (one: T) => string | null): string | null {
  for (const one of list) {
    const found = find(one);
    if (found !== null) return found;
  }
  return null;
}

const refused = (on: ToolCapability, says: string): Result<never> => {
  const failure: Failure = { code: "E_ARGUMENT", message: `\`${on}\` ${says}`, capability: on };
  return fail(failure);
};
