/**
 * From a draft to a text that loads, by loading it: a grant that our loader refuses becomes a comment, a denial or
 * question that it refuses is said wider, until nothing is refused. What can not be said at all is never said less.
 */
import { loadPolicyText, Policy, type PolicyWorld, requestOf } from "@agent-run/policy";
import { type Item, printDraft, type RuleDraft, remark } from "./draft.ts";
import { Malformed } from "./tree.ts";

export interface Settled {
  readonly text: string;
  readonly items: readonly Item[];
}

/** A load reports a bounded number of problems, so a long file may take several. */
const MOST_ROUNDS = 20;

export function settle(head: readonly string[], draft: readonly Item[]): Settled {
  let items = draft;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { text, owners } = printDraft(head, items);
    const loaded = loadPolicyText(text, { path: "imported.toml" }, WORLD, { root: "/" });
    if (loaded.ok) return { text, items };
    const [first] = loaded.problems;
    // Of the file as a whole, such as its size: no rule is to blame.
    if (first !== undefined && loaded.problems.every(({ line }) => (owners[line - 1] ?? null) === null)) {
      throw new Malformed(
        { line: 1, column: 1 },
        `it becomes a policy that does not load: ${first.message}`,
        "divide the file",
      );
    }
    const refused = new Map(loaded.problems.map(({ line, message }) => [owners[line - 1] ?? null, message]));
    items = items.map((item) => (refused.has(item) ? mended(item, refused.get(item) ?? "") : item));
  }
  // Nothing of it is granted then, which no file asks for less than.
  const why = "the policy did not load with it";
  const none = items.map((item) => (item.kind === "rule" ? remark(item.from, why) : item));
  return { text: printDraft(head, none).text, items: none };
}

/** Whether the rule by itself matches a command; null where it does not load. */
export function matcherOf({ examples: _examples, ...rule }: RuleDraft): ((argv: readonly string[]) => boolean) | null {
  const { text } = printDraft([], [rule]);
  const loaded = loadPolicyText(text, { path: "imported.toml" }, WORLD, { root: "/" });
  if (!loaded.ok) return null;
  const policy = Policy.revive(structuredClone(loaded.data));
  return (argv) => {
    const request = requestOf({ on: "subprocess.exec", argv: [...argv] }, loaded.data, { home: "/home" });
    return request.ok && policy.decide(request.value).matched.includes(rule.id);
  };
}

function mended(item: Item, why: string): Item {
  if (item.kind === "remark") return item;
  if (item.examples !== undefined) {
    // An example must not cost what it is an example of; if it was not that, the next round says so.
    const { examples: _examples, ...rule } = item;
    return rule;
  }
  if (item.effect === "allow") return remark(item.from, why);
  return { ...item, fields: {}, differs: `said of every call of ${item.on.join(", ")}, as: ${why}` };
}

/** Lexical: no file is read for it. */
const WORLD: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home"],
  presets: new Map(),
  sha256: () => "",
};
