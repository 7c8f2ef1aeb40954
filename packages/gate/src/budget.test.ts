/** Budgets as counters, and as a step of the wall: over a real policy and the real gate. */
import type { CanonicalRequest, Decision, PolicyData, RuleData } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { Budget } from "./budget.ts";
import type { Call } from "./call.ts";
import { POLICY, policyOf, Scene } from "./sealing/scene.fixture.ts";

const GRANTS = `[filesystem]
read_allow = ["src/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[network]
http_get_allow = ["docs.example.com"]
http_post_allow = ["docs.example.com"]
[subprocess]
allow_commands = ["cat"]
`;

const policyWith = (budgets: string): string => `version = 1\nrequires_approval = ["fs.delete"]\n${GRANTS}${budgets}`;

const READ = "net.http_get";
const URL = "https://docs.example.com/";

/** A call that the policy has let through. */
function callOf(on: CanonicalRequest["on"], value: string, bytes?: number): Call {
  const kind = on.startsWith("net.") ? "url" : "path";
  const attrs: CanonicalRequest["attrs"] = bytes === undefined ? {} : { bytes };
  const typed: CanonicalRequest = { v: 1, on, targets: [{ on, role: "read", kind, value }], attrs, labels: [] };
  return { typed, first: allowed(), seq: null, answered: null, taken: new Map(), args: null } as unknown as Call;
}

const allowed = (limited?: readonly string[]): Decision => ({
  effect: "allow",
  code: null,
  rule: { id: "r" },
  matched: ["r"],
  layer: "policy",
  ...(limited === undefined ? {} : { limited }),
});

function budgetOf(data: PolicyData): Budget {
  const counters = Budget.counters(data);
  if (counters === null) throw new Error("the policy bounds nothing");
  return new Budget(data, counters);
}

const withBudgets = (text: string): PolicyData => policyOf(policyWith(text)).data;

/** Two compiled parts of one rule, as a rule about files and hosts is. */
function limitedTo(calls: number, more: Partial<RuleData> = {}): PolicyData {
  const data = withBudgets("");
  const rule = {
    ref: { id: "few", file: "p.toml", line: 9, column: 1 },
    effect: "allow",
    on: ["fs.read"],
    match: { kind: "any" },
    limit: { calls },
    ...more,
  } as const satisfies RuleData;
  return { ...data, rules: [...data.rules, rule, rule] };
}

