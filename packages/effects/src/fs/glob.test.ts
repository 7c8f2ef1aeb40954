import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
  for (const name of ["a.ts", "b.js", ".hidden.ts", "src/c.ts", "src/d.md", "src/deep/e.ts", "test/f.ts"]) {
    trial.file(name);
  }
});
afterEach(() => trial.remove());

const glob = (pattern: string, more: Json = {}): Json =>
  trial.value("fs.glob", { pattern, ...(more as Record<string, Json>) });

describe("what matches", () => {
  test.each([
    ["*.ts", [".hidden.ts", "a.ts"]],
    ["**/*.ts", [".hidden.ts", "a.ts", "src/c.ts", "src/deep/e.ts", "test/f.ts"]],
    ["src/**", ["src/c.ts", "src/d.md", "src/deep/e.ts"]],
    ["src/*", ["src/c.ts", "src/d.md"]],
    ["./src/*.md", ["src/d.md"]],
    ["{src,test}/*.ts", ["src/c.ts", "test/f.ts"]],
    ["{src/deep,test,missing}/**", ["src/deep/e.ts", "test/f.ts"]],
    ["src/**/*.{ts,md}", ["src/c.ts", "src/d.md", "src/deep/e.ts"]],
    ["*/*/*.ts", ["src/deep/e.ts"]],
    ["s?c/[a-d].*", ["src/c.ts", "src/d.md"]],
    ["a.ts", ["a.ts"]],
    ["src", []],
    ["missing/**", []],
    ["a.ts/*", []],
    ["**/nothing", []],
  ])("`%s`", (pattern, expected) => {
    expect(glob(pattern)).toEqual(expected);
  });

  test("paths can be passed on: they hang under cwd as it was typed", () => {
    expect(glob("**/*.ts", { cwd: "src" })).toEqual(["src/c.ts", "src/deep/e.ts"]);
    expect(glob("../*.ts", { cwd: "src" })).toEqual([".hidden.ts", "a.ts"]);
    expect(glob("*.md", { cwd: trial.at("src") })).toEqual([trial.at("src/d.md")]);
    expect(glob(`${trial.root}/src/*.md`, { cwd: "test" })).toEqual([trial.at("src/d.md")]);
  });

  test("a cwd is a path, not a pattern", () => {
    trial.file("[x]*/f");
    trial.file("x/g");
    expect(glob("*", { cwd: "[x]*" })).toEqual(["[x]*/f"]);
  });

  test("directories and special files are not paths to read", () => {
    execFileSync("mkfifo", [trial.at("src/pipe")]);
    mkdirSync(trial.at("src/empty.ts"));
    expect(glob("src/*")).toEqual(["src/c.ts", "src/d.md"]);
  });
});

describe("what is hidden", () => {
  test("only readable directories are walked and only readable files are named", () => {
    trial.file("denied/x.ts");
    trial.file("src/denied.ts");
    expect(glob("**/*.ts")).toEqual([".hidden.ts", "a.ts", "src/c.ts", "src/deep/e.ts", "test/f.ts"]);
  });

  test("links to directories are not walked, links to readable files are named", () => {
    symlinkSync(".", trial.at("loop"));
    symlinkSync(trial.outside, trial.at("out"));
    symlinkSync("../src/c.ts", trial.at("test/in.ts"));
    symlinkSync(join(trial.outside, "secret"), trial.at("test/out.ts"));
    symlinkSync("gone", trial.at("test/gone.ts"));
    expect(glob("**/{*.ts,secret}")).toEqual([
      ".hidden.ts",
      "a.ts",
      "src/c.ts",
      "src/deep/e.ts",
      "test/f.ts",
      "test/in.ts",
    ]);
  });

  test("temporary files are not named", () => {
    trial.file("src/.agent-run-0123456789abcdef.tmp");
    expect(glob("src/**")).toEqual(["src/c.ts", "src/d.md", "src/deep/e.ts"]);
  });
});

describe("what is decided", () => {
  test("a pattern needs no right above its leading names", () => {
    trial.allowed.read = [trial.at("src")];
    expect(glob("src/**/*.ts")).toEqual(["src/c.ts", "src/deep/e.ts"]);
    expect(trial.code("fs.glob", { pattern: "**/*.ts" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.glob", { pattern: "{src,test}/*.ts" })).toBe("E_POLICY_DENIED");
  });

  test.each(["../outside/*", "/**", "~/*", "x/../../outside/*"])("`%s` is refused", (pattern) => {
    expect(trial.code("fs.glob", { pattern })).toMatch(/E_POLICY_DENIED|E_ARGUMENT/);
  });

  test("a start behind a link is decided where it really is", () => {
    symlinkSync(trial.outside, trial.at("out"));
    expect(trial.code("fs.glob", { pattern: "out/*" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.glob", { pattern: "*", cwd: "out" })).toBe("E_POLICY_DENIED");
  });
});

describe("hostile arguments", () => {
  test.each([
    ["an empty pattern", { pattern: "" }],
    ["no pattern", {}],
    ["a list of patterns", { pattern: ["*"] }],
    ["NUL", { pattern: "*\0" }],
    ["climbing in the middle", { pattern: "*/../../outside/*" }],
    ["a brace bomb", { pattern: "{a,b}".repeat(40) }],
    ["an open bracket", { pattern: "[a" }],
    ["a huge pattern", { pattern: "*".repeat(100_000) }],
    ["an empty cwd", { pattern: "*", cwd: "" }],
    ["an unknown member", { pattern: "*", dot: true }],
  ])("%s is E_ARGUMENT", (_, args) => {
    expect(trial.code("fs.glob", args)).toBe("E_ARGUMENT");
  });

  test("a pattern that could be slow is not", () => {
    mkdirSync(trial.at("many"));
    for (let i = 0; i < 200; i += 1) writeFileSync(trial.at("many", `${"a".repeat(200)}${i}`), "");
    expect(glob(`many/${"*a".repeat(60)}*b`)).toEqual([]);
  });
});
