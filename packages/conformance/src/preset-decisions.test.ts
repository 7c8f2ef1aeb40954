import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { presetDecisions, UPDATE } from "./preset-decisions.ts";
import { ROOT } from "./sources.ts";

const presets = new Map(
  readdirSync(join(ROOT, "presets"))
    .filter((name) => name.endsWith(".toml"))
    .map((name) => [name.slice(0, -5), readFileSync(join(ROOT, "presets", name), "utf8")] as const),
);

test("presets/DECISIONS.md says what the presets decide", () => {
  const page = readFileSync(join(ROOT, "presets/DECISIONS.md"), "utf8");
  expect(page, `after a change that is meant: ${UPDATE}`).toBe(presetDecisions(presets));
});

test("a preset that grants more shows in it", () => {
  const wider = new Map(presets).set("read-only", `${presets.get("read-only")}write_allow = ["**"]\n`);
  expect(presetDecisions(wider)).not.toBe(presetDecisions(presets));
});