describe("a budget", () => {
  test("costs nothing where the policy bounds nothing", () => {
    expect(Budget.counters(withBudgets(""))).toBeNull();
  });

  test("of calls counts every call, and refuses the one beyond", () => {
    const budget = budgetOf(withBudgets("[budget]\ncalls = 2\n"));
    expect(budget.reserve(callOf("fs.read", "/work/src/a"), allowed())).toBeNull();
    expect(budget.reserve(callOf("env.read", "LANG"), allowed())).toBeNull();
    expect(budget.reserve(callOf("fs.read", "/work/src/a"), allowed())).toEqual({
      code: "E_BUDGET",
      message: "`fs.read` of `src/a` is beyond the budget `budget.calls`: 2 of 2 calls are used",
      capability: "fs.read",
      target: "src/a",
      rule: { id: "budget.calls", file: "/work/agent-run.toml", line: 13, column: 9 },
      hint: "do with fewer calls, or have `budget.calls` raised",
    });
  });

  test("of no calls allows none", () => {
    expect(
      budgetOf(withBudgets("[budget]\ncalls = 0\n")).reserve(callOf("fs.read", "/work/a"), allowed()),
    ).toMatchObject({ message: "`fs.read` of `a` is beyond the budget `budget.calls`: it allows no call" });
  });

  test("of bytes counts URL and body of requests, to the last byte", () => {
    const budget = budgetOf(withBudgets("[budget]\nbytes_out = 60\n"));
    expect(budget.reserve(callOf("fs.write", "/work/out/a", 1000), allowed())).toBeNull();
    expect(budget.reserve(callOf("net.http_post", URL, 10), allowed())).toBeNull();
    const left = 60 - URL.length - 10;
    expect(budget.reserve(callOf("net.http_post", URL, left - URL.length + 1), allowed())).toMatchObject({
      message: `\`net.http_post\` of \`${URL}\` is beyond the budget \`budget.bytes_out\`: it would send ${left + 1} bytes, and ${left} of 60 are left`,
      hint: "send less, or have `budget.bytes_out` raised",
    });
    expect(budget.reserve(callOf("net.http_post", URL, left - URL.length), allowed())).toBeNull();
    expect(budget.reserve(callOf(READ, URL), allowed())).toMatchObject({ code: "E_BUDGET" });
  });

  test("of a capability counts what is reported under it, and nothing else", () => {
    const budget = budgetOf(withBudgets('[runtime.max_calls_per_capability]\n"fs.read" = 1\n"fs.write" = 0\n'));
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed())).toBeNull();
    expect(budget.reserve(callOf("fs.delete", "/work/a"), allowed())).toBeNull();
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed())).toMatchObject({
      rule: { id: 'runtime.max_calls_per_capability."fs.read"' },
      message:
        '`fs.read` of `a` is beyond the budget `runtime.max_calls_per_capability."fs.read"`: 1 of 1 calls are used',
    });
    expect(budget.reserve(callOf("fs.write", "/work/a"), allowed())).toMatchObject({ code: "E_BUDGET" });
  });

  test("of a rule counts the calls that it matched, once each, whatever it was compiled into", () => {
    const budget = budgetOf(limitedTo(2));
    for (const limited of [["few"], undefined, ["few", "few"], ["other"]])
      expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(limited))).toBeNull();
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(["few"]))).toMatchObject({
      code: "E_BUDGET",
      message: "`fs.read` of `a` is beyond the limit of rule `few`: 2 of 2 calls are used",
      rule: { id: "few", file: "p.toml", line: 9 },
      hint: "do with fewer calls, or have the rule's `limit` raised",
    });
  });

  test("of a rule is told in the rule's own words, where it has some", () => {
    const budget = budgetOf(limitedTo(0, { advice: "read the summary" }));
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(["few"]))).toMatchObject({ hint: "read the summary" });
  });

  test("of a ceiling's rule is another than that of a rule of the same name", () => {
    const ceiling = limitedTo(1);
    const budget = budgetOf({ ...limitedTo(2), ceilings: [ceiling] });
    const both = ["few", `ceiling:${ceiling.files[0]?.path} few`];
    for (const limited of [both, ["few"]])
      expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(limited))).toBeNull();
    for (const limited of [both.slice(0, 1), both.slice(1)])
      expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(limited))).toMatchObject({ code: "E_BUDGET" });
  });

  test("is taken once by a call that is decided twice; what the second decision matched is taken then", () => {
    const data = { ...limitedTo(1), budget: withBudgets("[budget]\ncalls = 2\n").budget };
    const budget = budgetOf(data);
    const call = callOf("fs.read", "/work/a");
    expect([budget.reserve(call, allowed()), budget.reserve(call, allowed(["few"]))]).toEqual([null, null]);
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed())).toBeNull();
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed(["few"]))).toMatchObject({
      rule: { id: "budget.calls" },
    });
  });

  test("is given back whole, once", () => {
    const budget = budgetOf(withBudgets("[budget]\ncalls = 1\nbytes_out = 100\n"));
    const call = callOf(READ, URL, 10);
    expect(budget.reserve(call, allowed())).toBeNull();
    budget.giveBack(call);
    budget.giveBack(call);
    expect(budget.reserve(callOf(READ, URL, 100 - URL.length), allowed())).toBeNull();
    expect(budget.reserve(callOf("fs.read", "/work/a"), allowed())).toMatchObject({ code: "E_BUDGET" });
  });

  test("takes nothing of one where there is not enough of another", () => {
    const budget = budgetOf(withBudgets("[budget]\ncalls = 1\nbytes_out = 30\n"));
    for (let i = 0; i < 3; i += 1)
      expect(budget.reserve(callOf(READ, URL, 100), allowed())).toMatchObject({ rule: { id: "budget.bytes_out" } });
    expect(budget.reserve(callOf(READ, URL), allowed())).toBeNull();
  });

  test("is one for all who share its counters", () => {
    const data = withBudgets("[budget]\ncalls = 3\n");
    const counters = Budget.counters(data);
    if (counters === null) throw new Error("the policy bounds nothing");
    const runs = [new Budget(data, counters), new Budget(structuredClone(data), counters)];
    const answers = [0, 1, 0, 1, 0].map((run) => runs[run]?.reserve(callOf("fs.read", "/work/a"), allowed()));
    expect(answers.map((answer) => answer?.code ?? null)).toEqual([null, null, null, "E_BUDGET", "E_BUDGET"]);
  });
});

/** Code of each call, null for those that went well. */
const codes = (scene: Scene, calls: readonly [string, Parameters<Scene["perform"]>[1]][]): (string | null)[] =>
  calls.map(([op, args]) => {
    const answer = scene.perform(op, args);
    return "error" in answer ? answer.error.code : null;
  });

