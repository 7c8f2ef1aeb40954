import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
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

const copy = (from: string, to: string) => trial.value("fs.copy", { from, to });
const code = (from: string, to: string) => trial.code("fs.copy", { from, to });

describe("a file", () => {
  test("is copied with its content and permissions, without setuid", () => {
    trial.file("a", "content".repeat(100_000));
    chmodSync(trial.at("a"), 0o4750);
    expect(copy("a", "b")).toBe(null);
    expect(trial.text("b")).toBe("content".repeat(100_000));
    expect(statSync(trial.at("b")).mode & 0o7777).toBe(0o750 & ~process.umask());
    expect(trial.lastTargets()).toEqual(["read ~/a", "write ~/b"]);
    expect(trial.intents.at(-1)?.request).toMatchObject({ on: "fs.write", attrs: { bytes: 700_000 } });
  });

  test("replaces a file, whose permissions stay", () => {
    trial.file("a", "new");
    chmodSync(trial.file("b", "old"), 0o600);
    copy("a", "b");
    expect(trial.text("b")).toBe("new");
    expect(statSync(trial.at("b")).mode & 0o777).toBe(0o600);
    expect(trial.names()).toEqual(["a", "b"]);
  });

  test("goes through links on both sides, each end decided", () => {
    trial.file("real/a", "new");
    trial.file("real/b", "old");
    symlinkSync("real/a", trial.at("la"));
    symlinkSync("real/b", trial.at("lb"));
    copy("la", "lb");
    expect(trial.text("real/b")).toBe("new");
    expect(trial.lastTargets()).toEqual(["read ~/la", "write ~/lb", "read ~/real/a", "write ~/real/b"]);
  });

  test("is not copied into a directory, onto itself or into nothing", () => {
    trial.file("a");
    mkdirSync(trial.at("d"));
    linkSync(trial.at("a"), trial.at("same"));
    expect(code("a", "d")).toBe("E_EXISTS");
    expect(code("a", "a")).toBe("E_ARGUMENT");
    expect(code("a", "same")).toBe("E_ARGUMENT");
    expect(code("a", "no/b")).toBe("E_NOT_FOUND");
    expect(code("no", "b")).toBe("E_NOT_FOUND");
    expect(trial.text("a")).toBe("a");
  });

  test("larger than the limit is E_TOO_LARGE, also if it grows after the check", () => {
    trial.maxFileBytes = 10;
    trial.file("a", "x".repeat(11));
    expect(code("a", "b")).toBe("E_TOO_LARGE");
    trial.file("a", "x".repeat(10));
    trial.beforeEffect = () => appendFileSync(trial.at("a"), "more");
    expect(code("a", "b")).toBe("E_TOO_LARGE");
    expect(trial.names()).toEqual(["a"]);
  });

  test("that is a pipe, a socket or a device is refused", () => {
    execFileSync("mkfifo", [trial.at("pipe")]);
    expect(code("pipe", "b")).toBe("E_ARGUMENT");
    trial.allowed.read = [trial.root, "/dev"];
    expect(code("/dev/zero", "b")).toBe("E_ARGUMENT");
    expect(trial.names()).toEqual(["pipe"]);
  });

  test.each([
    ["from the outside", "../outside/secret", "b"],
    ["from the outside, by link", "l", "b"],
    ["from the outside, by directory link", "d/secret", "b"],
    ["to the outside", "a", "../outside/b"],
    ["to the outside, by link", "a", "l"],
    ["to the outside, by dangling link", "a", "m"],
    ["to the outside, by directory link", "a", "d/secret"],
    ["from what is denied", "denied", "b"],
    ["to what is denied", "a", "denied2"],
  ])("%s is refused", (_, from, to) => {
    trial.file("a");
    trial.file("denied");
    symlinkSync(join(trial.outside, "secret"), trial.at("l"));
    symlinkSync(join(trial.outside, "new"), trial.at("m"));
    symlinkSync(trial.outside, trial.at("d"));
    expect(code(from, to)).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual(["a", "d", "denied", "l", "m"]);
  });

  test("needs both rights, and only those", () => {
    trial.file("a");
    trial.allowed.delete = [];
    expect(copy("a", "b")).toBe(null);
    trial.allowed.read = [];
    expect(code("a", "c")).toBe("E_POLICY_DENIED");
  });

  test("that is protected under another name is neither read nor overwritten", () => {
    const policy = join(trial.base, "policy");
    writeFileSync(policy, "policy");
    linkSync(policy, trial.at("p"));
    trial.file("a");
    const { dev, ino } = statSync(policy);
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
    expect(code("p", "b")).toBe("E_POLICY_DENIED");
    trial.protectedInodes = [{ dev, ino, access: "write", what: "the policy" }];
    expect(code("a", "p")).toBe("E_POLICY_DENIED");
    expect(copy("p", "b")).toBe(null);
  });
});

