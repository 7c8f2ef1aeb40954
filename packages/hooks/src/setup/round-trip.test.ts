/** What is put into a settings file can be taken out again, and leaves every other byte. */
import fc from "fast-check";
import { parse, parseTree } from "jsonc-parser";
import { parseTOML } from "toml-eslint-parser";
import { describe, expect, test } from "vitest";
import { type FileSetup, SETUP_HOSTS, SetupRefusal } from "./host.ts";
import { filesOf } from "./plan.ts";
import { jsonText, setting, tomlText } from "./settings.fixture.ts";
import { valuesOf } from "./toml-setup.ts";

const files = SETUP_HOSTS.flatMap((host) =>
  filesOf(host, setting(), () => false).map((file): [string, FileSetup] => [`${host}: ${file.path}`, file]),
);
const json = files.filter(([, { path }]) => path.endsWith(".json"));
const toml = files.filter(([, { path }]) => path.endsWith(".toml"));
const RUNS = { numRuns: 200 };

/** What comes of a text; null where the file is refused, which changes nothing. */
function addTo(file: FileSetup, text: string): string | null {
  try {
    return file.add(text).text;
  } catch (error) {
    if (error instanceof SetupRefusal) return null;
    throw error;
  }
}

describe.each(json)("%s", (_, file) => {
  test("gives back the bytes of any settings", () => {
    let changed = 0;
    fc.assert(
      fc.property(jsonText, (text) => {
        const added = addTo(file, text);
        if (added === null) return;
        changed += 1;
        expect(file.has(added)).toBe(true);
        expect(file.remove(added)).toBe(text);
        expect(file.add(added).text).toBe(added);
      }),
      RUNS,
    );
    expect(changed).toBeGreaterThan(RUNS.numRuns / 2);
  });

  test("keeps every value, and stays as valid as it was", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const added = addTo(file, text);
        if (added === null) return;
        const errors: never[] = [];
        expect(parseTree(added.replace(/^\uFEFF/, ""), errors, { allowTrailingComma: true })).toBeDefined();
        expect(errors).toEqual([]);
        contains(parse(added.replace(/^\uFEFF/, "")), parse(text.replace(/^\uFEFF/, "")));
      }),
      RUNS,
    );
  });

  test("is gone where all of it was ours", () => {
    const { text } = file.add(null);
    expect(JSON.parse(text)).toBeTypeOf("object");
    expect(file.remove(text)).toBeNull();
  });

  test("is not touched where there is nothing of ours", () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        if (addTo(file, text) !== null) expect(file.remove(text)).toBe(text);
      }),
      RUNS,
    );
  });
});

describe.each(toml)("%s", (_, file) => {
  test("gives back the bytes of any settings", () => {
    let changed = 0;
    fc.assert(
      fc.property(tomlText, (text) => {
        const added = addTo(file, text);
        if (added === null) {
          if (isToml(text)) expect(text).toMatch(/mcp_servers/);
          return;
        }
        changed += 1;
        expect(file.remove(added)).toBe(text === "" ? null : text);
        expect(file.add(added).text).toBe(added);
        contains(valuesOf(added), valuesOf(text));
        expect(valuesOf(added)).toMatchObject({
          web_search: "disabled",
          mcp_servers: { "agent-run": { command: "/usr/bin/node" } },
        });
      }),
      RUNS,
    );
    expect(changed).toBeGreaterThan(RUNS.numRuns / 10);
  });
});

function isToml(text: string): boolean {
  try {
    parseTOML(text, { tomlVersion: "1.0" });
    return true;
  } catch {
    return false;
  }
}

/** Every value of `small` stands in `large`, lists from their beginning. */
function contains(large: unknown, small: unknown): void {
  if (typeof small !== "object" || small === null) expect(large).toEqual(small);
  else for (const [key, value] of Object.entries(small)) contains((large as Record<string, unknown>)[key], value);
}
