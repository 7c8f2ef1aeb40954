/** What is no call: scalars are narrowed at load, whatever the policy says, and its hash says by what. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meetRanges } from "./address.ts";
import { boundBy } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { CEILING_ROOT, ceilingOf, dataOf, load } from "./testing/under-ceilings.ts";

const under = (main: string, ...ceilings: readonly string[]): PolicyData => dataOf(load(main, ceilings));

/** One key a row: how it is written, from open to strict, and where it is found in the data. */
const SEALS = '\n[filesystem]\nlocal_only_read = ["p/**"]\n';
const numbers = (key: string, values: readonly (number | string)[]) =>
  values.map((value) => `${key} = ${typeof value === "string" ? `"${value}"` : value}`);
const local = (data: PolicyData) => {
  if (data.localOnly === null) throw new Error("nothing is local-only");
  return data.localOnly;
};

const SCALARS: readonly (readonly [key: string, from: (data: PolicyData) => unknown, lines: readonly string[]])[] = [
  ["max_seconds", ({ limits }) => limits.maxSeconds, numbers("runtime.max_seconds", [60, 20, 5])],
  ["max_memory", ({ limits }) => limits.maxMemoryBytes, numbers("runtime.max_memory", ["128MiB", "32MiB", "16MiB"])],
  ["max_stack", ({ limits }) => limits.maxStackBytes, numbers("runtime.max_stack", ["1MiB", "256KiB", "64KiB"])],
  ["max_output of a run", ({ limits }) => limits.maxOutputBytes, numbers("runtime.max_output", ["2MiB", "1KiB", 0])],
  ["max_calls", ({ limits }) => limits.maxCalls, numbers("runtime.max_calls", [20_000, 10, 0])],
  ["max_concurrency", ({ limits }) => limits.maxConcurrency, numbers("runtime.max_concurrency", [16, 4, 1])],
  ["max_response", ({ limits }) => limits.maxResponseBytes, numbers("runtime.max_response", ["20MiB", "1KiB", 0])],
  ["max_file", ({ limits }) => limits.maxFileBytes, numbers("runtime.max_file", ["60MiB", "1KiB", 0])],
  ["isolation", ({ isolation }) => isolation, numbers("runtime.isolation", ["thread", "process"])],
  ["timeout of requests", ({ network }) => network.timeoutSeconds, numbers("network.timeout_seconds", [60, 20, 5])],
  ["redirects", ({ network }) => network.followRedirects, numbers("network.follow_redirects", [5, 1, 0])],
  ["timeout of commands", (data) => data.subprocess.timeoutSeconds, numbers("subprocess.timeout_seconds", [90, 9, 1])],
  [
    "output of commands",
    (data) => data.subprocess.maxOutputBytes,
    numbers("subprocess.max_output", ["8MiB", "1KiB", 0]),
  ],
  ["sandbox", ({ subprocess }) => subprocess.sandbox, numbers("subprocess.sandbox", ["auto", "bwrap"])],
  ["calls of a run", ({ budget }) => budget.calls, ["", ...numbers("budget.calls", [90, 9, 0])]],
  ["bytes out", ({ budget }) => budget.bytesOut, ["", ...numbers("budget.bytes_out", ["1KiB", 9])]],
  [
    "calls of a capability",
    ({ budget }) => budget.callsPerCapability["fs.read"],
    ["", ...numbers('runtime.max_calls_per_capability."fs.read"', [9, 0])],
  ],
  ["profile", (data) => local(data).profile, numbers("local_only.profile", ["default", "strict"])],
  [
    "ticks",
    (data) => local(data).settleMs.length,
    ['["1s", "2s", "3s", "4s"]', '["1s", "2m"]', '["5s"]'].map((ticks) => `local_only.settle = ${ticks}`),
  ],
  ["max_waits", (data) => local(data).maxWaits, numbers("local_only.max_waits", [9, 1, 0])],
  ["fuel", (data) => local(data).compute.fuel, numbers("local_only.compute.fuel", [900, 100, 1])],
  ["wall", (data) => local(data).compute.wallMs, numbers("local_only.compute.wall", ["4s", "1s", "10ms"])],
  [
    "memory",
    (data) => local(data).compute.memoryBytes,
    numbers("local_only.compute.memory", ["64MiB", "2MiB", "1MiB"]),
  ],
  ["output", (data) => local(data).compute.outputBytes, numbers("local_only.compute.output", ["8MiB", "1KiB", 0])],
  [
    "bits a day",
    (data) => local(data).maxReleaseBitsPerDay,
    ["", ...numbers("local_only.max_release_bits_per_day", [90, 9])],
  ],
];

