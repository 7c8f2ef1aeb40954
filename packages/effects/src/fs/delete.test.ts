import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

describe("one thing", () => {
  test("a file, an empty directory, a pipe: gone", () => {
    trial.file("a");
    mkdirSync(trial.at("d"));
    execFileSync("mkfifo", [trial.at("pipe")]);
    for (const path of ["a", "d", "pipe"]) expect(trial.value("fs.delete", { path })).toBe(null);
    expect(trial.names()).toEqual([]);
  });

  test("a link goes, what it leads to stays, wherever that is", () => {
    trial.file("a");
    symlinkSync("a", trial.at("in"));
    symlinkSync(join(trial.outside, "secret"), trial.at("out"));
    symlinkSync(trial.outside, trial.at("dir"));
    symlinkSync("gone", trial.at("dangling"));
    for (const path of ["in", "out", "dir", "dangling"]) trial.value("fs.delete", { path, recursive: true });
    expect(trial.names()).toEqual(["a"]);
  });

  test("a directory that holds something needs `recursive`", () => {
    trial.file("d/a");
    const failure = trial.failure("fs.delete", { path: "d" });
    expect(failure).toMatchObject({ code: "E_ARGUMENT", message: "`d` is a directory that is not empty" });
    expect(failure.hint).toContain("recursive");
    expect(trial.names("d")).toEqual(["a"]);
  });

  test("what is missing is E_NOT_FOUND, what is denied is refused", () => {
    symlinkSync(trial.outside, trial.at("l"));
    expect(trial.code("fs.delete", { path: "a" })).toBe("E_NOT_FOUND");
    expect(trial.code("fs.delete", { path: "a/b" })).toBe("E_NOT_FOUND");
    expect(trial.code("fs.delete", { path: "denied" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: "l/secret" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: "l/nothing" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: ".." })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: "a", force: true })).toBe("E_ARGUMENT");
  });

  test("the root of the disk is a failure, not a disaster", () => {
    trial.allowed.delete = ["", "/"];
    expect(trial.code("fs.delete", { path: "/", recursive: true })).toBe("E_NOT_FOUND");
  });

  test("another name of a protected file stays", () => {
    writeFileSync(join(trial.base, "policy"), "");
    mkdirSync(trial.at("d"));
    linkSync(join(trial.base, "policy"), trial.at("d/p"));
    const { dev, ino } = statSync(trial.at("d/p"));
    trial.protectedInodes = [{ dev, ino, access: "write", what: "the policy" }];
    expect(trial.code("fs.delete", { path: "d/p" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_POLICY_DENIED");
    expect(existsSync(trial.at("d/p"))).toBe(true);
  });

  test("a temporary name does not exist for a script", () => {
    trial.file(".agent-run-0123456789abcdef.tmp");
    expect(trial.code("fs.delete", { path: ".agent-run-0123456789abcdef.tmp" })).toBe("E_NOT_FOUND");
    expect(trial.names()).toHaveLength(1);
  });
});

describe("a tree", () => {
  test("goes with everything in it, and every descendant was decided", () => {
    trial.file("d/a");
    trial.file("d/x/b");
    symlinkSync(trial.outside, trial.at("d/x/l"));
    trial.value("fs.delete", { path: "d", recursive: true });
    expect(trial.names()).toEqual([]);
    expect(trial.lastTargets().sort()).toEqual([
      "delete ~/d",
      "delete ~/d/a",
      "delete ~/d/x",
      "delete ~/d/x/b",
      "delete ~/d/x/l",
    ]);
  });

  test("stays whole if one descendant is denied", () => {
    trial.file("d/a");
    trial.file("d/x/denied");
    trial.file("d/z");
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_POLICY_DENIED");
    expect(trial.names("d")).toEqual(["a", "x", "z"]);
  });

  test.each(["l/d/x", "real/d/x"])("behind a link is decided by both of its names: %s", (name) => {
    trial.file("real/d/x");
    symlinkSync("real", trial.at("l"));
    trial.deniedExactly = [trial.at(name)];
    expect(trial.code("fs.delete", { path: "l/d", recursive: true })).toBe("E_POLICY_DENIED");
    expect(trial.names("real/d")).toEqual(["x"]);
    trial.deniedExactly = [];
    trial.value("fs.delete", { path: "l/d", recursive: true });
    expect(trial.names("real")).toEqual([]);
  });

  test("of temporary leftovers goes, too", () => {
    trial.file("d/.agent-run-0123456789abcdef.tmp");
    trial.value("fs.delete", { path: "d", recursive: true });
    expect(trial.names()).toEqual([]);
  });

  test("with a name that no rule can be asked about stays", () => {
    trial.file("d/fine");
    writeFileSync(Buffer.concat([Buffer.from(trial.at("d/bad")), Buffer.from([0xff])]), "");
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_ARGUMENT");
    expect(trial.names("d")).toHaveLength(2);
  });

  test("of more things than one request can name is E_TOO_LARGE", () => {
    mkdirSync(trial.at("d"));
    for (let i = 0; i < 10_000; i += 1) writeFileSync(trial.at("d", `${i}`), "");
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_TOO_LARGE");
    rmSync(trial.at("d/0"));
    expect(trial.value("fs.delete", { path: "d", recursive: true })).toBe(null);
    mkdirSync(trial.at("d", ..."x".repeat(65)), { recursive: true });
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_TOO_LARGE");
  });

  test("that got something new after the check keeps it", () => {
    trial.file("d/a");
    trial.beforeEffect = () => trial.file("d/new");
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_IO");
    expect(trial.names("d")).toEqual(["new"]);
  });

  test("whose part was swapped for a link after the check is not followed out", () => {
    trial.file("d/x/secret");
    trial.beforeEffect = () => {
      renameSync(trial.at("d/x"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("d/x"));
    };
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_IO");
    expect(trial.names("aside")).toEqual(["secret"]);
  });

  test("that was swapped for another one after the check stays", () => {
    trial.file("d/a");
    trial.beforeEffect = () => {
      renameSync(trial.at("d"), trial.at("aside"));
      trial.file("d/a", "another");
    };
    expect(trial.code("fs.delete", { path: "d", recursive: true })).toBe("E_IO");
    expect(trial.text("d/a")).toBe("another");
    expect(trial.names("aside")).toEqual(["a"]);
  });

  test("that was moved out after the check stays", () => {
    trial.file("up/d/a");
    trial.beforeEffect = () => renameSync(trial.at("up"), join(trial.base, "elsewhere"));
    expect(trial.code("fs.delete", { path: "up/d", recursive: true })).toBe("E_IO");
    expect(readFileSync(join(trial.base, "elsewhere/d/a"), "utf8")).toBe("up/d/a");
  });
});

describe("mounts", () => {
  const isRoot = process.getuid?.() === 0 && process.platform === "linux";
  test.runIf(isRoot)("a tree that holds another file system, or a bind mount, stays", () => {
    for (const mount of [
      ["-t", "tmpfs", "none"],
      ["--bind", trial.outside],
    ]) {
      mkdirSync(trial.at("d/m"), { recursive: true });
      execFileSync("mount", [...mount, trial.at("d/m")]);
      try {
        expect(trial.failure("fs.delete", { path: "d", recursive: true }).message).toContain("another file system");
      } finally {
        execFileSync("umount", [trial.at("d/m")]);
      }
    }
  });

  test.runIf(isRoot)("a tree that holds a file of another file system stays", () => {
    trial.file("d/f");
    mkdirSync(trial.at("tmpfs"));
    execFileSync("mount", ["-t", "tmpfs", "none", trial.at("tmpfs")]);
    try {
      trial.file("tmpfs/f", "elsewhere");
      execFileSync("mount", ["--bind", trial.at("tmpfs/f"), trial.at("d/f")]);
      expect(trial.failure("fs.copy", { from: "d", to: "e" }).message).toContain("another file system");
      execFileSync("umount", [trial.at("d/f")]);
    } finally {
      execFileSync("umount", [trial.at("tmpfs")]);
    }
  });

  test("the other names of a decomposed name are the same thing", () => {
    const base = realpathSync(mkdtempSync(join(trial.root, "u")));
    writeFileSync(join(base, "u\u0308"), "");
    trial.value("fs.delete", { path: `${base}/\u00fc` });
    expect(existsSync(join(base, "u\u0308"))).toBe(false);
  });
});
