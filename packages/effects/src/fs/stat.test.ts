import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => trial.remove());

describe("fs.stat", () => {
  test("a file has type, size and time of change in milliseconds", () => {
    const path = trial.file("a", "12345");
    utimesSync(path, 1_700_000_000, 1_700_000_000.25);
    expect(trial.value("fs.stat", { path: "a" })).toEqual({ type: "file", size: 5, mtime: 1_700_000_000_250 });
  });

  test("directories and special files have their type and no size", () => {
    mkdirSync(trial.at("d"));
    execFileSync("mkfifo", [trial.at("pipe")]);
    expect(trial.value("fs.stat", { path: "d" })).toMatchObject({ type: "directory", size: 0 });
    expect(trial.value("fs.stat", { path: "pipe" })).toMatchObject({ type: "other", size: 0 });
    expect(trial.value("fs.stat", { path: "." })).toMatchObject({ type: "directory" });
  });

  test("a link is what it leads to", () => {
    trial.file("a", "123");
    symlinkSync("a", trial.at("l"));
    expect(trial.value("fs.stat", { path: "l" })).toMatchObject({ type: "file", size: 3 });
  });

  test("what is missing is E_NOT_FOUND, what is outside is refused", () => {
    expect(trial.code("fs.stat", { path: "a" })).toBe("E_NOT_FOUND");
    expect(trial.code("fs.stat", { path: "../outside/secret" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.stat", { path: "../outside/nothing" })).toBe("E_POLICY_DENIED");
    symlinkSync(trial.outside, trial.at("l"));
    expect(trial.code("fs.stat", { path: "l/secret" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.stat", { path: "a", lstat: true })).toBe("E_ARGUMENT");
  });
});

describe("fs.exists", () => {
  test.each([
    ["a", true],
    ["d", true],
    ["link", true],
    [".", true],
    ["missing", false],
    ["missing/deeper", false],
    ["a/below", false],
    ["dangling", false],
    [".agent-run-0123456789abcdef.tmp", false],
  ])("`%s`: %s", (path, expected) => {
    trial.file("a");
    mkdirSync(trial.at("d"));
    symlinkSync("a", trial.at("link"));
    symlinkSync("gone", trial.at("dangling"));
    trial.file(".agent-run-0123456789abcdef.tmp");
    expect(trial.value("fs.exists", { path })).toBe(expected);
  });

  test.each([
    ["a denied path", "denied"],
    ["a path outside", "../outside/secret"],
    ["a link to the outside", "l/secret"],
    ["what is behind a link to the outside", "l/nothing/deeper"],
    ["a dangling link to the outside", "m"],
  ])("%s is refused, whether or not it exists", (_, path) => {
    symlinkSync(trial.outside, trial.at("l"));
    symlinkSync(join(trial.outside, "gone"), trial.at("m"));
    expect(trial.code("fs.exists", { path })).toBe("E_POLICY_DENIED");
  });

  test("another name of a protected file is refused", () => {
    writeFileSync(join(trial.base, "policy"), "");
    linkSync(join(trial.base, "policy"), trial.at("p"));
    const { dev, ino } = statSync(trial.at("p"));
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
    expect(trial.code("fs.exists", { path: "p" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.stat", { path: "p" })).toBe("E_POLICY_DENIED");
  });
});