describe("the stricter of both holds, whichever it is", () => {
  test.each(SCALARS)("%s", (_, from, lines) => {
    const alone = lines.map((line) => from(under(`${line}${SEALS}`)));
    expect(new Set(alone).size).toBe(lines.length);
    const last = (...indexes: readonly number[]) => alone[Math.max(...indexes)];
    for (const [a, mine] of lines.entries()) {
      for (const [b, first] of lines.entries()) {
        expect(from(under(`${mine}${SEALS}`, first))).toEqual(last(a, b));
        for (const [c, second] of lines.entries())
          expect(from(under(`${mine}${SEALS}`, first, second))).toEqual(last(a, b, c));
      }
    }
  });
});

test("defaults of a ceiling bound as if they were written", () => {
  const { limits, network, subprocess } = under(
    'runtime.max_seconds = 3600\nnetwork.follow_redirects = 20\nsubprocess.timeout_seconds = 3600\nsubprocess.set_env = ["A"]\n',
    "",
  );
  expect([limits.maxSeconds, network.followRedirects, subprocess.timeoutSeconds, subprocess.setEnv]).toEqual([
    30,
    0,
    60,
    [],
  ]);
});

test("a budget stands where its smaller number does", () => {
  const at = (main: string, ceiling: string) => under(main, ceiling).budget.refs?.["budget.calls"]?.file;
  const [less, more] = ["budget.calls = 3", "budget.calls = 4"];
  const [policy, ceiling] = ["/work/proj/agent-run.toml", "/etc/bounds/0.toml"];
  expect([at(less, more), at(more, less), at(less, less), at("", less), at(less, "")]).toEqual([
    policy,
    ceiling,
    policy,
    ceiling,
    policy,
  ]);
  const per = 'runtime.max_calls_per_capability = { "fs.read" = 3 }';
  const merged = under(per, 'runtime.max_calls_per_capability = { "fs.read" = 2, "fs.write" = 1 }').budget;
  expect(merged.callsPerCapability).toEqual({ "fs.read": 2, "fs.write": 1 });
  const places = Object.values(merged.refs ?? {}).map(({ file }) => file);
  expect(places).toEqual([ceiling, ceiling]);
});

test("ticks and profile of two layers fit together", () => {
  const clock = (main: string, ...ceilings: readonly string[]) => {
    const { profile, settleMs } = local(under(`${main}${SEALS}`, ...ceilings));
    return [profile, settleMs];
  };
  const strict = 'local_only.profile = "strict"\n';
  const relaxed = 'local_only.profile = "relaxed"\n';
  expect(clock("", strict)).toEqual(["strict", [30_000]]);
  expect(clock(`${strict}local_only.settle = ["5s"]`, "")).toEqual(["strict", [5000]]);
  expect(clock('local_only.settle = ["2s"]', strict)).toEqual(["strict", [2000]]);
  expect(clock("", relaxed)).toEqual(["default", [1000, 10_000, 120_000]]);
  expect(clock(relaxed, relaxed)).toEqual(["relaxed", []]);
});

test("variables that may be set and free arguments are those of all layers", () => {
  const main = `[subprocess]
allow_commands = ["jq", "rg"]
set_env = ["A", "B"]
commands.jq.args = "free"
commands.rg.args = "free"
`;
  const ceiling = '[subprocess]\nset_env = ["B", "C"]\ncommands.rg.args = "free"\n';
  const { setEnv, freeArgs } = under(main, ceiling).subprocess;
  expect([setEnv, freeArgs]).toEqual([["B"], ["rg"]]);
});

