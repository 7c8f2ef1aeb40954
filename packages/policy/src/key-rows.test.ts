import { expect, test } from "vitest";
import { keyRows } from "./key-rows.ts";
import { KEYS } from "./keys.ts";

test("every key has a row, in words", () => {
  const rows = keyRows();
  expect(rows.map(({ key }) => key)).toEqual(Object.keys(KEYS));
  for (const { key, type, merges, says } of rows) expect([key, type, merges, says]).not.toContain("");
});

test("rows say type, default and merging as a policy writes them", () => {
  const row = (name: string) => keyRows().find(({ key }) => key === name);
  expect(row("filesystem.deny")).toMatchObject({
    type: "list of path patterns",
    default: "[]",
    merges: 'lists join, `"!entry"` removes',
  });
  expect(row("runtime.max_memory")).toMatchObject({
    type: "size, 16MiB to 1GiB",
    default: "64MiB",
    merges: "the smaller value",
  });
  expect(row("runtime.max_seconds")).toMatchObject({ type: "seconds, 0.05 to 86400", default: "30" });
  expect(row("subprocess.sandbox")).toMatchObject({
    type: '"auto", "bwrap", "none"',
    default: '"auto"',
    merges: "the inheriting policy's value",
  });
  expect(row("version")).toMatchObject({ type: "1", default: "", merges: "not inherited" });
});
