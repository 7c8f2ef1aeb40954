/** What the docs say is held against the product: fences load and parse, tables are the tables, links lead somewhere. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import {
  attributesOf,
  CAPABILITIES,
  type FieldSpec,
  KEYS,
  type KeySpec,
  OPERATORS,
  TABLE_TITLES,
  TABLES,
  type TableName,
} from "@agent-run/policy";
import { parseScript } from "@agent-run/vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { filesBelow, ROOT } from "./sources.ts";

const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map((name) => join(ROOT, name)),
  ...filesBelow(join(ROOT, "docs"), ".md"),
];

interface Fence {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const fences: Fence[] = pages.flatMap((path) =>
  [...readFileSync(path, "utf8").matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
    page: relative(ROOT, path),
    language,
    text,
  })),
);

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place.remove());

describe("policies in the docs", () => {
  const policies = fences.filter(({ language, text }) => language === "toml" && text.includes("version"));
  for (const [index, { page, text }] of policies.entries()) {
    test(`${page}: policy ${index + 1} loads`, async () => {
      place.write("doc.toml", text);
      const { code, stderr } = await place.run(["policy", "validate", "doc.toml"]);
      expect(code, stderr).toBe(0);
    });
  }
});

describe("scripts in the docs", () => {
  const scripts = fences.filter(({ language, page }) => language === "js" && !page.startsWith("docs/errors/"));
  for (const [index, { page, text }] of scripts.entries()) {
    test(`${page}: script ${index + 1} parses and is within the subset`, () => {
      const parsed = parseScript(text, { name: "doc.js", typescript: false });
      expect(parsed.ok && parsed.program.violations).toEqual([]);
    });
  }
});

test("the table of policy keys is the one that the reader is driven by", () => {
  const path = join(ROOT, "docs/policy.md");
  const text = readFileSync(path, "utf8");
  const wanted = text.replace(/<!-- keys -->.*<!-- \/keys -->/s, () => `<!-- keys -->\n${keyTable()}<!-- /keys -->`);
  if (process.env.UPDATE_DOCS) writeFileSync(path, wanted);
  expect(readFileSync(path, "utf8")).toBe(wanted);
});

test("the attributes and operators of conditions in the docs are those that are read", () => {
  const path = join(ROOT, "docs/policy.md");
  const text = readFileSync(path, "utf8");
  const put = (page: string, name: string, table: string) =>
    page.replace(
      new RegExp(`<!-- ${name} -->.*<!-- /${name} -->`, "s"),
      () => `<!-- ${name} -->\n\n${table}\n<!-- /${name} -->`,
    );
  const wanted = put(put(text, "attributes", attributeTable()), "operators", operatorTable());
  if (process.env.UPDATE_DOCS) writeFileSync(path, wanted);
  expect(readFileSync(path, "utf8")).toBe(wanted);
});

test("links between the docs lead to files that are there", () => {
  const broken = pages.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map(([, target = ""]) => join(dirname(path), target))
      .filter((target) => !existsSync(target))
      .map((target) => `${relative(ROOT, path)} -> ${relative(ROOT, target)}`),
  );
  expect(broken).toEqual([]);
});

test("links to a section lead to a heading that is there", () => {
  const links = pages.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].map(([, target = "", anchor = ""]) => ({
      from: relative(ROOT, path),
      page: target === "" ? path : join(dirname(path), target),
      anchor,
    })),
  );
  expect(links.length).toBeGreaterThan(20);
  const broken = links.filter(({ page, anchor }) => existsSync(page) && !anchorsOf(page).has(anchor));
  expect(broken.map(({ from, page, anchor }) => `${from} -> ${relative(ROOT, page)}#${anchor}`)).toEqual([]);
});

/** As GitHub makes them: lower case, punctuation gone, blanks as hyphens. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

test("the list of decisions has each of them once, in order", () => {
  const listed = [...readFileSync(join(ROOT, "docs/decisions/README.md"), "utf8").matchAll(/\((\d{4}-[^)]+)\)/g)];
  const files = filesBelow(join(ROOT, "docs/decisions"), ".md").map((path) => basename(path));
  expect(listed.map(([, name]) => name)).toEqual(files.filter((name) => /^\d/.test(name)).sort());
  expect(new Set(listed.map(([, name = ""]) => name.slice(0, 4))).size).toBe(listed.length);
});

test("the threat model names tests that are there", () => {
  const text = readFileSync(join(ROOT, "docs/threat-model.md"), "utf8");
  const places = [...text.matchAll(/`((?:packages|eval)\/[^`]+)`/g)].map(([, place = ""]) => place);
  expect(places.length).toBeGreaterThan(5);
  expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
});

/** Capabilities with the same attributes are one row. */
function attributeTable(): string {
  const rows = new Map<string, string[]>();
  for (const capability of CAPABILITIES) {
    const attributes = Object.entries(attributesOf(capability)).map(([name, type]) => `\`${name}\` ${type}`);
    const row = attributes.join(", ");
    rows.set(row, [...(rows.get(row) ?? []), capability]);
  }
  const lines = [...rows].map(([row, names]) => `| ${names.map((name) => `\`${name}\``).join(" ")} | ${row} |\n`);
  return `| capabilities | attributes and their types |\n| --- | --- |\n${lines.join("")}`;
}

function operatorTable(): string {
  const lines = Object.entries(OPERATORS).map(
    ([type, operators]) => `| ${type} | ${operators.map((one) => `\`${one}\``).join(" ")} |\n`,
  );
  return `| type | operators |\n| --- | --- |\n${lines.join("")}`;
}

function keyTable(): string {
  const rows = Object.entries<KeySpec>(KEYS).map(
    ([key, spec]) =>
      `| \`${key}\` | ${typeOf(spec)} | ${defaultOf(spec)} | ${spec.merge} | ${spec.says.replaceAll("|", "\\|")} |\n`,
  );
  const fields = Object.entries(TABLES).flatMap(([table, specs]) =>
    Object.entries(specs).map(([key, spec]) => fieldRow(TABLE_TITLES[table as TableName], key, spec)),
  );
  const all = [...rows, ...fields].join("");
  return `\n| key | type | default | merges | meaning |\n| --- | --- | --- | --- | --- |\n${all}\n`;
}

