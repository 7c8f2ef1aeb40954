/**
 * Policies of agsec: statements as in IAM, with globs over names of actions and conditions on their parameters. An
 * `allow` whose conditions can not all be said is left out; a `deny` or `review` keeps those that can, and of a condition
 * that can not it says every call. A `review` asks and opens nothing by itself. (Long because the table of their actions
 * and what reads it are understood together.)
 */
import { ACTIONS, type Action, capabilities, matchesAction } from "./agsec-actions.ts";
import { beginningRule, wordsRule } from "./command-line.ts";
import { type Effect, Ids, type Item, type Origin, type RuleDraft, reasonOf, remark } from "./draft.ts";
import { grantedRegex, loosenedRegex } from "./python-regex.ts";
import { child, Malformed, type Place, type Tree, textOf, textsOf, unknownKey } from "./tree.ts";

const EFFECTS: Readonly<Record<string, Effect>> = { allow: "allow", deny: "deny", block: "deny", review: "ask" };

export function readAgsec(tree: Tree): readonly Item[] {
  const reader = new Reader();
  const byDefault = child(tree, "default");
  if (byDefault !== null && textOf(byDefault) !== "deny") {
    reader.items.push(remark({ at: byDefault.at, text: "default" }, "what no rule grants is denied here"));
  }
  for (const statement of listOf(tree, "statements")) reader.readStatement(statement);
  for (const rule of listOf(tree, "rules")) reader.readLegacy(rule);
  return reader.items;
}

function listOf(tree: Tree, key: string): readonly Tree[] {
  const list = child(tree, key);
  if (list === null || list.kind === "nothing") return [];
  if (list.kind !== "list") throw new Malformed(list.at, `\`${key}\` takes a list`);
  for (const item of list.items) if (item.kind !== "map") throw new Malformed(item.at, `\`${key}\` holds mappings`);
  return list.items;
}

/** A condition of ours; `never`: it can not hold; null: it can not be said. */
type Said = Condition | "always" | "never" | null;
interface Condition {
  readonly attribute: string;
  readonly test: { readonly [op: string]: string | readonly string[] };
}

class Reader {
  readonly items: Item[] = [];
  readonly #ids = new Ids("agsec");

  readStatement(tree: Tree): void {
    const effect = effectOf(tree, "effect");
    const sid = textOf(child(tree, "sid")) ?? `line-${tree.at.line}`;
    const from: Origin = { at: tree.at, text: sid };
    // What names no action may mean all or none.
    const unnamed = effect === "allow" ? [] : ["*"];
    const patterns = child(tree, "actions") === null ? unnamed : textsOf(child(tree, "actions"));
    if (patterns === null)
      throw new Malformed(child(tree, "actions")?.at ?? tree.at, "`actions` takes a list of texts");
    const reason = reasonOf(textOf(child(tree, "reason")));
    const other = unknownKey(tree, STATEMENT_KEYS);
    if (effect === "allow" && other !== null) {
      this.items.push(remark(from, `\`${other}\` of a grant can not be said here`));
      return;
    }
    const actions = ACTIONS.filter(({ name }) => patterns.some((pattern) => matchesAction(pattern, name, effect)));
    const known = actions.filter((action) => capabilities(action, effect).length > 0);
    if (known.length === 0) this.items.push(remark(from, `scripts have no such action here: ${patterns.join(", ")}`));
    for (const action of known) this.#carry(effect, action, tree, from, reason);
  }

