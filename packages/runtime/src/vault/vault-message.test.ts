import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageOf } from "./vault-message.ts";

const FOUR = [
  { kind: "settled", run: "r", id: 1 },
  { kind: "released", run: "r", id: 1, rule: "state", value: { any: ["thing"] } },
  { kind: "brokered", run: "r", id: 1, answer: { ok: true, value: 1 } },
  { kind: "outcome", run: "r", id: 1, ok: true },
];

describe("of what the vault says", () => {
  test.each(FOUR)("the message $kind is heard", (message) => {
    expect(messageOf(JSON.stringify(message))).toEqual(message);
  });

  test.each(FOUR)("$kind with another member, or without one of its own, is dropped", (message) => {
    expect(messageOf(JSON.stringify({ ...message, size: 5 }))).toBeNull();
    for (const name of Object.keys(message)) {
      const rest = Object.fromEntries(Object.entries(message).filter(([other]) => other !== name));
      expect(messageOf(JSON.stringify(rest)), name).toBeNull();
    }
    expect(messageOf(JSON.stringify({ ...message, id: "1" }))).toBeNull();
  });

  test.each(FOUR)("$kind with a member's name changed is dropped", (message) => {
    const entries = Object.entries(message).map(([name, value]) => [name === "run" ? "Run" : name, value]);
    expect(messageOf(JSON.stringify(Object.fromEntries(entries)))).toBeNull();
  });

  test.each([
    "",
    "{",
    "null",
    "5",
    "[]",
    '"settled"',
    '{"kind":"toString","id":1}',
    '{"kind":"failed","run":"r","id":1}',
  ])("%s is dropped", (line) => {
    expect(messageOf(line)).toBeNull();
  });

  test("nothing else is heard, whatever it is", () => {
    fc.assert(
      fc.property(fc.json(), (line) => {
        expect(messageOf(line)).toBeNull();
      }),
    );
  });
});
