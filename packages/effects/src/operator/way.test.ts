import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { wayTo } from "./way.ts";

let directory = "";
const at = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-way-")));
  mkdirSync(at("real/deep"), { recursive: true });
  writeFileSync(at("real/p.toml"), "");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("a path without links is its own real path", () => {
  expect(wayTo(at("real/p.toml"))).toEqual({ real: at("real/p.toml"), links: [] });
  expect(wayTo(at("real/./deep/../p.toml"))).toEqual({ real: at("real/p.toml"), links: [] });
});

test("every link on the way is named, of directories, of the file and of other links", () => {
  symlinkSync("real", at("one"));
  symlinkSync(at("one"), at("two"));
  symlinkSync("../real/p.toml", at("real/link.toml"));
  const way = wayTo(at("two/link.toml"));
  expect(way).toEqual({ real: at("real/p.toml"), links: [at("two"), at("one"), at("real/link.toml")] });
});

test("what does not exist yet keeps its names below what does", () => {
  symlinkSync("real", at("one"));
  expect(wayTo(at("one/new/run"))).toEqual({ real: at("real/new/run"), links: [at("one")] });
  symlinkSync("real/gone", at("dangling"));
  expect(wayTo(at("dangling/run"))).toEqual({ real: at("real/gone/run"), links: [at("dangling")] });
});

test("`..` in a link means the real parent", () => {
  symlinkSync("real/deep", at("one"));
  symlinkSync("one/../p.toml", at("two"));
  expect(wayTo(at("two")).real).toBe(at("real/p.toml"));
});

test("a circle ends", () => {
  symlinkSync("b", at("a"));
  symlinkSync("a", at("b"));
  expect(wayTo(at("a/x")).links).toEqual([at("a"), at("b")]);
});
