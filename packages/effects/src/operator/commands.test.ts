import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { CanonicalRequest, Decision, PolicyData, RuleData } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FoundCommands, resolveCommands } from "./commands.ts";

/** Stands for the way from the working directory to `bin`. */
const HERE = "../here";

let base: string;
let root: string;
/** Prefixes that the script may write. */
let writable: string[];
/** Paths that it may write, but nothing below them. */
let replaceable: string[];
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-commands-")));
  root = join(base, "root");
  writable = [];
  replaceable = [];
  for (const name of ["root", "bin", "bin2"]) mkdirSync(join(base, name));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function program(path: string, text = "\x7fELF", mode = 0o755): string {
  const full = join(base, path);
  mkdirSync(join(full, ".."), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, mode);
  return full;
}

function find(
  allowed: readonly string[],
  directories: readonly string[] = ["bin", "bin2"],
  rules: readonly RuleData[] = [],
): FoundCommands {
  const data = { root, rules, subprocess: { allowed } } as unknown as PolicyData;
  const decide = ({ targets }: CanonicalRequest): Decision => {
    const value = targets[0]?.value ?? "";
    const below = writable.some((prefix) => value === prefix || value.startsWith(`${prefix}/`));
    const allow = below || replaceable.includes(value);
    return { effect: allow ? "allow" : "deny", code: null, rule: { id: "" }, matched: [], layer: "policy" };
  };
  const path = directories.map((one) =>
    one === "" || one.startsWith("/") || one.startsWith(".") ? one : join(base, one),
  );
  return resolveCommands({ data, decide }, path.join(":"));
}

const paths = (found: FoundCommands): string[] => found.commands.map(({ path }) => path.slice(base.length + 1));

describe("names on PATH", () => {
  test("are found in order, with real path and inode", () => {
    const path = program("bin2/tool");
    const { dev, ino } = statSync(path);
    program("bin2/other");
    program("bin/other");
    const found = find(["tool", "other"]);
    expect(found.commands).toEqual([
      { name: "tool", path, dev, ino },
      { name: "other", path: join(base, "bin/other"), dev, ino: statSync(join(base, "bin/other")).ino },
    ]);
    expect(found.warnings).toEqual([]);
  });

  test("may be links, which are followed to the file", () => {
    program("lib/real-1.2");
    symlinkSync("../lib/real-1.2", join(base, "bin/tool"));
    expect(paths(find(["tool"]))).toEqual(["lib/real-1.2"]);
  });

  test.each([
    ["nothing there", () => {}],
    ["a directory", () => mkdirSync(join(base, "bin/tool"))],
    ["a file that cannot be executed", () => program("bin/tool", "x", 0o644)],
    ["a link to nothing", () => symlinkSync("gone", join(base, "bin/tool"))],
    ["a link to itself", () => symlinkSync("tool", join(base, "bin/tool"))],
  ])("are not found with %s, and the operator is told", (_, make) => {
    make();
    const found = find(["tool"]);
    expect(found.commands).toEqual([]);
    expect(found.warnings).toEqual(["`tool` of `allow_commands` was not found, so calling it fails with E_NOT_FOUND"]);
  });

  test.each([
    [["preset:node"], []],
    [["agent-run.toml"], ["`yarn` of `allow_commands` was not found, so calling it fails with E_NOT_FOUND"]],
    [
      ["preset:node", "agent-run.toml"],
      ["`yarn` of `allow_commands` was not found, so calling it fails with E_NOT_FOUND"],
    ],
  ])("that are not there are told to who named them: %j", (files, warnings) => {
    const rules = files.map((file): RuleData => {
      const match = { kind: "command", name: "yarn" } as const;
      return { ref: { id: "subprocess.allow_commands[0]", file }, effect: "allow", on: ["subprocess.exec"], match };
    });
    expect(find(["yarn"], ["bin"], rules)).toEqual({ commands: [], warnings });
  });

  test.each(["", ".", "..", "bin\0", "a".repeat(5000)])("that are strange (%j) are not found", (name) => {
    expect(() => find([name])).not.toThrow();
    expect(find([name]).commands).toEqual([]);
  });

  test("without a PATH nothing is found", () => {
    program("bin/tool");
    const data = { root, rules: [], subprocess: { allowed: ["tool"] } } as unknown as PolicyData;
    const decide = (): Decision => ({ effect: "deny", code: null, rule: { id: "" }, matched: [], layer: "policy" });
    expect(resolveCommands({ data, decide }, "").commands).toEqual([]);
  });
});

