import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Json } from "@agent-run/gate";
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

const write = (args: Json): Json => trial.value("fs.write", args);
const temporaries = (directory = "."): string[] => trial.names(directory).filter((name) => name.includes(".tmp"));

describe("a whole file", () => {
  test("is created with what was given, and the bytes are counted", () => {
    expect(write({ path: "a", data: "grüße" })).toEqual({ bytes: 7 });
    expect(trial.text("a")).toBe("grüße");
    expect(trial.lastTargets()).toEqual(["write ~/a"]);
    expect(trial.intents.at(-1)?.request.attrs).toEqual({ bytes: 7 });
  });

  test("is replaced, and leaves no temporary file", () => {
    trial.file("a", "old and longer");
    expect(write({ path: "a", data: "new" })).toEqual({ bytes: 3 });
    expect(trial.text("a")).toBe("new");
    expect(temporaries()).toEqual([]);
  });

  test("is not written where its name is that of a directory", () => {
    expect(trial.failure("fs.write", { path: "new/", data: "", createParents: true })).toMatchObject({
      code: "E_ARGUMENT",
      message: "`new/` names a directory, not a file",
    });
    expect(trial.names(".")).not.toContain("new");
  });

  test("may be empty", () => {
    trial.file("a", "old");
    expect(write({ path: "a", data: "" })).toEqual({ bytes: 0 });
    expect(trial.text("a")).toBe("");
  });

  test("may be bytes, as base64", () => {
    expect(write({ path: "a", data: "AP+A", base64: true })).toEqual({ bytes: 3 });
    expect([...readFileSync(trial.at("a"))]).toEqual([0, 255, 128]);
  });

  test("is a new inode, so that who reads the old one reads it to its end", () => {
    const before = statSync(trial.file("a", "old")).ino;
    write({ path: "a", data: "new" });
    expect(statSync(trial.at("a")).ino).not.toBe(before);
  });

  test.each([
    [0o644, 0o644],
    [0o600, 0o600],
    [0o755, 0o755],
    [0o4755, 0o755],
    [0o2775, 0o775],
    [0o6777, 0o777],
  ])("keeps mode %o as %o", (mode, expected) => {
    chmodSync(trial.file("a"), mode);
    write({ path: "a", data: "new" });
    expect(statSync(trial.at("a")).mode & 0o7777).toBe(expected);
  });

  test("that is new has the mode that the umask leaves, without setuid", () => {
    write({ path: "a", data: "x" });
    expect(statSync(trial.at("a")).mode & 0o7777).toBe(0o666 & ~process.umask());
  });

  test("is written through other names of a hard link to no one", () => {
    trial.file("a", "old");
    linkSync(trial.at("a"), trial.at("b"));
    write({ path: "a", data: "new" });
    expect(trial.text("b")).toBe("old");
  });

  test("larger than the limit is E_TOO_LARGE, and nothing is written", () => {
    trial.maxFileBytes = 10;
    expect(write({ path: "a", data: "x".repeat(10) })).toEqual({ bytes: 10 });
    expect(trial.code("fs.write", { path: "a", data: "x".repeat(11) })).toBe("E_TOO_LARGE");
    expect(trial.code("fs.write", { path: "b", data: "ü".repeat(6) })).toBe("E_TOO_LARGE");
    expect(trial.text("a")).toBe("x".repeat(10));
    expect(trial.names()).toEqual(["a"]);
  });
});

describe("appending", () => {
  test("adds to the end of a file and keeps its inode and mode", () => {
    chmodSync(trial.file("log", "one\n"), 0o640);
    const { ino } = statSync(trial.at("log"));
    expect(write({ path: "log", data: "two\n", append: true })).toEqual({ bytes: 4 });
    expect(trial.text("log")).toBe("one\ntwo\n");
    expect(statSync(trial.at("log"))).toMatchObject({ ino });
    expect(statSync(trial.at("log")).mode & 0o777).toBe(0o640);
  });

  test("creates a missing file", () => {
    write({ path: "log", data: "one", append: true });
    write({ path: "x/y/log", data: "one", append: true, createParents: true });
    expect(trial.text("log") + trial.text("x/y/log")).toBe("oneone");
  });

  test("stops at the limit of the whole file, also if it grew after the check", () => {
    trial.maxFileBytes = 10;
    trial.file("log", "12345678");
    expect(trial.code("fs.write", { path: "log", data: "90A", append: true })).toBe("E_TOO_LARGE");
    trial.beforeEffect = () => writeFileSync(trial.at("log"), "123456789");
    expect(trial.code("fs.write", { path: "log", data: "0A", append: true })).toBe("E_TOO_LARGE");
    expect(trial.text("log")).toBe("123456789");
  });

  test("goes to the checked file and nowhere else if the name was given away", () => {
    trial.file("log", "one");
    trial.beforeEffect = () => {
      renameSync(trial.at("log"), trial.at("moved"));
      symlinkSync(join(trial.outside, "secret"), trial.at("log"));
    };
    expect(trial.code("fs.write", { path: "log", data: "two", append: true })).toBe("E_IO");
    expect(trial.text("moved")).toBe("one");
  });

  test("does not follow what took a missing name meanwhile", () => {
    trial.beforeEffect = () => symlinkSync(join(trial.outside, "new"), trial.at("log"));
    expect(trial.code("fs.write", { path: "log", data: "two", append: true })).toBe("E_EXISTS");
  });
});

