import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { isWeakSecret } from "./weak-secret.ts";

test.each([
  "",
  "hunter2",
  "1234",
  "correcthorse",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "abcabcabcabcabcabcabcabcabcabcabc",
  "hunter2hunter2hunter2hunter2",
  "abcdefghijklmnopqrstuvwxyz",
  "0123456789012345678901234567890",
  "zyxwvutsrqponmlkjihgfedcba",
  "q8Zr1LxT0vKp2Wd",
  "1111222233334444",
])("`%s` could be guessed", (value) => {
  expect(isWeakSecret(value)).toBe(true);
});

test("random keys as services give them are strong", () => {
  for (let round = 0; round < 200; round++) {
    expect(isWeakSecret(randomBytes(24).toString("base64url"))).toBe(false);
    expect(isWeakSecret(randomBytes(20).toString("hex"))).toBe(false);
    expect(isWeakSecret(`sk_live_${randomBytes(18).toString("base64url")}`)).toBe(false);
  }
});

test("16 characters are enough only where all are different", () => {
  expect(isWeakSecret("a9Qm2Zx7Lr0Wk4Vt")).toBe(false);
  expect(isWeakSecret("q8Zr1LxT0vKp2Wdd")).toBe(true);
});

test("characters are counted, not UTF-16 units", () => {
  expect(isWeakSecret("😀😁😂🤣😃😄😅😆")).toBe(true);
});
