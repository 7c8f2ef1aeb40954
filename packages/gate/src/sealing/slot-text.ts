/**
 * Whether what a script typed into a credential slot is exactly the declared format around exactly one token, and
 * whether that token is one that the slot takes (EXACT-SLOT). From public text and metadata alone. A value that the
 * script computed from the secret is none: the server's answer to it would tell about the secret, one bit a request.
 */
import type { Formatting, SlotFormat } from "@agent-run/policy";
import { splitAtTokens } from "./token.ts";

/** What a token stands for, seen from the slot: the secret, one of our formattings of it, or something computed. */
export type TokenForm = Formatting | "derived";

export type SlotText =
  | { readonly ok: true; readonly token: string; readonly of: Formatting }
  | {
      readonly ok: false;
      readonly why: "not a token" | "two tokens" | "extra text" | "derived" | "another formatting";
    };

/** `formOf`: null for what is no live handle. Whose secret the token is, the caller asks. */
export function slotText(format: SlotFormat, typed: string, formOf: (token: string) => TokenForm | null): SlotText {
  const pieces = splitAtTokens(typed).filter((piece, index) => index % 2 === 1 && formOf(piece) !== null);
  const [token, ...more] = pieces;
  if (token === undefined) return { ok: false, why: "not a token" };
  if (more.length > 0) return { ok: false, why: "two tokens" };
  const around = format.kind === "template" ? format : { before: "", after: "" };
  if (typed !== `${around.before}${token}${around.after}`) return { ok: false, why: "extra text" };
  const of = formOf(token);
  if (of === null || of === "derived") return { ok: false, why: "derived" };
  const takes: readonly Formatting[] = format.kind === "template" ? format.of : ["original"];
  return takes.includes(of) ? { ok: true, token, of } : { ok: false, why: "another formatting" };
}

/** The user and the token of `user:<token>`, which `btoa` makes Basic credentials of; null for any other text. */
export function basicText(text: string): { readonly user: string; readonly token: string } | null {
  const [before = "", token, after, ...more] = splitAtTokens(text);
  const isPair = token !== undefined && after === "" && more.length === 0;
  return isPair && /^[^:\p{Cc}]*:$/u.test(before) ? { user: before.slice(0, -1), token } : null;
}
