import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { ORDINARY, runProgram } from "./engine-run.fixture.ts";
import { loadTypescript, parseScript } from "./parse.ts";

const VALUES = JSON.parse(readFileSync(`${ORDINARY}../ordinary-values.json`, "utf8")) as Record<string, unknown>;
const NAMES = readdirSync(ORDINARY);

beforeAll(loadTypescript);

describe("ordinary scripts, as models write them", () => {
  it("has a value for every one of them", () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(50);
    expect(NAMES.toSorted()).toEqual(Object.keys(VALUES).toSorted());
  });

  it.each(NAMES)("accepts %s and gives its value", async (name) => {
    const text = readFileSync(ORDINARY + name, "utf8");
    const parsed = parseScript(text, { name, typescript: name.endsWith(".ts") });
    expect(parsed).toMatchObject({ ok: true, program: { violations: [] } });
    if (!parsed.ok) return;
    const end = await runProgram(parsed.program);
    expect(end).toMatchObject({ kind: "value" });
    if (end.kind === "value") expect(JSON.parse(end.json)).toEqual(VALUES[name]);
  });
});