describe("a directory", () => {
  test("is copied whole, with empty directories, permissions and decided descendants", () => {
    trial.file("d/a", "1");
    trial.file("d/x/b", "2");
    mkdirSync(trial.at("d/empty"));
    chmodSync(trial.at("d/x"), 0o500);
    copy("d", "e");
    expect(trial.text("e/a") + trial.text("e/x/b")).toBe("12");
    expect(trial.names("e")).toEqual(["a", "empty", "x"]);
    expect(statSync(trial.at("e/x")).mode & 0o777).toBe(0o500);
    const things = ["", "/a", "/empty", "/x", "/x/b"];
    const wanted = [...things.map((name) => `read ~/d${name}`), ...things.map((name) => `write ~/e${name}`)];
    expect(trial.lastTargets().sort()).toEqual(wanted.sort());
    chmodSync(trial.at("d/x"), 0o700);
  });

  test("stays uncopied if one descendant may not be read, or not be written", () => {
    trial.file("d/a");
    trial.file("d/x/denied");
    expect(code("d", "e")).toBe("E_POLICY_DENIED");
    trial.denied = ["e/x/denied"];
    expect(code("d", "e")).toBe("E_POLICY_DENIED");
    expect(trial.names()).toEqual(["d"]);
  });

  test.each([
    ["a link out", () => symlinkSync(join(trial.outside, "secret"), trial.at("d/x"))],
    ["a link within", () => symlinkSync("a", trial.at("d/x"))],
    ["a pipe", () => execFileSync("mkfifo", [trial.at("d/x")])],
  ])("with %s is E_ARGUMENT and names it", (_, make) => {
    trial.file("d/a");
    make();
    const failure = trial.failure("fs.copy", { from: "d", to: "e" });
    expect(failure.code).toBe("E_ARGUMENT");
    expect(failure.message).toContain("`x`");
    expect(trial.names()).toEqual(["d"]);
  });

  test.each(["l/d/x", "real/d/x", "m/e/x", "made/e/x"])("behind links is decided by all of its names: %s", (name) => {
    trial.file("real/d/x");
    symlinkSync("real", trial.at("l"));
    mkdirSync(trial.at("made"));
    symlinkSync("made", trial.at("m"));
    trial.deniedExactly = [trial.at(name)];
    expect(code("l/d", "m/e")).toBe("E_POLICY_DENIED");
    expect([trial.names("real/d"), trial.names("made")]).toEqual([["x"], []]);
    trial.deniedExactly = [];
    copy("l/d", "m/e");
    expect(trial.names("made/e")).toEqual(["x"]);
  });

  test("keeps its permissions without sticky and setgid bits, and no more of them than the umask leaves", () => {
    trial.file("d/x");
    chmodSync(trial.at("d"), 0o3777);
    copy("d", "e");
    expect(statSync(trial.at("e")).mode & 0o7777).toBe(0o777 & ~process.umask());
  });

  test("is not copied over anything, nor into itself", () => {
    trial.file("d/a");
    trial.file("f");
    mkdirSync(trial.at("e"));
    expect(code("d", "e")).toBe("E_EXISTS");
    expect(code("d", "f")).toBe("E_EXISTS");
    expect(code("d", "d/sub")).toBe("E_ARGUMENT");
    expect(code("d", "d")).toBe("E_ARGUMENT");
    symlinkSync("d", trial.at("l"));
    expect(code("d", "l/sub")).toBe("E_ARGUMENT");
  });

  test("leaves temporary files behind", () => {
    trial.file("d/a");
    trial.file("d/.agent-run-0123456789abcdef.tmp");
    copy("d", "e");
    expect(trial.names("e")).toEqual(["a"]);
  });

  test("with a file that is too large is not begun", () => {
    trial.file("d/a");
    trial.file("d/b", "x".repeat(50));
    trial.maxFileBytes = 49;
    expect(code("d", "e")).toBe("E_TOO_LARGE");
    expect(trial.names()).toEqual(["d"]);
  });
});

describe("what was checked is what is copied", () => {
  test("a descendant swapped for a link or another file is not read", () => {
    for (const swap of [
      () => symlinkSync(join(trial.outside, "secret"), trial.at("d/a")),
      () => linkSync(join(trial.outside, "secret"), trial.at("d/a")),
    ]) {
      trial.file("d/a", "checked");
      trial.beforeEffect = () => {
        rmSync(trial.at("d/a"));
        swap();
      };
      expect(code("d", "e")).toBe("E_IO");
      expect(trial.names("e")).toEqual([]);
      rmSync(trial.at("d"), { recursive: true });
      rmSync(trial.at("e"), { recursive: true });
    }
  });

  test("a directory below swapped for a link is not walked through", () => {
    trial.file("d/x/secret", "checked");
    trial.beforeEffect = () => {
      renameSync(trial.at("d/x"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("d/x"));
    };
    expect(code("d", "e")).toBe("E_IO");
    expect(trial.names("e")).toEqual([]);
  });

  test("a directory that is moved out is not copied any more", () => {
    trial.file("d/a");
    trial.beforeEffect = () => renameSync(trial.at("d"), join(trial.base, "elsewhere"));
    expect(code("d", "e")).toBe("E_IO");
    expect(trial.names("e")).toEqual([]);
  });

  test("a destination swapped for a link is not written through", () => {
    trial.file("d/secret", "evil");
    trial.beforeEffect = () => symlinkSync(trial.outside, trial.at("e"));
    expect(code("d", "e")).toBe("E_EXISTS");
    mkdirSync(trial.at("into"));
    trial.beforeEffect = () => {
      renameSync(trial.at("into"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("into"));
    };
    expect(code("d/secret", "into/secret")).toBe("E_IO");
    expect(trial.names("aside")).toEqual([]);
  });
});

test.each([{ from: "a" }, { to: "b" }, { from: "a", to: 1 }, { from: "a", to: "b", recursive: true }, null])(
  "the arguments %j are E_ARGUMENT",
  (args) => {
    expect(trial.code("fs.copy", args)).toBe("E_ARGUMENT");
  },
);
