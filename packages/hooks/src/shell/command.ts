/**
 * One simple command: its variables, words and files, then who it is. What starts other commands (`eval`, `sh -c`, `env`,
 * `xargs`) is taken off until the one that runs is left.
 */
import type { Command, ParsedScript, Redirection, Word } from "unbash";
import { assigned, exported, valueIn } from "./assignment.ts";
import { builtin, DOORS, isBuiltin } from "./builtin.ts";
import type { Reading } from "./reading.ts";
import { redirected } from "./redirect.ts";
import { readText } from "./script-text.ts";
import { after, both, ended, joined, left, type Outcome, type State, startIn, withVariable } from "./state.ts";
import { isKnown, SOME_TEXT, type Value } from "./value.ts";
import { expandOne, expandWords } from "./word.ts";
import { isWrapper, unwrapped } from "./wrapper.ts";

/** Reads whole scripts and bodies of functions; it stands above this file. */
export interface Reader {
  readonly script: (script: ParsedScript, state: State, reading: Reading) => State | null;
  readonly body: (name: string, state: State, reading: Reading) => State | null;
}

type Set = readonly (readonly [string, string])[];

interface Run {
  readonly argv: readonly Value[];
  readonly set: Set;
  readonly state: State;
  /** `command` and wrappers do not see functions. */
  readonly seesFunctions: boolean;
}

export function simpleCommand(command: Command, state: State, reading: Reading, reader: Reader): Outcome {
  const argv = wordsOf(command, state, reading);
  const behind = redirected(command.redirects as readonly Redirection[], state, reading);
  const assignments = command.prefix.filter((one) => one.type === "Assignment");
  if (argv.length === 0) return both(assignments.reduce((next, one) => assigned(one, next, reading), behind));
  const set = assignments.flatMap((one) => {
    const value = valueIn(one, state, reading);
    const pair = value === null || one.append === true ? null : exported(one.name, value, reading);
    if (one.append === true)
      reading.refuse(one.text, "its value is not known before it runs", "write the value itself");
    return pair === null ? [] : [pair];
  });
  // A function and `eval` see them, and in some shells they stay: what they are from here on is not known.
  const inside = assignments.reduce((next, { name }) => withVariable(next, name, null), behind);
  return run({ argv, set, state: inside, seesFunctions: true }, reading, reader);
}

/** `a=b` behind a command is a word of it; bash does not split there for `export` and its kin, so it may not matter. */
function wordsOf(command: Command, state: State, reading: Reading): readonly Value[] {
  const words = command.name === undefined ? [] : [...expandWords(command.name, state, reading)];
  for (const one of command.args) {
    if (one.type === "Word") words.push(...expandWords(one, state, reading));
    else if (one.value.type !== "Word" || one.index !== undefined || one.append === true)
      reading.refuse(one.text, "arrays are not read here", "use plain words");
    else words.push(declared(one.name, one.value as Word, state, reading));
  }
  return words;
}

function declared(name: string, word: Word, state: State, reading: Reading): Value {
  const value = expandOne(word, state, reading);
  return isKnown(value) ? `${name}=${value}` : SOME_TEXT;
}

function run({ argv, set, state, seesFunctions }: Run, reading: Reading, reader: Reader): Outcome {
  const [name, ...words] = argv;
  if (name === undefined) return both(state);
  if (!isKnown(name) || name === "") {
    reading.refuse("a command", "its name is not known before it runs", "write the name itself");
    return both(state);
  }
  if (seesFunctions && state.functions.has(name)) return callFunction(name, words, state, reading, reader);
  if (DOORS.has(name)) return throughDoor(name, words, { set, state }, reading, reader);
  const shell = shellOf(name, reading);
  if (shell !== null && words.some((word) => isKnown(word) && /^-[a-z]*c/.test(word)))
    return subShell(name, words, state, reading, reader);
  const own = builtin(name, words, state, reading);
  if (own !== null) return own;
  if (isWrapper(baseName(name)) && isSystem(name)) return wrapped(argv, set, state, reading, reader);
  return program(name, words, set, state, reading);
}

function program(name: string, words: readonly Value[], set: Set, state: State, reading: Reading): Outcome {
  const argv = [name, ...words];
  if (argv.every(isKnown)) reading.add({ kind: "run", argv, set, cwds: state.cwds });
  else {
    reading.refuse(name, `a word of \`${name}\` is not known before it runs`, "write the words themselves");
    // So that a rule about the command itself is still told.
    reading.add({ kind: "builtin", argv: argv.map((word) => (isKnown(word) ? word : "")) });
  }
  return both(READERS.has(name) ? state : { ...state, mayHaveWritten: true });
}

/** Known to make no files by themselves. */
const READERS: ReadonlySet<string> = new Set(
  "ls cat head tail wc grep egrep fgrep rg find stat file diff cmp cut tr uniq basename dirname realpath readlink date sleep seq du df which".split(
    " ",
  ),
);

function callFunction(name: string, words: readonly Value[], state: State, reading: Reading, reader: Reader): Outcome {
  const known = words.every(isKnown) ? words : null;
  if (known === null) reading.refuse(name, "a word of the function is not known before it runs", "write it");
  const inner = reading.deeper(name, () => reader.body(name, { ...state, words: known }, reading), null);
  if (inner === null) return ended;
  // `local` ends here and plain `=` stays, so what the function has set is not known.
  const variables = joined(inner, { ...state, cwds: inner.cwds })?.variables ?? inner.variables;
  return both({ ...inner, variables, words: state.words });
}

