/** Answers of effects in the shape that a script would see of ordinary ones. */
import { type GateAnswer, isJsonObject, type Json } from "@agent-run/gate";
import { type Attempt, done, failed, type Plain } from "./plain.ts";

type Fields = readonly (readonly [string, string])[];

export function answerOf(op: string, answer: GateAnswer): Attempt<Plain> {
  if ("error" in answer) return failed(`${answer.error.code}: ${answer.error.message}`);
  if (!("ok" in answer)) return failed("the run ended");
  if (op !== "net.request" || !isJsonObject(answer.ok)) return done(answer.ok);
  const { status, url, headers, body } = answer.ok;
  return done(responseOf(String(url), Number(status), headers as Fields, String(body)));
}

export const responseOf = (url: string, status: number, headers: Fields, body: string): Json => ({
  status,
  ok: status >= 200 && status <= 299,
  url,
  headers: Object.fromEntries(headers),
  body,
});

export const isResponse = (value: Plain): value is { readonly [name: string]: Json } & { readonly body: Json } =>
  isJsonObject(value ?? null) && Object.hasOwn(value as object, "status") && Object.hasOwn(value as object, "body");

/** The one boolean of an outcome: a status of 2xx, an exit code of 0. */
export function isGood(value: Plain): boolean {
  if (!isJsonObject(value ?? null)) return false;
  const { ok, exitCode } = value as { ok?: Json; exitCode?: Json };
  return ok === true || exitCode === 0;
}
