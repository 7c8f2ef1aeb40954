/**
 * Declarations of tools: those that are defined, as far as the policy grants them, with the types of their arguments where
 * a schema tells them; where no definitions are known, the names that the policy's rules have.
 */
import {
  isJsonArray,
  isJsonObject,
  isTool,
  type Json,
  type Policy,
  type ToolCapability,
  toolNamed,
} from "@agent-run/policy";
import type { OwnCapability } from "../define-capability.ts";
import { oneLine } from "../standard-schema.ts";
import { memberName, schemaType } from "./schema-type.ts";

const ANY_OBJECT = "args?: {[name: string]: unknown}";
const ANY_CALL = `(${ANY_OBJECT}) => any`;

/** `defined`: null where nobody knows, as for a policy alone. */
export function toolDeclarations(policy: Policy, defined: readonly OwnCapability[] | null): readonly string[] {
  const members = defined === null ? ofRules(policy) : ofDefinitions(policy, defined);
  if (members === null) return [`declare const tools: {[namespace: string]: {[verb: string]: ${ANY_CALL}}};`];
  if (members.size === 0) return [];
  const namespaces = [...members].map(([name, lines]) => [
    `  ${memberName(name)}: {`,
    ...lines.map((line) => `    ${line};`),
    "  };",
  ]);
  return ["declare const tools: {", ...namespaces.flat(), "};"];
}

type Members = ReadonlyMap<string, readonly string[]>;

function ofDefinitions(policy: Policy, defined: readonly OwnCapability[]): Members {
  const members = new Map<string, string[]>();
  for (const capability of defined) {
    if (!policy.grants(toolNamed(capability.name))) continue;
    const [namespace = "", verb = ""] = capability.name.split(".");
    put(members, namespace, `${saysOf(capability)}${memberName(verb)}(${argumentsOf(capability)}): any`);
  }
  return members;
}

const saysOf = ({ description }: OwnCapability): string =>
  description === null ? "" : `/** ${oneLine(description, MOST_OF_DESCRIPTION).replaceAll("*/", "* /")} */ `;

const MOST_OF_DESCRIPTION = 120;

function argumentsOf(capability: OwnCapability): string {
  const schema = jsonSchemaOf(capability);
  if (schema === undefined || !isJsonObject(schema) || schema.type !== "object") return ANY_OBJECT;
  const isNeeded = isJsonArray(schema.required) && schema.required.length > 0;
  return `args${isNeeded ? "" : "?"}: ${schemaType(schema)}`;
}

/** A definition's library may not have it, or not for this schema. */
function jsonSchemaOf({ input }: OwnCapability): Json | undefined {
  try {
    return input["~standard"].jsonSchema?.input({ target: "draft-2020-12" }) as Json | undefined;
  } catch {
    return undefined;
  }
}

/** Null: every tool is granted, by whatever name. */
function ofRules(policy: Policy): Members | null {
  const named = policy.data.rules.flatMap(({ effect, on }) => (effect === "deny" ? [] : on.filter(isTool)));
  if (named.includes("tool.*") && policy.grants("tool.x.x")) return null;
  const members = new Map<string, string[]>();
  for (const name of [...new Set(named)].sort()) {
    const [, namespace = "", verb = ""] = name.split(".");
    if (namespace === "*") continue;
    const isAny = verb === "*";
    // `x` stands for names that no rule has.
    const one: ToolCapability = isAny ? `tool.${namespace}.x` : name;
    if (!policy.grants(one)) continue;
    put(members, namespace, isAny ? `[verb: string]: ${ANY_CALL}` : `${memberName(verb)}: ${ANY_CALL}`);
  }
  return members;
}

function put(members: Map<string, string[]>, namespace: string, line: string): void {
  const known = members.get(namespace);
  if (known === undefined) members.set(namespace, [line]);
  else if (!known.includes(line)) known.push(line);
}
