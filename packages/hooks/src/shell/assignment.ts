/** Variables that a script sets: one that reaches programs is a call; one of the shell's own is remembered. */
import type { Assignment, Word } from "unbash";
import type { Reading } from "./reading.ts";
import { type State, withVariable } from "./state.ts";
import { isKnown, type Value } from "./value.ts";
import { expandOne } from "./word.ts";

/** They change how the shell reads or finds things. */
const SPECIAL =
  /^(?:BASH.*|HOME|PWD|OLDPWD|PATH|IFS|PS\d|OPT(?:ARG|IND|ERR)|POSIXLY_CORRECT|HIST.*|TMOUT|EXECIGNORE|FIGNORE|FUNCNEST|INPUTRC|LC_.*|LANG|TMPDIR|_|[A-Z]*PATH|ZDOTDIR|fpath|path|cdpath|argv|NULLCMD|READNULLCMD|SHELL|USER|UID|EUID|GROUPS|DIRSTACK|PROMPT.*|S?RANDOM|SECONDS|LINENO|PPID|SHLVL|EPOCH.*)$/;

/** `NAME=value` with no command behind it. */
export function assigned(one: Assignment, state: State, reading: Reading): State {
  const value = valueIn(one, state, reading);
  if (value === null) return state;
  return setVariable(one.name, one.append === true ? appended(one.name, value, state) : value, state, reading);
}

/** A variable gets a value in some way: by `=`, `for`, `read`. */
export function setVariable(name: string, value: Value, state: State, reading: Reading): State {
  const { world } = reading;
  if (!/^[A-Za-z_]\w*$/.test(name)) reading.refuse(name, "no variable has such a name", "use letters");
  // What came with the environment goes on to programs when it is changed.
  else if (SPECIAL.test(name) || world.isNeverSet(name)) reading.refuse(name, NEVER, "use another name");
  else if (world.environment[name] !== undefined) reading.add({ kind: "set", name });
  return withVariable(state, name, isKnown(value) ? value : null);
}

const NEVER = "setting it changes how the shell or a program works";

/** `NAME=value` before a command, or of `export` and `env`: a program is given it. */
export function exported(name: string, value: Value, reading: Reading): readonly [string, string] | null {
  if (!/^[A-Za-z_]\w*$/.test(name)) reading.refuse(name, "no variable has such a name", "use letters");
  else if (reading.world.isNeverSet(name)) reading.refuse(name, "it can make a program run other code", "leave it out");
  else reading.add({ kind: "set", name });
  if (isKnown(value)) return [name, value];
  reading.refuse(`${name}=`, "its value is not known before it runs", "write the value itself");
  return null;
}

/** Null: refused. */
export function valueIn({ value, text, index }: Assignment, state: State, reading: Reading): Value | null {
  if (value.type === "Word" && index === undefined) return expandOne(value as Word, state, reading);
  reading.refuse(text, "arrays are not read here", "use plain words");
  return null;
}

function appended(name: string, value: Value, state: State): Value {
  const before = state.variables.get(name);
  return typeof before === "string" && isKnown(value) ? before + value : { unknown: "text" };
}
