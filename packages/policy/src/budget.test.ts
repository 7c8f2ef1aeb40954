import { describe, expect, test } from "vitest";
import { limitedRules } from "./budget.ts";
import { narrowed } from "./ceiling.ts";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import type { PolicyData } from "./policy-data.ts";
import { showPolicy } from "./show.ts";
import { diskWorld, sha256 } from "./testing/disk-world.ts";

const PARENT = "version = 1\n[budget]\ncalls = 10\nbytes_out = '1KB'\n";

function load(text: string, presets: Readonly<Record<string, string>> = {}): PolicyData {
  const place = { path: "p.toml", realPath: "/work/p/p.toml" };
  const world = diskWorld({ presets: new Map(Object.entries(presets)) });
  const loaded = loadPolicyText(`version = 1\n${text}`, place, world);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.data;
}

const perRead = (most: number): string => `[runtime.max_calls_per_capability]\n"fs.read" = ${most}\n`;

test("a policy that says nothing of budgets has none", () => {
  expect(load("").budget).toEqual({ calls: null, bytesOut: null, callsPerCapability: {}, refs: {} });
});

test("budgets are numbers, each with its line", () => {
  const { budget } = load(`[budget]\ncalls = 0\nbytes_out = "10MB"\n${perRead(20)}`);
  expect(budget).toEqual({
    calls: 0,
    bytesOut: 10_000_000,
    callsPerCapability: { "fs.read": 20 },
    refs: {
      "budget.calls": { id: "budget.calls", file: "p.toml", line: 3, column: 9 },
      "budget.bytes_out": { id: "budget.bytes_out", file: "p.toml", line: 4, column: 13 },
      'runtime.max_calls_per_capability."fs.read"': {
        id: 'runtime.max_calls_per_capability."fs.read"',
        file: "p.toml",
        line: 6,
        column: 13,
      },
    },
  });
});

test("`max_total_calls` of `[runtime]` is `calls` of `[budget]`", () => {
  const { calls, refs = {} } = load("[runtime]\nmax_total_calls = 7\n").budget;
  expect([calls, refs["budget.calls"]?.line]).toEqual([7, 3]);
});

test.each([
  ["a smaller one of the child holds", "[budget]\ncalls = 5\n", 5, "p.toml"],
  ["a larger one of the child does not", "[budget]\ncalls = 50\n", 10, "preset:parent"],
  ["one that the child does not have is inherited", "", 10, "preset:parent"],
  ["by its other name, too", "[runtime]\nmax_total_calls = 50\n", 10, "preset:parent"],
])("of two budgets the stricter: %s", (_title, own, calls, file) => {
  const { budget } = load(`inherits = ["parent"]\n${own}`, { parent: PARENT });
  expect([budget.calls, budget.bytesOut, budget.refs?.["budget.calls"]?.file]).toEqual([calls, 1000, file]);
});

test("of each capability by itself", () => {
  const parent = `version = 1\n${perRead(3)}"fs.write" = 4\n`;
  const { budget } = load(`inherits = ["parent"]\n${perRead(5)}"fs.write" = 2\n`, { parent });
  expect(budget.callsPerCapability).toEqual({ "fs.read": 3, "fs.write": 2 });
});

test("the hash of a policy is over its budgets, not over their lines", () => {
  const hashes = ["", "[budget]\ncalls = 5\n", "[budget]\ncalls = 6\n", perRead(5)].map((text) => load(text).hash);
  expect(new Set(hashes).size).toBe(4);
  expect(load("\n\n[budget]\ncalls = 5\n").hash).toBe(hashes[1]);
});

test("`policy show` has each with its line, and nothing where there is none", () => {
  const text = showPolicy(load(`[budget]\ncalls = 500\nbytes_out = "10MB"\n${perRead(20)}`));
  expect(text).toContain(`budgets, over a run or an MCP session
  500 calls  (budget.calls, p.toml:3)
  10MB of URLs and bodies of requests  (budget.bytes_out, p.toml:4)
  20 calls of fs.read  (runtime.max_calls_per_capability."fs.read", p.toml:6)
`);
  expect(showPolicy(load(""))).not.toContain("budgets");
});

describe("under a ceiling", () => {
  const limited = (path: string, calls: number): string =>
    `[[rule]]\nid = "few"\neffect = "allow"\non = ["fs.read"]\npath = ["${path}"]\nlimit = { calls = ${calls} }\n`;
  const bounded = (main: string, ceiling: string): PolicyData =>
    narrowed(load(main), [{ ...load(ceiling), files: [{ path: "/c.toml", sha256: "" }] }], { sha256 });

  test("the stricter budget holds, and is told with its own line", () => {
    const { budget } = bounded(
      `[budget]\ncalls = 5\nbytes_out = 9\n`,
      `\n[budget]\ncalls = 9\nbytes_out = 5\n${perRead(1)}`,
    );
    expect([budget.calls, budget.bytesOut, budget.callsPerCapability]).toEqual([5, 5, { "fs.read": 1 }]);
    const lines = Object.entries(budget.refs ?? {}).map(([id, { line }]) => [id, line]);
    expect(lines).toEqual([
      ["budget.calls", 3],
      ["budget.bytes_out", 5],
      ['runtime.max_calls_per_capability."fs.read"', 7],
    ]);
  });

  test("limits of both layers are counted by the names that a decision has", () => {
    const data = bounded(limited("a/**", 3), limited("**", 2));
    const target = { on: "fs.read", role: "read", kind: "path", value: "/work/p/a/x" } as const;
    const { effect, limited: names = [] } = Policy.revive(data).decideTarget(target);
    expect([effect, names]).toEqual(["allow", ["few", "ceiling:/c.toml few"]]);
    expect(names.map((name) => limitedRules(data).get(name)?.limit?.calls)).toEqual([3, 2]);
  });
});
