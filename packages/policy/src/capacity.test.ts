import { expect, test } from "vitest";
import { type Capacity, capacityOf, RUNS_PER_DAY } from "./capacity.ts";
import type { ReleaseType } from "./local-only-data.ts";
import { bitsOf, readReleasePattern } from "./release-type.ts";
import { policyOf } from "./testing/policy-of.ts";

const BASE = '[network]\nlocal_only_hosts = ["h.example"]\n';

function capacity(text: string): Capacity {
  const { localOnly } = policyOf(text);
  if (localOnly === null) throw new Error("nothing is local-only");
  return capacityOf(localOnly);
}

const release = (name: string, more: string): string =>
  `[[release]]\nname = "${name}"\nfrom = "GET https://h.example/x"\n${more}\n`;

test("the default clock says two of three ticks: one for a wait, one for the end", () => {
  const { perRunBits, perDayBits, parts } = capacity(BASE);
  expect(perRunBits).toBeCloseTo(2 * Math.log2(3), 9);
  expect(perDayBits).toBeCloseTo(2 * Math.log2(3) * RUNS_PER_DAY, 6);
  expect(parts.map(({ what }) => what)).toEqual(["ticks of the settle clock"]);
});

test("strict says nothing by its clock, relaxed has no bound", () => {
  expect(capacity(`[local_only]\nprofile = "strict"\n${BASE}`)).toMatchObject({ perRunBits: 0, perDayBits: 0 });
  const relaxed = capacity(`[local_only]\nprofile = "relaxed"\n${BASE}`);
  expect(relaxed).toMatchObject({ perRunBits: Number.POSITIVE_INFINITY, perDayBits: null });
});

test("releases count by type and number, and `per_day` bounds the day and each run", () => {
  const strict = `[local_only]\nprofile = "strict"\n${BASE}`;
  const free = capacity(strict + release("a", 'type = { enum = ["x", "y", "z"] }\nper_run = 3'));
  expect(free.parts[0]).toEqual({ what: "release `release.a`", bitsPerRun: 6, bitsPerDay: 6 * RUNS_PER_DAY });
  const bounded = capacity(strict + release("a", 'type = { enum = ["x", "y", "z"] }\nper_run = 3\nper_day = 2'));
  expect(bounded).toMatchObject({ perRunBits: 4, perDayBits: 4 });
  const ample = capacity(strict + release("a", 'type = { enum = ["x", "y", "z"] }\nper_day = 1000000'));
  expect(ample).toMatchObject({ perRunBits: 2, perDayBits: 2 * RUNS_PER_DAY });
});

test("an outcome is one bit, ten times a run unless the policy says otherwise", () => {
  const use = (more: string) =>
    `[local_only]\nprofile = "strict"\n[[secret]]\nname = "s"\nenv = "S"\n[[secret.use]]\nhost = "a.example"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "query:k"\nresponse = "sealed"\n${more}`;
  expect(capacity(use("")).perRunBits).toBe(0);
  expect(capacity(use('outcome = "ok"\n')).perRunBits).toBe(10);
  expect(capacity(use('outcome = "ok"\nper_run = 2\n')).perRunBits).toBe(2);
});

test("a cap that the releases keep to loads, and is kept", () => {
  const text = `[local_only]\nmax_release_bits_per_day = 102\n${BASE}${release("r", 'type = "bool"\nper_day = 64')}`;
  expect(policyOf(text).localOnly?.maxReleaseBitsPerDay).toBe(102);
});

test.each<[string, ReleaseType, string, number]>([
  ["bool", { kind: "bool" }, "withheld", Math.log2(3)],
  ["enum", { kind: "enum", values: ["a", "b", "c"] }, "withheld", 2],
  ["enum with its own else", { kind: "enum", values: ["a", "b"] }, "b", 1],
  ["int", { kind: "int", min: 0, max: 254 }, "withheld", 8],
  ["text", { kind: "text", max: 2 }, "withheld", 33],
  ["pattern", { kind: "pattern", pattern: "[01]{8}", max: 8 }, "withheld", 9],
  ["pattern of one letter", { kind: "pattern", pattern: "a*", max: 14 }, "withheld", 4],
])("the worst case of %s counts every answer", (_, type, otherwise, bits) => {
  expect(bitsOf(type, otherwise)).toBeCloseTo(bits, 9);
});

test.each([
  ["v\\d+\\.\\d+\\.\\d+", 12],
  ["[a-z]{2}-[a-z]+-\\d", 37],
  ["on|off", 3],
  ["[\\d.-]{1,9}", 12],
  ["\\w", 63],
  ["a b", 3],
])("the alphabet of the pattern `%s` is counted", (pattern, letters) => {
  expect(readReleasePattern(pattern)).toEqual({ ok: true, letters });
});
