import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@agent-run/gate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => trial.remove());

type Entry = { name: string; path: string; type: string; size: number };
const list = (args: Json): Entry[] => trial.value("fs.list", args) as unknown as Entry[];
const paths = (args: Json): string[] => list(args).map(({ path }) => path);

describe("fs.list", () => {
  test("entries have name, path, type and size, in order of their paths", () => {
    trial.file("d/b.txt", "12345");
    trial.file("d/A.txt", "");
    mkdirSync(trial.at("d/sub"));
    symlinkSync("b.txt", trial.at("d/link"));
    execFileSync("mkfifo", [trial.at("d/pipe")]);
    expect(list({ path: "d" })).toEqual([
      { name: "A.txt", path: "d/A.txt", type: "file", size: 0 },
      { name: "b.txt", path: "d/b.txt", type: "file", size: 5 },
      { name: "link", path: "d/link", type: "symlink", size: 0 },
      { name: "pipe", path: "d/pipe", type: "other", size: 0 },
      { name: "sub", path: "d/sub", type: "directory", size: 0 },
    ]);
  });

  test.each([".", "./", "d/.."])("the paths of `%s` can be passed on", (path) => {
    trial.file("a", "content");
    mkdirSync(trial.at("d"));
    for (const entry of list({ path })) expect(trial.value("fs.exists", { path: entry.path })).toBe(true);
    expect(paths({ path })).toEqual(["a", "d"]);
  });

  test("an absolute path gives absolute paths", () => {
    trial.file("d/a");
    expect(paths({ path: trial.at("d") })).toEqual([trial.at("d/a")]);
  });

  test("recursive goes all the way down, but through no link", () => {
    trial.file("d/1/2/3/deep");
    trial.file("d/top");
    symlinkSync(".", trial.at("d/self"));
    symlinkSync("1", trial.at("d/one"));
    expect(paths({ path: "d", recursive: true })).toEqual([
      "d/1",
      "d/1/2",
      "d/1/2/3",
      "d/1/2/3/deep",
      "d/one",
      "d/self",
      "d/top",
    ]);
  });

  test("what may not be read is not shown, nor anything below it", () => {
    trial.file("d/denied.txt");
    trial.file("d/denied-dir/inner");
    trial.file("d/open/denied");
    trial.file("d/open/fine");
    expect(paths({ path: "d", recursive: true })).toEqual(["d/open", "d/open/fine"]);
  });

  test("a directory that may not be read is not entered, also if what it holds may be read", () => {
    trial.file("d/closed/open");
    trial.deniedExactly = [trial.at("d/closed")];
    expect(paths({ path: "d", recursive: true })).toEqual([]);
    expect(trial.value("fs.glob", { pattern: "d/**" })).toEqual([]);
    expect(trial.value("fs.read", { path: "d/closed/open" })).toBe("d/closed/open");
  });

  test("a link is shown only if the place it leads to may be read", () => {
    trial.file("denied-file");
    mkdirSync(trial.at("d"));
    symlinkSync(join(trial.outside, "secret"), trial.at("d/out"));
    symlinkSync(join(trial.outside, "nothing"), trial.at("d/out-gone"));
    symlinkSync("../denied-file", trial.at("d/in"));
    symlinkSync("gone", trial.at("d/dangling"));
    expect(paths({ path: "d" })).toEqual(["d/dangling"]);
  });

  test("a directory reached through a link is decided under both paths, and so are its entries", () => {
    trial.file("real/a");
    trial.file("real/denied");
    symlinkSync("real", trial.at("way"));
    expect(paths({ path: "way" })).toEqual(["way/a"]);
    trial.denied = ["way/a"];
    expect(paths({ path: "way" })).toEqual(["way/denied"]);
    trial.denied = ["real/denied"];
    expect(paths({ path: "way" })).toEqual(["way/a"]);
  });

  test("an entry that would be asked about is hidden, unless the listing itself was asked for", () => {
    trial.file("d/asked");
    trial.file("d/open");
    trial.asked = ["d/asked"];
    expect(paths({ path: "d" })).toEqual(["d/open"]);
    trial.asked = ["d"];
    expect(paths({ path: "d" })).toEqual(["d/asked", "d/open"]);
    expect(trial.questions).toBe(1);
  });

  test("temporary files, names that are not UTF-8 and names with control characters are not shown", () => {
    trial.file("d/fine");
    trial.file("d/.agent-run-0123456789abcdef.tmp");
    writeFileSync(trial.at("d/line\nbreak"), "");
    writeFileSync(Buffer.concat([Buffer.from(trial.at("d/bad")), Buffer.from([0xff])]), "");
    expect(paths({ path: "d", recursive: true })).toEqual(["d/fine"]);
  });

  test("a hard link to a protected file is not shown", () => {
    const policy = join(trial.base, "policy.toml");
    writeFileSync(policy, "secret policy");
    trial.file("d/a");
    linkSync(policy, trial.at("d/innocent"));
    const { dev, ino } = statSync(policy);
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
    expect(paths({ path: "d" })).toEqual(["d/a"]);
  });

  test("a directory swapped for a link after the check still lists the checked one", () => {
    trial.file("d/checked");
    trial.beforeEffect = () => {
      rmSync(trial.at("d"), { recursive: true });
      symlinkSync(trial.outside, trial.at("d"));
    };
    expect(trial.call("fs.list", { path: "d" })).not.toHaveProperty("ok.0");
    expect(trial.code("fs.list", { path: "d" })).toBe("E_POLICY_DENIED");
  });

  test("a directory that is moved out before or during the listing is not listed", () => {
    trial.file("d/x/inner");
    trial.beforeEffect = () => renameSync(trial.at("d"), join(trial.base, "elsewhere"));
    expect(trial.code("fs.list", { path: "d", recursive: true })).toBe("E_IO");
    renameSync(join(trial.base, "elsewhere"), trial.at("d"));
    trial.beforeEffect = () => {};
    trial.beforeDecision = (path) => {
      if (path === trial.at("d/x")) renameSync(trial.at("d"), join(trial.base, "elsewhere"));
      trial.beforeDecision = path === trial.at("d/x") ? () => {} : trial.beforeDecision;
    };
    expect(paths({ path: "d", recursive: true })).toEqual(["d/x"]);
  });

  test("a directory that becomes a link during the listing is not entered", () => {
    trial.file("d/x/inner");
    let swapped = false;
    trial.beforeDecision = (path) => {
      if (path !== trial.at("d/x") || swapped) return;
      swapped = true;
      renameSync(trial.at("d/x"), trial.at("aside"));
      symlinkSync(trial.outside, trial.at("d/x"));
    };
    expect(paths({ path: "d", recursive: true })).toEqual(["d/x"]);
    expect(swapped).toBe(true);
  });

  test("more entries than a script can hold are E_TOO_LARGE", () => {
    mkdirSync(trial.at("d"));
    for (let i = 0; i <= 20_000; i += 1) writeFileSync(trial.at("d", `f${i}`), "");
    const failure = trial.failure("fs.list", { path: "d" });
    expect(failure).toMatchObject({ code: "E_TOO_LARGE" });
    expect(failure.hint).toBeDefined();
    rmSync(trial.at("d/f0"));
    expect(paths({ path: "d" })).toHaveLength(20_000);
  });

  test("directories deeper than the bound are E_TOO_LARGE", () => {
    mkdirSync(trial.at("d", ..."x".repeat(102)), { recursive: true });
    expect(trial.code("fs.list", { path: "d", recursive: true })).toBe("E_TOO_LARGE");
    expect(paths({ path: "d" })).toEqual(["d/x"]);
  });

  test("a file is E_ARGUMENT, a missing directory E_NOT_FOUND, an outer one refused", () => {
    trial.file("a");
    expect(trial.code("fs.list", { path: "a" })).toBe("E_ARGUMENT");
    expect(trial.code("fs.list", { path: "b" })).toBe("E_NOT_FOUND");
    expect(trial.code("fs.list", { path: ".." })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.list", { path: "a", recursive: "yes" })).toBe("E_ARGUMENT");
    expect(trial.code("fs.list", { path: "a", depth: 3 })).toBe("E_ARGUMENT");
  });
});
