/** `[tools]` of the dialect: a list of capabilities in short, or a table as ours. Hints for a model, no grants. */
import { CAPABILITIES } from "../signatures.ts";
import type { Node, TableNode } from "../toml.ts";
import { type Carrying, quoted } from "./carrying.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]);

export function carryTools(tools: TableNode, into: Carrying): void {
  for (const [name, { at, node }] of tools.entries) {
    if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) {
      into.note(at, { message: `left out: ${quoted(name)} is no name of a tool here` });
    } else if (node.kind === "table") {
      for (const [key, field] of node.entries)
        into.put(["tools", name, key], field.at, carryField(key, field.node, into));
    } else into.put(["tools", name, "capabilities"], at, capabilities(node, into));
    into.noteOnce("tools", at, {
      message: "`[tools]` is shown to people and models here; a tool that is not in it is not denied by that",
    });
  }
}

function carryField(key: string, node: Node, into: Carrying): Node {
  if (key === "capabilities") return capabilities(node, into);
  const method = key === "backend_method" && node.kind === "string" ? node.value.toUpperCase() : null;
  return method !== null && METHODS.has(method) ? { kind: "string", at: node.at, value: method } : node;
}

function capabilities(node: Node, into: Carrying): Node {
  if (node.kind !== "array") return node;
  const items = node.items.filter((item) => {
    const known = item.kind !== "string" || CAPABILITIES.some((name) => name === item.value);
    if (!known && item.kind === "string")
      into.note(item.at, { message: `left out: ${quoted(item.value)} is no capability here` });
    return known;
  });
  return { ...node, items };
}