  /** Two actions can be one thing here. */
  #push(rule: RuleDraft): void {
    const isSame = (item: Item) =>
      item.kind === "rule" &&
      item.from === rule.from &&
      JSON.stringify([item.on, item.fields]) === JSON.stringify([rule.on, rule.fields]);
    if (!this.items.some(isSame)) this.items.push(rule);
  }

  /** Rules before statements: the first that matches there decides, so a grant of theirs can not be carried over. */
  readLegacy(tree: Tree): void {
    const effect = effectOf(tree, "status");
    const name = textOf(child(tree, "action")) ?? "*";
    const from: Origin = { at: tree.at, text: `rule ${name}` };
    if (effect === "allow") {
      this.items.push(remark(from, "rules of the older form are carried over where they deny"));
      return;
    }
    for (const action of ACTIONS.filter((one) => matchesAction(name, one.name, effect))) {
      this.#add(effect, action, from, {}, {}, "said of every call");
    }
  }

  #carry(effect: Effect, action: Action, tree: Tree, from: Origin, reason: { reason?: string }): void {
    const conditions = conditionsOf(child(tree, "conditions"));
    const said = conditions.map((one) => sayCondition(one, action, effect));
    const match = textOf(child(tree, "match")) ?? (child(tree, "match") === null ? "all" : "");
    // Of a denial anything but `all` is read as the wider one.
    const any = (effect === "allow" ? match === "any" : match !== "all") && conditions.length > 0;
    if (effect === "allow") {
      if (action.attribute === "command_line") this.#grantCommands(conditions, any, from, reason);
      else this.#grant(action, said, any, from, reason);
    } else this.#deny(effect, action, said, any, from, reason);
  }

  #grant(action: Action, said: readonly Said[], any: boolean, from: Origin, reason: { reason?: string }): void {
    const alternatives: readonly (readonly Said[])[] = any ? said.map((one) => [one]) : [said];
    for (const all of alternatives) {
      if (all.includes("never")) this.items.push(remark(from, "its conditions can not hold"));
      else if (all.includes(null))
        this.items.push(remark(from, `a condition of the grant of ${action.name} can not be said here`));
      else this.#add("allow", action, from, whenOf(all), reason);
    }
  }

  /** A grant names its commands, so only conditions that name them give one. */
  #grantCommands(conditions: readonly RawCondition[], any: boolean, from: Origin, reason: { reason?: string }): void {
    const [only, ...others] = conditions;
    if (only === undefined || (others.length > 0 && !any)) {
      this.items.push(
        remark(from, only === undefined ? "a grant names its commands" : "a grant of a command takes one condition"),
      );
      return;
    }
    for (const condition of conditions) {
      const lines = condition.key === "params.command" ? commandLines(condition) : null;
      if (lines === null)
        this.items.push(
          remark(from, "a grant names its commands: `==`, `in`, or `starts_with` with a blank behind the words"),
        );
      for (const { words, rest } of lines ?? []) {
        const rule = rest ? beginningRule(words) : wordsRule("allow", words, false);
        if ("why" in rule) this.items.push(remark(from, rule.why));
        else
          this.items.push({
            kind: "rule",
            id: this.#ids.next(from.text),
            effect: "allow",
            on: ["subprocess.exec"],
            from,
            ...rule,
            ...reason,
          });
      }
    }
  }

  #deny(
    effect: Effect,
    action: Action,
    said: readonly Said[],
    any: boolean,
    from: Origin,
    reason: { reason?: string },
  ): void {
    const wide = "a condition of it can not be said here, so it is said of every call";
    if (any) {
      if (said.some((one) => one === null || one === "always"))
        this.#add(effect, action, from, {}, reason, said.includes("always") ? undefined : wide);
      else
        for (const one of said.filter((one) => one !== "never")) this.#add(effect, action, from, whenOf([one]), reason);
    } else if (said.includes("never")) this.items.push(remark(from, "its conditions can not hold"));
    else
      this.#add(
        effect,
        action,
        from,
        whenOf(said),
        reason,
        said.includes(null) ? "a condition of it can not be said here, so it is said of more calls" : undefined,
      );
  }

  #add(
    effect: Effect,
    action: Action,
    from: Origin,
    fields: RuleDraft["fields"],
    reason: { reason?: string },
    differs?: string,
  ): void {
    const on = capabilities(action, effect);
    if (on.length === 0) return;
    const rule = { kind: "rule", id: this.#ids.next(from.text), effect, on, fields, from, ...reason } as const;
    this.#push(differs === undefined ? rule : { ...rule, differs });
  }
}

