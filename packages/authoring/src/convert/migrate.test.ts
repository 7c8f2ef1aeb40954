import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPolicyText, type PolicyWorld } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { migratePolicy } from "./migrate.ts";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map([["secure-defaults", "version = 1\n"]]),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

const hashOf = (text: string): string => {
  const loaded = loadPolicyText(text, { path: "p.toml" }, world, { root: "/work" });
  return loaded.ok ? loaded.data.hash : loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n");
};

/** The policies that the dialect is tested with. */
const PLACE = fileURLToPath(new URL("../../../policy/src/testing/dialect", import.meta.url));
const POLICIES = readdirSync(PLACE).map((name) => [name, readFileSync(join(PLACE, name), "utf8")] as const);

describe.each(POLICIES)("%s", (_name, text) => {
  const migrated = migratePolicy(text, "p.toml");

  test("decides in version 1 as it did", () => {
    expect(migrated.kind).toBe("migrated");
    if (migrated.kind !== "migrated") return;
    expect(hashOf(migrated.text)).toBe(hashOf(text));
    expect(hashOf(text)).toMatch(/^[0-9a-f]{64}$/);
    expect(migratePolicy(migrated.text, "p.toml")).toEqual({ kind: "current" });
  });
});

test("comments stay where they were, and what is left out stands as one", () => {
  const text = `# the policy of the team
# "quoted" # twice
version = "1.0.0" # of the schema
inherits = "secure-defaults"

# what is read
[filesystem]
# sources
read_allow = [ # a list
  # first
  "src/**", # all of it
  "./x", 'docs # no comment/*.md',
  # last
]
deny = ["*.pem"] # keys

# nothing more
`;
  const migrated = migratePolicy(text, "p.toml");
  expect(migrated.kind === "migrated" ? migrated.text : migrated).toMatchInlineSnapshot(`
    "# the policy of the team
    # "quoted" # twice
    version = 1 # of the schema
    inherits = ["secure-defaults", "aegis-defaults"]

    # what is read
    [filesystem]
    # sources
    read_allow = [ # a list
      # first
      "src/**", # all of it
      # left out: \`./x\` matched nothing there
      "docs # no comment/*.md",
    ]
    # last
    deny = ["**/*.pem"] # keys
    # nothing more
    "
  `);
});

test("a policy of ours is current, and one of no known version is refused at its line", () => {
  expect(migratePolicy("version = 1\n", "p.toml")).toEqual({ kind: "current" });
  for (const [text, line] of [
    ["version = 2\n", 1],
    ["name = 'x'\n", 1],
    ["# a\nversion = '3.0.0'\n", 2],
    ["version = \n", 1],
  ] as const) {
    const migrated = migratePolicy(text, "p.toml");
    expect(migrated.kind).toBe("unknown");
    expect(migrated.kind === "unknown" ? migrated.problems[0]?.line : null).toBe(line);
  }
});
