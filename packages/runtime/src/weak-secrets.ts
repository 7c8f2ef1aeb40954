/**
 * Secrets that could be guessed, for the operator's own commands (`policy validate`, `doctor`) and nowhere else: what a run
 * shows must not depend on a secret, so a run says nothing of this (docs/decisions/0012). Told is which secret it is,
 * never its value, nor how long it is.
 */
import { operatorEnvironment } from "@agent-run/effects";
import { isWeakSecret, type PolicyData, type SecretData, secretField } from "@agent-run/policy";

/** One sentence for each secret whose variable is set here, could be guessed, and has a use with a public answer. */
export function weakSecrets(
  { localOnly }: Pick<PolicyData, "localOnly">,
  environment: Readonly<Record<string, string>> = operatorEnvironment(),
): string[] {
  const answered = (localOnly?.secrets ?? []).filter(({ uses }) => uses.some(({ response }) => response === "public"));
  return answered.filter((secret) => isGuessable(secret, environment)).map(({ name }) => sentence(name));
}

function isGuessable({ source }: SecretData, environment: Readonly<Record<string, string>>): boolean {
  if (source.kind !== "env" || !Object.hasOwn(environment, source.name)) return false;
  const text = environment[source.name] ?? "";
  const value = source.field === null ? text : secretField(text, source.field);
  // Without such a part there is no secret either.
  if (value === undefined) return false;
  return isWeakSecret(typeof value === "string" ? value : JSON.stringify(value));
}

const sentence = (name: string): string =>
  `secret \`${name}\` could be guessed, and a use of it has public answers, which tell whether a guess was right; replace it with a long random value, or write \`response = "sealed"\``;
