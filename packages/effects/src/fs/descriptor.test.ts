import { execFileSync } from "node:child_process";
import { constants, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { InvariantViolation } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Changed } from "./attempt.ts";
import { childPath, Holding, hold, holdChild, openHeld, realPath, release, stillAt } from "./descriptor.ts";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => trial.remove());

const openFiles = (): number => readdirSync("/proc/self/fd").length;

describe("a held inode", () => {
  test("is the link itself, not what it leads to", () => {
    symlinkSync(trial.outside, trial.at("l"));
    const handle = hold(trial.at("l"));
    expect(handle.stats.isSymbolicLink()).toBe(true);
    expect(realPath(handle)).toBe(trial.at("l"));
    expect(() => openHeld(handle, constants.O_RDONLY)).toThrow(InvariantViolation);
    release(handle);
  });

  test("that is neither file nor directory is never opened", () => {
    execFileSync("mkfifo", [trial.at("pipe")]);
    for (const path of [trial.at("pipe"), "/dev/null"]) {
      const handle = hold(path);
      expect(() => openHeld(handle, constants.O_RDONLY)).toThrow(InvariantViolation);
      release(handle);
    }
  });

  test.runIf(process.platform === "linux")("is followed when it is renamed, and is no path once it is gone", () => {
    const handle = hold(trial.file("a"));
    renameSync(trial.at("a"), trial.at("b"));
    expect(realPath(handle)).toBe(trial.at("b"));
    expect(() => stillAt(handle, trial.at("a"))).toThrow(Changed);
    rmSync(trial.at("b"));
    expect(() => realPath(handle)).toThrow();
    writeFileSync(`${trial.at("b")} (deleted)`, "impostor");
    expect(() => realPath(handle)).toThrow(Changed);
    release(handle);
  });

  test.runIf(process.platform === "linux")("with a name that is not UTF-8 has no path to decide", () => {
    const path = Buffer.concat([Buffer.from(trial.at("bad")), Buffer.from([0xff])]);
    mkdirSync(path);
    writeFileSync(Buffer.concat([path, Buffer.from("/f")]), "content");
    symlinkSync(path, trial.at("l"));
    for (const way of ["l", "l/f"]) expect(trial.code("fs.stat", { path: way })).toBe("E_NOT_FOUND");
  });
});

describe("a name in a held directory", () => {
  test.each(["", ".", "..", "a/b", "../outside"])("`%s` is refused", (name) => {
    const handle = hold(trial.root);
    expect(() => childPath(handle, name)).toThrow(InvariantViolation);
    expect(() => holdChild(handle, name)).toThrow(InvariantViolation);
    release(handle);
  });
});

describe.runIf(process.platform === "linux")("descriptors", () => {
  test("are all closed, whatever a call does", () => {
    trial.file("d/x/a", "content");
    trial.file("b");
    symlinkSync("d/x/a", trial.at("l"));
    symlinkSync("loop", trial.at("loop"));
    symlinkSync(trial.outside, trial.at("out"));
    const paths = ["d", "d/x/a", "l", "l/x", "loop", "out", "out/secret", "no", "no/deeper", "denied", "\u00fc", "a\0"];
    const calls: [string, (path: string) => { readonly [name: string]: string | boolean }][] = [
      ["fs.read", (path) => ({ path })],
      ["fs.list", (path) => ({ path, recursive: true })],
      ["fs.stat", (path) => ({ path })],
      ["fs.exists", (path) => ({ path })],
      ["fs.glob", (path) => ({ pattern: `${path}/**` })],
      ["fs.write", (path) => ({ path, data: "x" })],
      ["fs.write", (path) => ({ path, data: "x", append: true })],
      ["fs.write", (path) => ({ path: `${path}/new/x`, data: "x", createParents: true })],
      ["fs.mkdir", (path) => ({ path: `${path}/made` })],
      ["fs.copy", (path) => ({ from: path, to: "copy" })],
      ["fs.copy", (path) => ({ from: "b", to: path })],
      ["fs.move", (path) => ({ from: path, to: "d/moved" })],
      ["fs.delete", (path) => ({ path })],
      ["fs.delete", (path) => ({ path, recursive: true })],
    ];
    const before = openFiles();
    for (const [name, args] of calls) for (const path of paths) trial.call(name, args(path));
    expect(openFiles()).toBe(before);
  });

  test("are closed when a look throws", () => {
    const before = openFiles();
    const holding = new Holding();
    const look = (): never => {
      holding.keep(hold(trial.root));
      throw new Error("a bug");
    };
    expect(() => holding.guard(look)).toThrow("a bug");
    expect(openFiles()).toBe(before);
  });
});
