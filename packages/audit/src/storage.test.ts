import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSegmentFile, keepResidue, openRecordDirectory, segmentPath } from "./storage.ts";

let base: string;
let directory: string;
let runs: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-storage-")));
  directory = join(base, "record");
  runs = join(directory, "runs");
});
afterEach(() => rmSync(base, { recursive: true }));

describe("the record's directory", () => {
  test("is made for its owner alone, with its parents", () => {
    expect(openRecordDirectory(directory)).toEqual({ ok: true, value: directory });
    expect(openRecordDirectory(directory).ok).toBe(true);
    for (const made of [directory, runs]) expect(lstatSync(made).mode & 0o777).toBe(0o700);
  });

  test("may be named by a link: what counts is where it leads", () => {
    mkdirSync(join(base, "real"));
    symlinkSync("real", directory);
    expect(openRecordDirectory(directory)).toEqual({ ok: true, value: join(base, "real") });
    chmodSync(join(base, "real"), 0o777);
    expect(openRecordDirectory(directory).ok).toBe(false);
  });

  test("may lie in a sticky directory that all may write", () => {
    mkdirSync(directory);
    chmodSync(directory, 0o1777);
    expect(openRecordDirectory(directory).ok).toBe(true);
  });

  test("may lie where our own group may write, as a umask of 002 makes it", () => {
    mkdirSync(directory);
    chmodSync(directory, 0o775);
    expect(openRecordDirectory(directory).ok).toBe(true);
  });

  const refusals: readonly [string, RegExp, () => void][] = [
    ["`runs` is a link", /is a link/, () => symlinkSync(base, runs)],
    ["`runs` is a link to nowhere", /is a link|cannot be made/, () => symlinkSync("gone", runs)],
    ["`runs` is a file", /is no directory/, () => writeFileSync(runs, "")],
    ["all may write `runs`", /can be written by others/, () => made(runs, 0o777)],
    ["a group may write `runs`", /can be written by others/, () => made(runs, 0o770)],
    ["all may write `runs`, though it is sticky", /can be written by others/, () => made(runs, 0o1777)],
    ["all may write the directory it is in", /can be replaced by others/, () => chmodSync(directory, 0o777)],
  ];
  test.each(refusals)("is refused where %s", (_what, message, prepare) => {
    mkdirSync(directory);
    prepare();
    expect(openRecordDirectory(directory)).toMatchObject({ ok: false, failure: { code: "E_AUDIT" } });
    const opened = openRecordDirectory(directory);
    expect(opened.ok ? "" : opened.failure.message).toMatch(message);
    expect(opened.ok ? "" : opened.failure.hint).toContain("--audit");
    expect(readdirSync(base)).toEqual(["record"]);
  });

  // Only root can give a file away.
  test.runIf(process.geteuid?.() === 0)("is refused where it, or the one it is in, is another user's", () => {
    openRecordDirectory(directory);
    chownSync(runs, 12345, 12345);
    expect(openRecordDirectory(directory)).toMatchObject({ ok: false, failure: { code: "E_AUDIT" } });
    chownSync(runs, 0, 0);
    chownSync(directory, 12345, 12345);
    expect(openRecordDirectory(directory)).toMatchObject({ ok: false, failure: { code: "E_AUDIT" } });
    chownSync(directory, 0, 12345);
    expect(openRecordDirectory(directory).ok).toBe(true);
    chmodSync(directory, 0o775);
    expect(openRecordDirectory(directory).ok).toBe(false);
    chownSync(directory, 0, 0);
    expect(openRecordDirectory(directory).ok).toBe(true);
  });
});

test("a segment is not created through a link", () => {
  openRecordDirectory(directory);
  const target = join(base, "target");
  symlinkSync(target, segmentPath(directory, "r"));
  expect(() => createSegmentFile(segmentPath(directory, "r"))).toThrow();
  expect(existsSync(target)).toBe(false);
});

test("torn bytes are kept for their owner alone, and never over or through what is there", () => {
  const umask = process.umask(0);
  try {
    keepResidue(join(base, "r"), Buffer.from("torn"));
  } finally {
    process.umask(umask);
  }
  expect(statSync(join(base, "r.residue")).mode & 0o777).toBe(0o600);
  expect(() => keepResidue(join(base, "r"), Buffer.from("other"))).toThrow("EEXIST");
  expect(readFileSync(join(base, "r.residue"), "utf8")).toBe("torn");
  symlinkSync(join(base, "victim"), join(base, "s.residue"));
  expect(() => keepResidue(join(base, "s"), Buffer.from("torn"))).toThrow("EEXIST");
  expect(existsSync(join(base, "victim"))).toBe(false);
});

function made(path: string, mode: number): void {
  mkdirSync(path);
  chmodSync(path, mode);
}