describe("parents", () => {
  test("are not made unless asked for", () => {
    const failure = trial.failure("fs.write", { path: "x/y/a", data: "" });
    expect(failure).toMatchObject({ code: "E_NOT_FOUND", message: "`x/y` does not exist" });
    expect(failure.hint).toContain("createParents");
    expect(trial.names()).toEqual([]);
  });

  test("are made and decided one by one", () => {
    write({ path: "x/y/a", data: "deep", createParents: true });
    expect(trial.text("x/y/a")).toBe("deep");
    expect(trial.lastTargets()).toEqual(["write ~/x/y/a", "write ~/x", "write ~/x/y"]);
  });

  test("are not made if one of them is denied", () => {
    expect(trial.code("fs.write", { path: "x/denied/y/a", data: "", createParents: true })).toBe("E_POLICY_DENIED");
    trial.allowed.write = [trial.at("x/y")];
    expect(trial.code("fs.write", { path: "x/y/a", data: "", createParents: true })).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual([]);
  });

  test("behind a link are decided where they would be", () => {
    mkdirSync(trial.at("real"));
    symlinkSync("real", trial.at("l"));
    write({ path: "l/x/a", data: "", createParents: true });
    expect(trial.lastTargets()).toEqual(["write ~/l/x/a", "write ~/real/x/a", "write ~/l/x", "write ~/real/x"]);
    symlinkSync(trial.outside, trial.at("out"));
    expect(trial.code("fs.write", { path: "out/x/a", data: "", createParents: true })).toBe("E_POLICY_DENIED");
  });

  test("that are files make the path E_NOT_FOUND", () => {
    trial.file("a");
    expect(trial.code("fs.write", { path: "a/b/c", data: "", createParents: true })).toBe("E_NOT_FOUND");
  });

  test("a link that takes a missing parent's name is not walked through", () => {
    trial.beforeEffect = () => symlinkSync(trial.outside, trial.at("x"));
    expect(trial.code("fs.write", { path: "x/a", data: "", createParents: true })).toBe("E_IO");
  });
});

describe("links", () => {
  test("a link is kept, and the allowed file it leads to is replaced", () => {
    trial.file("real/a", "old");
    symlinkSync("real/a", trial.at("l"));
    write({ path: "l", data: "new" });
    expect(readlinkSync(trial.at("l"))).toBe("real/a");
    expect(trial.text("real/a")).toBe("new");
    expect(trial.lastTargets()).toEqual(["write ~/l", "write ~/real/a"]);
  });

  test.each([
    ["a link to an outer file", () => symlinkSync(join(trial.outside, "secret"), trial.at("l")), "l"],
    ["a dangling link to the outside", () => symlinkSync(join(trial.outside, "new"), trial.at("l")), "l"],
    ["a link to an outer directory", () => symlinkSync(trial.outside, trial.at("l")), "l/new"],
    ["a file over an outer one behind a directory link", () => symlinkSync(trial.outside, trial.at("l")), "l/secret"],
  ])("%s is refused", (_, make, path) => {
    make();
    for (const append of [false, true]) {
      expect(trial.code("fs.write", { path, data: "evil", append, createParents: true })).toBe("E_POLICY_DENIED");
    }
  });

  test("a dangling link never creates anything, allowed or not", () => {
    symlinkSync("new", trial.at("l"));
    symlinkSync("no/dir", trial.at("m"));
    for (const path of ["l", "m", "m/below"]) {
      expect(trial.code("fs.write", { path, data: "x", createParents: true })).toBe("E_NOT_FOUND");
    }
    expect(trial.names()).toEqual(["l", "m"]);
  });
});