function throughDoor(
  name: string,
  words: readonly Value[],
  { set, state }: { readonly set: Set; readonly state: State },
  reading: Reading,
  reader: Reader,
): Outcome {
  reading.add({ kind: "builtin", argv: [name] });
  const [first] = words;
  if (name === "eval") return evaluate(words, state, reading, reader);
  if (name === "command" && (first === "-v" || first === "-V")) return both(state);
  const argv = first === "--" ? words.slice(1) : words;
  if (argv.length === 0) return both(state);
  if (isKnown(argv[0] ?? SOME_TEXT) && String(argv[0]).startsWith("-")) {
    reading.refuse(name, `options of \`${name}\` are not read here`, "leave them out");
    return both(state);
  }
  if (name === "builtin" && !(isKnown(argv[0] ?? SOME_TEXT) && isBuiltin(String(argv[0])))) {
    reading.refuse(name, "it names no builtin that is known here", "leave `builtin` out");
    return both(state);
  }
  return run({ argv, set, state, seesFunctions: false }, reading, reader);
}

function evaluate(words: readonly Value[], state: State, reading: Reading, reader: Reader): Outcome {
  const known = words.filter(isKnown);
  if (known.length < words.length) {
    reading.refuse("eval", "what it runs is not known before it runs", "write the command itself");
    return both(state);
  }
  const inner = nested("eval", known.join(" "), state, reading, reader);
  return inner === null ? ended : both(inner);
}

/** A script in a word. */
function nested(name: string, text: string, state: State, reading: Reading, reader: Reader): State | null {
  const read = readText(text);
  if (read.ok) return reading.deeper(name, () => reader.script(read.script, state, reading), null);
  reading.refuse(name, read.reason, "write it plainly");
  return state;
}

/** `bash -c SCRIPT`, `sh -ec SCRIPT`, `bash -l -c SCRIPT`. */
function subShell(name: string, words: readonly Value[], state: State, reading: Reading, reader: Reader): Outcome {
  const at = words.findIndex((word) => isKnown(word) && /^-[a-z]*c/.test(word));
  const isFine = words
    .slice(0, at + 1)
    .every((word) => isKnown(word) && /^-(?:[ceulx]+|-login|-norc|-noprofile)$/.test(word));
  const [script, , ...args] = words.slice(at + 1);
  // Options may stand behind `-c`, too, and the script behind them.
  if (!isFine || script === undefined || !isKnown(script) || /^[-+]/.test(script) || !args.every(isKnown)) {
    reading.refuse(name, "only `-c` and a script that is known are read here", "write the commands by themselves");
    return both(state);
  }
  reading.add({ kind: "builtin", argv: [name, ...words.map((word) => (isKnown(word) ? word : ""))] });
  const isPosix = baseName(name) !== "bash" || state.isPosix;
  const [first = "/"] = state.cwds;
  const start = { ...startIn(first), cwds: state.cwds, words: args, isPosix, mayHaveWritten: state.mayHaveWritten };
  return both(left(state, nested(name, script, start, reading, reader)));
}

function wrapped(argv: readonly Value[], set: Set, state: State, reading: Reading, reader: Reader): Outcome {
  const [name] = argv;
  reading.add({ kind: "builtin", argv: [String(name)] });
  const inner = unwrapped([baseName(String(name)), ...argv.slice(1)], reading);
  if (inner === null) return both(state);
  if (inner.argv.length === 0) {
    reading.refuse(String(name), "it has no command", "name the variable: `printenv NAME`");
    return both(state);
  }
  const more = inner.set.flatMap(([one, value]) => {
    const pair = exported(one, value, reading);
    return pair === null ? [] : [pair];
  });
  const moved =
    inner.cwd === undefined ? state : after(builtin("cd", ["--", inner.cwd], state, reading) ?? both(state));
  const there = inner.cwd === undefined || moved === null ? state : { ...moved, cwds: moved.cwds };
  const [head] = inner.argv;
  // A wrapper starts programs: what the shell itself would do is another program there, if any.
  if (isKnown(head ?? SOME_TEXT) && isBuiltin(String(head)) && !PROGRAMS_TOO.has(String(head)))
    reading.refuse(String(head), "it is a command of the shell, which no program can start", "run it by itself");
  const outcome = run(
    { argv: inner.argv, set: [...set, ...more], state: there, seesFunctions: false },
    reading,
    reader,
  );
  return both(left(state, after(outcome)));
}

/** Builtins that are programs as well, and do the same. */
const PROGRAMS_TOO: ReadonlySet<string> = new Set(["echo", "printf", "test", "[", "true", "false", "pwd"]);

const baseName = (name: string): string => name.replace(/^.*\//s, "");

/** Found in the system's directories, or by a name that leads there: what lies elsewhere is somebody's program. */
function isSystem(name: string): boolean {
  return !name.includes("/") || /^\/(?:usr\/)?bin\/[a-z]+$/.test(name);
}

const SHELLS = new Set(
  "zsh dash ksh mksh fish csh tcsh ash rbash yash elvish nu xonsh pwsh powershell busybox toybox".split(" "),
);

/** The shell that a name starts; other shells than bash and sh are refused. */
function shellOf(name: string, reading: Reading): string | null {
  const base = baseName(name).toLowerCase();
  if (SHELLS.has(base)) reading.refuse(name, "scripts of this shell are not read here", "use bash");
  return (base === "bash" || base === "sh") && isSystem(name) ? base : null;
}
