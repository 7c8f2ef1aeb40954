import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PolicyData } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sealedInodes } from "./sealed-inodes.ts";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-inodes-")));
  mkdirSync(join(root, "notes/deep"), { recursive: true });
  for (const name of ["notes/one", "notes/deep/two", "public", "exact.json"]) writeFileSync(join(root, name), name);
});
afterEach(() => rmSync(root, { recursive: true }));

function inodes(patterns: readonly string[], localOnly: object | null = {}): number[] {
  const match = { kind: "path", patterns: patterns.map((pattern) => join(root, pattern)), below: false };
  const rules = [{ sealed: true, match }, { match: { ...match, patterns: [join(root, "public")] } }];
  return sealedInodes({ rules, localOnly } as unknown as PolicyData).map(({ ino }) => ino);
}

const inodeOf = (name: string): number => statSync(join(root, name)).ino;

test("files of local-only trees that have another name are known by it, however deep they lie", () => {
  linkSync(join(root, "notes/deep/two"), join(root, "other"));
  linkSync(join(root, "exact.json"), join(root, "another"));
  linkSync(join(root, "public"), join(root, "public-too"));
  expect(inodes(["notes/**", "exact.json"]).sort()).toEqual([inodeOf("other"), inodeOf("another")].sort());
});

test("files with one name, links and what is not there are none", () => {
  symlinkSync(join(root, "public"), join(root, "notes/link"));
  linkSync(join(root, "public"), join(root, "public-too"));
  expect(inodes(["notes/**", "missing/**"])).toEqual([]);
});

test("a policy without local-only values looks at nothing", () => {
  linkSync(join(root, "notes/one"), join(root, "other"));
  expect(inodes(["notes/**"], null)).toEqual([]);
  expect(inodes(["notes/**"])).toEqual([inodeOf("other")]);
});
