/** Which characters fold to what: the table for ASCII is held against all of Unicode. */
import { fold } from "@agent-run/policy";
import { expect, test } from "vitest";
import { cutsOf } from "./letters.ts";

test("every character that folds to a text with an ASCII letter is tried where that letter counts", () => {
  const missing: string[] = [];
  for (let code = 0x80; code <= 0x1ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    const first = fold(letter).codePointAt(0) ?? code;
    if (letter.normalize("NFC") !== letter || first >= 0x80) continue;
    if (!cutsOf([[first, first]], true, false).includes(code)) missing.push(letter);
  }
  expect(missing).toEqual([]);
});

test("of other letters every case is tried", () => {
  expect(cutsOf([[0x3c3, 0x3c3]], true, false)).toEqual(expect.arrayContaining([0x3a3, 0x3c2, 0x3c3]));
});
