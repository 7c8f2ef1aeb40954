/**
 * Arguments word by word, as a grant reads them: what the pattern does not name is not granted. `*` stands for one word
 * that is no option, `**` at the end for any more words.
 */

/** `pattern`: the arguments as written, without the command; `argv`: the command first. */
export const matchesWords = (pattern: string, argv: readonly string[]): boolean =>
  matchesAllWords(
    pattern.split(/\s+/).filter((word) => word !== ""),
    argv.slice(1),
  );

export function matchesAllWords(pattern: readonly string[], args: readonly unknown[]): boolean {
  const isOpen = pattern.at(-1) === "**";
  const words = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? args.length < words.length : args.length !== words.length) return false;
  // An option that the policy does not write could change what the command does.
  return words.every((word, at) => args[at] === word || (word === "*" && isPlainWord(args[at])));
}

const isPlainWord = (word: unknown): boolean => typeof word === "string" && !word.startsWith("-");