/** Of the tables that there may be several of: they are joined as a whole. */
function fieldRow(title: string, key: string, spec: FieldSpec): string {
  const name = `\`${title}${title.endsWith("]") ? " " : "."}${key}\``;
  const byDefault = spec.required === true ? "required" : spec.default === undefined ? "" : `\`${spec.default}\``;
  return `| ${name} | ${fieldType(spec)} | ${byDefault} | concatenate | ${spec.says.replaceAll("|", "\\|")} |\n`;
}

function fieldType({ type, min, max, values }: FieldSpec): string {
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(" ");
  return min === undefined ? type : `${type}, ${min} to ${max}`;
}

function typeOf(spec: KeySpec): string {
  if (spec.type === "list")
    return `list of ${spec.of}s`
      .replace("policys", "policies")
      .replace("capabilitys", "capabilities")
      .replace("argumentss", "arguments");
  const range = spec.min === undefined ? "" : `, ${spec.min} to ${spec.max}${/^duration/.test(spec.type) ? " ms" : ""}`;
  const list = spec.type === "choices" ? "list of " : "";
  return spec.values === undefined
    ? `${spec.type}${range}`
    : list + spec.values.map((value) => `\`${value}\``).join(" ");
}

function defaultOf(spec: KeySpec): string {
  if (spec.type === "list") return "`[]`";
  if (Array.isArray(spec.default)) return spec.default.map((word) => `\`${word}\``).join(" ");
  return spec.default === null ? "" : `\`${spec.default}\``;
}
