/** A JSON schema as a TypeScript type, as far as it says something that a type can say; the rest is `unknown`. */
import { isJsonArray, isJsonObject, type Json } from "@agent-run/policy";

const MAX_DEPTH = 8;

export function schemaType(schema: Json | undefined, depth = MAX_DEPTH): string {
  if (depth === 0 || schema === undefined || !isJsonObject(schema)) return "unknown";
  const inner = (one: Json | undefined) => schemaType(one, depth - 1);
  if (schema.const !== undefined) return literal(schema.const);
  if (isJsonArray(schema.enum)) return union(schema.enum.map(literal));
  const choices = schema.anyOf ?? schema.oneOf;
  if (isJsonArray(choices)) return union(choices.map(inner));
  if (isJsonArray(schema.type)) return union(schema.type.map((type) => inner({ ...schema, type })));
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `(${inner(schema.items)})[]`;
    case "object":
      return objectType(schema, inner);
    default:
      return "unknown";
  }
}

function objectType(schema: { readonly [key: string]: Json }, inner: (one: Json | undefined) => string): string {
  const { properties, required, additionalProperties } = schema;
  const needed = isJsonArray(required) ? required : [];
  const members = Object.entries(properties !== undefined && isJsonObject(properties) ? properties : {}).map(
    ([name, member]) => `${memberName(name)}${needed.includes(name) ? "" : "?"}: ${inner(member)}`,
  );
  if (members.length > 0) return `{${members.join("; ")}}`;
  return additionalProperties === false ? "{}" : `{[name: string]: ${inner(additionalProperties)}}`;
}

export const memberName = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** What is no scalar has no literal type here. */
const literal = (value: Json): string =>
  typeof value === "object" && value !== null ? "unknown" : JSON.stringify(value);

const union = (types: readonly string[]): string => (types.length === 0 ? "never" : [...new Set(types)].join(" | "));
