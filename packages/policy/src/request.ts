import type { Json } from "./json.ts";
import type { Capability } from "./signatures.ts";

/**
 * The canonical request: the one object that the gate decides, the record stores, an approval binds and
 * `explain` shows. It is hashed as RFC 8785 JSON, so it holds JSON only and every text in it is canonical.
 */
export interface CanonicalRequest {
  readonly v: 1;
  /** The capability that the call is counted and reported under. */
  readonly on: Capability;
  /** Everything the call touches. Each target is decided; the strictest answer is the answer. */
  readonly targets: readonly Target[];
  /** Typed attributes of the call, e.g. `{ bytes: 10 }` or `{ method: "GET" }`; names as in the signature. */
  readonly attrs: { readonly [name: string]: Json };
  /** Labels of the sealed data in the call: `local`, names of `[[label]]`, `secret:NAME`. */
  readonly labels: readonly string[];
}

/**
 * One thing that a call touches, and the capability that touching it takes: `fs.copy` is counted as `fs.write`
 * and has a `read` target under `fs.read` and a `write` target under `fs.write`.
 */
export interface Target {
  readonly on: Capability;
  /** search: looking below a directory for what may be read; whatever is found is a read of its own. */
  readonly role: Role;
  readonly kind: "path" | "url" | "address" | "command" | "variable" | "tool";
  /**
   * path: absolute, NFC, no dot segments. url: canonical URL without fragment and userinfo. address: as ipaddr.js
   * normalizes it. command: absolute real path, or the typed name where nothing was resolved. variable: its name.
   * tool: `payments.refund`.
   */
  readonly value: string;
}

export type Role = "read" | "search" | "write" | "delete" | "connect" | "execute" | "call";
