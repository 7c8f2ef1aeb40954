/**
 * Guards the layout: two texts say the same where they hold the same values at the same keys, in whatever order the keys
 * stand, and the same comments. What does not is not written.
 */
import type { Node, TableNode } from "@agent-run/policy";

interface Said {
  readonly data: TableNode;
  readonly document: { readonly comments: readonly string[] };
}

/** Null: nothing is lost. Else what would be. */
export function lossOf(before: Said, after: Said): string | null {
  if (!isSame(before.data, after.data)) return "it would say something else";
  return hasSame(before.document.comments, after.document.comments) ? null : "a comment would be lost";
}

function isSame(a: Node, b: Node): boolean {
  if (a.kind === "table") {
    if (b.kind !== "table" || a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, { node }]) => isSameAsAny(node, b.entries.get(key)?.node));
  }
  if (a.kind === "array") {
    if (b.kind !== "array" || a.items.length !== b.items.length) return false;
    return a.items.every((item, at) => isSameAsAny(item, b.items[at]));
  }
  if (a.kind === "date") return b.kind === "date" && a.form === b.form && Object.is(a.value, b.value);
  return a.kind === b.kind && Object.is(a.value, b.value);
}

const isSameAsAny = (a: Node, b: Node | undefined): boolean => b !== undefined && isSame(a, b);

const hasSame = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join("\n") === [...b].sort().join("\n");
