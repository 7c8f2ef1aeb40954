/**
 * The arguments of a tool call against the tool's own schema. What is not in the schema is refused by name, so that
 * nobody believes that a policy, a root or a time limit was taken; the answer is a tool error that a model can act on.
 */
import { fail, isJsonArray, isJsonObject, type Json, type JsonObject, ok, type Result } from "@agent-run/policy";
import { quoted } from "./quoted.ts";
import type { ArgumentSchema, ArgumentsSchema } from "./schemas.ts";

/** Code walks JSON recursively in several places; the VM's own border has the same bound. */
const MAX_DEPTH = 1000;

export function readArguments(given: unknown, tool: string, schema: ArgumentsSchema): Result<JsonObject> {
  if (!isJsonObject(given)) return bad(`the arguments of \`${tool}\` must be an object`);
  const { properties, required } = schema;
  const names = Object.keys(properties);
  for (const [name, value] of Object.entries(given)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) return bad(`\`${tool}\` has no argument ${quoted(name, 60)}; ${knownNames(names)}`);
    const wanted = wantedOf(property);
    if (wanted !== null && !wanted.test(value)) return bad(`\`${name}\` must be ${wanted.says}`);
    if (!isShallow(value)) return bad(`\`${name}\` is nested more than ${MAX_DEPTH} levels deep`);
  }
  const missing = required.find((name) => !Object.hasOwn(given, name));
  return missing === undefined ? ok(given) : bad(`\`${missing}\` is missing`);
}

const knownNames = (names: readonly string[]): string =>
  names.length === 0 ? "it takes none" : `there are: ${names.join(", ")}`;

interface Wanted {
  readonly says: string;
  test(value: Json): boolean;
}

/** Null: any JSON will do. */
function wantedOf(property: ArgumentSchema): Wanted | null {
  const { type, enum: values } = property;
  if (values !== undefined) {
    const isOne = (value: Json) => typeof value === "string" && values.includes(value);
    return { says: `one of ${values.join(", ")}`, test: isOne };
  }
  if (type === "string") return { says: "a string", test: (value) => typeof value === "string" };
  if (type === "boolean") return { says: "true or false", test: (value) => typeof value === "boolean" };
  if (type === "integer") return { says: "a whole number", test: Number.isSafeInteger };
  if (type === "object") return { says: "an object of strings", test: isObjectOfStrings };
  if (type !== "array") return null;
  return {
    says: "an array of strings",
    test: (value) => isJsonArray(value) && value.every((item) => typeof item === "string"),
  };
}

const isObjectOfStrings = (value: Json): boolean =>
  isJsonObject(value) && Object.values(value).every((member) => typeof member === "string");

/** Without recursion, since it is about values that recursion does not survive. */
function isShallow(value: Json): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return false;
    level = level.flatMap(membersOf);
  }
  return true;
}

function membersOf(value: Json): readonly Json[] {
  const members = isJsonArray(value) ? value : isJsonObject(value) ? Object.values(value) : [];
  return members.filter((member) => typeof member === "object" && member !== null);
}

const bad = (message: string): Result<never> => fail({ code: "E_ARGUMENT", message });
