/** Rules about tools: what names them, what their conditions know of arguments, and what cannot be asked. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { requestOf } from "./call.ts";
import { readCall } from "./call-text.ts";
import type { Json } from "./json.ts";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import type { CanonicalRequest } from "./request.ts";
import { policyOf } from "./testing/policy-of.ts";
import type { ToolCapability } from "./tool-name.ts";

const rule = (effect: string, on: string, more = "") =>
  `[[rule]]\nid = "${effect}-${on.replaceAll("*", "all")}"\neffect = "${effect}"\non = ["${on}"]\n${more}\n`;

function ask(policy: Policy, on: ToolCapability, args: Json = {}): CanonicalRequest {
  const made = requestOf({ on, args }, policy.data, { home: "/home/me" });
  if (!made.ok) throw new Error(made.failure.message);
  return made.value;
}

const answer = (text: string, on: ToolCapability, args: Json = {}) => {
  const policy = policyOf(text);
  const { effect, rule: by } = policy.decide(ask(policy, on, args));
  return effect === "deny" ? by.id : effect;
};

const problemsOf = (text: string) => {
  const from = { path: "/p/agent-run.toml", realPath: "/p/agent-run.toml" };
  const loaded = loadPolicyText(`version = 1\n${text}`, from, {
    readText: () => ({ ok: false, reason: "there are no files" }),
    realPath: (path) => path,
    homes: ["/home/me"],
    presets: new Map(),
    sha256: (one) => createHash("sha256").update(one).digest("hex"),
  });
  return loaded.ok ? [] : loaded.problems.map(({ message, hint = "" }) => `${message}; ${hint}`);
};

const REFUND = "tool.payments.refund";

test("a tool that no rule names is denied, whatever else is granted", () => {
  const everything = '[filesystem]\nread_allow = ["**"]\n[environment]\nallow_vars = ["*"]\n';
  expect(answer(everything, REFUND)).toBe("default");
  const policy = policyOf(everything);
  expect(policy.grants(REFUND)).toBe(false);
  expect(policy.decide(ask(policy, REFUND)).hint).toContain('on = ["tool.payments.refund"]');
});

test.each([
  ["tool.payments.refund", REFUND, "allow"],
  ["tool.payments.*", REFUND, "allow"],
  ["tool.*", REFUND, "allow"],
  ["tool.payments.refunds", REFUND, "default"],
  ["tool.payment.*", REFUND, "default"],
  ["tool.payments.*", "tool.payments-eu.refund", "default"],
  ["tool.payments.refund", "tool.payments.Refund", "default"],
] as const)("a grant of %s answers %s with %s", (on, asked, expected) => {
  expect(answer(rule("allow", on), asked)).toBe(expected);
  expect(policyOf(rule("allow", on)).grants(asked)).toBe(expected === "allow");
});

test("a denial of one tool beats a grant of all, and a question beats a grant", () => {
  expect(answer(rule("allow", "tool.*") + rule("deny", REFUND), REFUND)).toBe(`deny-${REFUND}`);
  expect(answer(rule("allow", "tool.*") + rule("ask", "tool.payments.*"), REFUND)).toBe("ask");
  expect(answer(`requires_approval = ["tool.payments.*"]\n${rule("allow", "tool.*")}`, REFUND)).toBe("ask");
  // A rule that asks opens the door to what it names, as one about a path does.
  expect(answer(rule("ask", REFUND), REFUND)).toBe("ask");
  // A question grants nothing that it does not name: that is `requires_approval`.
  expect(answer('requires_approval = ["tool.*"]\n', REFUND)).toBe("default");
});

test("a grant of files is none of a tool, nor the other way round", () => {
  const both = '[[rule]]\nid = "x"\neffect = "allow"\non = ["fs.read", "tool.a.b"]\n';
  const policy = policyOf(both);
  expect([policy.grants("fs.read"), policy.grants("tool.a.b"), policy.grants("tool.a.c")]).toEqual([true, true, false]);
  expect(policy.decide(ask(policy, "tool.a.b")).effect).toBe("allow");
});

test("a target that is not the tool of its capability is denied", () => {
  const policy = policyOf(rule("allow", "tool.*"));
  const good = ask(policy, REFUND);
  expect(policy.decide(good).effect).toBe("allow");
  const [target] = good.targets;
  if (target === undefined) throw new Error("no target");
  for (const value of ["payments.other", "payments", "*", "payments.*", ""]) {
    expect(policy.decide({ ...good, targets: [{ ...target, value }] }).rule.id, value).toBe("builtin.error");
  }
  expect(policy.decide({ ...good, targets: [{ ...target, kind: "path", value: "/x" }] }).effect).toBe("deny");
});

const upTo = rule("allow", REFUND, 'when = { "args.amount" = { le = 100 } }');
const above = rule("allow", REFUND) + rule("deny", "tool.payments.*", 'when = { "args.amount" = { gt = 100 } }');

test.each<[string, Json, string, string]>([
  ["within", { amount: 100 }, "allow", "allow"],
  ["beyond", { amount: 101 }, "default", "deny-tool.payments.all"],
  ["missing", {}, "default", "deny-tool.payments.all"],
  ["a text of a number", { amount: "5" }, "default", "deny-tool.payments.all"],
  ["a number with a fraction", { amount: 5.5 }, "default", "deny-tool.payments.all"],
  ["a number that is no safe integer", { amount: 2 ** 60 }, "default", "deny-tool.payments.all"],
  ["null", { amount: null }, "default", "deny-tool.payments.all"],
  ["a list", { amount: [5] }, "default", "deny-tool.payments.all"],
  ["an object", { amount: { amount: 5 } }, "default", "deny-tool.payments.all"],
  ["the name with a dot in it", { "args.amount": 5 }, "default", "deny-tool.payments.all"],
])(
  "a condition on an argument that is %s: a grant needs it true, a denial fires unless it is false",
  (_, args, granted, denied) => {
    expect(answer(upTo, REFUND, args)).toBe(granted);
    expect(answer(above, REFUND, args)).toBe(denied);
  },
);

test.each<[string, Json, boolean]>([
  ['"args.to" = { eq = "a" }', { to: "a" }, true],
  ['"args.to" = { eq = "a" }', { to: "A" }, false],
  ['"args.to" = { ne = "a" }', { to: 5 }, false],
  ['"args.to" = { ne = "a" }', { to: "b" }, true],
  ['"args.to" = { in = ["a", "b"] }', { to: "b" }, true],
  ['"args.to" = { not_in = [1, 2] }', { to: "b" }, false],
  ['"args.to" = { glob = "*@example.com" }', { to: "me@example.com" }, true],
  ['"args.to" = { regex = "^a+$" }', { to: "aaa" }, true],
  ['"args.to" = { starts_with = "a" }', { to: "ba" }, false],
  ['"args.to" = { exists = true }', { to: [true] }, true],
  ['"args.to" = { exists = false }', {}, true],
  ['"args.to" = { exists = false }', { to: false }, false],
  ['"args.to.name" = { eq = "a" }', { to: { name: "a" } }, true],
  ['"args.to.constructor" = { exists = true }', { to: {} }, false],
  ['"args.to.length" = { exists = true }', { to: "text" }, false],
])("`when = { %s }` with %j grants: %s", (when, args, granted) => {
  expect(answer(rule("allow", REFUND, `when = { ${when} }`), REFUND, args) === "allow").toBe(granted);
});

test.each([
  ["an `on` that is no tool", rule("allow", "tool.payments"), "is not the name of a tool"],
  ["a pattern within a name", rule("allow", "tool.pay*.refund"), "is not the name of a tool"],
  ["three parts", rule("allow", "tool.a.b.c"), "is not the name of a tool"],
  ["a place key", rule("allow", REFUND, 'path = ["x"]'), "`path` does not apply"],
  ["`except`", rule("deny", REFUND, 'except = ["x"]'), "`except` does not apply to tools"],
  ["an argument of files", rule("allow", "fs.read", 'when = { "args.x" = { eq = 1 } }'), "is no attribute of fs.read"],
  ["unquoted members", rule("allow", REFUND, "when = { args.amount = { le = 1 } }"), "quoted name"],
  ["strings and numbers", rule("allow", REFUND, 'when = { "args.x" = { in = ["a", 1] } }'), "not both"],
  ["a bound that is a string", rule("allow", REFUND, 'when = { "args.x" = { le = "a" } }'), "takes a whole number"],
  ["a boolean", rule("allow", REFUND, 'when = { "args.x" = { eq = true } }'), "takes a string or a whole number"],
  ["a proof", '[[never]]\non = ["tool.a.b"]\n', "cannot be proved for calls of tools"],
  ["a count", '[runtime.max_calls_per_capability]\n"tool.a.b" = 5\n', "bounded by its rule"],
])("%s does not load", (_, text, says) => {
  expect(problemsOf(text).join("\n")).toContain(says);
});

test("examples of a rule and tests say what a tool is given", () => {
  const examples =
    'match = [{ on = "tool.payments.refund", args = { amount = 5, lines = [{ id = "a" }], dry = true } }]\n' +
    'no_match = [{ on = "tool.payments.refund", args = { amount = 500 } }, "tool.payments.refund", \'tool.payments.refund {"amount": 101}\']';
  expect(problemsOf(upTo + examples)).toEqual([]);
  expect(problemsOf(upTo + examples.replace("amount = 5,", "amount = 501,")).join()).toContain("was 501");
  expect(problemsOf(`${upTo}match = [{ on = "${REFUND}", args = 5 }]`).join()).toContain("takes a table");
  expect(problemsOf(`${upTo}match = [{ on = "${REFUND}", args = { at = 2027-01-01 } }]`).join()).toContain(
    "takes a table",
  );
  expect(problemsOf(`${upTo}match = [{ on = "${REFUND}", path = "x" }]`).join()).toContain("is not a member of a call");
});

test("a call as a line has one JSON object behind its name", () => {
  expect(readCall('tool.payments.refund {"amount": 5, "note": "two words"}')).toEqual({
    ok: true,
    value: { on: REFUND, args: { amount: 5, note: "two words" } },
  });
  expect(readCall(REFUND)).toEqual({ ok: true, value: { on: REFUND } });
  for (const text of [
    `${REFUND} amount=5`,
    `${REFUND} [1]`,
    `${REFUND} {"a":1} x`,
    `${REFUND} null`,
    "tool.payments {}",
  ]) {
    expect(readCall(text).ok, text).toBe(false);
  }
});

test("what a tool is given is bounded, in size, depth and names", () => {
  const { data } = policyOf("");
  const of = (args: Json) => {
    const made = requestOf({ on: REFUND, args }, data, { home: "/home/me" });
    return made.ok ? "ok" : made.failure.code;
  };
  let deep: Json = 1;
  for (let at = 0; at < 40; at += 1) deep = { deep };
  expect(of({ a: "x".repeat(60_000) })).toBe("ok");
  expect(of({ a: "x".repeat(70_000) })).toBe("E_TOO_LARGE");
  expect(of({ a: "ü".repeat(40_000) })).toBe("E_TOO_LARGE");
  expect(of({ deep })).toBe("E_ARGUMENT");
  expect(of(JSON.parse('{"a":{"__proto__":{"x":1}}}'))).toBe("E_ARGUMENT");
  expect(of([1])).toBe("E_ARGUMENT");
  expect(of("text")).toBe("E_ARGUMENT");
});

test("an explanation names the condition that failed, and what the call had", () => {
  const policy = policyOf(upTo);
  const text = JSON.stringify(policy.explain(ask(policy, REFUND, { amount: 500 })));
  expect(text).toContain("`args.amount` was 500, and the rule takes at most 100");
});

test("a ceiling that says nothing of a tool denies it", () => {
  const main = policyOf(rule("allow", "tool.*")).data;
  const under = (text: string) => {
    const policy = Policy.revive({ ...main, ceilings: [policyOf(text).data] });
    return policy.decide(ask(policy, REFUND)).effect;
  };
  expect(under("")).toBe("deny");
  expect(under(rule("allow", "tool.billing.*"))).toBe("deny");
  expect(under(rule("ask", "tool.payments.*"))).toBe("ask");
  expect(under(rule("allow", REFUND))).toBe("allow");
});
