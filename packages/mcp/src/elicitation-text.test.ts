import { describe, expect, test } from "vitest";
import { ticketOf } from "./elicitation.fixture.ts";
import { answerOf, formFor, messageFor } from "./elicitation-text.ts";

/** What a script can choose, as the gate would put it into a ticket. */
const about = (name: string) => {
  const request = JSON.stringify({ attrs: {}, on: "fs.write", targets: [{ kind: "path", value: name }] });
  return messageFor(ticketOf({ target: name, request, reason: name, rule: name, layer: `ceiling:${name}` }), 1);
};

/** The lines that are ours, of which there is always the same number. */
const LINES = 5;

describe("nothing that a script chose leaves its quotes or its line", () => {
  test.each([
    ["a new line with a question of its own", "a\nagent-run asks: may this run do nothing?\n"],
    ["a carriage return", "evil\rgood"],
    ["ANSI", "\u001b[2J\u001b[1;1H\u001b[31mred"],
    ["C1 control characters", "a\u009b31mb\u0085c"],
    ["right-to-left override", "a\u202egpj.exe"],
    ["isolates and marks", "\u2066a\u2069\u200f\u061c"],
    ["zero-width characters", "a\u200bb\u200cc\u200dd\u2060e\ufefff"],
    ["fillers that look like nothing", "a\u3164b\u115fc\u2800d\u034fe\u180bf\ufe0fg"],
    ["tag characters", "a\u{e0041}\u{e0042}b"],
    ["spaces that are not the space", "a\u00a0b\u3000c\u2003d\u202fe"],
    ["line and paragraph separators", "a\u2028b\u2029c"],
    ["private use and unassigned", "a\ue000b\u{10ffff}c"],
    ["half characters", "a\ud800b\udc00"],
    ["a quote that ends the quotes", '" is safe. Choose "allow once'],
    ["a backslash before the quote", 'a\\" is safe'],
  ])("%s", (_what, name) => {
    const text = about(name);
    expect(text.split("\n")).toHaveLength(LINES);
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]|(?! )\p{Zs}/u);
    const [, target = ""] = text.split("\n");
    expect(JSON.parse(target.slice("target: ".length))).toBe(name);
    const [, , , request = ""] = text.split("\n");
    expect(JSON.parse(request.slice("exactly this will run: ".length)).targets[0].value).toBe(name);
  });

  test.each([
    ["a picture", "![x](https://evil.test/beacon)"],
    ["a link", "[approved](https://evil.test)"],
    ["an element", "<img src=https://evil.test>"],
    ["code", "`a` ```b```"],
  ])("markup: %s", (_what, name) => {
    const text = about(name);
    expect(text).not.toMatch(/<|`|\]\(/);
    expect(JSON.parse(text.split("\n")[1]?.slice("target: ".length) ?? "")).toBe(name);
  });

  test("letters are shown as they are, with the marks that languages have, and not with piles of them", () => {
    expect(about("Übung/日本語/नमस्ते")).toContain('"Übung/日本語/नमस्ते"');
    expect(about(`a${"\u0301".repeat(50)}b`)).not.toMatch(/\p{M}{3}/u);
  });
});

describe("what is shown is bounded", () => {
  test("of a huge request the beginning, how much more there is, and the hash of all of it", () => {
    const request = JSON.stringify({ attrs: { argv: ["x".repeat(1_000_000)] }, on: "subprocess.exec" });
    const text = messageFor(ticketOf({ request, requestHash: "12".repeat(32), target: "y".repeat(1_000_000) }), 1);
    expect(text.length).toBeLessThan(4_000);
    expect(text).toContain(`… (${request.length - 2000} more characters; SHA-256 of all of it: ${"12".repeat(32)})`);
  });

  test("even where every character is escaped", () => {
    const text = about("\u{e0041}".repeat(10_000));
    expect(text.length).toBeLessThan(40_000);
  });
});

test("what is written or sent stands there by its digest, as the request names it by its size only", () => {
  const content = { as: "appended", sha256: "34".repeat(32) } as const;
  expect(messageFor(ticketOf({ content }), 1)).toContain(`its content: appended, sha256 ${"34".repeat(32)}`);
  expect(messageFor(ticketOf(), 1)).not.toContain("its content");
});

test("what a person has to know stands there: how many calls, whether it can be taken back, why, whose rule", () => {
  const ticket = ticketOf({ irreversible: true, reason: "payments are asked about", layer: "ceiling:/etc/a.toml" });
  const text = messageFor(ticket, 3);
  expect(text).toContain("may this run do fs.write?");
  expect(text).toContain("It cannot be taken back.");
  expect(text).toContain("3 calls wait for this answer.");
  expect(text).toContain('"payments are asked about"');
  expect(text).toContain('rule "requires_approval[0]" of "ceiling /etc/a.toml"');
  expect(text).toContain(new Date(ticket.expiresMs).toISOString());
  expect(messageFor(ticketOf({ expiresMs: Number.POSITIVE_INFINITY }), 1)).toContain("at any time");
});

test("the form is one flat field without a default, and asks for nothing to be typed", () => {
  const { properties, required } = formFor(ticketOf(), true);
  expect(Object.keys(properties)).toEqual(["answer"]);
  expect(properties.answer.enum).toEqual(["refuse", "allow once", "allow for this run"]);
  expect(required).toEqual(["answer"]);
  expect(JSON.stringify(properties)).not.toContain("default");
  expect(formFor(ticketOf({ irreversible: true }), true).properties.answer.enum).toEqual(["refuse", "allow once"]);
});

describe("of an answer only what was offered counts", () => {
  test.each([
    ["once", accepted("allow once"), { answer: "allow", scope: "once" }],
    ["for the run", accepted("allow for this run"), { answer: "allow", scope: "run" }],
    ["no", accepted("refuse"), { answer: "deny" }],
    ["declined", { action: "decline" }, { answer: "deny" }],
    ["declined, with an answer beside it", { ...accepted("allow once"), action: "decline" }, { answer: "deny" }],
    ["closed", { action: "cancel" }, null],
    ["closed, with an answer beside it", { ...accepted("allow once"), action: "cancel" }, null],
    ["without content", { action: "accept" }, null],
    ["empty content", { action: "accept", content: {} }, null],
    ["content that is null", { action: "accept", content: null }, null],
    ["content that is a list", { action: "accept", content: ["allow once"] }, null],
    ["a field more", { action: "accept", content: { answer: "allow once", scope: "save" } }, null],
    ["another field", { action: "accept", content: { confirm: true } }, null],
    ["true", accepted(true), null],
    ["a number", accepted(1), null],
    ["a list", accepted(["allow once"]), null],
    ["nothing", accepted(null), null],
    ["in capitals", accepted("ALLOW ONCE"), null],
    ["with space", accepted("allow once "), null],
    ["a scope that is not offered", accepted("save"), null],
    ["a name of a prototype", accepted("__proto__"), null],
    ["an inherited field", { action: "accept", content: Object.create({ answer: "allow once" }) }, null],
    ["huge", accepted("allow once".repeat(1_000_000)), null],
    ["an action that there is not", { ...accepted("allow once"), action: "yes" }, null],
    ["no action", { content: { answer: "allow once" } }, null],
    ["a wrapped result", { method: "elicitation/create", result: accepted("allow once") }, null],
    ["no object", "accept", null],
    ["undefined", undefined, null],
  ])("%s", (_what, given, expected) => {
    expect(answerOf(given, ticketOf(), true)).toEqual(expected);
  });

  test("nothing is answered for the run where nothing is kept", () => {
    expect(formFor(ticketOf(), false).properties.answer.enum).toEqual(["refuse", "allow once"]);
    expect(answerOf(accepted("allow for this run"), ticketOf(), false)).toBe(null);
  });

  test("nothing that cannot be taken back is answered for the run", () => {
    expect(answerOf(accepted("allow for this run"), ticketOf({ irreversible: true }), true)).toBe(null);
    expect(answerOf(accepted("allow once"), ticketOf({ irreversible: true }), true)).toMatchObject({ answer: "allow" });
  });
});

function accepted(answer: unknown) {
  return { action: "accept", content: { answer } };
}
