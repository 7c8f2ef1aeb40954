/**
 * Rules of Siphrix (schema v4): an action by name, glob or expression, a category, a context, and an effect. They speak
 * of classes of actions only, so each becomes rules on whole capabilities. What a rule asks of the context can not be
 * asked here: a grant with it is left out, a block with it is said of every call.
 */
import { type Effect, Ids, type Item, type Origin, reasonOf, remark } from "./draft.ts";
import { child, Malformed, type Tree, textOf, textsOf, unknownKey } from "./tree.ts";

const EFFECTS: Readonly<Record<string, Effect>> = {
  allow: "allow",
  block: "deny",
  deny: "deny",
  abort: "ask",
  require_approval: "ask",
};

interface Class {
  readonly on: string;
  readonly actions: readonly string[];
  readonly categories: readonly string[];
}

const NET = ["network_access", "http_request", "network_request"];
const CLASSES: readonly Class[] = [
  { on: "fs.read", actions: ["file_read"], categories: ["read"] },
  { on: "env.read", actions: ["env_read"], categories: ["read"] },
  { on: "fs.write", actions: ["file_write"], categories: ["write"] },
  { on: "fs.delete", actions: ["file_delete"], categories: ["write", "destructive"] },
  { on: "net.http_get", actions: NET, categories: ["network", "exfiltration"] },
  { on: "net.http_post", actions: NET, categories: ["network", "exfiltration"] },
  { on: "net.http_put", actions: NET, categories: ["network", "exfiltration"] },
  { on: "net.http_patch", actions: NET, categories: ["network", "exfiltration"] },
  { on: "net.http_delete", actions: NET, categories: ["network", "exfiltration", "destructive"] },
  {
    on: "subprocess.exec",
    actions: ["shell_exec", "shell_command"],
    categories: ["destructive", "write", "network", "exfiltration"],
  },
];

export function readSiphrix(tree: Tree): readonly Item[] {
  const rules = child(tree, "rules");
  if (rules?.kind !== "list") throw new Malformed(rules?.at ?? tree.at, "`rules` takes a list");
  const ids = new Ids("siphrix");
  return rules.items.map((rule) => readRule(rule, ids));
}

function readRule(tree: Tree, ids: Ids): Item {
  if (tree.kind !== "map") throw new Malformed(tree.at, "a rule is a mapping");
  const name = textOf(child(tree, "id")) ?? textOf(child(tree, "rule_id")) ?? `line-${tree.at.line}`;
  const from: Origin = { at: tree.at, text: name };
  const node = child(tree, "effect");
  const effect = EFFECTS[textOf(node)?.toLowerCase() ?? ""];
  if (effect === undefined)
    throw new Malformed(node?.at ?? tree.at, "`effect` is `allow`, `block`, `abort` or `require_approval`");
  const match = child(tree, "match") ?? { kind: "nothing", at: tree.at };
  const { certain, possible, why: doubt } = reach(match);
  const other = unknownKey(tree, RULE_KEYS);
  const isOfAll = match.kind !== "map" || match.entries.size === 0;
  const unnamed = effect === "allow" && isOfAll ? "it names no action" : null;
  const why =
    doubt ?? unnamed ?? (effect === "allow" && other !== null ? `\`${other}\` of a grant can not be said here` : null);
  const on = effect === "allow" ? certain : possible;
  const reason = reasonOf(textOf(child(tree, "reason_code")) ?? textOf(child(tree, "reason")));
  const grants = on.filter((one) => one !== "subprocess.exec");
  if (effect === "allow" && (why !== null || grants.length === 0)) {
    return remark(from, why ?? (on.length === 0 ? "scripts have no such action here" : "a grant names its commands"));
  }
  if (on.length === 0) return remark(from, "scripts have no such action here");
  const rule = {
    kind: "rule",
    id: ids.next(name),
    effect,
    on: effect === "allow" ? grants : on,
    fields: {},
    from,
    ...reason,
  } as const;
  const left = effect === "allow" && grants.length < on.length ? "commands are left out, as a grant names them" : null;
  const differs = why === null ? left : `said of more calls, as ${why}`;
  return differs === null ? rule : { ...rule, differs };
}

/** What else stands in a rule may narrow it. */
const RULE_KEYS: ReadonlySet<string> = new Set([
  "id",
  "rule_id",
  "name",
  "description",
  "match",
  "effect",
  "reason_code",
  "reason",
  "priority",
  "severity",
  "tags",
]);

interface Reach {
  /** Capabilities that the rule matches whatever the context is. */
  readonly certain: readonly string[];
  /** Those that it may match. */
  readonly possible: readonly string[];
  /** What of it can not be said here. */
  readonly why: string | null;
}

function reach(match: Tree): Reach {
  const keys = match.kind === "map" ? [...match.entries.keys()] : [];
  const unknown = keys.find((key) => key !== "action" && key !== "category");
  const action = child(match, "action");
  const categories = child(match, "category") === null ? null : textsOf(child(match, "category"));
  const patterns = action === null ? null : patternsOf(action);
  const of = (maybe: boolean) =>
    CLASSES.filter(
      ({ actions, categories: own }) =>
        (action === null ||
          (patterns === null ? maybe : actions.some((name) => patterns.some((one) => matches(one, name, maybe))))) &&
        (child(match, "category") === null ||
          (categories === null
            ? maybe
            : maybe
              ? categories.some((one) => own.includes(one) || /[*?[]/.test(one))
              : own.length === 1 && categories.some((one) => one === own[0]))),
    ).map(({ on }) => on);
  const regex = action !== null && patterns === null ? "an expression over actions is not read" : null;
  const why = unknown === undefined ? regex : `\`match.${unknown}\` can not be asked here`;
  return { certain: of(false), possible: of(true), why };
}

/** Null: an expression. */
function patternsOf(action: Tree): readonly string[] | null {
  if (action.kind === "map") return child(action, "glob") === null ? null : textsOf(child(action, "glob"));
  return textsOf(action);
}

/** `*` and `?`; of other wildcards `maybe` says what is taken for true. */
function matches(pattern: string, name: string, maybe: boolean): boolean {
  if (pattern.length > 100) return maybe;
  if (/[[\]{}\\()|+^$]/.test(pattern)) return maybe;
  const source = pattern.replace(/[.-]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
  return new RegExp(`^${source}$`).test(name);
}
