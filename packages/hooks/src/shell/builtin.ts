/**
 * The shell's own commands. Most change nothing outside; those that change how the shell reads what comes behind (`alias`,
 * `set`, `trap`, `source`) are refused, as what comes behind would be something else than what was read.
 */

import { exported, setVariable } from "./assignment.ts";
import { refuseUnlessNumber, testWords } from "./condition.ts";
import { MAX_CWDS, type Reading } from "./reading.ts";
import { both, ended, type Outcome, type State, withVariable } from "./state.ts";
import { isKnown, SOME_TEXT, type Value } from "./value.ts";

type Builtin = (words: readonly Value[], state: State, reading: Reading) => Outcome;

/** They print or end something, and touch nothing. */
const nothing: Builtin = (_words, state) => both(state);

const REFUSED: Readonly<Record<string, string>> = {
  ".": "the commands of a file are not read here; run them by themselves",
  source: "the commands of a file are not read here; run them by themselves",
  alias: "an alias makes a command into another; write the command itself",
  trap: "its commands run at another time; run them by themselves",
  coproc: "run the command by itself",
  enable: "builtins can not be loaded or taken away",
  bind: "there is no line to edit",
  hash: "it says where commands are found",
  fc: "there is no history",
  history: "there is no history",
  mapfile: "read the file with another command",
  readarray: "read the file with another command",
  getopts: "write the options themselves",
  let: "write the result itself",
  shift: "write the words themselves",
  shopt: "it changes how words are read",
  complete: "there is nothing to complete",
  compgen: "list files with another command",
  compopt: "there is nothing to complete",
  caller: "there is no stack to show",
  dirs: "use `pwd`",
  popd: "use `cd` and the directory's name",
  disown: "leave it out",
  suspend: "leave it out",
  logout: "leave it out",
  bg: "leave it out",
  fg: "leave it out",
  ulimit: "leave it out",
  umask: "leave it out",
  unalias: "there are no aliases",
  select: "there is nobody to choose",
  typeset: "write `name=value`",
  readonly: "what is set later would fail without a word; write `name=value`",
  noglob: "it changes how words are read",
  nocorrect: "leave it out",
  autoload: "functions of files are not read here",
  zmodload: "builtins can not be loaded",
  emulate: "it changes how words are read",
  functions: "leave it out",
};

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ...[":", "true", "false", "echo", "pwd", "times", "type"].map((name) => [name, nothing] as const),
  ...["return", "break", "continue"].map((name) => [name, counted] as const),
  ["exit", exit],
  ["wait", awaited],
  ["jobs", listed],
  ["printf", print],
  ["test", (words, state, reading) => tested(words, state, reading)],
  ["[", (words, state, reading) => tested(words, state, reading)],
  ["cd", changeDirectory],
  ["pushd", pushDirectory],
  ["export", exportNames],
  ["local", declare],
  ["declare", declare],
  ["unset", unset],
  ["set", set],
  ["read", read],
]);

export const isBuiltin = (name: string): boolean =>
  BUILTINS.has(name) || Object.hasOwn(REFUSED, name) || DOORS.has(name);

/** They run their words, and are read where commands are. */
export const DOORS: ReadonlySet<string> = new Set(["eval", "exec", "command", "builtin"]);

/** Null: it is none of them. */
export function builtin(name: string, words: readonly Value[], state: State, reading: Reading): Outcome | null {
  if (Object.hasOwn(REFUSED, name)) {
    reading.refuse(name, `\`${name}\` is not read here`, REFUSED[name] ?? "");
    return both(state);
  }
  const found = BUILTINS.get(name);
  if (found === undefined) return null;
  reading.add({ kind: "builtin", argv: [name, ...words.map((word) => (isKnown(word) ? word : ""))] });
  return found(words, state, reading);
}

/** Their word is a number, which zsh evaluates. */
function counted(words: readonly Value[], state: State, reading: Reading): Outcome {
  for (const word of words) refuseUnlessNumber(word, reading);
  return both(state);
}

function exit(words: readonly Value[], state: State, reading: Reading): Outcome {
  counted(words, state, reading);
  return ended;
}

/** `-p NAME` sets a variable. */
function awaited(words: readonly Value[], state: State, reading: Reading): Outcome {
  const isFine = words.every((word) =>
    isKnown(word) ? /^(?:-[nf]+|%?\d+|%[%+-])$/.test(word) : word.unknown === "number",
  );
  if (!isFine) reading.refuse("wait", "only numbers and `-n` are read here", "write `wait` alone");
  return both(state);
}

/** `-x` runs the words behind it. */
function listed(words: readonly Value[], state: State, reading: Reading): Outcome {
  if (!words.every((word) => isKnown(word) && /^(?:-[lnprs]+|%?\d+)$/.test(word)))
    reading.refuse("jobs", "only its options that list are read here", "run the command by itself");
  return both(state);
}

