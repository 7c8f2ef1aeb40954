import { describe, expect, test } from "vitest";
import { commandText, isGrantedCommand, isNamedCommand, programNames } from "./command.ts";

const resolved = [
  { name: "vi", path: "/usr/bin/vim.basic", dev: 1, ino: 1 },
  { name: "ls", path: "/bin/busybox", dev: 1, ino: 2 },
];

function call(typed: string, real = typed) {
  const target = { on: "subprocess.exec", role: "execute", kind: "command", value: real } as const;
  const text = commandText(target, { command: typed, argv: [typed] });
  if (text === null) throw new Error("no command");
  return text;
}

describe("the names of a program", () => {
  test.each([
    [["git"], ["git"]],
    [["/usr/bin/Git"], ["git"]],
    [["python3.11"], ["python3.11", "python3", "python"]],
    [
      ["py", "/usr/bin/python3.11"],
      ["py", "python3.11", "python3", "python"],
    ],
    [["gcc-12"], ["gcc-12", "gcc"]],
    [["7z"], ["7z"]],
    [["ls", "/bin/busybox"], ["ls"]],
    [["busybox"], ["busybox"]],
    [["/"], [""]],
    [[""], [""]],
  ])("of %j are %j", (paths, names) => expect(programNames(...paths)).toEqual(names));
  test("of an endless name are itself", () => expect(programNames(`${"1".repeat(200_000)}x`)).toHaveLength(1));
});

describe("a grant of a command", () => {
  test.each([
    ["vi", "vi", "/usr/bin/vim.basic", true],
    ["vi", "/usr/bin/vi", "/usr/bin/vim.basic", true],
    ["vi", "vim.basic", "/usr/bin/vim.basic", false],
    ["vi", "vi", "/tmp/vi", false],
    ["vi", "vi", "vi", true],
    ["ls", "sh", "/bin/busybox", false],
    ["ls", "/bin/busybox", "/bin/busybox", false],
    ["git", "git", "/usr/bin/git", false],
  ])("of %s covers %s at %s: %s", (name, typed, real, expected) =>
    expect(isGrantedCommand(name, call(typed, real), resolved)).toBe(expected),
  );
});

describe("a denial of a command", () => {
  test.each([
    ["vi", "editor", "/usr/bin/vim.basic", true],
    ["git", "git", "git", true],
    ["git", "/opt/bin/GIT", "/opt/bin/GIT", true],
    ["git", "alias", "/usr/bin/git", true],
    ["python", "python3.11", "python3.11", true],
    ["python3", "python3.11", "python3.11", true],
    ["python3.11", "python3", "python3", false],
    ["tools/x", "./tools/x", "/work/proj/tools/x", true],
    ["./tools/x", "tools/x", "/work/proj/tools/x", true],
    ["/usr/bin/git", "git", "/usr/bin/git", true],
    ["git", "gitk", "gitk", false],
    ["git", "legit", "/usr/bin/legit", false],
    ["tools/x", "x", "/usr/bin/x", false],
  ])("of %s covers %s at %s: %s", (name, typed, real, expected) =>
    expect(isNamedCommand(name, call(typed, real), resolved)).toBe(expected),
  );
});