describe("PATH entries that are skipped", () => {
  test.each([
    ["relative", [".", "", "./bin"], () => program("bin/tool")],
    ["relative to here", [HERE], () => program("bin/tool")],
    ["of a project", ["node_modules/.bin"], () => program("node_modules/.bin/tool")],
    ["below a project's", ["x/node_modules/.bin/deep"], () => program("x/node_modules/.bin/deep/tool")],
    ["the root", ["root"], () => program("root/tool")],
    ["under the root", ["root/bin"], () => program("root/bin/tool")],
    ["missing", ["gone"], () => {}],
    ["a file", ["bin/tool"], () => program("bin/tool")],
  ])("%s", (_, directories, make) => {
    make();
    const entries = directories.map((entry) => (entry === HERE ? relative(process.cwd(), join(base, "bin")) : entry));
    expect(find(["tool"], entries).commands).toEqual([]);
  });

  test("a link to a directory under the root, and a link under the root to a directory outside", () => {
    program("bin/tool");
    mkdirSync(join(root, "bin"));
    symlinkSync("../../bin/tool", join(root, "bin/tool"));
    symlinkSync("root/bin", join(base, "linked"));
    symlinkSync("../bin", join(root, "out"));
    expect(paths(find(["tool"], ["bin"]))).toEqual(["bin/tool"]);
    expect(find(["tool"], ["linked"]).commands).toEqual([]);
    expect(find(["tool"], ["root/out"]).commands).toEqual([]);
  });

  test("one that others may write, and the next is taken", () => {
    program("bin/tool");
    program("bin2/tool");
    chmodSync(join(base, "bin"), 0o777);
    const found = find(["tool"]);
    expect(paths(found)).toEqual(["bin2/tool"]);
    expect(found.warnings[0]).toContain(`PATH entry \`${join(base, "bin")}\` was skipped`);
    chmodSync(join(base, "bin"), 0o1777);
    expect(paths(find(["tool"]))).toEqual(["bin2/tool"]);
  });

  test("one that the script may write", () => {
    program("bin/tool");
    program("bin2/tool");
    writable = [join(base, "bin")];
    expect(paths(find(["tool"]))).toEqual(["bin2/tool"]);
  });

  test("of a project, however it is spelled", () => {
    program("x/node_modules/.bin/tool");
    expect(find(["tool"], [`${base}/x/node_modules/./.bin`]).commands).toEqual([]);
    expect(find(["tool"], [`${base}/x/node_modules//.bin`]).commands).toEqual([]);
  });

  test("a link that the script may replace, though it may not write what it leads to", () => {
    program("bin2/tool");
    symlinkSync("bin2", join(base, "link"));
    expect(paths(find(["tool"], ["link"]))).toEqual(["bin2/tool"]);
    replaceable = [join(base, "link")];
    expect(find(["tool"], ["link"]).commands).toEqual([]);
  });

  test("one that is a link to where the script may write", () => {
    program("lib/real");
    symlinkSync("../lib/real", join(base, "bin/tool"));
    symlinkSync("bin", join(base, "linked"));
    expect(paths(find(["tool"], ["linked"]))).toEqual(["lib/real"]);
    writable = [join(base, "bin")];
    expect(find(["tool"], ["linked"]).commands).toEqual([]);
  });
});

describe("programs that are skipped", () => {
  test("a link into the root", () => {
    program("root/evil");
    symlinkSync("../root/evil", join(base, "bin/tool"));
    program("bin2/tool");
    const found = find(["tool"]);
    expect(paths(found)).toEqual(["bin2/tool"]);
    expect(found.warnings[0]).toContain("it leads into the root");
  });

  test("a file that others may write", () => {
    program("bin/tool", "\x7fELF", 0o757);
    const found = find(["tool"]);
    expect(found.commands).toEqual([]);
    expect(found.warnings[0]).toContain("another user could change it");
  });

  test("a file in a directory that others may write, or below one", () => {
    program("open/lib/real");
    chmodSync(join(base, "open"), 0o777);
    symlinkSync("../open/lib/real", join(base, "bin/tool"));
    expect(find(["tool"]).commands).toEqual([]);
    chmodSync(join(base, "open"), 0o1777);
    expect(paths(find(["tool"]))).toEqual(["open/lib/real"]);
  });

  test("a file that the script may write, by its name or by its real path", () => {
    program("lib/real");
    symlinkSync("../lib/real", join(base, "bin/tool"));
    for (const path of ["lib/real", "bin/tool"]) {
      writable = [join(base, path)];
      const found = find(["tool"]);
      expect(found.commands).toEqual([]);
      expect(found.warnings[0]).toContain("the script may write it");
    }
  });

  test.runIf(process.getuid?.() === 0)("a file or directory of another user", () => {
    const path = program("bin/tool");
    chownSync(path, 65534, 65534);
    expect(find(["tool"]).commands).toEqual([]);
    chownSync(path, 0, 65534);
    chmodSync(path, 0o775);
    expect(paths(find(["tool"]))).toEqual(["bin/tool"]);
    chownSync(join(base, "bin"), 65534, 0);
    expect(find(["tool"]).commands).toEqual([]);
  });
});

