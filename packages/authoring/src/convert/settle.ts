/**
 * From a draft to a text that loads, by loading it: a grant that our loader refuses becomes a comment, a denial or
 * question that it refuses is said wider, until nothing is refused. What can not be said at all is never said less.
 */
import { loadPolicyText, type PolicyWorld } from "@agent-run/policy";
import { type Item, printDraft, type RuleDraft, remark } from "./draft.ts";

export interface Settled {
  readonly text: string;
  readonly items: readonly Item[];
}

/** Every round mends at least one rule, and no rule is mended more often than it has wider forms. */
const MOST_ROUNDS = 8;

export function settle(head: readonly string[], draft: readonly Item[]): Settled {
  let items = draft;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { text, owners } = printDraft(head, items);
    const loaded = loadPolicyText(text, { path: "imported.toml" }, WORLD, { root: "/" });
    if (loaded.ok) return { text, items };
    const refused = new Map(loaded.problems.map(({ line, message }) => [owners[line - 1] ?? null, message]));
    items = items.map((item) => (refused.has(item) ? mended(item, refused.get(item) ?? "") : item));
  }
  // Nothing of it is granted then, which no file asks for less than.
  const why = "the policy did not load with it";
  const none = items.map((item) => (item.kind === "rule" ? remark(item.from, why) : item));
  return { text: printDraft(head, none).text, items: none };
}

function mended(item: Item, why: string): Item {
  if (item.kind === "remark") return item;
  if (item.effect === "allow") return remark(item.from, why);
  const wider = item.wider ?? everyCall(item);
  return { ...wider, differs: wider.differs ?? `said of every call of ${item.on.join(", ")}, as: ${why}` };
}

const everyCall = ({ wider: _wider, differs: _differs, ...rule }: RuleDraft): RuleDraft => ({ ...rule, fields: {} });

/** Lexical: no file is read for it. */
const WORLD: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home"],
  presets: new Map(),
  sha256: () => "",
};
