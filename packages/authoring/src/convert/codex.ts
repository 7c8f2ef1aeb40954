/**
 * Rules files of Codex: `prefix_rule` on words of a command line, `network_rule` on hosts, `host_executable` on which
 * files a name may mean. A rule there matches every line that begins with its words; the strictest wins, as here.
 */
import { readExamples, withExamples } from "./codex-examples.ts";
import { type Hosts, readHosts } from "./codex-hosts.ts";
import { type CommandRule, lineRule, wordsRule } from "./command-line.ts";
import { type Effect, Ids, type Item, type Origin, reasonOf, remark } from "./draft.ts";
import { type Call, readStarlark } from "./starlark.ts";
import { Malformed, type Tree, textOf, textsOf } from "./tree.ts";

const DECISIONS: Readonly<Record<string, Effect>> = { allow: "allow", prompt: "ask", forbidden: "deny", deny: "deny" };

/** Alternatives of one pattern, multiplied. */
const MOST_LINES = 64;

export function readCodex(text: string): readonly Item[] {
  const ids = new Ids("codex");
  const calls = readStarlark(text);
  const hosts = readHosts(calls);
  const items = calls.flatMap((call): readonly Item[] => {
    if (call.name === "prefix_rule") return prefixRule(call, ids, hosts);
    if (call.name === "network_rule") return networkRule(call, ids);
    if (call.name === "host_executable") return [];
    throw new Malformed(
      call.at,
      `\`${call.name}\` is no rule`,
      "known are `prefix_rule`, `network_rule` and `host_executable`",
    );
  });
  return [...hosts.left, ...items].sort((a, b) => a.from.at.line - b.from.at.line);
}

function prefixRule(call: Call, ids: Ids, hosts: Hosts): readonly Item[] {
  requireKnown(call, ["pattern", "decision", "match", "not_match", "justification"]);
  const effect = effectOf(call);
  const lines = patternLines(call);
  const examples = readExamples(call, lines, hosts);
  const reason = reasonOf(textOf(call.args.get("justification") ?? null));
  const left: Item[] = [];
  const drafts = lines.flatMap((words) => {
    const from: Origin = { at: call.at, text: `prefix_rule ${words.join(" ")}` };
    return rulesFor(effect, words, hosts).flatMap((rule) => {
      if ("why" in rule) {
        left.push(remark(from, rule.why));
        return [];
      }
      const id = ids.next(words.slice(0, 3).join("-"));
      return [
        { words, rule: { kind: "rule", id, effect, on: ["subprocess.exec"], from, ...rule, ...reason } as const },
      ];
    });
  });
  return [...withExamples(drafts, examples, hosts), ...left];
}

/** A name that may mean some files only opens those; a denial of the name is one of every file of that name anyhow. */
function rulesFor(effect: Effect, words: readonly string[], { byName }: Hosts): readonly CommandRule[] {
  if (effect === "allow" && words.slice(1).some((word) => word.includes("*")))
    return [{ why: "a word with `*` in it" }];
  const rule = wordsRule(effect, words, true);
  const [name = ""] = words;
  const host = byName.get(name);
  if (host === undefined || effect === "deny" || "why" in rule || !("command" in rule.fields)) return [rule];
  const differs = `\`${name}\` is run where it is one of the files of \`host_executable\``;
  const files = { fields: { ...rule.fields, command: host.paths }, differs };
  const opening = host.paths.length > 0 ? [files] : [];
  if (effect === "allow") return opening.length > 0 ? opening : [{ why: `no file that \`${name}\` may mean is left` }];
  const line = words.join(" ");
  // Under every name, and it opens none.
  return [...opening, lineRule([line, `${line} *`])];
}

/** One list of words for each choice among alternatives. */
function patternLines(call: Call): readonly (readonly string[])[] {
  const pattern = call.args.get("pattern");
  if (pattern?.kind !== "list" || pattern.items.length === 0)
    throw new Malformed(pattern?.at ?? call.at, "`pattern` takes a list of words");
  let lines: readonly (readonly string[])[] = [[]];
  for (const item of pattern.items) {
    const choices = wordsOf(item);
    lines = lines.flatMap((line) => choices.map((word) => [...line, word]));
    if (lines.length > MOST_LINES)
      throw new Malformed(item.at, `the pattern stands for more than ${MOST_LINES} lines`, "write several rules");
  }
  return lines;
}

function wordsOf(item: Tree): readonly string[] {
  const words = textsOf(item);
  if (words === null || words.length === 0 || words.includes(""))
    throw new Malformed(item.at, "`pattern` holds words and lists of words");
  return words;
}

function networkRule(call: Call, ids: Ids): readonly Item[] {
  requireKnown(call, ["host", "protocol", "decision", "justification"]);
  const host = textOf(call.args.get("host") ?? null);
  const protocol = textOf(call.args.get("protocol") ?? null) ?? "https";
  if (host === null) throw new Malformed(call.at, "`host` takes a text");
  const effect = effectOf(call);
  const from: Origin = { at: call.at, text: `network_rule ${host} ${protocol}` };
  const scheme = /^https?(?=$|_)/.exec(protocol)?.[0];
  const rule = {
    kind: "rule",
    id: ids.next(host),
    effect,
    on: ["net.*"],
    from,
    ...reasonOf(textOf(call.args.get("justification") ?? null)),
  } as const;
  if (effect === "deny") return [{ ...rule, fields: { host: [host] } }];
  if (scheme === undefined) return [remark(from, "requests of scripts are made over http and https")];
  return [{ ...rule, fields: { host: [`${scheme}://${host}`] } }];
}

function effectOf(call: Call): Effect {
  const decision = call.args.get("decision");
  if (decision === undefined) return "allow";
  const effect = DECISIONS[textOf(decision) ?? ""];
  if (effect === undefined) throw new Malformed(decision.at, "`decision` is `allow`, `prompt` or `forbidden`");
  return effect;
}

function requireKnown(call: Call, known: readonly string[]): void {
  for (const [name, { at }] of call.args) {
    if (!known.includes(name))
      throw new Malformed(at, `\`${call.name}\` has no argument \`${name}\``, `there are: ${known.join(", ")}`);
  }
}
