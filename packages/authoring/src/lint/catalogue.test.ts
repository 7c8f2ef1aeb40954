/** The table of lints in the docs is the catalogue. UPDATE_DOCS=1 writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LINTS } from "./finding.ts";

const PAGE = fileURLToPath(new URL("../../../../docs/policy-tools.md", import.meta.url));

test("the lints in the docs are those there are", () => {
  const rows = Object.entries(LINTS).map(([id, { level, says }]) => `| \`${id}\` | ${level} | ${says} |\n`);
  const table = `<!-- lints -->\n\n| lint | level | found where |\n| --- | --- | --- |\n${rows.join("")}\n<!-- /lints -->`;
  const wanted = readFileSync(PAGE, "utf8").replace(/<!-- lints -->.*<!-- \/lints -->/s, () => table);
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, wanted);
  expect(readFileSync(PAGE, "utf8")).toBe(wanted);
});
