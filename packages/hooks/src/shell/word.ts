/**
 * Words as bash expands them: braces, tilde, parameters, substitutions, files, quotes removed. What it would make of a word
 * depends on what is known before it runs; the rest is an unknown, and what could be split or matched is refused.
 */
import type { Word, WordPart } from "unbash";
import { choicesOf, productOf } from "./brace.ts";
import { filesFor, type GlobPiece } from "./file-glob.ts";
import { parameterValue } from "./parameter.ts";
import type { Reading } from "./reading.ts";
import type { State } from "./state.ts";
import { substituted } from "./substitution.ts";
import { glued, isKnown, SOME_NUMBER, SOME_TEXT, type Value } from "./value.ts";

/** `words`: split, and matched against files; `one`: neither, as behind `=` and in `case`. */
type Mode = "words" | "one";

interface Piece {
  readonly value: Value;
  readonly isQuoted: boolean;
  /** A wildcard that is active. */
  readonly isGlob?: true;
  /** It came of an expansion, so an empty one leaves no word behind. */
  readonly isExpanded?: true;
}

/** Everything that the word stands for, as words of a command. */
export function expandWords(word: Word, state: State, reading: Reading): readonly Value[] {
  if (word.text === '"$@"' && state.words !== null) return state.words;
  if (/^=[^=\s]/.test(word.text)) reading.refuse(word.text, "zsh reads it as the path of a command", "quote it");
  const rows = (word.parts ?? [literal(word)]).map((part) => choices(part, state, reading));
  const all = productOf(rows);
  if (all === null) {
    reading.refuse(word.text, "it stands for too many words", "write them");
    return [SOME_TEXT];
  }
  return all.flatMap((parts) =>
    fields(
      word,
      parts.flatMap((part) => pieces(part, "words", state, reading)),
      state,
      reading,
    ),
  );
}

/** Its one value. */
export function expandOne(word: Word, state: State, reading: Reading): Value {
  const parts = word.parts ?? [literal(word)];
  const all = withTilde(
    word.text,
    parts.flatMap((part) => pieces(part, "one", state, reading)),
    reading,
  );
  return glued(all.map(({ value }) => value));
}

/** Expansions in a text that is neither split nor matched, as the body of a here-document. */
export function expandParts(parts: readonly WordPart[], state: State, reading: Reading): void {
  for (const part of parts) pieces(part, "one", state, reading);
}

/** Active wildcards, for places where bash matches them in a way that is not read here. */
export const hasGlob = (word: Word): boolean =>
  (word.parts ?? []).some(({ type }) => type === "Glob" || type === "ExtendedGlob" || type === "BraceExpansion");

/** A word without quotes and expansions has no parts. Escaped letters in it are quoted, but no wildcard is active. */
const literal = ({ text, value, pos, end }: Word): WordPart => ({ type: "Literal", text, value, pos, end });

function choices(part: WordPart, state: State, reading: Reading): readonly WordPart[] {
  if (part.type !== "BraceExpansion") return [part];
  const found = choicesOf(part.text);
  if (found === null || state.isPosix) {
    reading.refuse(part.text, "such braces are not read here", "write the words");
    return [{ ...part, type: "Literal", value: part.text }];
  }
  return found.map((value) => ({ type: "Literal", text: value, value, pos: part.pos, end: part.end }));
}

function pieces(part: WordPart, mode: Mode, state: State, reading: Reading): readonly Piece[] {
  switch (part.type) {
    case "Literal":
      return [{ value: part.value, isQuoted: /[\\]/.test(part.text) }];
    case "SingleQuoted":
      return [{ value: part.value, isQuoted: true }];
    case "AnsiCQuoted":
      return [{ value: ansiValue(part.text, part.value, state, reading), isQuoted: true }];
    case "DoubleQuoted":
      return [{ value: quotedValue(part.parts, state, reading), isQuoted: true }];
    case "Glob":
      return [
        mode === "words" ? { value: part.value, isQuoted: false, isGlob: true } : { value: part.value, isQuoted: true },
      ];
    case "BraceExpansion":
      return [{ value: part.text, isQuoted: true }];
    case "SimpleExpansion":
    case "ParameterExpansion":
    case "CommandExpansion":
    case "ArithmeticExpansion":
      return [expanded(part, mode, state, reading)];
    case "ProcessSubstitution":
      return [{ value: processSubstitution(part, state, reading), isQuoted: true }];
    default:
      reading.refuse(part.text, "it is not read here", "write the words themselves");
      return [{ value: SOME_TEXT, isQuoted: true }];
  }
}

/** Values of variables are split and matched by some shells and not by others, so neither may be possible. */
function expanded(part: WordPart, mode: Mode, state: State, reading: Reading): Piece {
  const value = expansionValue(part, state, reading);
  if (mode === "one") return { value, isQuoted: true, isExpanded: true };
  const isSafe = isKnown(value) ? !/[\s*?[\]\\]/.test(value) : value.unknown === "number";
  if (!isSafe)
    reading.refuse(part.text, "without quotes its value is split and matched against files", `write "${part.text}"`);
  return { value, isQuoted: false, isExpanded: true };
}

