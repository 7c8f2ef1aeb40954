/**
 * The chain: each line carries the SHA-256 of the line before it, so no line can be changed, dropped, inserted or
 * moved without every later line disagreeing. The hash is over the stored bytes, never over a re-encoding.
 */
import { createHash, hash } from "node:crypto";

/** `prev` of the first record. */
export const GENESIS = "0".repeat(64);

/** Hex SHA-256 of 0x00 and the line without its newline; the prefix keeps leaves apart from other hashes (RFC 6962). */
export function linkOf(line: string | Uint8Array): string {
  return typeof line === "string"
    ? hash("sha256", `\0${line}`, "hex")
    : createHash("sha256").update("\0").update(line).digest("hex");
}

/** Hex SHA-256 of a text's UTF-8, as records use it for scripts and policies. */
export const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");
