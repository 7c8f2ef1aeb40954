/**
 * What the public side and the vault say to each other. The public side orders and is told four things, and no other
 * (NO-PLAINTEXT): that earlier work is settled, a released value, the answer of a brokered request or command, and one
 * boolean. Handles are numbered and their tokens minted by the public side, so an order needs no reply.
 */
import type { Failure, Json, PolicyData, ProtectedPath } from "@agent-run/policy";
import type { PinnedRequest } from "../errand.ts";

/** How the value of a handle comes about; nothing here is plaintext. */
export type Definition =
  /** The secret itself, by its name in the policy. */
  | { readonly kind: "secret"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "get"; readonly of: number; readonly key: string }
  | { readonly kind: "as"; readonly of: number; readonly how: "json" | "text" }
  | { readonly kind: "encode"; readonly how: Encoding; readonly text: string }
  | {
      readonly kind: "hmac";
      readonly algorithm: string;
      readonly key: string;
      readonly data: string;
      readonly output: "hex" | "base64";
    }
  | { readonly kind: "jwt"; readonly key: string; readonly algorithm: string; readonly claims: Json }
  | {
      readonly kind: "compute";
      readonly inputs: readonly number[];
      readonly source: string;
      readonly args: readonly Json[];
    };

export const ENCODINGS = ["base64", "base64decode", "uri", "uriComponent", "json"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What the vault signs with; another would be a sealed failure, which nobody is told of. */
export const HMAC_ALGORITHMS: readonly string[] = ["sha256", "sha1", "sha384", "sha512"];
export const JWT_ALGORITHMS: readonly string[] = ["HS256", "HS384", "HS512", "RS256", "ES256"];

/** First message: everything that stays the same for all runs. */
export interface VaultOpen {
  readonly kind: "open";
  readonly policy: PolicyData;
  readonly home: string;
  readonly protectedPaths: readonly ProtectedPath[];
  /** What children start from; public. */
  readonly environment: Readonly<Record<string, string>>;
  /** Values of the variables that the policy makes local-only: the one message that carries plaintext, and the only way in. */
  readonly plaintext: Readonly<Record<string, string>>;
  readonly ca: string | null;
  /** Ports of this machine on which agent-run listens. */
  readonly listeners: readonly number[];
}

export type ToVault =
  | VaultOpen
  | {
      readonly kind: "run";
      readonly run: string;
      readonly sealedLog: string | null;
      readonly startMs: number;
      /** Who acts; what the vault does is decided for them, too. */
      readonly actor: string | null;
    }
  | {
      readonly kind: "define";
      readonly run: string;
      readonly handle: number;
      readonly token: string;
      readonly as: Definition;
    }
  /** A data sink or a read: the operation `op` of the table with these arguments, tokens in them. */
  | {
      readonly kind: "effect";
      readonly run: string;
      readonly handle: number;
      readonly token: string;
      readonly op: string;
      readonly args: Json;
      readonly seq: number;
      /** It changes nothing: done when its value is needed, or before the next effect that is not deferrable. */
      readonly deferrable: boolean;
    }
  | {
      readonly kind: "block";
      readonly run: string;
      readonly handle: number;
      readonly token: string;
      readonly inputs: readonly number[];
      readonly source: string;
      readonly args: readonly Json[];
      readonly accepts: readonly string[];
      readonly seq: number;
    }
  /** Asks for `settled`, once the lane is empty. */
  | { readonly kind: "settle"; readonly run: string; readonly id: number }
  | {
      readonly kind: "release";
      readonly run: string;
      readonly id: number;
      readonly rule: string;
      readonly handle: number;
    }
  /** A credential at its slot, in an otherwise public request that was decided and pinned. */
  | {
      readonly kind: "broker";
      readonly run: string;
      readonly id: number;
      readonly secret: string;
      readonly use: number;
      readonly work: BrokeredWork;
      /** Where the answer is sealed: the handle that gets it. */
      readonly handle: number | null;
      readonly token: string | null;
      /** Whether one boolean is told of a sealed answer. Without a `handle` the answer itself is told. */
      readonly outcome: boolean;
    }
  /** What has not been done is dropped; what is under way ends. */
  | { readonly kind: "drop"; readonly run: string }
  | { readonly kind: "end"; readonly run: string };

export type BrokeredWork =
  /** `slot`: the token that stands in the slot of the request. The body is apart, as text that JSON can hold. */
  | {
      readonly kind: "request";
      readonly request: Omit<PinnedRequest, "body">;
      readonly bodyBase64: string | null;
      readonly slot: string;
    }
  | { readonly kind: "command"; readonly args: Json };

/** The four messages. */
export type FromVault =
  | { readonly kind: "settled"; readonly run: string; readonly id: number }
  | {
      readonly kind: "released";
      readonly run: string;
      readonly id: number;
      readonly rule: string;
      readonly value: Json;
    }
  | { readonly kind: "brokered"; readonly run: string; readonly id: number; readonly answer: BrokeredAnswer }
  | { readonly kind: "outcome"; readonly run: string; readonly id: number; readonly ok: boolean };

/** `value`: what the same errand would have answered here, bytes in base64. */
export type BrokeredAnswer =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly failure: Failure };
