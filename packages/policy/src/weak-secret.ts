/**
 * Could somebody guess it? A secret whose use has public answers must not be guessable (P5): who can test guesses needs
 * no leak, and a tripwire that looks for a guessable value in answers would itself tell it. An estimate from the text alone,
 * so a phrase out of a book passes; it catches PINs, words, repetitions and runs of characters.
 */
/** Of all different characters 15 have 59 bits by this measure, and 16 have 64: no shorter value passes. */
const MIN_BITS = 64;

export function isWeakSecret(value: string): boolean {
  return estimatedBits([...value]) < MIN_BITS;
}

/** Entropy of the characters as they are spread, for those that neither repeat what came before nor count on from it. */
function estimatedBits(characters: readonly string[]): number {
  const period = characters.slice(0, periodOf(characters));
  const codes = period.map((character) => character.codePointAt(0) ?? 0);
  const step = (at: number) => (codes[at] ?? 0) - (codes[at - 1] ?? 0);
  const free = codes.filter((_, at) => at < 2 || step(at) !== step(at - 1)).length;
  return free * entropyOf(period);
}

/** Length of the shortest beginning that, repeated, gives the whole. */
function periodOf(characters: readonly string[]): number {
  for (let length = 1; length < characters.length; length++) {
    if (characters.every((character, at) => character === characters[at % length])) return length;
  }
  return characters.length;
}

/** Shannon, in bits per character. */
function entropyOf(characters: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => {
    const share = count / characters.length;
    return bits - share * Math.log2(share);
  }, 0);
}
