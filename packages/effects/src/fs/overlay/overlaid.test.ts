/** File calls of a learning run beside the same calls on real files: the same answers, and no real file is touched. */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GateAnswer, Json } from "@agent-run/gate";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { fsOperations } from "../operations.ts";
import { Trial } from "../trial.ts";
import { overlaid } from "./overlaid.ts";
import { Overlay } from "./overlay.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

function real(): Trial {
  const trial = new Trial(fsOperations);
  cleanups.push(() => trial.remove());
  furnish(trial);
  return trial;
}

/** The same tree, over which a learning run works. */
function learning(): Trial {
  const place = new Trial([]);
  const base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-overlay-")));
  cleanups.push(
    () => place.remove(),
    () => rmSync(base, { recursive: true, force: true }),
  );
  furnish(place);
  const overlay = new Overlay(place.root, base, () => trial.protectedInodes);
  const trial: Trial = new Trial(
    fsOperations.map((operation) => overlaid(operation, overlay)),
    place.root,
  );
  return trial;
}

function furnish(trial: Trial): void {
  for (const name of ["a.txt", "src/one.ts", "src/two.ts", "src/deep/three.ts", "out/old.md", "denied/secret"])
    trial.file(name, `content of ${name}`);
  mkdirSync(trial.at("empty"));
  symlinkSync("src", trial.at("to-src"));
  symlinkSync(trial.at("out/old.md"), trial.at("to-old"));
  symlinkSync("../outside/secret", trial.at("to-outside"));
  symlinkSync("nowhere", trial.at("to-nothing"));
  symlinkSync("../a.txt", trial.at("out/up"));
}

/** Everything that can be seen of a tree, times of change included. */
function snapshot(directory: string): unknown[] {
  return readdirSync(directory)
    .sort()
    .map((name) => {
      const path = join(directory, name);
      const { mode, ino, mtimeMs, ctimeMs, size } = lstatSync(path);
      const stats = lstatSync(path);
      const below = stats.isDirectory() ? snapshot(path) : stats.isSymbolicLink() ? readlinkSync(path) : null;
      return [name, mode, ino, mtimeMs, ctimeMs, size, below, stats.isFile() ? readFileSync(path, "hex") : null];
    });
}

/** Without the places of the two trials, and without times. */
const plain = (answer: GateAnswer, trial: Trial): string =>
  JSON.stringify(answer)
    .replaceAll(trial.base, "^")
    .replace(/"mtime":\d+/, '"mtime":0');

const names = ["a.txt", "src", "src/one.ts", "src/deep", "src/deep/three.ts", "out/old.md", "out", "empty", "new", "."];
const links = ["to-src", "to-src/two.ts", "to-old", "to-outside", "to-nothing", "out/up", "denied/secret", "new/x/y"];
const path = fc.constantFrom(...names, ...links);
const call = fc.oneof(
  path.map((path): [string, Json] => ["fs.read", { path }]),
  path.map((path): [string, Json] => ["fs.stat", { path }]),
  path.map((path): [string, Json] => ["fs.exists", { path }]),
  fc.tuple(path, fc.boolean()).map(([path, recursive]): [string, Json] => ["fs.list", { path, recursive }]),
  fc
    .constantFrom("**", "src/**/*.ts", "*", "to-src/*", "new/**")
    .map((pattern): [string, Json] => ["fs.glob", { pattern }]),
  fc
    .record({ path, data: fc.constantFrom("", "x", "longer text"), append: fc.boolean(), createParents: fc.boolean() })
    .map((args): [string, Json] => ["fs.write", args]),
  path.map((path): [string, Json] => ["fs.mkdir", { path }]),
  fc.tuple(path, fc.boolean()).map(([path, recursive]): [string, Json] => ["fs.delete", { path, recursive }]),
  fc.tuple(path, path).map(([from, to]): [string, Json] => ["fs.copy", { from, to }]),
  // A relative link that leads out of the root is an absolute one in the copy, which shows where it is moved.
  fc
    .tuple(
      path.filter((from) => from !== "to-outside"),
      path,
    )
    .map(([from, to]): [string, Json] => ["fs.move", { from, to }]),
);

