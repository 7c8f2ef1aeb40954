/**
 * `match` and `not_match` of a rule of Codex. They are held against the rule there first, where a contradiction makes the
 * whole file none; then against each rule here, which may deny more or grant less. What both say is carried over.
 */
import { type Hosts, startsCall } from "./codex-hosts.ts";
import { type Item, type RuleDraft, remark } from "./draft.ts";
import { matcherOf } from "./settle.ts";
import { shellWords } from "./shell-words.ts";
import type { Call } from "./starlark.ts";
import { Malformed, type Place, type Tree, textsOf } from "./tree.ts";

/** Of one rule; each is asked of every line that the rule stands for. */
const MOST_EXAMPLES = 500;

export interface Example {
  readonly at: Place;
  readonly argv: readonly string[];
  readonly matches: boolean;
}

/** `lines`: all beginnings that the rule there stands for. */
export function readExamples(call: Call, lines: readonly (readonly string[])[], hosts: Hosts): readonly Example[] {
  const examples = [...listed(call, "match"), ...listed(call, "not_match")];
  if (examples.length > MOST_EXAMPLES)
    throw new Malformed(call.at, `a rule has more than ${MOST_EXAMPLES} examples`, "write fewer");
  for (const { at, argv, matches } of examples) {
    if (lines.some((words) => startsCall(words, argv, hosts)) === matches) continue;
    throw new Malformed(at, `the rule ${matches ? "does not match" : "matches"} this example`);
  }
  return examples;
}

function listed(call: Call, key: "match" | "not_match"): readonly Example[] {
  const tree = call.args.get(key);
  if (tree === undefined || tree.kind === "nothing") return [];
  if (tree.kind !== "list") throw new Malformed(tree.at, `\`${key}\` takes a list of calls`);
  return tree.items.map((item) => ({ at: item.at, argv: argvOf(item), matches: key === "match" }));
}

function argvOf(item: Tree): readonly string[] {
  const words = item.kind === "text" ? shellWords(item.value) : item.kind === "list" ? textsOf(item) : null;
  if (words === null || words.length === 0)
    throw new Malformed(item.at, "an example is a command line, or a list of words");
  return words;
}

interface Drafted {
  readonly words: readonly string[];
  readonly rule: RuleDraft;
}

/** The rules with the examples that hold for them, and a remark for each example that holds for none. */
export function withExamples(drafts: readonly Drafted[], examples: readonly Example[], hosts: Hosts): readonly Item[] {
  if (examples.length === 0) return drafts.map(({ rule }) => rule);
  const told = new Set<Example>();
  const rules = drafts.map(({ words, rule }): Item => {
    const isMatch = matcherOf(rule);
    const held = examples.flatMap((example): readonly Example[] => {
      if (example.matches && !startsCall(words, example.argv, hosts)) return [];
      const argv = asGranted(rule, example.argv, words[0] ?? "");
      if (argv === null || isMatch?.(argv) !== example.matches) return [];
      told.add(example);
      return [{ ...example, argv }];
    });
    const of = (matches: boolean) => held.filter((one) => one.matches === matches).map(({ argv }) => argv);
    return { ...rule, examples: { match: of(true), no_match: of(false) } };
  });
  const left = examples
    .filter((example) => !told.has(example))
    .map(({ at, argv, matches }) =>
      remark({ at, text: `${matches ? "match" : "not_match"} ${argv.join(" ")}` }, matches ? NARROWER : WIDER),
    );
  return [...rules, ...left];
}

const NARROWER = "an example that the rule here does not match, or matches on some machines";
const WIDER = "an example that the rule here matches, too, or matches on some machines";

/**
 * The call under a name that the rule has, so that the answer does not hang on where a machine has its commands; null
 * for a call of another command.
 */
function asGranted(
  { fields }: RuleDraft,
  [called = "", ...args]: readonly string[],
  name: string,
): readonly string[] | null {
  const commands = Array.isArray(fields.command) ? fields.command : [name];
  if (commands.includes(called)) return [called, ...args];
  const [command] = commands;
  return called === name && typeof command === "string" ? [command, ...args] : null;
}