describe("names with a slash", () => {
  test("lie under the root", () => {
    program("root/tools/build.sh");
    expect(paths(find(["tools/build.sh", "./tools/build.sh"]))).toEqual(["root/tools/build.sh", "root/tools/build.sh"]);
  });

  test("are not looked up in PATH and do not leave the root", () => {
    program("bin/tools/x");
    program("bin/y");
    const found = find(["tools/x", "../bin/y"]);
    expect(found.commands).toEqual([]);
    expect(found.warnings.join()).toContain("leads out of the root");
  });

  test("may be absolute, and are then judged like those of PATH", () => {
    const path = program("opt/tool");
    expect(paths(find([path]))).toEqual(["opt/tool"]);
    chmodSync(path, 0o777);
    expect(find([path]).commands).toEqual([]);
  });

  test("that the script or everybody may write are refused", () => {
    const path = program("root/tool.sh");
    writable = [root];
    expect(find(["./tool.sh"]).commands).toEqual([]);
    writable = [];
    chmodSync(path, 0o777);
    expect(find(["./tool.sh"]).commands).toEqual([]);
  });
});

describe("interpreters", () => {
  test("are part of the identity: a path, or the name that env looks up", () => {
    const shell = program("opt/shell");
    const node = program("bin2/node");
    program("bin/direct", `#!${shell} -e\n`);
    program("bin/spaced", `#!  ${shell}\n`);
    program("bin/env", "#!/usr/bin/env node\n");
    program("bin/envs", "#!/usr/bin/env -S A=b node --flag\n");
    const found = find(["direct", "spaced", "env", "envs"]);
    expect(found.commands.map(({ interpreter }) => interpreter?.path)).toEqual([shell, shell, node, node]);
    expect(found.commands[0]?.interpreter).toMatchObject({ ino: statSync(shell).ino, dev: statSync(shell).dev });
    expect(found.warnings).toEqual([]);
  });

  test.each([
    ["missing", "#!/nowhere/shell\n"],
    ["not on PATH", "#!/usr/bin/env no-such-interpreter\n"],
    ["relative", "#!shell/relative\n"],
    ["no path at all", "#!/bin/\0sh\n"],
    ["cut off by the kernel", `#!/${"a/".repeat(200)}\n`],
  ])("that are %s make the command unusable", (_, line) => {
    program("bin/tool", line);
    const found = find(["tool"]);
    expect(found.commands).toEqual([]);
    expect(found.warnings[0]).toContain("which was not found, so it cannot be run");
  });

  test("that the script may write make the command unusable", () => {
    const shell = program("opt/shell");
    program("bin/tool", `#!${shell}\n`);
    writable = [join(base, "opt")];
    expect(find(["tool"]).commands).toEqual([]);
  });

  test.each(["#!", "#!\n", "\x7fELF"])("a first line of %j names none", (text) => {
    program("bin/tool", text);
    expect(find(["tool"]).commands[0]).not.toHaveProperty("interpreter");
  });

  test.each(["", "#", "\0\0", "just text", "echo from-a-shell\n"])(
    "%j would be run by a shell, and is not run",
    (text) => {
      program("bin/tool", text);
      program("bin2/tool");
      const found = find(["tool"]);
      expect(paths(found)).toEqual(["bin2/tool"]);
      expect(found.warnings[0]).toContain("neither a program nor a script");
    },
  );
});

test("the machine's own tools are found", () => {
  const found = resolveCommands({
    data: { root, rules: [], subprocess: { allowed: ["sh", "ls"] } } as unknown as PolicyData,
    decide: () => ({ effect: "deny", code: null, rule: { id: "" }, matched: [], layer: "policy" }),
  });
  expect(found.commands.map(({ name }) => name)).toEqual(["sh", "ls"]);
});
