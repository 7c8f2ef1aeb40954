import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
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

const move = (from: string, to: string) => trial.value("fs.move", { from, to });
const code = (from: string, to: string) => trial.code("fs.move", { from, to });

describe("one rename", () => {
  test("a file moves: read and delete here, write there", () => {
    const { ino } = statSync(trial.file("a", "content"));
    expect(move("a", "b")).toBe(null);
    expect(trial.text("b")).toBe("content");
    expect(statSync(trial.at("b")).ino).toBe(ino);
    expect(trial.names()).toEqual(["b"]);
    expect(trial.lastTargets()).toEqual(["read ~/a", "delete ~/a", "write ~/b"]);
    expect(trial.intents.at(-1)?.request.on).toBe("fs.write");
  });

  test("overwriting a file is deleting it", () => {
    trial.file("a", "new");
    trial.file("b", "old");
    trial.allowed.delete = [trial.at("a")];
    expect(code("a", "b")).toBe("E_POLICY_DENIED");
    trial.allowed.delete = [trial.root];
    move("a", "b");
    expect(trial.text("b")).toBe("new");
    expect(trial.lastTargets()).toEqual(["read ~/a", "delete ~/a", "write ~/b", "delete ~/b"]);
  });

  test("a directory moves with all it holds, every descendant decided thrice", () => {
    trial.file("d/a");
    trial.file("d/x/b");
    symlinkSync("../outside", trial.at("d/l"));
    move("d", "e");
    expect(trial.names()).toEqual(["e"]);
    expect(trial.names("e")).toEqual(["a", "l", "x"]);
    const things = ["", "/a", "/l", "/x", "/x/b"];
    const wanted = things.flatMap((name) => [`read ~/d${name}`, `delete ~/d${name}`, `write ~/e${name}`]);
    expect(trial.lastTargets().sort()).toEqual(wanted.sort());
  });

  test("a link moves as a link, wherever it leads", () => {
    symlinkSync(join(trial.outside, "secret"), trial.at("l"));
    move("l", "m");
    expect(readlinkSync(trial.at("m"))).toBe(join(trial.outside, "secret"));
    expect(trial.code("fs.read", { path: "m" })).toBe("E_POLICY_DENIED");
  });

  test("a link in the way is replaced, not followed", () => {
    trial.file("a", "new");
    symlinkSync(join(trial.outside, "secret"), trial.at("l"));
    move("a", "l");
    expect(lstatSync(trial.at("l")).isFile()).toBe(true);
  });
});

describe("what is refused", () => {
  test("a tree with one descendant that may not be read, deleted or written there", () => {
    trial.file("d/x/y");
    trial.denied = ["d/x/y"];
    expect(code("d", "e")).toBe("E_POLICY_DENIED");
    trial.denied = ["e/x/y"];
    expect(code("d", "e")).toBe("E_POLICY_DENIED");
    trial.denied = [];
    trial.allowed.delete = [trial.at("d/x")];
    expect(code("d", "e")).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual(["d"]);
  });

  test.each([
    ["into the outside", "a", "../outside/a"],
    ["into the outside, by link", "a", "l/a"],
    ["over an outer file, by link", "a", "l/secret"],
    ["out of the outside", "../outside/secret", "b"],
    ["out of the outside, by link", "l/secret", "b"],
    ["what is missing out of the outside, by link", "l/nothing", "b"],
  ])("%s", (_, from, to) => {
    trial.file("a");
    symlinkSync(trial.outside, trial.at("l"));
    expect(code(from, to)).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual(["a", "l"]);
  });

  test.each(["l/d/x", "real/d/x", "m/e/x", "made/e/x"])("behind links is decided by all of its names: %s", (name) => {
    trial.file("real/d/x");
    symlinkSync("real", trial.at("l"));
    mkdirSync(trial.at("made"));
    symlinkSync("made", trial.at("m"));
    trial.deniedExactly = [trial.at(name)];
    expect(trial.code("fs.move", { from: "l/d", to: "m/e" })).toBe("E_POLICY_DENIED");
    expect([trial.names("real/d"), trial.names("made")]).toEqual([["x"], []]);
    trial.deniedExactly = [];
    trial.value("fs.move", { from: "l/d", to: "m/e" });
    expect(trial.names("made/e")).toEqual(["x"]);
  });

  test.each(["m", "made"])("over a file that may not be deleted by all of its names, only below %s", (name) => {
    trial.file("a");
    trial.file("made/b");
    symlinkSync("made", trial.at("m"));
    trial.allowed.delete = [trial.at("a"), trial.at(name)];
    expect(code("a", "m/b")).toBe("E_POLICY_DENIED");
    expect([trial.names(), trial.text("made/b")]).toEqual([["a", "m", "made"], "made/b"]);
  });

  test("onto itself, into itself, over a directory, into nothing, from nothing", () => {
    trial.file("a");
    trial.file("d/x");
    mkdirSync(trial.at("e"));
    linkSync(trial.at("a"), trial.at("same"));
    expect(code("a", "a")).toBe("E_ARGUMENT");
    expect(code("a", "same")).toBe("E_ARGUMENT");
    expect(code("d", "d/sub")).toBe("E_ARGUMENT");
    expect(code("d", "e")).toBe("E_EXISTS");
    expect(code("a", "e")).toBe("E_EXISTS");
    expect(code("d", "a")).toBe("E_EXISTS");
    expect(code("a", "no/b")).toBe("E_NOT_FOUND");
    expect(code("no", "b")).toBe("E_NOT_FOUND");
    expect(code("/", "b")).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual(["a", "d", "e", "same"]);
  });

  test("another name of a protected file, moved or overwritten", () => {
    writeFileSync(join(trial.base, "policy"), "policy");
    linkSync(join(trial.base, "policy"), trial.at("p"));
    trial.file("a");
    const { dev, ino } = statSync(trial.at("p"));
    trial.protectedInodes = [{ dev, ino, access: "write", what: "the policy" }];
    expect(code("p", "q")).toBe("E_POLICY_DENIED");
    expect(code("a", "p")).toBe("E_POLICY_DENIED");
    expect(readFileSync(trial.at("p"), "utf8")).toBe("policy");
  });

  test("temporary names, on both ends", () => {
    trial.file("a");
    trial.file(".agent-run-0123456789abcdef.tmp");
    expect(code(".agent-run-0123456789abcdef.tmp", "b")).toBe("E_NOT_FOUND");
    expect(code("a", ".agent-run-aaaaaaaaaaaaaaaa.tmp")).toBe("E_NOT_FOUND");
    expect(trial.code("fs.move", { from: "a" })).toBe("E_ARGUMENT");
  });
});

