/**
 * Is a call one that a `[[secret.use]]` names? Host and path are matched as of every grant; here are the method, the words
 * of a command, and whether a request carries the secret at all: without it, the use opens nothing.
 */
import { isJsonArray } from "./json.ts";
import type { SecretData, SecretUse } from "./local-only-data.ts";
import type { CanonicalRequest } from "./request.ts";
import { matchesAllWords } from "./words.ts";

export function isUseOf(secret: SecretData, use: SecretUse, { attrs, labels }: CanonicalRequest): boolean {
  // The name of the command is matched as that of every granted command.
  if (use.kind === "command") return isJsonArray(attrs.argv) && matchesAllWords(use.argv.slice(1), attrs.argv.slice(1));
  const { method } = attrs;
  if (typeof method !== "string" || !use.methods.includes(method)) return false;
  return labels.includes(`secret:${secret.name}`) || (secret.data && labels.length > 0);
}
