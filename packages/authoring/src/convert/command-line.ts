/**
 * Rules about command lines of other tools as rules on `subprocess.exec`. A grant takes words only, since a text that
 * matches a line could be one argument with blanks in it; a denial takes the words in every spelling, or the whole line.
 */
import { matchArgs } from "@agent-run/policy";
import type { Effect } from "./draft.ts";

export interface CommandFields {
  readonly fields: {
    readonly [key: string]:
      | string
      | readonly string[]
      | { readonly [key: string]: { readonly [op: string]: string | readonly string[] } };
  };
  readonly differs?: string;
}

export type CommandRule = CommandFields | { readonly why: string };

/** Programs that run what their arguments name; tools that look into them would deny what is denied there, too. */
const WRAPPERS: ReadonlySet<string> = new Set([
  "timeout",
  "time",
  "nice",
  "nohup",
  "stdbuf",
  "xargs",
  "env",
  "sudo",
  "doas",
]);

/** A word that means itself in a shell and in our patterns. */
const PLAIN = /^[^\s*?'"`$\\;&|<>(){}[\]#~!]+$/;

/** A grant of lines that go on behind these words: something must follow them. */
export function beginningRule(words: readonly string[]): CommandRule {
  const rule = grantedWords(words, true);
  return "why" in rule
    ? rule
    : { fields: { ...rule.fields, when: { command_line: { starts_with: `${words.join(" ")} ` } } } };
}

/** `rest`: any words may follow. */
export function wordsRule(effect: Effect, words: readonly string[], rest: boolean): CommandRule {
  if (effect === "allow") return grantedWords(words, rest);
  const [command = "", ...args] = words;
  const line = words.join(" ");
  if (!isReadAnyhow(words)) return lineRule(rest ? [line, `${line} *`] : [line]);
  const text = args.join(" ");
  const argv = text === "" ? {} : { argv: rest && effect === "ask" ? [text, `${text} **`] : [text] };
  const exact = rest ? {} : { when: { command_line: { eq: line } } };
  return { fields: { command: [command], ...argv, ...exact } };
}

/** Whole lines, as globs whose `*` crosses everything. For denials and questions; a question opens no door then. */
export function lineRule(globs: readonly string[]): CommandFields {
  const glob = [...new Set(globs.map((one) => one.replace(/[[\]{}\\()!+@,|^$"?]/g, "?")))];
  return { fields: { when: { command_line: { glob } } } };
}

function grantedWords(words: readonly string[], rest: boolean): CommandRule {
  const [command = "", ...args] = words;
  if (!PLAIN.test(command)) return { why: "a grant names one command" };
  if (WRAPPERS.has(command.replace(/^.*\//, "")))
    return { why: `\`${command}\` runs other commands, which would not be looked at` };
  const odd = args.find((word) => word !== "*" && !PLAIN.test(word));
  if (odd !== undefined) return { why: "a grant of arguments is made of plain words" };
  const narrowed = args.includes("*") ? { differs: "`*` stands for one word that is no option" } : {};
  if (args.length === 0)
    return { fields: { command: [command], ...(rest ? {} : { when: { command_line: { eq: command } } }) } };
  return { fields: { command: [command], argv: [`${args.join(" ")}${rest ? " **" : ""}`] }, ...narrowed };
}

/**
 * Words before options: then `deny_args` finds at least every line that begins so; but not where an interpreter's own
 * option stands behind its script, as that is the script's.
 */
function isReadAnyhow([command = "", ...args]: readonly string[]): boolean {
  if (!PLAIN.test(command) || !args.every((word) => PLAIN.test(word) && !/^--?$/.test(word))) return false;
  const first = args.findIndex((word) => word.startsWith("-"));
  if (first !== -1 && !args.slice(first).every((word) => word.startsWith("-"))) return false;
  return matchArgs(args.join(" "), [command, ...args]);
}
