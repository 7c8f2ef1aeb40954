/** What the operating system refuses: rights that root would have, descriptors that run out, a disk that is read-only. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runProgram } from "./child-program.ts";
import { fsOperations } from "./operations.ts";
import { Trial } from "./trial.ts";

let trial: Trial;
beforeEach(() => {
  trial = new Trial(fsOperations);
  for (const directory of [trial.base, trial.root]) chmodSync(directory, 0o777);
});
afterEach(() => {
  execFileSync("chmod", ["-R", "u+rwX", trial.base]);
  trial.remove();
});

type Call = readonly [name: string, args: Readonly<Record<string, string | boolean>>];

/** Codes and messages of calls in a process without rights of root, or with few descriptors. */
function answers(calls: readonly Call[], maxOpen?: number): { code: string; message: string }[] {
  const script = `
    import { openSync, closeSync } from "node:fs";
    import { Trial } from "./trial.ts";
    import { fsOperations } from "./operations.ts";
    const [root, calls, full] = ${JSON.stringify([trial.root, calls, maxOpen !== undefined])};
    const trial = new Trial(fsOperations, root);
    const held = [];
    if (full) try { for (;;) held.push(openSync("/dev/null")); } catch {}
    const answers = calls.map(([name, args]) => trial.call(name, args));
    held.forEach(closeSync);
    console.log(JSON.stringify(answers.map(({ ok, error }) => error ?? { code: "ok", message: JSON.stringify(ok) })));
  `;
  const { stdout, stderr } = runProgram(script, {
    directory: trial.base,
    unprivileged: true,
    ...(maxOpen === undefined ? {} : { maxOpen }),
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as { code: string; message: string }[];
}

const codes = (calls: readonly Call[]): string[] => answers(calls).map(({ code }) => code);

describe("without rights", () => {
  test("what may not be read is E_IO, in the system's words and without paths of the host", () => {
    trial.file("a", "x", 0o000);
    const [failure] = answers([["fs.read", { path: "a" }]]);
    expect(failure).toMatchObject({
      code: "E_IO",
      message: "`a` could not be used: permission denied (EACCES)",
    });
    expect(JSON.stringify(failure)).not.toContain(trial.base);
  });

  test("a file that is read-only is not replaced, though a rename could", () => {
    trial.file("a", "old", 0o444);
    expect(
      codes([
        ["fs.write", { path: "a", data: "new" }],
        ["fs.write", { path: "a", data: "new", append: true }],
      ]),
    ).toEqual(["E_IO", "E_IO"]);
    expect(trial.text("a")).toBe("old");
    expect(trial.names()).toEqual(["a"]);
  });

  test("a directory that may not be written takes nothing and loses nothing", () => {
    trial.file("d/a", "old", 0o666);
    trial.file("b", "b");
    for (const name of ["d/a", "b"]) chmodSync(trial.at(name), 0o666);
    chmodSync(trial.at("d"), 0o555);
    const calls: Call[] = [
      ["fs.write", { path: "d/new", data: "x" }],
      ["fs.write", { path: "d/a", data: "x" }],
      ["fs.mkdir", { path: "d/x" }],
      ["fs.delete", { path: "d/a" }],
      ["fs.move", { from: "d/a", to: "c" }],
      ["fs.move", { from: "b", to: "d/b" }],
      ["fs.copy", { from: "b", to: "d/b" }],
    ];
    expect(codes(calls)).toEqual(calls.map(() => "E_IO"));
    expect(trial.names("d")).toEqual(["a"]);
    expect(codes([["fs.write", { path: "d/a", data: "!", append: true }]])).toEqual(["ok"]);
  });

  test("a directory that may not be entered tells nothing of what it holds", () => {
    trial.file("d/a");
    chmodSync(trial.at("d"), 0o000);
    const names = ["fs.read", "fs.stat", "fs.exists", "fs.list", "fs.delete", "fs.mkdir"];
    const existing = answers(names.map((name) => [name, { path: "d/a" }]));
    const missing = answers(names.map((name) => [name, { path: "d/b" }]));
    expect(existing.map(({ code }) => code)).toEqual(names.map(() => "E_IO"));
    expect(JSON.stringify(missing).replaceAll("d/b", "d/a")).toBe(JSON.stringify(existing));
    expect(
      codes([
        ["fs.list", { path: "d" }],
        ["fs.glob", { pattern: "d/**" }],
      ]),
    ).toEqual(["E_IO", "E_IO"]);
  });

  test("a directory below that may not be entered has no entries, and stops what needs all of it", () => {
    trial.file("d/x/a");
    trial.file("d/y");
    chmodSync(trial.at("d/x"), 0o000);
    chmodSync(trial.at("d"), 0o777);
    const [listed, globbed, ...others] = answers([
      ["fs.list", { path: "d", recursive: true }],
      ["fs.glob", { pattern: "d/**" }],
      ["fs.copy", { from: "d", to: "e" }],
      ["fs.delete", { path: "d", recursive: true }],
      ["fs.move", { from: "d", to: "e" }],
    ]);
    expect(listed?.message).toContain('"d/y"');
    expect(globbed?.message).toBe('["d/y"]');
    expect(others.map(({ code }) => code)).toEqual(["E_IO", "E_IO", "E_IO"]);
    expect(trial.names("d")).toEqual(["x", "y"]);
  });

  test("a link into a directory that may not be entered is decided by where it leads", () => {
    symlinkSync("../outside/secret", trial.at("l"));
    chmodSync(trial.outside, 0o000);
    expect(
      codes([
        ["fs.read", { path: "l" }],
        ["fs.exists", { path: "l" }],
      ]),
    ).toEqual(["E_POLICY_DENIED", "E_POLICY_DENIED"]);
  });
});

describe("without descriptors", () => {
  test("calls fail, the host lives, and nothing is half done", () => {
    trial.file("a", "old", 0o666);
    mkdirSync(trial.at("d"));
    const calls: Call[] = [
      ["fs.read", { path: "a" }],
      ["fs.write", { path: "a", data: "new" }],
      ["fs.list", { path: "." }],
      ["fs.glob", { pattern: "*" }],
      ["fs.copy", { from: "a", to: "b" }],
      ["fs.delete", { path: "a" }],
      ["fs.mkdir", { path: "x/y" }],
    ];
    const got = answers(calls, 64);
    expect(got.map(({ code }) => code)).not.toContain("ok");
    expect(got[0]?.message).toContain("too many open files");
    expect(trial.names()).toEqual(["a", "d"]);
    expect(trial.text("a")).toBe("old");
  });
});

const isRoot = process.getuid?.() === 0 && process.platform === "linux";

describe.runIf(isRoot)("with a disk that takes nothing", () => {
  const mounted = (options: string, use: () => void): void => {
    mkdirSync(trial.at("m"));
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "none", trial.at("m")]);
    try {
      use();
    } finally {
      execFileSync("umount", [trial.at("m")]);
    }
  };

  test("a full disk keeps the old file and no leftover", () => {
    mounted("size=64k", () => {
      trial.file("m/a", "old");
      const failure = trial.failure("fs.write", { path: "m/a", data: "x".repeat(100_000) });
      expect(failure).toMatchObject({ code: "E_IO", message: expect.stringContaining("no space left on device") });
      expect(trial.text("m/a")).toBe("old");
      expect(trial.names("m")).toEqual(["a"]);
    });
  });

  test("a read-only disk is E_IO", () => {
    mounted("ro", () => {
      for (const [name, args] of [
        ["fs.write", { path: "m/a", data: "x" }],
        ["fs.mkdir", { path: "m/x" }],
      ] as const) {
        expect(trial.failure(name, args)).toMatchObject({ code: "E_IO", message: expect.stringContaining("EROFS") });
      }
    });
  });

  test("what is moved to another disk that is full stays", () => {
    mounted("size=64k", () => {
      trial.file("d/a", "x".repeat(100_000));
      expect(trial.code("fs.move", { from: "d", to: "m/d" })).toBe("E_IO");
      expect(trial.text("d/a")).toBe("x".repeat(100_000));
    });
  });
});
