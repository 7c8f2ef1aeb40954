import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ALIASES, KEYS, type KeySpec, LATER } from "./keys.ts";
import { LIMITS } from "./limits.ts";
import { loadPolicyText } from "./load.ts";
import { CAPABILITIES, SIGNATURES } from "./signatures.ts";
import { diskWorld, presetTexts } from "./testing/disk-world.ts";

const SPECS = Object.entries(KEYS) as readonly (readonly [string, KeySpec])[];

test("every key says what it is for, in one line", () => {
  for (const [key, { says }] of SPECS) {
    expect(says.length, key).toBeGreaterThan(5);
    expect(says, key).toMatch(/^[^\n]*[^.\n]$/);
  }
});

test("every capability is granted by a key of the table", () => {
  for (const capability of CAPABILITIES) {
    const spec = SPECS.find(([key]) => key === SIGNATURES[capability].grantedBy)?.[1];
    expect(spec?.type === "list" ? spec.rule : null, capability).toEqual({ effect: "allow", on: [capability] });
  }
});

test("every limit of a run is a key with the same range and default", () => {
  for (const [key, { default: byDefault, min, max }] of Object.entries(LIMITS)) {
    expect(SPECS.find(([path]) => path === `runtime.${key}`)?.[1]).toMatchObject({
      default: byDefault,
      min,
      max,
      merge: "stricter",
    });
  }
});

test("a default lies in its own range and is one of its own values", () => {
  for (const [key, spec] of SPECS) {
    if (!("default" in spec) || spec.default === null) continue;
    if (typeof spec.default === "number")
      expect(spec.default >= (spec.min ?? 0) && spec.default <= (spec.max ?? 0), key).toBe(true);
    if (Array.isArray(spec.default)) for (const one of spec.default) expect(spec.values, key).toContain(one);
    if (spec.type === "choice") expect(spec.values, key).toContain(spec.default);
  }
});

/** A policy line that sets the key to something harmless. */
function sample(key: string, spec: KeySpec): string {
  const value = {
    version: "1",
    text: key.endsWith("url") ? '"https://a.example"' : '"x"',
    flag: "true",
    choice: "values" in spec ? JSON.stringify(spec.values?.[0]) : "",
    bytes: '"16MiB"',
    seconds: "1",
    count: "1",
    duration: '"1s"',
    durations: '["1s"]',
    choices: "values" in spec ? JSON.stringify(spec.values) : "",
    "public key": `"ed25519:${"A".repeat(43)}"`,
    list: "[]",
  }[spec.type];
  const name = key.startsWith("runtime") ? '"fs.read"' : "name";
  return `${key.replace("NAME", name)} = ${spec.type === "count" && "max" in spec ? (spec.max ?? 1) : key === "runtime.max_stack" ? '"64KiB"' : value}\n`;
}

test.each(SPECS.filter(([key]) => key !== "version"))("the reader knows `%s`", (key, spec) => {
  const loaded = loadPolicyText(`version = 1\n${sample(key, spec)}`, { path: "-" }, diskWorld(), { root: "/tmp" });
  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
});

test("aliases lead to keys, and what comes later is no key yet", () => {
  for (const [alias, key] of Object.entries(ALIASES)) {
    expect(KEYS).toHaveProperty([key]);
    expect(KEYS).not.toHaveProperty([alias]);
  }
  for (const key of LATER) expect(KEYS).not.toHaveProperty([key]);
});

test("every preset on the disk says why it has each line", () => {
  const directory = new URL("../../../presets/", import.meta.url);
  const files = readdirSync(directory).filter((name) => name.endsWith(".toml"));
  expect(files.length).toBe(presetTexts.size);
  for (const name of files) expect(readFileSync(new URL(name, directory), "utf8")).toMatch(/^# /);
});