function quotedValue(parts: readonly WordPart[], state: State, reading: Reading): Value {
  for (const [at, part] of parts.entries()) refuseSubscript(part, parts[at + 1], reading);
  return glued(parts.map((part) => (part.type === "Literal" ? part.value : expansionValue(part, state, reading))));
}

/** `$name[...]` and `$name:h` are a variable and letters to bash, and one expansion to zsh. */
function refuseSubscript(part: WordPart, next: WordPart | undefined, reading: Reading): void {
  if (part.type !== "SimpleExpansion" || next === undefined || !/^(?:\[|:[A-Za-z])/.test(next.text)) return;
  reading.refuse(part.text + next.text, "shells read it differently", "write ${name} in braces");
}

function expansionValue(part: WordPart, state: State, reading: Reading): Value {
  switch (part.type) {
    case "SimpleExpansion":
      return parameterValue(part.text.slice(1), part.text, state, reading);
    case "ParameterExpansion": {
      const { parameter, prefix, index, operation } = part;
      if (prefix === "#" && index === undefined && operation === undefined && /^\w+$/.test(parameter)) {
        parameterValue(parameter, part.text, state, reading);
        return SOME_NUMBER;
      }
      if (prefix === undefined && index === undefined && operation === undefined)
        return parameterValue(parameter, part.text, state, reading);
      reading.refuse(part.text, "such an expansion is not read here", "write the value itself");
      return SOME_TEXT;
    }
    case "CommandExpansion":
      return substituted(part, state, reading);
    case "ArithmeticExpansion":
      refuseNames(part.text, reading);
      return SOME_NUMBER;
    default:
      reading.refuse(part.text, "it is not read here", "write the value itself");
      return SOME_TEXT;
  }
}

/** A name in arithmetic stands for its value, which is read as arithmetic again: `a[$(...)]` runs a command. */
export function refuseNames(text: string, reading: Reading): void {
  if (/[A-Za-z_$`'"\\[{]/.test(text.replace(/^\$\(\(/, "")))
    reading.refuse(text, "only numbers are read in arithmetic", "write the result itself");
}

/** Escapes are read where they stand for what anybody could have typed. `sh` has no such quotes. */
function ansiValue(text: string, value: string, state: State, reading: Reading): Value {
  const isPrintable = /\\[xuUc0-7]/.test(text)
    ? /^[\x20-\x7e\n\t]*$/.test(value)
    : /^[^\p{Cc}]*$/u.test(value.replace(/[\n\t]/g, ""));
  // Bash keeps the backslash of an escape that it does not know, and drops it in some places later.
  const isKnownEscape = !/\\[^abeEfnrtv\\'"?xuUc0-7]/.test(text.replace(/\\\\/g, ""));
  if (state.isPosix || !isPrintable || !isKnownEscape)
    reading.refuse(text, "shells read it differently", "write the letters themselves");
  return value;
}

function processSubstitution(
  part: Extract<WordPart, { type: "ProcessSubstitution" }>,
  state: State,
  reading: Reading,
): Value {
  if (part.script === undefined || state.isPosix)
    reading.refuse(part.text, "the shell grammar cannot read it", "use a pipe");
  else reading.inside(part.script, state);
  return "/dev/fd/63";
}

function withTilde(text: string, all: readonly Piece[], reading: Reading): readonly Piece[] {
  const [first, ...rest] = all;
  if (first === undefined || first.isQuoted || !isKnown(first.value)) return all;
  if (/^[A-Za-z_]\w*\+?=(?:.*:)?~/.test(first.value) || /^~.*:~/s.test(first.value)) {
    reading.refuse(text, "some shells expand the tilde behind `=` or `:`", "write the path in full");
    return all;
  }
  if (!first.value.startsWith("~")) return all;
  if (/^~(?:\/|$)/.test(first.value) && (first.value !== "~" || rest.length === 0 || startsWithSlash(rest[0])))
    return [{ ...first, value: `${reading.world.home}${first.value.slice(1)}`, isQuoted: true }, ...rest];
  reading.refuse(text, "only `~` and `~/...` are known", "write the path in full");
  return all;
}

const startsWithSlash = (piece: Piece | undefined): boolean =>
  piece !== undefined && isKnown(piece.value) && piece.value.startsWith("/") && !piece.isQuoted;

function fields(word: Word, all: readonly Piece[], state: State, reading: Reading): readonly Value[] {
  for (const [at, part] of (word.parts ?? []).entries()) refuseSubscript(part, word.parts?.[at + 1], reading);
  const expandedTilde = withTilde(word.text, all, reading);
  if (all.every(({ isExpanded, isQuoted, value }) => isExpanded && !isQuoted && value === "")) return [];
  const value = glued(expandedTilde.map((piece) => piece.value));
  if (!expandedTilde.some(({ isGlob }) => isGlob)) return [value];
  const globs = expandedTilde.map((piece): GlobPiece | null =>
    isKnown(piece.value) ? { text: piece.value, isActive: piece.isGlob === true } : null,
  );
  if (globs.some((one) => one === null)) {
    reading.refuse(word.text, "it is not known which files it stands for", "write the names");
    return [SOME_TEXT];
  }
  return filesFor(globs as readonly GlobPiece[], state, reading) ?? [SOME_TEXT];
}
