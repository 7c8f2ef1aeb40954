/**
 * Sends a decided request with the credential in its slot, and looks at the answer before it is told: one that holds the
 * credential, in a usual encoding, is withheld. That is a net under the slot rule, not the mechanism.
 */
import type { Errands } from "@agent-run/effects/errands";
import type { BrokeredAnswer, Failure, HttpAnswer, PinnedRequest, RequestUse } from "@agent-run/gate";
import { fillSlot } from "./format/slot.ts";
import { type Attempt, type Plain, plainText } from "./plain.ts";
import { tripwire } from "./tripwire.ts";

export interface Brokered {
  readonly request: PinnedRequest;
  /** The token in the slot, and what it stands for. */
  readonly slot: string;
  readonly value: Attempt<Plain>;
  /** The secret itself, for the tripwire. */
  readonly secret: Attempt<Plain>;
}

export interface BrokeredRequest {
  readonly answer: BrokeredAnswer;
  readonly http: HttpAnswer | null;
  /** For the operator. */
  readonly why: string | null;
}

export async function brokeredRequest(
  { request, slot, value, secret }: Brokered,
  use: RequestUse,
  errands: Errands,
  signal: AbortSignal,
): Promise<BrokeredRequest> {
  if (!value.ok) return notSent(use, value.why);
  const filled = fillSlot(use, { token: slot, value: value.value }, request, Date.now());
  if (!filled.ok) return notSent(use, filled.why);
  const sent = await errands.perform({ kind: "http", request: filled.value }, signal);
  if (!sent.ok) return { answer: { ok: false, failure: sent.failure }, http: null, why: sent.failure.message };
  const http = sent.value as HttpAnswer;
  if (use.response === "public" && isTripped(secret, fieldBytes(http), http.body))
    return { answer: withheld(use), http: null, why: "the answer held the credential" };
  const { status, headers, body } = http;
  const bodyBase64 = Buffer.from(body).toString("base64");
  return { answer: { ok: true, value: { status, headers, bodyBase64 } }, http, why: null };
}

const fieldBytes = ({ headers }: HttpAnswer): Uint8Array => Buffer.from(headers.flat().join("\n"), "latin1");

/** Whether bytes from outside hold the secret. */
export function isTripped(secret: Attempt<Plain>, ...parts: readonly Uint8Array[]): boolean {
  const text = secret.ok ? plainText(secret.value) : secret;
  const wire = text.ok ? tripwire(text.value) : null;
  return wire !== null && parts.some((bytes) => wire(bytes));
}

/** The same, whatever the reason: which it was depends on the secret. */
const notSent = (use: RequestUse, why: string) => ({
  answer: { ok: false, failure: unsent(use) } as const,
  http: null,
  why,
});

const unsent = (use: RequestUse): Failure => ({
  code: "E_NETWORK",
  message: "the request could not be made with this credential",
  rule: use.ref,
  hint: "the operator's log of sealed work says why",
});

const withheld = (use: RequestUse): BrokeredAnswer => ({
  ok: false,
  failure: {
    code: "E_SINK",
    message: "withheld: the response contained the credential",
    rule: use.ref,
    hint: "the server repeats what it is sent; the operator was told",
  },
});