function effectOf(tree: Tree, key: string): Effect {
  const node = child(tree, key);
  const effect = EFFECTS[textOf(node)?.toLowerCase() ?? ""];
  if (effect === undefined) throw new Malformed(node?.at ?? tree.at, `\`${key}\` is \`allow\`, \`deny\` or \`review\``);
  return effect;
}

/** What else stands in a statement may narrow it. */
const STATEMENT_KEYS: ReadonlySet<string> = new Set([
  "sid",
  "description",
  "effect",
  "actions",
  "conditions",
  "match",
  "reason",
]);
const CONDITION_KEYS: ReadonlySet<string> = new Set(["op", "value"]);

interface RawCondition {
  readonly key: string;
  readonly at: Place;
  readonly op: string;
  readonly value: Tree | null;
}

function conditionsOf(tree: Tree | null): readonly RawCondition[] {
  if (tree === null || tree.kind === "nothing") return [];
  if (tree.kind !== "map") throw new Malformed(tree.at, "`conditions` takes a mapping");
  return [...tree.entries].map(([key, { at, value }]) => {
    const named = value.kind === "map" ? textOf(child(value, "op")) : "==";
    if (named === null) throw new Malformed(value.at, "a condition has an `op`");
    // With another key it may mean the opposite.
    const op = unknownKey(value, CONDITION_KEYS) === null ? named : "unknown";
    return { key, at, op, value: value.kind === "map" ? child(value, "value") : value };
  });
}

/** A beginning that a path as it is typed can have, and an absolute one can not. */
const ANCHORED = /(?<![[\\])\^(?!\\?\/|\(*\.[*+])/;

const PLAIN_OPERATORS: Readonly<Record<string, string>> = {
  "==": "eq",
  "!=": "ne",
  contains: "contains",
  starts_with: "starts_with",
  ends_with: "ends_with",
};
const LIST_OPERATORS: Readonly<Record<string, string>> = { in: "in", not_in: "not_in" };

function sayCondition({ key, op, value }: RawCondition, action: Action, effect: Effect): Said {
  if (key !== action.parameter) return null;
  if (op === "exists") return "always";
  if (op === "not_exists") return "never";
  if (action.attribute === null) return null;
  const text = textOf(value);
  if (op === "regex") {
    if (text === null) return null;
    const isRelative = action.attribute === "path" && ANCHORED.test(text);
    const regex = effect === "allow" ? grantedRegex(text) : isRelative ? null : loosenedRegex(text);
    return regex === null ? null : { attribute: action.attribute, test: { regex } };
  }
  const list = LIST_OPERATORS[op];
  const texts = value?.kind === "list" ? textsOf(value) : null;
  if (list !== undefined) return texts === null ? null : { attribute: action.attribute, test: { [list]: texts } };
  const plain = PLAIN_OPERATORS[op];
  return plain === undefined || text === null ? null : { attribute: action.attribute, test: { [plain]: text } };
}

/** Conditions of one attribute stand together; two with one operator can not, so the later one is left out of denials. */
function whenOf(said: readonly Said[]): RuleDraft["fields"] {
  const when: Record<string, Record<string, string | readonly string[]>> = {};
  for (const one of said) {
    if (one === null || one === "always" || one === "never") continue;
    when[one.attribute] = { ...when[one.attribute], ...one.test };
  }
  return Object.keys(when).length === 0 ? {} : { when };
}

function commandLines({ op, value }: RawCondition): readonly { words: readonly string[]; rest: boolean }[] | null {
  const texts = textsOf(value);
  if (texts === null) return null;
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  if (op === "==" || op === "in") {
    return texts.every((text) => text.trim() === text)
      ? texts.map((text) => ({ words: words(text), rest: false }))
      : null;
  }
  // `git ` begins lines of git only; `git` would begin those of `gitk`, too.
  if (op !== "starts_with" || texts.some((text) => !text.endsWith(" ") || text.startsWith(" "))) return null;
  return texts.map((text) => ({ words: words(text), rest: true }));
}
