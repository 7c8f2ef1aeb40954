/** What `$name` stands for. A variable that the script did not set is one of the environment: reading it is a call. */
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";
import { SOME_NUMBER, SOME_TEXT, type Value } from "./value.ts";

/** Set by the shell, always to a number. */
const NUMBERS = new Set("? # $ ! RANDOM SRANDOM SECONDS LINENO UID EUID PPID BASHPID SHLVL EPOCHSECONDS".split(" "));

export function parameterValue(name: string, typed: string, state: State, reading: Reading): Value {
  if (NUMBERS.has(name)) return SOME_NUMBER;
  if (/^[1-9]\d*$/.test(name)) return positional(Number(name), typed, state, reading);
  if (name === "@" || name === "*") return allWords(typed, state, reading);
  const own = state.variables.get(name);
  if (own !== undefined) return own ?? SOME_TEXT;
  if (name === "HOME") return reading.world.home;
  if (name === "PWD") return state.cwds.length === 1 ? (state.cwds[0] ?? SOME_TEXT) : SOME_TEXT;
  if (/^[A-Za-z_]\w*$/.test(name)) reading.add({ kind: "variable", name });
  else reading.refuse(typed, "its value is not known before it runs", "write the value itself");
  return SOME_TEXT;
}

function positional(at: number, typed: string, { words }: State, reading: Reading): Value {
  if (words !== null) return words[at - 1] ?? "";
  reading.refuse(typed, "there are no positional parameters here", "write the value itself");
  return SOME_TEXT;
}

/** Inside a larger word, where one word has to come of it. */
function allWords(typed: string, { words }: State, reading: Reading): Value {
  if (words !== null && words.length <= 1) return words[0] ?? "";
  reading.refuse(typed, "it stands for several words, or none", 'write `"$@"` as a word of its own, in a function');
  return SOME_TEXT;
}