describe("the wall", () => {
  test("refuses what is beyond before anything happens, and has it on the record as denied", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    scene.perform("fs.read", { path: "src/a" });
    expect(scene.refusal("net.request", { url: URL })).toMatchObject({ code: "E_BUDGET" });
    expect([scene.intents, scene.errands, scene.effects]).toEqual([["allow", "deny"], [], ["fs.read"]]);
  });

  test("counts no call that the policy denies", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    const denied = ["fs.read", { path: "other/a" }] as const;
    expect(
      codes(scene, [[...denied], [...denied], ["fs.read", { path: "src/a" }], ["fs.read", { path: "src/a" }]]),
    ).toEqual(["E_POLICY_DENIED", "E_POLICY_DENIED", null, "E_BUDGET"]);
  });

  test("gives back what a call took that the check found denied", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    scene.links.set("/work/src/link", "/etc/passwd");
    expect(
      codes(scene, [
        ["fs.read", { path: "src/link" }],
        ["fs.read", { path: "src/a" }],
      ]),
    ).toEqual(["E_POLICY_DENIED", null]);
  });

  test.each(["deny", "timeout", "unavailable"] as const)(
    "gives back what a call took that a person answered with %s",
    (answer) => {
      const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
      scene.answers = { approve: { ok: true, value: { answer, by: "test" } } };
      const [refused, read] = codes(scene, [
        ["fs.delete", { path: "out/a" }],
        ["fs.read", { path: "src/a" }],
      ]);
      expect([refused?.startsWith("E_APPROVAL_"), read]).toEqual([true, null]);
    },
  );

  test("asks nobody about a call that a budget refuses", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    expect(
      codes(scene, [
        ["fs.delete", { path: "out/a" }],
        ["fs.delete", { path: "out/b" }],
      ]),
    ).toEqual([null, "E_BUDGET"]);
    expect(scene.errands.map(({ kind }) => kind)).toEqual(["approve"]);
  });

  test("keeps what a call took that failed: it may have happened", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    scene.answers = { http: { ok: false, failure: { code: "E_NETWORK", message: "gone" } } };
    expect(
      codes(scene, [
        ["net.request", { url: URL }],
        ["fs.read", { path: "src/a" }],
      ]),
    ).toEqual(["E_NETWORK", "E_BUDGET"]);
  });

  test("keeps what a call took whose name did not resolve: the name went out", () => {
    const scene = new Scene(policyWith("[budget]\ncalls = 1\n"));
    scene.answers = { resolve: { ok: false, failure: { code: "E_NETWORK", message: "gone" } } };
    expect(
      codes(scene, [
        ["net.request", { url: URL }],
        ["fs.read", { path: "src/a" }],
      ]),
    ).toEqual(["E_NETWORK", "E_BUDGET"]);
  });

  test("lets no calls that are under way together take more than there is", () => {
    const scene = new Scene(policyWith("[budget]\nbytes_out = 60\n"));
    const started = Array.from({ length: 4 }, () =>
      scene.start("net.request", { url: URL, method: "POST", body: "12345" }),
    );
    const first = started.map((steps) => steps.next());
    expect(first.map(({ done }) => done)).toEqual([false, false, true, true]);
    for (const steps of started) steps.return({ error: { code: "E_INTERRUPTED", message: "" } });
  });

  test("counts a rule that matches only what the check found, and gives all back where that is beyond", () => {
    const scene = new Scene(
      policyWith(`[budget]
calls = 2
[[rule]]
id = "few"
effect = "allow"
on = ["fs.read"]
path = ["real/**"]
limit = { calls = 1 }
`),
    );
    scene.links.set("/work/src/link", "/work/real/a");
    const link = ["fs.read", { path: "src/link" }] as const;
    expect(
      codes(scene, [[...link], [...link], ["fs.read", { path: "src/a" }], ["fs.read", { path: "src/a" }]]),
    ).toEqual([null, "E_BUDGET", null, "E_BUDGET"]);
    expect(scene.refusal(...link)).toMatchObject({ message: expect.stringContaining("`budget.calls`") });
  });

  test("a copy counts as the writing that it is reported as", () => {
    const scene = new Scene(policyWith('[runtime.max_calls_per_capability]\n"fs.read" = 0\n"fs.write" = 1\n'));
    const copy = { from: "src/a", to: "out/a" };
    expect(
      codes(scene, [
        ["fs.copy", copy],
        ["fs.copy", copy],
      ]),
    ).toEqual([null, "E_BUDGET"]);
  });
});

describe("sealed calls", () => {
  test("count by what was typed: a token's length, whatever the value", () => {
    const scene = new Scene(`${POLICY}[budget]\nbytes_out = 200\ncalls = 10\n`);
    const body = scene.read("INTERNAL_URL");
    const url = "http://localhost:11434/";
    const most = Math.floor(200 / (url.length + body.length));
    const requests = Array.from({ length: most + 1 }, () => ["net.request", { url, method: "POST", body }] as const);
    expect(
      codes(
        scene,
        requests.map(([op, args]) => [op, args]),
      ),
    ).toEqual([...Array(most).fill(null), "E_BUDGET"]);
    expect(scene.told.filter(({ kind }) => kind === "effect").length).toBe(most);
  });

  test("are refused before the vault is told of them", () => {
    const scene = new Scene(`${POLICY}[budget]\ncalls = 0\n`);
    expect(scene.refusal("fs.read", { path: "notes/a" })).toMatchObject({ code: "E_BUDGET" });
    expect(scene.told).toEqual([]);
  });
});
