/**
 * Hashes of texts for lookups that are tested afterwards: two texts that hash alike are found together, which is slow and
 * not wrong. A text need not be folded, or cut out of another, to be looked up.
 */
import { fold } from "./spelling.ts";

/** One more letter of a text. */
export const hashed = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

export function textHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = hashed(hash, text.charCodeAt(at));
  return hash;
}

/** Of a text under `fold`. */
export function foldedHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > TILDE) return textHash(fold(text));
    hash = hashed(hash, code >= CAPITAL_A && code <= CAPITAL_Z ? code | SMALL : code);
  }
  return hash;
}

const TILDE = 0x7e;
export const [CAPITAL_A, CAPITAL_Z] = [0x41, 0x5a];
/** What makes a capital letter of ASCII a small one. */
export const SMALL = 0x20;
