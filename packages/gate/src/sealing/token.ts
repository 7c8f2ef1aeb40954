/**
 * The placeholder that stands for a sealed value in text: unguessable, of constant length, minted on the public side,
 * so whatever a script does to the text computes on chance (NO-PLAINTEXT). Only the vault knows what it stands for.
 */

/** `sealed0` and 128 bits in hex. */
export const TOKEN_LENGTH = 39;
const TOKEN = /sealed0[0-9a-f]{32}/g;
/** Eight hex digits or more behind the mark, in any case: a token, or what is left of one. */
const TRACE = /sealed0[0-9a-f]{8,}/gi;

/** Everything in a text that has the form of a token, in order, with repetitions. */
export const tokensIn = (text: string): readonly string[] => text.match(TOKEN) ?? [];

/** Splits a text at tokens: even members are text, odd ones tokens. */
export const splitAtTokens = (text: string): readonly string[] => text.split(/(sealed0[0-9a-f]{32})/);

/**
 * Whether a text holds a token that was cut or respelled: such a text must go nowhere. Two parts that were joined have
 * too many digits; behind a live token a digit is text of the script's (`${url}abc`).
 */
export function hasBrokenToken(text: string, isLive: (token: string) => boolean = () => false): boolean {
  if (!/sealed0/i.test(text)) return false;
  const isJoined = (digits: string) => digits.length > TOKEN_LENGTH && !isLive(digits.slice(0, TOKEN_LENGTH));
  return text.replace(TOKEN, " ").match(TRACE) !== null || (text.match(TRACE) ?? []).some(isJoined);
}

/** Texts of a JSON value, member names included. */
export function* textsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const member of value) yield* textsOf(member);
  else if (typeof value === "object" && value !== null)
    for (const [name, member] of Object.entries(value)) {
      yield name;
      yield* textsOf(member);
    }
}
