/** ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, Crockford base 32. Sorts by time. */
import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function ulid(nowMs: number): string {
  let time = "";
  for (let rest = nowMs, i = 0; i < 10; i += 1) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let chance = "";
  for (const byte of randomBytes(16)) chance += ALPHABET.charAt(byte % 32);
  return time + chance;
}
