import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "./child-program.ts";
import { fsOperations } from "./operations.ts";
import { directoriesWritten, sweepTemporaries } from "./temporary.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
});
afterEach(() => trial.remove());

test("sweeping removes what the killed run left, and nothing else", () => {
  const kept = [
    ".agent-run-otherrun00000001.tmp",
    ".agent-run-thisrun0.tmp",
    ".agent-run-thisrun00000001.tmp.txt",
    "thisrun0",
  ];
  for (const name of kept) trial.file(`d/${name}`);
  trial.file("d/.agent-run-thisrun000000001.tmp");
  trial.file("d/.agent-run-thisrun0abcdefgh.tmp");
  mkdirSync(trial.at("d/.agent-run-thisrun0directry.tmp"));
  const removed = sweepTemporaries("thisrun0", [
    trial.at("d"),
    trial.at("d"),
    trial.at("gone"),
    trial.at("d/thisrun0"),
  ]);
  expect(removed).toBe(2);
  expect(trial.names("d")).toEqual([...kept, ".agent-run-thisrun0directry.tmp"].sort());
});

test.each(["", "abc", "../../x", "UPPER", "a".repeat(17), "agent/run"])("the prefix `%s` sweeps nothing", (prefix) => {
  trial.file(".agent-run-abcdefghijklmnop.tmp");
  expect(sweepTemporaries(prefix, [trial.root])).toBe(0);
  expect(trial.names()).toHaveLength(1);
});

test("the record of a call says where to sweep", () => {
  mkdirSync(trial.at("real"));
  symlinkSync("real", trial.at("l"));
  trial.file("d/x/a");
  const swept = (): string[] => {
    const { request } = trial.intents.at(-1) ?? {};
    return request === undefined ? [] : directoriesWritten(request).sort();
  };
  trial.value("fs.write", { path: "l/a", data: "" });
  expect(swept()).toEqual([trial.at("l"), trial.at("real")]);
  trial.value("fs.copy", { from: "d", to: "e" });
  expect(swept()).toEqual([trial.root, trial.at("e"), trial.at("e/x")]);
  trial.value("fs.read", { path: "d/x/a" });
  expect(swept()).toEqual([]);
});

test("sweeping never goes through a link", () => {
  const outer = join(trial.base, "outer");
  mkdirSync(outer);
  trial.file("../outer/.agent-run-thisrun000000001.tmp");
  symlinkSync(outer, trial.at("l"));
  expect(sweepTemporaries("thisrun0", [trial.at("l")])).toBe(0);
});

test("a process that is killed in a write leaves the old file and one leftover, which is swept", () => {
  trial.file("a", "old");
  // The write fills the temporary file, and the process dies before the rename.
  const script = `
    import { writeSync } from "node:fs";
    import { hold } from "./descriptor.ts";
    import { replaceFile } from "./replace.ts";
    const root = ${JSON.stringify(trial.root)};
    const fill = (fd: number) => { writeSync(fd, "half"); process.kill(process.pid, "SIGKILL"); };
    const place = { directory: hold(root), directoryReal: root, name: "a" };
    replaceFile(place, { kept: 0o644, created: 0o666, random: "thisrun0abcdefgh", fill });
  `;
  const { signal, stderr } = runProgram(script, { directory: trial.base });
  expect(stderr).toBe("");
  expect(signal).toBe("SIGKILL");
  expect(trial.names()).toEqual([".agent-run-thisrun0abcdefgh.tmp", "a"]);
  expect(trial.text("a")).toBe("old");
  expect(trial.value("fs.list", { path: "." })).toHaveLength(1);
  expect(sweepTemporaries("thisrun0", [trial.root])).toBe(1);
  expect(trial.names()).toEqual(["a"]);
});
