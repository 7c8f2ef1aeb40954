/** Broken and hostile policies in the tools that read them, and broken policies of other tools in the importer. */

import { fileURLToPath } from "node:url";
import { hostileTexts } from "@agent-run/policy/testing/hostile-texts";
import { loaded } from "@agent-run/policy/testing/never-throws";
import { realPolicies } from "@agent-run/policy/testing/real-policies";
import fc from "fast-check";
import { expect, test } from "vitest";
import { pureWorld } from "./analysis/generated.fixture.ts";
import { importPolicy } from "./convert/import.ts";
import { flawOfImport, flawOfLayout, flawOfTools, hostileSources } from "./hostile.fixture.ts";

const SEEDS = [
  'version = 1\n[filesystem]\nread_allow = ["src/**"]\ndeny = ["**/.env*"]\n[network]\nhttp_get_allow = ["api.example.com"]\n',
  'version = 1\n[subprocess]\nallow_commands = ["git"]\nask_args.git = ["push"]\n[[test]]\ngiven = "env.read HOME"\nexpect = "deny"\n',
  'version = 1\n[[never]]\non = ["fs.write"]\npath_not = ["out/**"]\n[filesystem]\nwrite_allow = ["out/**"]\n',
];

test("lint, proofs, tests, coverage and questions end for whatever loads", () => {
  let policies = 0;
  fc.assert(
    fc.property(hostileTexts(SEEDS), (text) => {
      const result = loaded(text, pureWorld);
      if (!result.ok) return;
      policies++;
      expect(flawOfTools(result)).toBeNull();
    }),
    { numRuns: 20 },
  );
  expect(policies).toBeGreaterThan(0);
});

test("whatever is TOML is laid out, and means what it meant", () => {
  fc.assert(
    fc.property(hostileTexts(SEEDS), (text) => {
      expect(flawOfLayout(text)).toBeNull();
    }),
    { numRuns: 300 },
  );
});

test("the policies of the product and of its docs mean the same when they are laid out", () => {
  const { texts } = realPolicies(fileURLToPath(new URL("../../..", import.meta.url)));
  expect(texts.length).toBeGreaterThan(30);
  for (const text of texts) expect(flawOfLayout(text), text).toBeNull();
});

test("a broken policy of another tool is one problem with its place, or a policy that loads", () => {
  fc.assert(
    fc.property(hostileSources, ([format, text]) => {
      expect(flawOfImport(format, text)).toBeNull();
    }),
    { numRuns: 500 },
  );
});

const keys = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join("\n");

/** What is wrong with a text of YAML, and where. */
const BROKEN: readonly (readonly [title: string, text: string, problem: string])[] = [
  [
    "aliases that multiply",
    `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${keys(9, (at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`)}`,
    "the file holds more than 20000 values",
  ],
  ["30,000 aliases", `a: &a x\nb: [${"*a, ".repeat(30_000)}]`, "the file holds more than 20000 values"],
  [
    "30,000 names of aliases",
    `${keys(15_000, (at) => `a${at}: &a${at} x`)}\nb: [${keys(15_000, (at) => ` *a${at},`)}\n ]`,
    "the file holds more than 20000 values",
  ],
  ["a list in itself", "a: &a [*a]\n", "values are nested more than 64 deep"],
  ["a mapping merged into itself", "a: &a\n  <<: *a\n", "values are nested more than 64 deep"],
  ["an alias of what comes later", "a: *b\nb: &b x\n", "the alias `*b` means nothing"],
  ["a key twice", "rules: []\nrules: []\n", "the key stands here a second time"],
  ["a second document", "rules: []\n---\nrules: [x]\n", "the file holds several documents"],
  ["a mapping as key", "? {a: 1}\n: 2\n", "a key that is no text"],
];

test.each(BROKEN)("YAML with %s is refused", (_title, text, problem) => {
  const read = importPolicy(text, { file: "x", format: "siphrix" });
  expect(read.ok ? "" : read.problem.message).toBe(problem);
});
