/**
 * Is a call one that a `[[secret.use]]` names? Host and path are matched as of every grant; here are the method, the words
 * of a command, and whether a request carries the secret at all: without it, the use opens nothing.
 */
import { isJsonArray } from "./json.ts";
import type { SecretData, SecretUse } from "./local-only-data.ts";
import type { CanonicalRequest } from "./request.ts";

export function isUseOf(secret: SecretData, use: SecretUse, { attrs, labels }: CanonicalRequest): boolean {
  if (use.kind === "command") return isJsonArray(attrs.argv) && matchesWords(use.argv, attrs.argv);
  const { method } = attrs;
  if (typeof method !== "string" || !use.methods.includes(method)) return false;
  return labels.includes(`secret:${secret.name}`) || (secret.data && labels.length > 0);
}

/** The name of the command is matched as that of every granted command. */
function matchesWords(pattern: readonly string[], argv: readonly unknown[]): boolean {
  const isOpen = pattern.at(-1) === "**";
  const words = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? argv.length < words.length : argv.length !== words.length) return false;
  // An option that the policy does not write could change what the command does with the secret.
  return words.every((word, at) => at === 0 || argv[at] === word || (word === "*" && isPlainWord(argv[at])));
}

const isPlainWord = (word: unknown): boolean => typeof word === "string" && !word.startsWith("-");