/** `-v` sets a variable, and so does `%n`; numbers, also of a width, are evaluated by some shells. */
function print(words: readonly Value[], state: State, reading: Reading): Outcome {
  const [format = "", ...values] = words[0] === "--" ? words.slice(1) : words;
  if (!isKnown(format) || format.startsWith("-"))
    reading.refuse("printf", "its format must be known, and no option", "write the format first");
  else if (/%[^%a-zA-Z]*(?:\*|[hlLjztq]*[diouxXaAeEfFgGn]|\()/.test(format))
    for (const value of values) refuseUnlessNumber(value, reading);
  return both(state);
}

function tested(words: readonly Value[], state: State, reading: Reading): Outcome {
  testWords(words, state, reading);
  return both(state);
}

/** Without a word it changes places with the directory before. */
function pushDirectory(words: readonly Value[], state: State, reading: Reading): Outcome {
  if (words.length > 0) return changeDirectory(words, state, reading);
  reading.refuse("pushd", "only `pushd DIR` is read here", "write the directory itself");
  return both(state);
}

/** Where it fails the shell stays where it was, so it may be in either place. */
function changeDirectory(words: readonly Value[], state: State, reading: Reading): Outcome {
  const plain = words[0] === "--" || words[0] === "-L" ? words.slice(1) : words;
  const [target = reading.world.home, ...others] = plain;
  const refuse = (reason: string, hint: string): Outcome => {
    reading.refuse("cd", reason, hint);
    return both(state);
  };
  if (!isKnown(target)) return refuse("it is not known where it leads", "write the directory itself");
  if (others.length > 0 || target.startsWith("-") || target.startsWith("+") || target === "")
    return refuse("only `cd DIR` is read here", "write the directory itself");
  if (!/^\.{0,2}(?:\/|$)/.test(target) && reading.world.environment.CDPATH !== undefined)
    return refuse("CDPATH may lead it somewhere else", `write \`./${target}\``);
  const cwds = [...new Set(state.cwds.map((cwd) => lexical(target.startsWith("/") ? target : `${cwd}/${target}`)))];
  if (cwds.length > MAX_CWDS)
    return refuse("there are too many places where it may lead", "write the directory itself");
  for (const path of cwds) reading.add({ kind: "enter", path });
  return { success: { ...state, cwds }, failure: state };
}

/** As the shell itself walks: `..` takes off the last name. */
function lexical(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function exportNames(words: readonly Value[], state: State, reading: Reading): Outcome {
  let next = state;
  for (const word of words) {
    if (!isKnown(word) || word.startsWith("-")) {
      reading.refuse("export", "only `export NAME=value` is read here", "write that");
      continue;
    }
    const [name, value] = assignmentIn(word);
    if (exported(name, value ?? "", reading) !== null && value !== null) next = withVariable(next, name, value);
  }
  return both(next);
}

function declare(words: readonly Value[], state: State, reading: Reading): Outcome {
  let next = state;
  for (const word of words) {
    if (!isKnown(word) || word.startsWith("-") || word.startsWith("+")) {
      reading.refuse("declare", "only `name=value` with a known value is read here", "write that");
      continue;
    }
    const [name, value] = assignmentIn(word);
    next = setVariable(name, value ?? SOME_TEXT, next, reading);
  }
  return both(next);
}

function assignmentIn(word: string): readonly [name: string, value: string | null] {
  const equals = word.indexOf("=");
  return equals === -1 ? [word, null] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** It is empty then, or what it was outside of a function; one of the environment would be taken from programs. */
function unset(words: readonly Value[], state: State, reading: Reading): Outcome {
  let next = state;
  for (const word of words) {
    const isOwn = isKnown(word) && state.variables.has(word) && reading.world.environment[word] === undefined;
    if (!isOwn) reading.refuse("unset", "only variables that the script set are unset here", "leave it out");
    else next = withVariable(next, word, null);
  }
  return both(next);
}

/** What only ends a script earlier. */
function set(words: readonly Value[], state: State, reading: Reading): Outcome {
  const options = new Set(["pipefail", "errexit", "nounset"]);
  const isFine = words.every(
    (word, at) =>
      isKnown(word) &&
      (/^-[eu]+o?$/.test(word) || word === "-o" || (options.has(word) && /o$/.test(String(words[at - 1] ?? "")))),
  );
  if (!isFine || words.length === 0)
    reading.refuse("set", "only `-e`, `-u` and `-o pipefail` are read here", "leave it out");
  return both(state);
}

function read(words: readonly Value[], state: State, reading: Reading): Outcome {
  let next = state;
  for (const word of words) {
    if (word === "-r" || word === "-s") continue;
    if (!isKnown(word) || word.startsWith("-"))
      reading.refuse("read", "only `read -r NAME` is read here", "write that");
    else next = setVariable(word, SOME_TEXT, next, reading);
  }
  return both(next);
}