describe("what was checked is what is written", () => {
  test("a directory swapped for a link after the check is not written through", () => {
    mkdirSync(trial.at("d"));
    trial.beforeEffect = () => {
      renameSync(trial.at("d"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("d"));
    };
    expect(trial.code("fs.write", { path: "d/new", data: "x" })).toBe("E_IO");
    expect(trial.names("aside")).toEqual([]);
  });

  test("a directory moved out after the check is not written into", () => {
    trial.file("d/a", "old");
    trial.beforeEffect = () => renameSync(trial.at("d"), join(trial.base, "elsewhere"));
    for (const path of ["d/a", "d/new"]) {
      mkdirSync(trial.at("d"), { recursive: true });
      trial.file("d/a", "old");
      expect(trial.code("fs.write", { path, data: "x" })).toBe("E_IO");
      expect(readFileSync(join(trial.base, "elsewhere", "a"), "utf8")).toBe("old");
      expect(execFileSync("ls", ["-A", join(trial.base, "elsewhere")]).toString()).toBe("a\n");
      rmSync(join(trial.base, "elsewhere"), { recursive: true });
    }
  });

  test("a file swapped for a link after the check: the link is replaced, not followed", () => {
    trial.file("a", "old");
    trial.beforeEffect = () => {
      rmSync(trial.at("a"));
      symlinkSync(join(trial.outside, "secret"), trial.at("a"));
    };
    write({ path: "a", data: "new" });
    expect(lstatSync(trial.at("a")).isFile()).toBe(true);
    expect(trial.text("a")).toBe("new");
  });

  test("a directory that took the name meanwhile stays", () => {
    trial.beforeEffect = () => mkdirSync(trial.at("a"));
    expect(trial.code("fs.write", { path: "a", data: "x" })).toBe("E_IO");
    expect(trial.names()).toEqual(["a"]);
  });

  test("somebody else's file under the temporary name is not touched", () => {
    const temporary = ".agent-run-trial00000000001.tmp";
    symlinkSync(join(trial.outside, "secret"), trial.at(temporary));
    expect(trial.code("fs.write", { path: "a", data: "x" })).toBe("E_EXISTS");
    expect(readlinkSync(trial.at(temporary))).toBe(join(trial.outside, "secret"));
  });
});

describe("what is not written", () => {
  test("directories, pipes and devices are E_ARGUMENT", () => {
    trial.allowed.write = [trial.root, "/dev"];
    mkdirSync(trial.at("d"));
    execFileSync("mkfifo", [trial.at("pipe")]);
    for (const path of ["d", ".", "pipe", "/dev/null", "/dev/full"]) {
      for (const append of [false, true]) {
        expect(trial.code("fs.write", { path, data: "x", append })).toBe("E_ARGUMENT");
      }
    }
  });

  test.each(["write", "all"] as const)("another name of a file that is protected (%s)", (access) => {
    const policy = join(trial.base, "policy.toml");
    writeFileSync(policy, "policy");
    linkSync(policy, trial.at("innocent"));
    const { dev, ino } = statSync(policy);
    trial.protectedInodes = [{ dev, ino, access, what: "the policy of this run" }];
    for (const append of [false, true]) {
      expect(trial.code("fs.write", { path: "innocent", data: "x", append })).toBe("E_POLICY_DENIED");
    }
    expect(readFileSync(policy, "utf8")).toBe("policy");
  });

  test("a name that is reserved for temporary files", () => {
    for (const path of [".agent-run-0123456789abcdef.tmp", ".AGENT-RUN-0123456789ABCDEF.TMP"]) {
      expect(trial.code("fs.write", { path, data: "x" })).toBe("E_NOT_FOUND");
    }
    expect(trial.names()).toEqual([]);
  });

  test("what the policy denies, before the disk is looked at", () => {
    expect(trial.code("fs.write", { path: "denied/x/y", data: "x" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.write", { path: "../outside/new", data: "x" })).toBe("E_POLICY_DENIED");
  });
});

describe("hostile arguments", () => {
  test.each([
    ["no data", { path: "a" }],
    ["data of the wrong type", { path: "a", data: 1 }],
    ["data of the wrong type", { path: "a", data: { toString: "x" } }],
    ["a lone surrogate in the data", { path: "a", data: "x\udc00y" }],
    ["base64 with spaces", { path: "a", data: "AP+ A", base64: true }],
    ["base64 without padding", { path: "a", data: "AA", base64: true }],
    ["url-safe base64", { path: "a", data: "_-8=", base64: true }],
    ["base64 with waste bits", { path: "a", data: "AB==", base64: true }],
    ["NUL in the path", { path: "a\0", data: "" }],
    ["an unknown member", { path: "a", data: "", mode: 0o777 }],
    ["a flag of the wrong type", { path: "a", data: "", append: 1 }],
  ])("%s is E_ARGUMENT and writes nothing", (_, args) => {
    expect(trial.code("fs.write", args)).toBe("E_ARGUMENT");
    expect(trial.names()).toEqual([]);
  });

  test("a name that is too long for the disk is a failure, not a crash", () => {
    expect(trial.code("fs.write", { path: "a".repeat(256), data: "" })).toBe("E_ARGUMENT");
    expect(trial.value("fs.write", { path: "a".repeat(255), data: "" })).toEqual({ bytes: 0 });
  });
});
