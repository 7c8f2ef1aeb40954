/**
 * The text of a pattern before it means anything: what is refused because people read it differently from the
 * matcher (extglob, POSIX classes, brace ranges, `**` glued to a name, `!` in front), because it could never match
 * (dot segments, empty ones), or because it is a bomb (braces that multiply, endless texts). The patterns of
 * scripts are not read here, see script-glob.ts.
 */
import { CONTROL, hasLoneSurrogate, shown } from "./spelling.ts";

/** UTF-16 units of one pattern, and how many patterns its braces may stand for. */
const MAX_LENGTH = 4096;
const MAX_ALTERNATIVES = 256;
const MAX_DEPTH = 8;

/** Punctuation that means something in some glob dialect or shell; escaping anything else is an error in reading. */
const ESCAPABLE = /[\\*?[\]{}()!+@,|^$"'~#&;<>=%:-]/;

/**
 * What is wrong with a pattern as a person writes it, or null. The text continues "the pattern ...": lower case, no
 * full stop. Leading `./` and `../` are left for the loader to resolve; `~` and the removal `!pattern` are its, too.
 */
export function validateGlob(pattern: string): string | null {
  const rest = pattern.replace(/^(?:\.\.?\/)+/, "");
  const climbs = rest === "." || rest === ".." || (rest === "" && pattern !== "");
  return (climbs ? null : formProblem(rest)) ?? escapeProblem(pattern);
}

/** As `validateGlob` for a pattern that is rooted already, where any character may be escaped. */
function formProblem(pattern: string): string | null {
  if (pattern === "") return "is empty";
  if (pattern.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (CONTROL.test(pattern)) return "holds a control character";
  if (hasLoneSurrogate(pattern)) return "is not valid Unicode";
  const problem = scan(pattern);
  if (problem !== null) return problem;
  const texts = alternatives(pattern);
  if (texts === null) return `stands for more than ${MAX_ALTERNATIVES} patterns; list them instead`;
  // Each alternative alone, too: `!{(a),b}` becomes `!(a)`.
  return texts.map((text) => scan(text) ?? segmentsProblem(text)).find((found) => found !== null) ?? null;
}

/** The pattern without braces, as many as it stands for. Null if `validateGlob` refuses it. */
export const expandBraces = (pattern: string): readonly string[] | null =>
  validateGlob(pattern) === null ? alternatives(pattern) : null;

/** A text that a pattern shall match literally, e.g. the root directory. */
export const escapeGlob = (literal: string): string => literal.replace(/[\\*?[\]{}()!+@,|^$"]/g, "\\$&");

/** Brackets, braces and parentheses; one pass, character by character. */
function scan(pattern: string): string | null {
  if (pattern.startsWith("!")) {
    return "starts with `!`, which only removes an inherited entry; write `\\!` for the character";
  }
  /** Per open brace: has it a comma yet? */
  const braces: boolean[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") {
      if (at + 1 >= pattern.length || pattern[at + 1] === "/") return "escapes nothing; write `\\\\` for a backslash";
      at++;
    } else if (character === "[") {
      const end = classEnd(pattern, at);
      if (typeof end === "string") return end;
      at = end;
    } else if (character === "]") {
      return "has a `]` without `[`; write `\\]` for the character";
    } else if (character === "{") {
      if (braces.push(false) > MAX_DEPTH) return `nests braces more than ${MAX_DEPTH} deep`;
    } else if (character === "," && braces.length > 0) {
      braces[braces.length - 1] = true;
    } else if (character === "}") {
      const comma = braces.pop();
      if (comma === undefined) return "has a `}` without `{`; write `\\}` for the character";
      if (!comma) return "has braces without a comma; only `{a,b}` is known, no ranges; write `\\{` for the character";
    } else if (character === "(" && "?*+@!".includes(pattern[at - 1] ?? " ") && pattern[at - 2] !== "\\") {
      return `looks like extglob (\`${pattern[at - 1]}(\`), which is not supported; write \`\\(\` for the character`;
    }
  }
  return braces.length > 0 ? "has a `{` without `}`; write `\\{` for the character" : null;
}

/** Place of the `]` that ends the class at `open`, or what is wrong with the class. */
function classEnd(pattern: string, open: number): number | string {
  let at = open + 1;
  if (pattern[at] === "!" || pattern[at] === "^") at++;
  const first = at;
  let previous = -1;
  for (; at < pattern.length && pattern[at] !== "]"; at++) {
    const character = pattern[at];
    if (character === "/") return "has a `/` in brackets, which could never match";
    if (character === "[") {
      return ":.=".includes(pattern[at + 1] ?? " ")
        ? "has a POSIX class; write the characters, as in `[a-z0-9]`"
        : "has a `[` in brackets; write `\\[` for the character";
    }
    if (character === "-" && at > first && pattern[at + 1] !== "]") {
      const high = pattern.codePointAt(pattern[at + 1] === "\\" ? at + 2 : at + 1) ?? 0;
      if (previous > high) return "has a range in brackets that runs backwards";
      continue;
    }
    if (character === "\\") at++;
    previous = pattern.codePointAt(at) ?? 0;
    if (previous > 0xffff) at++;
  }
  if (at >= pattern.length) return "has a `[` without `]`; write `\\[` for the character";
  return at === first ? "has empty brackets; write `\\[\\]` for the characters" : at;
}

function escapeProblem(pattern: string): string | null {
  for (const [, character = ""] of pattern.matchAll(/\\(.)/gsu)) {
    if (!ESCAPABLE.test(character)) return `escapes \`${shown(character)}\`, which needs no escaping`;
  }
  return null;
}

function segmentsProblem(text: string): string | null {
  if (text === "/") return null;
  for (const segment of text.replace(/^\//, "").replace(/\/$/, "").split("/")) {
    if (segment === "") return "has an empty segment (`//`)";
    if (segment === "." || segment === "..")
      return `has a \`${segment}\` segment in its middle, which could never match`;
    if (segment !== "**" && /(?<!\\)(?:\\\\)*\*\*/.test(segment)) {
      return "has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`";
    }
  }
  return null;
}

/** Expands braces, leftmost first. Null if there are too many, and then without having built them. */
function alternatives(pattern: string): readonly string[] | null {
  if (!pattern.includes("{")) return [pattern];
  const reader: Reader = { at: 0, tooMany: false };
  const texts = sequence(pattern, reader, false);
  return reader.tooMany ? null : texts;
}

interface Reader {
  at: number;
  tooMany: boolean;
}

function sequence(pattern: string, reader: Reader, inside: boolean): readonly string[] {
  let texts: readonly string[] = [""];
  while (reader.at < pattern.length && !reader.tooMany) {
    const character = pattern[reader.at] ?? "";
    if (inside && (character === "," || character === "}")) break;
    const choices = character === "{" ? group(pattern, reader) : [piece(pattern, reader)];
    if (texts.length * choices.length > MAX_ALTERNATIVES) reader.tooMany = true;
    else texts = texts.flatMap((text) => choices.map((choice) => text + choice));
  }
  return texts;
}

const PLAIN = /[^\\[\]{},]*/y;

/** The choices of one `{...}`. */
function group(pattern: string, reader: Reader): readonly string[] {
  const choices: string[] = [];
  do {
    reader.at++;
    choices.push(...sequence(pattern, reader, true));
  } while (pattern[reader.at] === "," && !reader.tooMany);
  reader.at++;
  return choices;
}

/** Characters that stand for themselves, one escape, one whole class or one character. */
function piece(pattern: string, reader: Reader): string {
  const start = reader.at;
  PLAIN.lastIndex = start;
  const plain = PLAIN.exec(pattern)?.[0] ?? "";
  if (plain !== "") {
    reader.at += plain.length;
    return plain;
  }
  const end = pattern[start] === "[" ? classEnd(pattern, start) : start;
  reader.at = pattern[start] === "\\" ? start + 2 : (typeof end === "number" ? end : start) + 1;
  return pattern.slice(start, reader.at);
}
