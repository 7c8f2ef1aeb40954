/**
 * The way without `/proc`, as on macOS, driven on whatever system runs the tests: same answers, and swaps between check
 * and effect are noticed. (What is not promised there is that a swap between two system calls is noticed.)
 */
import { execFileSync } from "node:child_process";
import { linkSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyOperation } from "@agent-run/gate";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Trial } from "./trial.ts";

const { platform } = process;
let operations: readonly AnyOperation[];
let trial: Trial;
beforeAll(async () => {
  Object.defineProperty(process, "platform", { value: "darwin" });
  vi.resetModules();
  operations = (await import("./operations.ts")).fsOperations;
});
afterAll(() => {
  Object.defineProperty(process, "platform", { value: platform });
});
beforeEach(() => {
  trial = new Trial(operations);
});
afterEach(() => {
  expect(trial.outsideIsUntouched()).toBe(true);
  trial.remove();
});

test("files are written, read, listed, found, copied, moved and deleted", () => {
  trial.value("fs.write", { path: "d/a", data: "one", createParents: true });
  trial.value("fs.write", { path: "d/a", data: "two" });
  trial.value("fs.write", { path: "d/a", data: "three", append: true });
  expect(trial.value("fs.read", { path: "d/a" })).toBe("twothree");
  expect(trial.value("fs.stat", { path: "d/a" })).toMatchObject({ type: "file", size: 8 });
  trial.value("fs.mkdir", { path: "d/x/y" });
  trial.value("fs.copy", { from: "d", to: "e" });
  trial.value("fs.move", { from: "e/a", to: "e/x/b" });
  expect(trial.value("fs.glob", { pattern: "**/*" })).toEqual(["d/a", "e/x/b"]);
  expect(trial.value("fs.list", { path: "e", recursive: true })).toHaveLength(3);
  trial.value("fs.delete", { path: "d", recursive: true });
  expect(trial.names()).toEqual(["e"]);
});

test("links are followed to what is allowed and nowhere else", () => {
  trial.file("real/a", "content");
  symlinkSync("real", trial.at("l"));
  symlinkSync(trial.outside, trial.at("out"));
  symlinkSync(join(trial.outside, "secret"), trial.at("secret"));
  symlinkSync("gone", trial.at("dangling"));
  expect(trial.value("fs.read", { path: "l/a" })).toBe("content");
  expect(trial.lastTargets()).toEqual(["read ~/l/a", "read ~/real/a"]);
  for (const path of ["out/secret", "secret", "out/nothing"]) {
    expect(trial.code("fs.read", { path })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.write", { path, data: "x" })).toBe("E_POLICY_DENIED");
  }
  expect(trial.code("fs.list", { path: "out" })).toBe("E_POLICY_DENIED");
  expect(trial.code("fs.write", { path: "dangling", data: "x" })).toBe("E_NOT_FOUND");
  trial.value("fs.delete", { path: "out", recursive: true });
  trial.value("fs.delete", { path: "secret" });
});

test("pipes are refused without waiting, hard links to protected files as well", () => {
  execFileSync("mkfifo", [trial.at("pipe")]);
  expect(trial.code("fs.read", { path: "pipe" })).toBe("E_ARGUMENT");
  expect(trial.code("fs.write", { path: "pipe", data: "x" })).toBe("E_ARGUMENT");
  writeFileSync(join(trial.base, "policy"), "");
  linkSync(join(trial.base, "policy"), trial.at("p"));
  const { dev, ino } = statSync(trial.at("p"));
  trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
  expect(trial.code("fs.read", { path: "p" })).toBe("E_POLICY_DENIED");
});

test("a file swapped for a link between check and effect is noticed", () => {
  trial.file("a", "checked");
  trial.beforeEffect = () => {
    rmSync(trial.at("a"));
    symlinkSync(join(trial.outside, "secret"), trial.at("a"));
  };
  expect(trial.code("fs.read", { path: "a" })).toBe("E_IO");
  rmSync(trial.at("a"));
  trial.file("a", "checked");
  expect(trial.code("fs.write", { path: "a", data: "!", append: true })).toBe("E_IO");
});

test("a file swapped for another file between check and effect is noticed", () => {
  trial.file("a", "checked");
  trial.beforeEffect = () => {
    rmSync(trial.at("a"));
    linkSync(join(trial.outside, "secret"), trial.at("a"));
  };
  expect(trial.code("fs.read", { path: "a" })).toBe("E_IO");
});

test.each([
  ["fs.write", { path: "d/new", data: "x" }],
  ["fs.write", { path: "d/secret", data: "x" }],
  ["fs.mkdir", { path: "d/x" }],
  ["fs.copy", { from: "evil", to: "d/secret" }],
  ["fs.move", { from: "evil", to: "d/secret" }],
  ["fs.delete", { path: "d/secret" }],
  ["fs.delete", { path: "d", recursive: true }],
])("a directory swapped for a link between check and effect is noticed by %s %j", (name, args) => {
  trial.file("d/secret", "inner");
  trial.file("evil", "evil");
  trial.beforeEffect = () => {
    renameSync(trial.at("d"), trial.at("aside"));
    symlinkSync(trial.outside, trial.at("d"));
  };
  expect(trial.code(name, args)).toBe("E_IO");
  expect(trial.names("aside")).toEqual(["secret"]);
  expect(lstatSync(trial.at("d")).isSymbolicLink()).toBe(true);
});

test("a directory swapped for another directory between check and effect is noticed", () => {
  mkdirSync(trial.at("d"));
  trial.beforeEffect = () => {
    renameSync(trial.at("d"), trial.at("aside"));
    mkdirSync(trial.at("d"));
  };
  expect(trial.code("fs.write", { path: "d/new", data: "x" })).toBe("E_IO");
  expect(trial.names("d")).toEqual([]);
});

test("a listing of a directory that was swapped shows nothing of the outside", () => {
  mkdirSync(trial.at("d"));
  trial.beforeEffect = () => {
    rmSync(trial.at("d"), { recursive: true });
    symlinkSync(trial.outside, trial.at("d"));
  };
  expect(JSON.stringify(trial.call("fs.list", { path: "d" }))).not.toContain("secret");
});
