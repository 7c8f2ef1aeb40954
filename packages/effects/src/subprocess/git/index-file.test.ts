import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeRoot, removeRoots, writeUnder } from "../fixtures/scene.ts";
import { submodulePaths } from "./index-file.ts";

afterAll(removeRoots);

const OBJECT = "a".repeat(40);

/** The index of a real repository with files and two submodules. */
function indexOf(version: number, gitlinks: readonly string[] = ["vendor/one", "z"], format = "sha1"): Buffer {
  const root = makeRoot();
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
  git("init", "-q", `--object-format=${format}`);
  for (const name of ["a", "some/long/path/to/file1", "some/long/path/to/file2", "vendor/x", "y"]) {
    writeUnder(root, name, name);
    git("add", name);
  }
  const object = format === "sha1" ? OBJECT : "a".repeat(64);
  for (const path of gitlinks) git("update-index", "--add", "--cacheinfo", `160000,${object},${path}`);
  if (version === 3) git("update-index", "--skip-worktree", "a");
  else git("update-index", "--index-version", String(version));
  return readFileSync(join(root, ".git/index"));
}

describe.each([2, 3, 4])("version %i", (version) => {
  test("submodules are found, and only they", () => {
    expect(submodulePaths(indexOf(version), false)).toEqual(["vendor/one", "z"]);
  });
  test("no submodules", () => {
    expect(submodulePaths(indexOf(version, []), false)).toEqual([]);
  });
  test("an index that is cut off is refused", () => {
    const index = indexOf(version);
    expect(submodulePaths(index.subarray(0, 400), false)).toBeNull();
  });
});

test("object names of SHA-256 have another length", () => {
  expect(submodulePaths(indexOf(2, ["sub"], "sha256"), true)).toEqual(["sub"]);
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("no index at all, but long enough")],
  [
    "a later version",
    Buffer.concat([Buffer.from("DIRC"), Buffer.from([0, 0, 0, 9, 0, 0, 0, 1]), Buffer.from([0, 0, 0xe0, 0])]),
  ],
])("%s is no index that we can read", (_, bytes) => {
  expect(submodulePaths(bytes, false)).toBeNull();
});
