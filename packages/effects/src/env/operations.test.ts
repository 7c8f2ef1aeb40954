import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Trial } from "../fs/trial.ts";
import { envOperations } from "./operations.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(envOperations);
  trial.environment = { LANG: "C", HOME: "/home/me", TOKEN: "secret", EMPTY: "", LC_ALL: "de" };
  trial.variables = ["LANG", "EMPTY", "UNSET"];
});
afterEach(() => trial.remove());

describe("env.read and env.has", () => {
  test.each([
    ["LANG", "C", true],
    ["EMPTY", "", true],
    ["UNSET", null, false],
  ])("granted `%s` is %j", (name, value, has) => {
    expect(trial.value("env.read", { name })).toBe(value);
    expect(trial.value("env.has", { name })).toBe(has);
  });

  test.each(["TOKEN", "NOT_SET_EITHER", "lang", "constructor", "__proto__", "toString"])(
    "`%s` is refused, whether or not it is set",
    (name) => {
      expect(trial.code("env.read", { name })).toBe("E_POLICY_DENIED");
      expect(trial.code("env.has", { name })).toBe("E_POLICY_DENIED");
    },
  );

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("`%s` is no variable by itself", (name) => {
    trial.variables = [name];
    expect(trial.value("env.read", { name })).toBe(null);
    expect(trial.value("env.has", { name })).toBe(false);
  });

  test.each([
    {},
    { name: "" },
    { name: 1 },
    { name: ["LANG"] },
    { name: "LANG\0" },
    { name: "A=B" },
    { name: "A\nB" },
    { name: "\ud800" },
    { name: "A".repeat(1025) },
    { name: "LANG", default: "x" },
    null,
    "LANG",
  ])("the arguments %j are E_ARGUMENT", (args) => {
    trial.variables = ["*"];
    expect(trial.code("env.read", args)).toBe("E_ARGUMENT");
    expect(trial.code("env.has", args)).toBe("E_ARGUMENT");
  });

  test("the request names the variable", () => {
    trial.value("env.read", { name: "LANG" });
    expect(trial.intents.at(-1)?.request).toEqual({
      v: 1,
      on: "env.read",
      targets: [{ on: "env.read", role: "read", kind: "variable", value: "LANG" }],
      attrs: {},
      labels: [],
    });
  });
});

describe("env.names", () => {
  test("lists what is granted and set, sorted, and nothing else", () => {
    trial.variables = ["UNSET", "LC_*", "LANG", "EMPTY"];
    expect(trial.value("env.names", {})).toEqual(["EMPTY", "LANG", "LC_ALL"]);
    expect(trial.intents.at(-1)?.request.targets.map(({ value }) => value)).toEqual(["EMPTY", "LANG", "LC_ALL"]);
  });

  test("does not list what would be asked about", () => {
    trial.asked = ["LANG"];
    expect(trial.value("env.names", {})).toEqual(["EMPTY"]);
    expect(trial.questions).toBe(0);
  });

  test.each([[["UNSET"]], [["XDG_*"]]])("is empty where only %j is granted", (variables) => {
    trial.variables = variables;
    expect(trial.value("env.names", {})).toEqual([]);
  });

  test("is refused where nothing is granted", () => {
    trial.variables = [];
    expect(trial.code("env.names", {})).toBe("E_POLICY_DENIED");
  });

  test("takes no arguments", () => {
    expect(trial.code("env.names", { prefix: "A" })).toBe("E_ARGUMENT");
  });
});
