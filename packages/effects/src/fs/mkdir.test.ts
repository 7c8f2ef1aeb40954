import { mkdirSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => {
  expect(trial.outsideIsUntouched()).toBe(true);
  trial.remove();
});

test("a directory is made with the parents it lacks, each decided", () => {
  expect(trial.value("fs.mkdir", { path: "a/b/c" })).toBe(null);
  expect(statSync(trial.at("a/b/c")).isDirectory()).toBe(true);
  expect(trial.lastTargets()).toEqual(["write ~/a/b/c", "write ~/a", "write ~/a/b"]);
});

test("a directory that is there is fine, also through a link", () => {
  mkdirSync(trial.at("a"));
  symlinkSync("a", trial.at("l"));
  expect(trial.value("fs.mkdir", { path: "a" })).toBe(null);
  expect(trial.value("fs.mkdir", { path: "l" })).toBe(null);
});

test("a file in its place is E_EXISTS, a file above it E_NOT_FOUND", () => {
  trial.file("a");
  expect(trial.code("fs.mkdir", { path: "a" })).toBe("E_EXISTS");
  expect(trial.code("fs.mkdir", { path: "a/b" })).toBe("E_NOT_FOUND");
});

test("a parent that is denied stops all of it", () => {
  trial.allowed.write = [trial.at("a/b/c")];
  expect(trial.code("fs.mkdir", { path: "a/b/c" })).toBe("E_POLICY_DENIED");
  expect(trial.code("fs.mkdir", { path: "denied/x" })).toBe("E_POLICY_DENIED");
  expect(trial.names()).toEqual([]);
});

test("nothing is made outside, through links that lead there or nowhere", () => {
  symlinkSync(trial.outside, trial.at("l"));
  symlinkSync(join(trial.outside, "new"), trial.at("m"));
  symlinkSync("gone", trial.at("n"));
  expect(trial.code("fs.mkdir", { path: "l/x" })).toBe("E_POLICY_DENIED");
  expect(trial.code("fs.mkdir", { path: "m" })).toBe("E_POLICY_DENIED");
  expect(trial.code("fs.mkdir", { path: "n" })).toBe("E_NOT_FOUND");
  expect(trial.code("fs.mkdir", { path: "n/x" })).toBe("E_NOT_FOUND");
});

test("a parent swapped for a link after the check is not walked through", () => {
  mkdirSync(trial.at("a"));
  trial.beforeEffect = () => {
    renameSync(trial.at("a"), trial.at("aside"));
    symlinkSync(trial.outside, trial.at("a"));
  };
  expect(trial.code("fs.mkdir", { path: "a/b/c" })).toBe("E_IO");
  expect(trial.names("aside")).toEqual([]);
});

test("a directory that somebody made meanwhile is taken, a link is not", () => {
  trial.beforeEffect = () => mkdirSync(trial.at("a"));
  expect(trial.value("fs.mkdir", { path: "a/b" })).toBe(null);
  trial.beforeEffect = () => symlinkSync(trial.outside, trial.at("x"));
  expect(trial.code("fs.mkdir", { path: "x/y" })).toBe("E_IO");
});

test("reserved names and unknown members are refused", () => {
  expect(trial.code("fs.mkdir", { path: ".agent-run-0123456789abcdef.tmp/x" })).toBe("E_NOT_FOUND");
  expect(trial.code("fs.mkdir", { path: "a", recursive: true })).toBe("E_ARGUMENT");
});
