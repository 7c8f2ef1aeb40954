import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { judgeMachineFile } from "./machine-file.ts";

/** The tests run as anybody: whoever they are stands for root. */
const me = process.getuid?.() ?? 0;

let base: string;
let directory: string;
let file: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "agent-run-machine-"));
  directory = join(base, "agent-run");
  file = join(directory, "policy.toml");
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(file, "version = 1\n", { mode: 0o644 });
  chmodSync(file, 0o644);
  chmodSync(directory, 0o755);
});
afterEach(() => rmSync(base, { recursive: true }));

test("a regular file of the owner's, in a directory of the owner's, is sound", () => {
  expect(judgeMachineFile(file, me)).toEqual({ kind: "sound" });
});

test("only what does not exist is absent", () => {
  expect(judgeMachineFile(join(directory, "other.toml"), me)).toEqual({ kind: "absent" });
  expect(judgeMachineFile(join(base, "nowhere/policy.toml"), me)).toEqual({ kind: "absent" });
  expect(judgeMachineFile(join(file, "policy.toml"), me)).toEqual({ kind: "absent" });
  const loop = join(base, "loop");
  symlinkSync(loop, loop);
  expect(judgeMachineFile(join(loop, "policy.toml"), me)).toMatchObject({
    kind: "unsound",
    reason: expect.stringMatching(/ELOOP/),
  });
});

const replaced = (by: () => void) => () => {
  rmSync(file);
  by();
};

test.each<[string, () => void, RegExp]>([
  ["others may write it", () => chmodSync(file, 0o646), /written by others/],
  ["its group may write it", () => chmodSync(file, 0o664), /written by others/],
  ["others may write its directory", () => chmodSync(directory, 0o777), /its directory can be written/],
  ["it is a link", replaced(() => symlinkSync("/dev/null", file)), /not a regular file/],
  ["it is a link to nothing", replaced(() => symlinkSync("gone", file)), /not a regular file/],
  ["it is a directory", replaced(() => mkdirSync(file)), /not a regular file/],
])("it is not believed if %s", (_, change, reason) => {
  change();
  const judged = judgeMachineFile(file, me);
  expect(judged).toMatchObject({ kind: "unsound", reason: expect.stringMatching(reason) });
});

test("it is not believed if it, or its directory, belongs to somebody else", () => {
  expect(judgeMachineFile(file, me + 1)).toMatchObject({
    kind: "unsound",
    reason: expect.stringMatching(/^it belongs/),
  });
  if (me !== 0) return;
  lchownSync(directory, 12345, 0);
  expect(judgeMachineFile(file, me)).toMatchObject({ reason: expect.stringMatching(/^its directory belongs/) });
});

test("it is not believed if its directory is a link", () => {
  const link = join(base, "link");
  symlinkSync(directory, link);
  expect(judgeMachineFile(join(link, "policy.toml"), me)).toMatchObject({ reason: "its directory is a link" });
  rmSync(directory, { recursive: true });
  expect(judgeMachineFile(join(link, "policy.toml"), me)).toMatchObject({ kind: "unsound" });
});
