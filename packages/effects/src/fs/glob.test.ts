import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, renameSync, statSync, symlinkSync } from "node:fs";
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
    ["src/!(*.md)", ["src/c.ts"]],
    ["src/@(c|d).*", ["src/c.ts", "src/d.md"]],
    ["{src,test}/[[:alpha:]].ts", ["src/c.ts", "test/f.ts"]],
    ["src/", []],
    ["*/", []],
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

  test("another name of a protected file is not named, by a hard link or through a link", () => {
    const { dev, ino } = statSync(trial.file("policy"));
    linkSync(trial.at("policy"), trial.at("src/innocent"));
    symlinkSync("innocent", trial.at("src/link"));
    expect(glob("src/**")).toEqual(["src/c.ts", "src/d.md", "src/deep/e.ts", "src/innocent", "src/link"]);
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
    expect(glob("src/**")).toEqual(["src/c.ts", "src/d.md", "src/deep/e.ts"]);
    expect(glob("src/innocent")).toEqual([]);
    trial.protectedInodes = [{ dev, ino, access: "write", what: "the policy" }];
    expect(glob("src/innocent")).toEqual(["src/innocent"]);
  });

  test("a name with control characters is not named", () => {
    trial.file("src/a\nb.ts");
    trial.file("src/a\u2028/x.ts");
    expect(glob("src/**/*.ts")).toEqual(["src/c.ts", "src/deep/e.ts"]);
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
    expect(trial.lastTargets()).toEqual(["search ~/src"]);
  });

  test("a pattern that begins above what is granted finds what is granted, and enters nothing else", () => {
    trial.allowed.read = [trial.at("src/deep"), trial.at("src/c.ts")];
    mkdirSync(trial.at("huge/x"), { recursive: true });
    const asked: string[] = [];
    trial.beforeDecision = (path) => asked.push(path);
    expect(glob("**/*.ts")).toEqual(["src/c.ts", "src/deep/e.ts"]);
    expect(asked).toContain(trial.at("huge"));
    expect(asked).not.toContain(trial.at("huge/x"));
    expect(glob("{src,test}/*.ts")).toEqual(["src/c.ts"]);
    expect(glob("src/*")).toEqual(["src/c.ts"]);
    expect(trial.code("fs.glob", { pattern: "test/*.ts" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.glob", { pattern: "**/*.ts", cwd: "test" })).toBe("E_POLICY_DENIED");
  });

  test("a path without wildcards is a read: what may only be searched is refused, there or not", () => {
    trial.file("src/deep/x");
    trial.allowed.read = [trial.at("src/c.ts/below"), trial.at("src/deep/x")];
    expect(trial.code("fs.glob", { pattern: "src/c.ts" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.glob", { pattern: "src/none" })).toBe("E_POLICY_DENIED");
    expect(glob("src/c.ts/*")).toEqual([]);
    expect(glob("src/deep/x")).toEqual(["src/deep/x"]);
    expect(trial.lastTargets()).toEqual(["read ~/src/deep/x"]);
  });

  test.each(["../outside/*", "~/*", "x/../../outside/*", "/etc/*", "/*/../etc/*", "../outside/secret"])(
    "`%s` is refused",
    (pattern) => {
      expect(trial.code("fs.glob", { pattern })).toMatch(/E_POLICY_DENIED|E_ARGUMENT/);
      expect(trial.code("fs.glob", { pattern: "*", cwd: pattern.replace(/\/[^/]*$/, "") })).toBe("E_POLICY_DENIED");
    },
  );

  test("a pattern that begins above the root finds nothing beside it", () => {
    trial.allowed.read = [trial.at("src")];
    const found = ["src/c.ts", "src/d.md", "src/deep/e.ts"];
    expect(glob("../**")).toEqual(found.map((name) => `../root/${name}`));
    expect(glob("../*/secret")).toEqual([]);
    expect(glob("/**")).toEqual(found.map((name) => trial.at(name)));
    expect(glob("**", { cwd: ".." })).toEqual(found.map((name) => `../root/${name}`));
  });

  test("a denied directory in a granted one is not entered", () => {
    trial.file("src/denied/x.ts");
    trial.deniedExactly = [trial.at("src/deep")];
    const asked: string[] = [];
    trial.beforeDecision = (path) => asked.push(path);
    expect(glob("src/**/*.ts")).toEqual(["src/c.ts"]);
    expect(asked.filter((path) => /denied\/|deep\//.test(path))).toEqual([]);
    trial.denied = ["src"];
    expect(trial.code("fs.glob", { pattern: "src/**" })).toBe("E_POLICY_DENIED");
  });

  test("a directory that becomes a link out of the grant while it is walked leads nowhere", () => {
    let swapped = false;
    trial.beforeDecision = (path) => {
      if (path !== trial.at("src/deep") || swapped) return;
      swapped = true;
      renameSync(trial.at("src/deep"), trial.at("src/moved"));
      symlinkSync(trial.outside, trial.at("src/deep"));
    };
    expect(glob("src/**")).toEqual(["src/c.ts", "src/d.md"]);
    expect(swapped).toBe(true);
  });

  test("what a person is asked about is left out, unless the call itself asks", () => {
    trial.asked = ["src/d"];
    expect(glob("src/**")).toEqual(["src/c.ts"]);
    expect(trial.questions).toBe(0);
    trial.asked = ["src"];
    expect(glob("src/**")).toEqual(["src/c.ts", "src/d.md", "src/deep/e.ts"]);
    expect(trial.questions).toBe(1);
    trial.answer = "deny";
    expect(trial.code("fs.glob", { pattern: "src/**" })).toBe("E_APPROVAL_DENIED");
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
    ["a range bomb", { pattern: "{1..1000000}" }],
    ["a leading `!`", { pattern: "!src/**" }],
    ["a huge pattern", { pattern: "*".repeat(100_000) }],
    ["an empty cwd", { pattern: "*", cwd: "" }],
    ["an unknown member", { pattern: "*", dot: true }],
  ])("%s is E_ARGUMENT", (_, args) => {
    expect(trial.code("fs.glob", args)).toBe("E_ARGUMENT");
  });
});
