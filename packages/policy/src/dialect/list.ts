/**
 * A list of a dialect policy, entry by entry. `"!entry"` takes out an own entry above it or one of the preset; there it
 * was silent where it took out nothing, here that is a note.
 */
import type { Place } from "../problem.ts";
import type { Node } from "../toml.ts";
import { type Carrying, quoted, type Said } from "./carrying.ts";
import { isDefault } from "./defaults.ts";

/** What one entry becomes: entries of ours, none of them where it is left out, and what is to be said. */
export interface Carried {
  readonly texts: readonly string[];
  readonly note?: Said;
}

export const kept = (text: string): Carried => ({ texts: [text] });

export const changed = (texts: readonly string[], message: string): Carried => ({ texts, note: { message } });

/** Nothing of it is granted. */
export const left = (message: string, hint?: string): Carried => {
  const whole = `left out: ${message}`;
  return { texts: [], note: hint === undefined ? { message: whole } : { message: whole, hint } };
};

export function carryList(
  into: Carrying,
  path: readonly string[],
  at: Place,
  node: Node,
  each: (text: string, at: Place) => Carried,
): void {
  // Something else than a list is refused as any other wrong type.
  if (node.kind !== "array") {
    into.put(path, at, node);
    return;
  }
  const standing = standingItems(into, path, node.items);
  const items = standing.flatMap((item): readonly Node[] => {
    if (item.kind !== "string" || item.value.startsWith("!")) return [item];
    const { texts, note } = each(item.value, item.at);
    if (note !== undefined) into.note(item.at, note);
    return texts.map((value) => ({ kind: "string", at: item.at, value }));
  });
  into.add(path, at, items);
}

/** Removals that are of use stay; entries that one of them takes out are gone. */
function standingItems(into: Carrying, path: readonly string[], items: readonly Node[]): readonly Node[] {
  const standing = new Set<Node>();
  const own = new Map<string, Node[]>();
  for (const item of items) {
    const text = item.kind === "string" ? item.value : null;
    if (text === null || !text.startsWith("!")) {
      standing.add(item);
      if (text !== null) listOf(own, text).push(item);
      continue;
    }
    const removed = own.get(text.slice(1)) ?? [];
    own.delete(text.slice(1));
    for (const one of removed) standing.delete(one);
    if (into.about.inherits && isDefault(path.join("."), text.slice(1))) standing.add(item);
    else if (removed.length === 0) into.note(item.at, { message: `${quoted(text)} takes nothing out` });
  }
  return [...standing];
}

function listOf(lists: Map<string, Node[]>, text: string): Node[] {
  const list = lists.get(text) ?? [];
  lists.set(text, list);
  return list;
}
