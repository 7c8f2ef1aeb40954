import fc from "fast-check";
import { expect, test } from "vitest";
import { pathText } from "./path.ts";
import { fold } from "./spelling.ts";
import { foldedHash, textHash } from "./text-hash.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "Z", "/", ".", "_", "9", "\u0001", "\u007f", "\u00df", "\u017f", "\u200c", "e\u0301"),
});

test("a hash of a folded text is that of any spelling of it", () => {
  fc.assert(
    fc.property(text, (any) => {
      expect(foldedHash(any)).toBe(textHash(fold(any)));
    }),
    { numRuns: 2000 },
  );
});

test("a path knows where its names end, and the hash of all up to there", () => {
  fc.assert(
    fc.property(text, (any) => {
      const path = pathText(`/${any}`);
      if (path === null) return;
      const { joined, ends } = path;
      const cuts = [...joined.matchAll(/\/|$/g)].map(({ index }) => index).filter((at) => at > 0);
      expect(ends).toEqual(cuts.flatMap((at) => [at, textHash(joined.slice(0, at))]));
    }),
    { numRuns: 4000 },
  );
});
