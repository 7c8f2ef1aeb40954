/** Redirections are calls on files: what is read, and what is written before the command even starts. */
import type { HereDoc, Redirect, Redirection } from "unbash";
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";
import { isKnown } from "./value.ts";
import { expandOne, expandParts, hasGlob } from "./word.ts";

/** Files are opened in every directory that the shell may be in. Gives the state behind them. */
export function redirected(redirects: readonly Redirection[], state: State, reading: Reading): State {
  let writes = false;
  for (const one of redirects) {
    if (one.descriptor?.type === "FileDescriptorVariable")
      reading.refuse(`{${one.descriptor.name}}`, "it sets a variable", "write a number");
    if (one.type === "HereDoc") hereDocument(one, state, reading);
    else if (one.type === "HereString") hereString(one.target, state, reading);
    else writes = file(one, state, reading) || writes;
  }
  return writes && !state.mayHaveWritten ? { ...state, mayHaveWritten: true } : state;
}

function hereDocument({ body, delimiter, closing }: HereDoc, state: State, reading: Reading): void {
  // Without its closing line the rest of the script is its text; a shell only warns.
  if (delimiter === undefined || closing === undefined)
    reading.refuse("<<", "the here-document has no end", "close it with its word on a line of its own");
  if (delimiter?.quoted !== true && body.parts !== undefined) expandParts(body.parts, state, reading);
}

function hereString(target: Redirect["target"], state: State, reading: Reading): void {
  if (target === undefined || state.isPosix) reading.refuse("<<<", "not every shell reads it", "use a here-document");
  else expandOne(target, state, reading);
}

/** True: it writes. */
function file({ operator, target }: Redirect, state: State, reading: Reading): boolean {
  if (target === undefined) {
    reading.refuse(operator, "it names no file", "name one");
    return false;
  }
  if (hasGlob(target)) reading.refuse(target.text, "it may stand for several files", "name one");
  const value = expandOne(target, state, reading);
  const isCopy = operator === ">&" || operator === "<&";
  if (isKnown(value) && isCopy && /^(?:\d{1,3}-?|-)$/.test(value)) return false;
  // Bash takes quotes off a second time behind `>&`.
  const isDoubtful = isCopy && /[\\'"$`]/.test(String(value));
  if (!isKnown(value) || value === "" || operator === "<&" || isDoubtful) {
    reading.refuse(`${operator}${target.text}`, "it is not known which file that is", "write the path itself");
    return true;
  }
  if (state.isPosix && operator.includes("&"))
    reading.refuse(operator, "`sh` reads it differently", "write `>FILE 2>&1`");
  for (const path of state.cwds.map((cwd) => (value.startsWith("/") ? value : `${cwd}/${value}`))) {
    if (operator === "<" || operator === "<>") reading.add({ kind: "read", path });
    if (operator !== "<") reading.add({ kind: "write", path });
  }
  return operator !== "<";
}