describe("a learning run", () => {
  test("answers every call as real files would, decides the same targets, and touches none of them", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 15 }), (calls) => {
        const [one, other] = [real(), learning()];
        const before = snapshot(other.base);
        for (const [name, args] of calls) {
          const expected = plain(one.call(name, args), one);
          expect([name, args, plain(other.call(name, args), other)]).toEqual([name, args, expected]);
          expect(other.lastTargets().sort()).toEqual(one.lastTargets().sort());
        }
        expect(snapshot(other.base)).toEqual(before);
        for (const clean of cleanups.splice(0)) clean();
      }),
      { numRuns: 40 },
    );
  });

  test("sees what it wrote, moved and deleted", () => {
    const trial = learning();
    trial.value("fs.write", { path: "out/old.md", data: "new" });
    trial.value("fs.move", { from: "src/one.ts", to: "src/moved.ts" });
    trial.value("fs.delete", { path: "a.txt" });
    trial.value("fs.write", { path: "src/two.ts", data: "!", append: true });
    expect(trial.value("fs.read", { path: "to-old" })).toBe("new");
    expect(trial.value("fs.read", { path: "src/moved.ts" })).toBe("content of src/one.ts");
    expect(trial.value("fs.read", { path: "src/two.ts" })).toBe("content of src/two.ts!");
    expect(trial.value("fs.exists", { path: "a.txt" })).toBe(false);
    expect(trial.text("out/old.md")).toBe("content of out/old.md");
    expect(trial.text("a.txt")).toBe("content of a.txt");
  });

  test("reads a file again that others change meanwhile, until it has changed it itself", () => {
    const trial = learning();
    expect(trial.value("fs.read", { path: "a.txt" })).toBe("content of a.txt");
    trial.file("a.txt", "changed by others");
    expect(trial.value("fs.read", { path: "a.txt" })).toBe("changed by others");
  });

  test("a file in the place of a deleted one is never taken for the real one", () => {
    const trial = learning();
    for (const data of ["content of a.tx!", "", "other"]) {
      trial.value("fs.delete", { path: "a.txt" });
      trial.value("fs.write", { path: "a.txt", data });
      expect(trial.value("fs.read", { path: "a.txt" })).toBe(data);
    }
  });

  test("a protected file stays closed under its second names", () => {
    const trial = learning();
    linkSync(trial.file("guarded"), trial.at("src/second"));
    const { dev, ino } = lstatSync(trial.at("guarded"));
    trial.protectedInodes = [{ dev, ino, access: "all", what: "the policy" }];
    expect(trial.code("fs.read", { path: "src/second" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.write", { path: "src/second", data: "" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: "src", recursive: true })).toBe("E_POLICY_DENIED");
  });

  test("nothing outside of the root is written, whatever the policy grants there", () => {
    const trial = learning();
    trial.allowed = { read: [trial.base], write: [trial.base], delete: [trial.base] };
    const outside = join(trial.outside, "secret");
    expect(trial.code("fs.write", { path: "to-outside", data: "x" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.write", { path: outside, data: "x" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.delete", { path: outside })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.move", { from: outside, to: "mine" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.copy", { from: "a.txt", to: join(trial.outside, "copy") })).toBe("E_POLICY_DENIED");
    expect(trial.value("fs.copy", { from: outside, to: "copied" })).toBe(null);
    expect(trial.value("fs.read", { path: "copied" })).toContain("canary");
    expect(trial.outsideIsUntouched()).toBe(true);
  });

  test("a file that is swapped for a link after it was listed is not read through it", () => {
    const trial = learning();
    trial.value("fs.list", { path: "src" });
    rmSync(trial.at("src/one.ts"));
    symlinkSync("../../outside/secret", trial.at("src/one.ts"));
    expect(trial.code("fs.read", { path: "src/one.ts" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.write", { path: "src/one.ts", data: "x", append: true })).toBe("E_TOO_LARGE");
  });

  test("what may not be read is not brought into the copy", () => {
    const trial = learning();
    trial.file("denied/large", "x".repeat(100));
    expect(trial.code("fs.copy", { from: "denied", to: "mine" })).toBe("E_POLICY_DENIED");
    expect(trial.code("fs.move", { from: ".", to: "mine" })).toBe("E_POLICY_DENIED");
  });

  test("times of real files are shown, those of copied ones too", () => {
    const trial = learning();
    utimesSync(trial.at("a.txt"), 1000, 2000);
    writeFileSync(trial.at("src/deep/three.ts"), "");
    expect(trial.value("fs.stat", { path: "a.txt" })).toMatchObject({ mtime: 2_000_000, size: 16 });
  });
});