describe("what was checked is what moves", () => {
  test("a source swapped after the check stays where it is", () => {
    trial.file("a", "checked");
    trial.beforeEffect = () => {
      renameSync(trial.at("a"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("a"));
    };
    expect(code("a", "b")).toBe("E_IO");
    expect(existsSync(trial.at("b"))).toBe(false);
  });

  test("what took the free place after the check is not overwritten", () => {
    trial.file("a", "moving");
    trial.beforeEffect = () => trial.file("b", "precious");
    expect(code("a", "b")).toBe("E_IO");
    expect(trial.text("b")).toBe("precious");
    expect(trial.text("a")).toBe("moving");
  });

  test("a destination swapped for a link after the check is not moved into", () => {
    trial.file("a");
    mkdirSync(trial.at("d"));
    trial.beforeEffect = () => {
      renameSync(trial.at("d"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("d"));
    };
    expect(code("a", "d/a")).toBe("E_IO");
    expect(trial.names("aside")).toEqual([]);
    expect(trial.text("a")).toBe("a");
  });
});

// A second file system that every user may write, where there is one.
const SECOND = "/dev/shm";
const hasSecond = existsSync(SECOND) && statSync(SECOND).dev !== statSync(process.cwd()).dev;

describe.runIf(hasSecond)("between file systems", () => {
  let second: string;
  beforeEach(() => {
    second = mkdtempSync(join(SECOND, "agent-run-trial-"));
    for (const role of ["read", "write", "delete"] as const) trial.allowed[role].push(second);
  });
  afterEach(() => rmSync(second, { recursive: true, force: true }));

  test("a file and a tree are copied, then deleted", () => {
    trial.file("a", "content");
    trial.file("d/x/b", "deep");
    move("a", join(second, "a"));
    move("d", join(second, "d"));
    expect(trial.names()).toEqual([]);
    expect(readFileSync(join(second, "a"), "utf8") + readFileSync(join(second, "d/x/b"), "utf8")).toBe("contentdeep");
  });

  test("an existing file is overwritten", () => {
    trial.file("a", "new");
    writeFileSync(join(second, "a"), "old");
    move("a", join(second, "a"));
    expect(readFileSync(join(second, "a"), "utf8")).toBe("new");
  });

  test("links and files that are too large stay where they are", () => {
    trial.file("d/a");
    symlinkSync("a", trial.at("d/l"));
    expect(code("d", join(second, "d"))).toBe("E_ARGUMENT");
    rmSync(trial.at("d/l"));
    trial.maxFileBytes = 2;
    expect(code("d", join(second, "d"))).toBe("E_TOO_LARGE");
    expect(trial.names("d")).toEqual(["a"]);
    expect(existsSync(join(second, "d"))).toBe(false);
  });

  test("a source that changed while it was copied is not deleted", () => {
    trial.file("d/a");
    trial.beforeEffect = () => trial.file("d/late");
    expect(code("d", join(second, "d"))).toBe("E_IO");
    expect(trial.names("d")).toEqual(["late"]);
  });
});
