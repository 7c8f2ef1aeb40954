import type { Json } from "@agent-run/gate";
import { describe, expect, test } from "vitest";
import { MAX_ARGUMENT_BYTES, parseArguments } from "./arguments.ts";

const message = (args: Json): string => {
  const parsed = parseArguments(args);
  return parsed.ok ? "ok" : `${parsed.failure.code} ${parsed.failure.message}`;
};

describe("hostile arguments are refused with what they should be", () => {
  const noShell = "E_ARGUMENT `argv` must be an array of strings; there is no shell";
  const cases: readonly (readonly [string, Json, string])[] = [
    ["no object", "ls", "E_ARGUMENT `subprocess.exec` takes an object with `argv`"],
    ["null", null, "E_ARGUMENT `subprocess.exec` takes an object with `argv`"],
    ["a list alone", ["ls"], "E_ARGUMENT `subprocess.exec` takes an object with `argv`"],
    ["no argv", {}, noShell],
    ["a command line", { argv: "ls -l; rm -rf /" }, noShell],
    ["a number among the words", { argv: ["head", 3] }, noShell],
    ["a list among the words", { argv: ["ls", ["-l"]] }, noShell],
    ["no words", { argv: [] }, "E_ARGUMENT `argv` must start with the name of a command"],
    ["an empty command", { argv: ["", "x"] }, "E_ARGUMENT `argv` must start with the name of a command"],
    ["NUL in a word", { argv: ["cat", "a\0b"] }, "E_ARGUMENT `argv` holds a NUL character"],
    ["a lone surrogate", { argv: ["cat", "\ud800"] }, "E_ARGUMENT `argv` holds text that is not valid Unicode"],
    ["an unknown option", { argv: ["ls"], shell: true }, "E_ARGUMENT `subprocess.exec` has no option `shell`"],
    ["cwd of a wrong type", { argv: ["ls"], cwd: 1 }, "E_ARGUMENT `cwd` must be a path as a string"],
    ["stdin of a wrong type", { argv: ["ls"], stdin: [1] }, "E_ARGUMENT `stdin` must be a string"],
    ["env as a list", { argv: ["ls"], env: ["A=1"] }, "E_ARGUMENT `env` must be an object of names and strings"],
    ["a value that is no text", { argv: ["ls"], env: { A: 1 } }, "E_ARGUMENT `env.A` must be a string"],
    [
      "an assignment as a name",
      { argv: ["ls"], env: { "A=B": "1" } },
      "E_ARGUMENT `env` holds a name that no variable can have",
    ],
    ["an empty name", { argv: ["ls"], env: { "": "1" } }, "E_ARGUMENT `env` holds a name that no variable can have"],
    ["NUL in a value", { argv: ["ls"], env: { A: "1\0B=2" } }, "E_ARGUMENT `env.A` holds a NUL character"],
    [
      "no time",
      { argv: ["ls"], timeoutMs: 0 },
      "E_ARGUMENT `timeoutMs` must be a whole number of milliseconds, at least 1",
    ],
    [
      "half a millisecond",
      { argv: ["ls"], timeoutMs: 0.5 },
      "E_ARGUMENT `timeoutMs` must be a whole number of milliseconds, at least 1",
    ],
    [
      "time as text",
      { argv: ["ls"], timeoutMs: "1" },
      "E_ARGUMENT `timeoutMs` must be a whole number of milliseconds, at least 1",
    ],
  ];
  test.each(cases)("%s", (_, args, expected) => {
    expect(message(args)).toBe(expected);
  });
});

test("the words of one call have at most 128 KiB together", () => {
  const word = "x".repeat(MAX_ARGUMENT_BYTES - "echo".length - 2);
  expect(message({ argv: ["echo", word] })).toBe("ok");
  expect(message({ argv: ["echo", `${word}x`] })).toMatch(/^E_ARGUMENT `argv` is longer than/);
  expect(message({ argv: ["echo", ...Array.from({ length: 70_000 }, () => "ä")] })).toMatch(/longer than/);
});

test("variables have at most 32 KiB together", () => {
  expect(message({ argv: ["ls"], env: { A: "x".repeat(40_000) } })).toMatch(/^E_ARGUMENT `env` is longer than/);
});

test("members of a prototype are no arguments", () => {
  const args = JSON.parse('{"argv":["ls"],"__proto__":{"cwd":"/etc"}}') as Json;
  expect(message(args)).toBe("E_ARGUMENT `subprocess.exec` has no option `__proto__`");
});

test("variables come in the order of their names, whatever order they were typed in", () => {
  const parsed = parseArguments({ argv: ["ls"], env: { B: "2", A: "1" } });
  expect(parsed.ok && parsed.value.env).toEqual([
    ["A", "1"],
    ["B", "2"],
  ]);
});
