/**
 * The wall of re-entry: the state that a client carries from a question to its answer. It is worth nothing but with the
 * same call of the same client to the same process, about the run that waits, once, until its time is over. It says
 * nothing that may not be seen: names and hashes.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { canonicalJson, isJsonObject, type Json } from "@agent-run/policy";

export interface StateClaims {
  readonly run: string;
  /** 128 random bits in hex, of this state alone. */
  readonly nonce: string;
  /** SHA-256 over nonce and request hash of every ticket that is asked about. */
  readonly asked: string;
  /** SHA-256 of the policy that asks. */
  readonly policy: string;
  /** SHA-256 of the tool and its arguments. */
  readonly call: string;
  /** SHA-256 over what identifies client and session. */
  readonly client: string;
  /** Milliseconds of the wall clock. */
  readonly expiresMs: number;
}

const PREFIX = "agent-run.1.";
/** Characters; ours are shorter. */
const LONGEST = 2000;
const TEXTS = ["run", "nonce", "asked", "policy", "call", "client"] as const;

export const newNonce = (): string => randomBytes(16).toString("hex");

export class StateSeal {
  /** Of this process and never written: a state does not outlive the runs that it is about. */
  readonly #key = randomBytes(32);

  seal(claims: StateClaims): string {
    const body = Buffer.from(canonicalJson({ ...claims })).toString("base64url");
    return `${PREFIX}${body}.${this.#mac(body)}`;
  }

  /** Null: not made here, or changed. */
  open(state: unknown): StateClaims | null {
    if (typeof state !== "string" || state.length > LONGEST || !state.startsWith(PREFIX)) return null;
    const [body = "", mac = "", ...more] = state.slice(PREFIX.length).split(".");
    const [given, expected] = [Buffer.from(mac), Buffer.from(this.#mac(body))];
    if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return claimsOf(JSON.parse(Buffer.from(body, "base64url").toString()));
  }

  #mac(body: string): string {
    return createHmac("sha256", this.#key).update(PREFIX).update(body).digest("base64url");
  }
}

/** What was sealed here has this form. */
function claimsOf(value: Json): StateClaims | null {
  if (!isJsonObject(value) || typeof value.expiresMs !== "number") return null;
  return TEXTS.every((name) => typeof value[name] === "string") ? (value as unknown as StateClaims) : null;
}
