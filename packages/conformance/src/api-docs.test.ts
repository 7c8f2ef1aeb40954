/** docs/library.md says of the library what its doc comments say, and leaves nothing out. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportedNames, PAGE, withApi } from "../../../scripts/api-docs.mjs";

test("every exported name has its part, and there are a dozen at most", () => {
  const { exported, documented } = exportedNames();
  expect(documented).toEqual(exported);
  expect(exported.length).toBeLessThanOrEqual(12);
});

test("the page is what `npm run docs:api` writes", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(withApi(page)).toBe(page);
});

test("a page that says something else is noticed", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(withApi(page.replace("Loads a policy file", "Loads any file"))).toBe(page);
  expect(() => withApi("a page without its marks")).toThrow("docs/library.md");
});