test("private ranges are those that lie in both, host by host", () => {
  const hosts = (table: string) => `[network.private_hosts]\n${table}`;
  const main = hosts('a = ["10.0.0.0/8", "192.168.1.0/24"]\nb = ["10.0.0.0/8"]\n"constructor" = ["10.0.0.0/8"]\n');
  const ceiling = hosts('a = ["10.2.0.0/16", "192.168.0.0/16", "172.16.0.0/12"]\n"c" = ["10.0.0.0/8"]\n');
  expect(under(main, ceiling).network.privateHosts).toEqual({ a: ["10.2.0.0/16", "192.168.1.0/24"] });
});

test("two ranges have in common what both hold", () => {
  const address = fc.ipV4().map((text) =>
    text
      .split(".")
      .map((part) => Number(part) & 3)
      .join("."),
  );
  const range = fc
    .tuple(address, fc.constantFrom(0, 6, 7, 8, 14, 15, 16, 31, 32))
    .map(([base, bits]) => `${base}/${bits}`);
  const holds = (ranges: readonly string[], one: string) => meetRanges(ranges, [`${one}/32`]).length > 0;
  fc.assert(
    fc.property(fc.array(range, { maxLength: 3 }), fc.array(range, { maxLength: 3 }), address, (some, others, one) => {
      expect(holds(meetRanges(some, others), one)).toBe(holds(some, one) && holds(others, one));
    }),
  );
  expect(meetRanges(["fd00::/8", "10.0.0.0/8"], ["fd12::/16", "::ffff:10.1.0.0/112", "::/0"])).toEqual([
    "fd12::/16",
    "fd00::/8",
    "::ffff:10.1.0.0/112",
  ]);
});

test("the hash covers every ceiling; without one it is the policy's own", () => {
  const main = '[filesystem]\nread_allow = ["a"]\n';
  const hashes = [
    under(main),
    under(main, ""),
    under(main, 'name = "other"'),
    under(main, "runtime.max_seconds = 1"),
    under(main, '[filesystem]\nread_allow = ["/a"]\n'),
    under(main, "", ""),
    // It says nothing about calls, and yet what is sealed under it is kept otherwise.
    under(main, "local_only.max_waits = 0"),
  ].map(({ hash }) => hash);
  expect(hashes[1]).toBe(hashes[2]);
  expect(new Set(hashes).size).toBe(hashes.length - 1);
});

test("a ceiling without a jail needs to accept nothing while nothing of its own is local-only", () => {
  expect(ceilingOf('[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\n').ok).toBe(true);
  const sealing = '[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\n[environment]\nlocal_only_vars = ["A"]\n';
  expect(ceilingOf(sealing).ok).toBe(false);
});

test("a relative grant of a ceiling is told only where it means something else than in the policy", () => {
  const ceiling = dataOf(ceilingOf('[filesystem]\nread_allow = ["a"]\n'));
  const warnings = (root: string) => {
    const bound = boundBy({ ...under(""), root }, [ceiling], { sha256: (text) => text });
    return bound.ok ? bound.data.warnings.length : null;
  };
  expect([warnings(CEILING_ROOT), warnings("/work/proj")]).toEqual([0, 1]);
});

test("what bounds is no part of the policy's own rules, files and name", () => {
  const alone = under('name = "mine"\n[environment]\nallow_vars = ["A"]\n');
  const bound = under('name = "mine"\n[environment]\nallow_vars = ["A"]\n', 'name = "theirs"\n');
  expect([bound.rules, bound.files, bound.name]).toEqual([alone.rules, alone.files, alone.name]);
  expect(bound.ceilings.map(({ name, files }) => [name, files[0]?.path])).toEqual([["theirs", "/etc/bounds/0.toml"]]);
});
