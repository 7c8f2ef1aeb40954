/**
 * Regular expressions of Python as ours (RE2). The two differ in what `\s`, `\w`, `\d` and `$` match, and RE2 has no
 * look-around. A denial must match at least as much as it did there, a grant at most as much.
 */

/** Beyond this agsec takes a condition as false. */
const MOST = 500;

/** For a denial. Null where it can not be said: look-around, references, and what would have to match less to match more. */
export function loosenedRegex(pattern: string): string | null {
  const pieces = pattern.match(/\\[\s\S]|\(\?P?[^:]?|\[\[:|\[\^?\]?|\{,|[\s\S]/g) ?? [];
  if (pattern.length > MOST || pieces.some((piece) => UNSAID.test(piece))) return null;
  let set: "none" | "positive" | "negative" = "none";
  const loosened = pieces.map((piece) => {
    if (set === "none" && piece.startsWith("[")) set = piece.startsWith("[^") ? "negative" : "positive";
    else if (piece === "]") set = "none";
    // In a negative set the narrower meaning is the one that matches more.
    const wider = set === "negative" ? undefined : WIDER[piece];
    if (wider !== undefined) return set === "positive" ? wider : `[${wider}]`;
    return piece === "$" && set === "none" ? "\\n?$" : piece;
  });
  return loosened.join("");
}

/**
 * Look-around, names, conditionals and references; `\S`, `\W`, `\D` and `\B`, whose opposites are wider in Python; `{,n}`
 * and `[[:`, which RE2 reads otherwise; other escapes that only one of the two has.
 */
const UNSAID = /^(?:\(\?(?!i)P?[^:]|\\[1-9SWDBZAux]|\{,|\[\[:)/;

const WIDER: Readonly<Record<string, string>> = {
  "\\s": "\\s\\v\\x{1c}-\\x{1f}\\x{85}\\p{Z}",
  "\\w": "\\w\\p{L}\\p{N}",
  "\\d": "\\d\\p{Nd}",
};

/** For a grant: letters, groups, repetitions, anchors; nothing that the two read differently. */
export function grantedRegex(pattern: string): string | null {
  return pattern.length <= MOST &&
    /^(?:[A-Za-z0-9_/ .^$*+?()|-]|\\[./+*?()|^$-])*$/.test(pattern) &&
    !/\(\?/.test(pattern) &&
    !/\$(?!$)/.test(pattern)
    ? pattern.replace(/\$$/, "$")
    : null;
}
