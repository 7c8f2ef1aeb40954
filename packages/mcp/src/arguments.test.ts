import { describe, expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { CHECK_INPUT, EXPLAIN_INPUT, RUN_INPUT } from "./schemas.ts";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("arguments", () => {
  test("that fit their schema are read as they are", () => {
    const given = { script: "", typescript: false, input: { a: [null] }, args: ["", "b"] };
    expect(readArguments(given, "run", RUN_INPUT)).toEqual({ ok: true, value: given });
    expect(readArguments({ on: "fs.read" }, "explain", EXPLAIN_INPUT)).toMatchObject({ ok: true });
  });

  const table: readonly [string, unknown, string][] = [
    ["no object", null, "the arguments of `run` must be an object"],
    ["a list", [], "the arguments of `run` must be an object"],
    ["text", "return 1", "the arguments of `run` must be an object"],
    ["nothing", {}, "`script` is missing"],
    ["what only a prototype has", Object.create({ script: "1" }), "`script` is missing"],
    ["a number as script", { script: 1 }, "`script` must be a string"],
    ["null as script", { script: null }, "`script` must be a string"],
    ["a text as flag", { script: "", typescript: "true" }, "`typescript` must be true or false"],
    ["a text as list", { script: "", args: "a" }, "`args` must be an array of strings"],
    ["a list of lists", { script: "", args: [["a"]] }, "`args` must be an array of strings"],
    [
      "an unknown name",
      { script: "", policy: "p" },
      '`run` has no argument "policy"; there are: script, typescript, input, args, task_id',
    ],
    [
      "a name of Object",
      { script: "", toString: 1 },
      '`run` has no argument "toString"; there are: script, typescript, input, args, task_id',
    ],
    [
      "a name that would draw",
      { script: "", "\u202e`\n": 1 },
      '`run` has no argument "\\u202e`\\n"; there are: script, typescript, input, args, task_id',
    ],
    ["deep input", { script: "", input: JSON.parse(nested(1002)) }, "`input` is nested more than 1000 levels deep"],
    [
      "very deep input",
      { script: "", input: JSON.parse(nested(200_000)) },
      "`input` is nested more than 1000 levels deep",
    ],
  ];
  test.each(table)("are refused with a sentence: %s", (_title, given, message) => {
    expect(readArguments(given, "run", RUN_INPUT)).toEqual({ ok: false, failure: { code: "E_ARGUMENT", message } });
  });

  test("may nest as deep as the VM's own border allows", () => {
    expect(readArguments({ script: "", input: JSON.parse(nested(1000)) }, "run", RUN_INPUT).ok).toBe(true);
  });

  test("of a set of words must be one of them, in its own type", () => {
    for (const on of ["fs.fly", "", ["fs.read"], 5]) {
      expect(readArguments({ on }, "explain", EXPLAIN_INPUT)).toMatchObject({ ok: false });
    }
  });

  test("that count are whole numbers that a number can hold", () => {
    const explained = (bytes: unknown) => readArguments({ on: "fs.write", bytes }, "explain", EXPLAIN_INPUT).ok;
    expect([0, 7].map(explained)).toEqual([true, true]);
    expect([1.5, 2 ** 60, "1", null].map(explained)).toEqual([false, false, false, false]);
  });

  test("of one tool are not those of another", () => {
    expect(readArguments({ script: "", input: 1 }, "check", CHECK_INPUT)).toMatchObject({ ok: false });
  });
});
