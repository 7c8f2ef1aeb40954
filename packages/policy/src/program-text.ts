/**
 * Programs inside arguments: `sed` and `awk` scripts can start commands and read or write files without any flag.
 * Both are read here as far as needed to know that a script does nothing of that; whatever is not understood, or is
 * read differently by different versions, counts as if it did (DEFAULT-NO).
 */

/** Does every command of a sed script only edit text? */
export function isTameSed(script: string): boolean {
  let rest: string | null = script;
  while (rest !== null && rest !== "") rest = sedCommand(rest.replace(/^[\s;]+/, ""));
  return rest === "";
}

/** Does an awk program neither start commands, nor read or write files of its own, nor load code? */
export function isTameAwk(program: string): boolean {
  // The raw text is asked, strings and regular expressions included: telling them apart is where a parser is fooled.
  // ARGV and SYMTAB can name further input files, `@` loads files and calls functions by a computed name.
  if (/system|getline|@|ARGV|ARGC|SYMTAB|FUNCTAB/.test(program)) return false;
  const printed = program.indexOf("print");
  return printed === -1 || !/[|>]/.test(program.slice(printed));
}

/** What follows the first command of a text, or null for one that is not tame or not understood. */
function sedCommand(text: string): string | null {
  const start = afterAddresses(text);
  if (start === null) return null;
  const rest = start.replace(/^[\s!]+/, "");
  const [command = ""] = rest;
  if (command === "") return text === "" ? "" : null;
  if (command === "{" || command === "}") return rest.slice(1);
  if (command === "#") return rest.replace(/^.*(?:\n|$)/, "");
  if (command === "s" || command === "y") return afterSubstitution(rest);
  // A label ends at a blank or `;` for GNU, at the end of the line for others; the stricter reading is taken.
  if (":btT".includes(command)) return atEnd(rest.slice(1).replace(/^[ \t]*[^\s;}]*/, ""));
  // Inserted text goes to the end of the line; with a backslash it may go on, which is not followed here.
  if ("aic".includes(command)) return /^[^\\\n]*(?:\n|$)/.test(rest) ? rest.replace(/^.*(?:\n|$)/, "") : null;
  // Missing on purpose: `e` runs, `w` and `W` write, `r` and `R` read files.
  return "pPdDqQ=nNgGhHxlzF".includes(command) ? atEnd(rest.slice(1).replace(/^[ \t]*\d*/, "")) : null;
}

/** A command must end here, or it has an argument that was not understood. */
function atEnd(text: string): string | null {
  const rest = text.replace(/^[ \t]+/, "");
  return /^(?:[;}\n#]|$)/.test(rest) ? rest : null;
}

/** Up to two addresses: a line, `$`, `/re/` with flags, `first~step`, `+n`, `~n`. */
function afterAddresses(text: string): string | null {
  let rest = text;
  for (let addresses = 0; addresses < 2; addresses++) {
    if (rest.startsWith("\\")) return null;
    if (rest.startsWith("/")) {
      const end = patternEnd(rest, 1, "/");
      if (end === null) return null;
      rest = rest.slice(end + 1).replace(/^[IM]+/, "");
    } else {
      rest = rest.replace(addresses === 0 ? /^(?:\d+(?:~\d+)?|\$)/ : /^(?:[+~]?\d+|\$)/, "");
    }
    const comma = /^[ \t]*,[ \t]*/.exec(rest);
    if (comma === null) return rest;
    rest = rest.slice(comma[0].length);
  }
  return null;
}

/** `s` and `y` with any delimiter; of the flags of `s` only those that neither run nor write. */
function afterSubstitution(text: string): string | null {
  const delimiter = text[1] ?? "";
  if (delimiter === "" || /[\\\s[\]]/.test(delimiter)) return null;
  const middle = patternEnd(text, 2, delimiter);
  const end = middle === null ? null : replacementEnd(text, middle + 1, delimiter);
  return end === null ? null : atEnd(text.slice(end + 1).replace(/^[gpiIm0-9]*/, ""));
}

/** Place of the delimiter that ends a regular expression. A bracket that holds the delimiter is read in two ways. */
function patternEnd(text: string, from: number, delimiter: string): number | null {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === delimiter) return at;
    if (character === "\n") return null;
    if (character === "\\") at++;
    if (character !== "[") continue;
    const bracket = /^\[\^?\]?(?:\[:[a-z]+:\]|[^\][\\\n])*\]/.exec(text.slice(at))?.[0];
    if (bracket === undefined || bracket.includes(delimiter)) return null;
    at += bracket.length - 1;
  }
  return null;
}

function replacementEnd(text: string, from: number, delimiter: string): number | null {
  for (let at = from; at < text.length; at++) {
    if (text[at] === delimiter) return at;
    if (text[at] === "\n") return null;
    if (text[at] === "\\") at++;
  }
  return null;
}
