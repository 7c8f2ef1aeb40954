import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPolicyText, type PolicyWorld } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { CommandFailure } from "../exit.ts";
import { makePlayground, namesIn } from "../terminal.ts";
import { detectLanguages, LANGUAGES, languagesNamed } from "./language.ts";
import { policyText } from "./policy-text.ts";
import { sourceDirectories } from "./project.ts";

const PRESETS = fileURLToPath(new URL("../../../../presets", import.meta.url));
const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(
    readdirSync(PRESETS)
      .filter((name) => name.endsWith(".toml"))
      .map((name) => [name.slice(0, -5), readFileSync(join(PRESETS, name), "utf8")]),
  ),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

const load = (text: string) => loadPolicyText(text, { path: "agent-run.toml" }, world, { root: "/work" });

describe.each(LANGUAGES)("the policy for $name", (language) => {
  const text = policyText([language], []);

  test("loads without a problem, a warning or a banner, and inherits its preset by name", () => {
    const loaded = load(text);
    expect(loaded).toMatchObject({ ok: true, data: { warnings: [], banners: [] } });
    const preset = language.name === "generic" ? "secure-defaults" : language.name;
    expect(text).toContain(`inherits = ["${preset}"]`);
  });

  test("has lines to take in that load, too", () => {
    const taken = text
      .split("\n")
      .filter((line) => !line.includes("web-read") || language.name === "generic")
      .map((line) => line.replace(/^# (?=\[|[a-z_]+ = )/, ""))
      .join("\n");
    expect(taken.split("\n").filter((line) => /^[a-z[]/.test(line)).length).toBeGreaterThan(10);
    expect(load(taken)).toMatchObject({ ok: true });
  });

  test("names other presets that are there", () => {
    for (const [, line = ""] of text.matchAll(/inherits = \[(.*?)\]/g)) {
      for (const [, name = ""] of line.matchAll(/"([^"]+)"/g)) expect([...world.presets.keys()]).toContain(name);
    }
  });
});

test("several languages are one policy", () => {
  const text = policyText(languagesNamed("py, ts"), []);
  expect(text).toContain('inherits = ["python", "node"]');
  expect(load(text)).toMatchObject({ ok: true, data: { warnings: [] } });
});

test("a directory of sources is written into the policy", () => {
  const loaded = load(policyText(languagesNamed("python"), ["mypkg/**"]));
  expect(loaded.ok && loaded.data.rules[0]).toMatchObject({
    ref: { id: "filesystem.write_allow[0]", file: "agent-run.toml" },
    match: { patterns: ["/work/mypkg/**"] },
  });
});

test.each([
  ["python", "python"],
  ["py", "python"],
  ["PY", "python"],
  ...["js", "ts", "javascript", "typescript"].map((name) => [name, "node"]),
  ["rb", "ruby"],
  ["rs", "rust"],
  ["golang", "go"],
  ["kotlin", "java"],
  ["csharp", "dotnet"],
  ["c#", "dotnet"],
  ["generic", "generic"],
  ["go,go", "go"],
  ["generic,go", "go"],
])("`--lang %s` is %s", (name = "", wanted) => {
  expect(languagesNamed(name).map((one) => one.name)).toEqual([wanted]);
});

test.each([
  ["pyton", "did you mean `python`?"],
  ["rusty", "did you mean `rust`?"],
  ["c++", "there are: python, node, ruby, rust, go, java, dotnet, generic"],
  ["", "there are:"],
  ["go,nod", "did you mean `node`?"],
])("`--lang %s` is refused with what was meant", (name, hint) => {
  const refused = () => languagesNamed(name);
  expect(refused).toThrow(CommandFailure);
  expect(refused).toThrow(expect.objectContaining({ exitCode: 5, hint: expect.stringContaining(hint) }));
});

test.each([
  [["package.json", "src"], [["node", "package.json"]]],
  [["setup.py", "pyproject.toml"], [["python", "pyproject.toml"]]],
  [["Cargo.toml"], [["rust", "Cargo.toml"]]],
  [["go.mod"], [["go", "go.mod"]]],
  [["pom.xml"], [["java", "pom.xml"]]],
  [["build.gradle.kts"], [["java", "build.gradle.kts"]]],
  [["A.csproj"], [["dotnet", "A.csproj"]]],
  [["Gemfile"], [["ruby", "Gemfile"]]],
  [["x.gemspec"], [["ruby", "x.gemspec"]]],
  [
    ["package.json", "pyproject.toml"],
    [
      ["python", "pyproject.toml"],
      ["node", "package.json"],
    ],
  ],
  [["README.md", "csproj", "Cargo.toml.bak"], []],
])("in a directory with %j is found %j", (names, wanted) => {
  expect(detectLanguages(names).map(({ language, file }) => [language.name, file])).toEqual(wanted);
});

test("source directories are found by what lies in them, and names that would be patterns are left out", () => {
  const place = makePlayground({
    "mypkg/__init__.py": "",
    "other/readme.md": "",
    "src/__init__.py": "",
    ".venv/__init__.py": "",
    "a[b]/__init__.py": "",
    "core/pom.xml": "",
  });
  try {
    const found = (name: string) => sourceDirectories(place.directory, namesIn(place.directory), languagesNamed(name));
    expect(found("python")).toEqual(["mypkg/**"]);
    expect(found("java")).toEqual(["core/src/**"]);
    expect(found("node")).toEqual([]);
    expect(namesIn(join(place.directory, "nowhere"))).toEqual([]);
  } finally {
    place.remove();
  }
});
