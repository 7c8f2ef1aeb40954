import { copyFileSync, linkSync, mkdirSync, realpathSync, renameSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { codeOf, makeRoot, removeRoots, Scene, type SceneOptions, SH, writeUnder } from "./fixtures/scene.ts";

afterAll(removeRoots);

const CAT = realpathSync("/bin/cat");
const ECHO = realpathSync("/bin/echo");

/** Real paths and patterns of one root with readable, ungranted and denied files. */
function filesScene(options: SceneOptions = {}): Scene {
  const root = makeRoot({
    "src/a.txt": "a",
    "src/bare": "b",
    "private/p.txt": "p",
    "src/.env": "e",
    "src/sub/x": "x",
  });
  return new Scene(root, { read: ["src/**"], deny: ["**/.env"], commands: { cat: CAT, echo: ECHO }, ...options });
}

describe("the result", () => {
  const scene = new Scene(makeRoot());
  test("has exit code and both outputs", async () => {
    expect(await scene.run({ argv: ["sh", "-c", "echo out; echo err >&2; exit 7"] })).toEqual({
      exitCode: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
  });
  test("names the signal that ended the child", async () => {
    expect(await scene.run({ argv: ["sh", "-c", "kill -9 $$"] })).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
  });
  test("replaces what is not UTF-8, and keeps a byte order mark and NUL", async () => {
    const { stdout } = await scene.run({ argv: ["sh", "-c", "printf 'a\\377\\357\\273\\277b\\000c'"] });
    expect(stdout).toBe("a\ufffd\ufeffb\0c");
  });
  test("gives standard input to the child", async () => {
    expect((await scene.run({ argv: ["sh", "-c", "cat"], stdin: "häl\nlo" })).stdout).toBe("häl\nlo");
  });
  test("words arrive as they are: there is no shell", async () => {
    const words = ["$(id)", "; rm -rf x", "`id`", "a  b", "", "*", "\\", "\n"];
    const other = new Scene(makeRoot(), { commands: { sh: SH }, read: ["/**"] });
    const { stdout } = await other.run({ argv: ["sh", "-c", 'for w; do printf "<%s>" "$w"; done', "sh", ...words] });
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(""));
  });
});

describe("the command", () => {
  test("that is not listed is refused before anything is looked at", async () => {
    const scene = filesScene();
    expect(await scene.perform({ argv: ["id"] })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", rule: { id: "default" } },
    });
    expect(scene.decided).toHaveLength(1);
    expect(scene.decided[0]?.targets[0]).toEqual({
      on: "subprocess.exec",
      role: "execute",
      kind: "command",
      value: "id",
    });
  });
  test("may be named by its real path", async () => {
    expect((await filesScene().run({ argv: [ECHO, "hi"] })).stdout).toBe("hi\n");
  });
  test("is never looked up in PATH or in the directory of the call", async () => {
    const scene = filesScene();
    writeUnder(scene.root, "src/id", "#!/bin/sh\necho planted\n", 0o755);
    expect(codeOf(await scene.perform({ argv: ["id"], cwd: "src" }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["./id"], cwd: "src" }))).toBe("E_POLICY_DENIED");
  });
  test("that was missing when the policy was loaded is E_NOT_FOUND", async () => {
    const scene = filesScene({ commands: { frobnicate: "/nowhere/frobnicate" } });
    expect(await scene.perform({ argv: ["frobnicate"] })).toMatchObject({
      failure: { code: "E_NOT_FOUND", message: "the command `frobnicate` was not found when the policy was loaded" },
    });
  });
  test("keeps the name it was called by", async () => {
    const scene = new Scene(makeRoot(), { commands: { sh: SH } });
    expect((await scene.run({ argv: ["sh", "-c", "echo $0"] })).stdout).toBe("sh\n");
  });
  test("of a program with many names runs as the listed one only", async () => {
    const scene = filesScene();
    const path = join(scene.root, "multi");
    copyFileSync(SH, path);
    symlinkSync(path, join(scene.root, "applet"));
    const listed = new Scene(scene.root, { commands: { applet: "applet" } });
    expect((await listed.run({ argv: ["applet", "-c", "echo $0"] })).stdout).toBe("applet\n");
    expect(codeOf(await listed.perform({ argv: [realpathSync(path), "-c", "echo $0"] }))).not.toBe("ok");
  });
});

describe("a program that is not the one that was found at load does not run", () => {
  const script = (root: string, name = "tool"): string => writeUnder(root, name, "#!/bin/sh\necho ran\n", 0o755);
  test("replaced by another file", async () => {
    const root = makeRoot();
    const path = script(root);
    const scene = new Scene(root, { commands: { tool: "tool" } });
    expect((await scene.run({ argv: ["tool"] })).stdout).toBe("ran\n");
    renameSync(script(root, "other"), path);
    expect(await scene.perform({ argv: ["tool"] })).toMatchObject({
      failure: {
        code: "E_EXEC",
        message: "the program behind `tool` changed since the policy was loaded, so it was not run",
      },
    });
  });
  test("replaced by a link to another program", async () => {
    const root = makeRoot();
    const path = script(root);
    const scene = new Scene(root, { commands: { tool: "tool" } });
    renameSync(path, `${path}.old`);
    symlinkSync(SH, path);
    expect(codeOf(await scene.perform({ argv: ["tool"] }))).toBe("E_EXEC");
  });
  test("removed", async () => {
    const root = makeRoot();
    const path = script(root);
    const scene = new Scene(root, { commands: { tool: "tool" } });
    renameSync(path, `${path}.old`);
    expect(codeOf(await scene.perform({ argv: ["tool"] }))).toBe("E_EXEC");
  });
  test("with another interpreter", async () => {
    const root = makeRoot();
    script(root);
    const scene = new Scene(root, { commands: { tool: "tool" } });
    const [command] = scene.context.policy.subprocess.commands;
    Object.assign(command ?? {}, { interpreter: { path: SH, dev: 1, ino: 1 } });
    expect(codeOf(await scene.perform({ argv: ["tool"] }))).toBe("E_EXEC");
  });
  test("writable by the script", async () => {
    const root = makeRoot();
    script(root, "out/tool");
    const scene = new Scene(root, { commands: { tool: "out/tool" }, write: ["out/**"] });
    expect(await scene.perform({ argv: ["tool"] })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", message: "`tool` is a program that the script may write, so it is not run" },
    });
    expect(scene.started).toEqual([]);
  });
  test("with an interpreter that the script may write", async () => {
    const root = makeRoot();
    script(root);
    copyFileSync(SH, join(root, "interp"));
    const scene = new Scene(root, { commands: { tool: "tool", interp: "interp" }, write: ["interp"] });
    const [tool, interpreter] = scene.context.policy.subprocess.commands;
    Object.assign(tool ?? {}, { interpreter });
    expect(codeOf(await scene.perform({ argv: ["tool"] }))).toBe("E_POLICY_DENIED");
  });
});

describe("the directory", () => {
  test("is the root if none is named, without a grant", async () => {
    const root = makeRoot();
    const scene = new Scene(root);
    expect((await scene.run({ argv: ["sh", "-c", "pwd"] })).stdout).toBe(`${root}\n`);
  });
  test("that is named needs a read grant", async () => {
    const scene = filesScene();
    expect((await scene.run({ argv: ["cat", "bare"], cwd: "src" })).stdout).toBe("b");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "." }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "private" }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "src/../private" }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "/" }))).toBe("E_POLICY_DENIED");
  });
  test("that is a link needs a grant for where it leads", async () => {
    const scene = filesScene();
    symlinkSync(join(scene.root, "private"), join(scene.root, "src/link"));
    expect(await scene.perform({ argv: ["echo"], cwd: "src/link" })).toMatchObject({
      failure: { code: "E_POLICY_DENIED" },
    });
    symlinkSync(join(scene.root, "src/sub"), join(scene.root, "src/good"));
    await scene.run({ argv: ["echo"], cwd: "src/good" });
    expect(scene.started.at(-1)?.cwd).toBe(join(scene.root, "src/sub"));
  });
  test("that does not exist is E_NOT_FOUND, and a refused one does not tell whether it exists", async () => {
    const scene = filesScene();
    symlinkSync(join(scene.root, "nothing"), join(scene.root, "src/dangling"));
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "src/none" }))).toBe("E_NOT_FOUND");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "src/bare" }))).toBe("E_NOT_FOUND");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "src/dangling" }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["echo"], cwd: "private/none" }))).toBe("E_POLICY_DENIED");
  });
  test.each(["", "a\nb", "~other", "x".repeat(5000)])("%j is E_ARGUMENT", async (cwd) => {
    expect(codeOf(await filesScene().perform({ argv: ["echo"], cwd }))).toBe("E_ARGUMENT");
  });
});

describe("a path among the arguments must be readable", () => {
  const cases: readonly (readonly [argv: readonly string[], expected: string])[] = [
    [["cat", "src/a.txt"], "ok"],
    [["cat", "./src/a.txt"], "ok"],
    [["cat", "private/p.txt"], "E_POLICY_DENIED"],
    [["cat", "src/../private/p.txt"], "E_POLICY_DENIED"],
    [["cat", "/etc/hostname"], "E_POLICY_DENIED"],
    [["cat", "~/x"], "E_POLICY_DENIED"],
    [["cat", "private"], "E_POLICY_DENIED"],
    [["cat", "src/.env"], "E_POLICY_DENIED"],
    [["cat", "--", "private/p.txt"], "E_POLICY_DENIED"],
    [["echo", "--file=private/p.txt"], "E_POLICY_DENIED"],
    [["echo", "-fprivate/p.txt"], "E_POLICY_DENIED"],
    [["echo", "--file=/etc/passwd"], "E_POLICY_DENIED"],
    [["echo", "word"], "ok"],
    [["echo", "private/does/not/exist"], "E_POLICY_DENIED"],
    [["echo", "src/does/not/exist"], "ok"],
  ];
  test.each(cases)("%j: %s", async (argv, expected) => {
    const scene = filesScene();
    const outcome = await scene.perform({ argv });
    expect(codeOf(outcome)).toBe(expected);
    expect(scene.started.length).toBe(expected === "ok" ? 1 : 0);
  });

  test("a bare word is a path where it names something under the directory of the call", async () => {
    const scene = filesScene({ read: ["src", "src/bare"] });
    expect(codeOf(await scene.perform({ argv: ["cat", "bare"], cwd: "src" }))).toBe("ok");
    expect(codeOf(await scene.perform({ argv: ["cat", "a.txt"], cwd: "src" }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["echo", "none.txt"], cwd: "src" }))).toBe("ok");
  });

  test("a link leads where it leads, also in the middle of a path", async () => {
    const scene = filesScene();
    symlinkSync(join(scene.root, "private/p.txt"), join(scene.root, "src/file"));
    symlinkSync(join(scene.root, "private"), join(scene.root, "src/dir"));
    for (const path of ["src/file", "src/dir/p.txt", "src/dir/none"]) {
      expect([path, codeOf(await scene.perform({ argv: ["cat", path] }))]).toEqual([path, "E_POLICY_DENIED"]);
    }
  });

  test("a kernel follows links before `..`: what it would open is decided", async () => {
    const scene = filesScene();
    mkdirSync(join(scene.root, "private/deep"));
    symlinkSync(join(scene.root, "private/deep"), join(scene.root, "src/dir"));
    writeUnder(scene.root, "src/p.txt", "harmless");
    // As text this is src/p.txt; the kernel opens private/p.txt.
    expect(codeOf(await scene.perform({ argv: ["cat", "src/dir/../p.txt"] }))).toBe("E_POLICY_DENIED");
  });

  test("the decided request holds typed and real paths", async () => {
    const scene = filesScene();
    symlinkSync(join(scene.root, "src/a.txt"), join(scene.root, "src/b.txt"));
    await scene.run({ argv: ["cat", "src/b.txt"] });
    const values = (request: (typeof scene.decided)[number] | undefined) => request?.targets.map(({ value }) => value);
    expect(values(scene.decided[0])).toEqual([CAT, join(scene.root, "src/b.txt")]);
    expect(values(scene.decided[1])).toEqual([CAT, join(scene.root, "src/b.txt"), join(scene.root, "src/a.txt")]);
  });
});

describe('with `args = "free"`', () => {
  const free = { freeArgs: ["cat", "echo"], read: ["src/**"], deny: ["**/.env", "secret/**"] };
  test("paths need no grant", async () => {
    expect((await filesScene(free).run({ argv: ["cat", "private/p.txt"] })).stdout).toBe("p");
  });
  test("a deny still holds, for the typed path", async () => {
    const scene = filesScene(free);
    expect(await scene.perform({ argv: ["cat", "src/.env"] })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", rule: { id: "filesystem.deny[0]" } },
    });
    expect(codeOf(await scene.perform({ argv: ["echo", "--in=secret/none"] }))).toBe("E_POLICY_DENIED");
  });
  test("a deny still holds, for where a link leads", async () => {
    const scene = filesScene(free);
    symlinkSync(join(scene.root, "src/.env"), join(scene.root, "src/innocent"));
    expect(codeOf(await scene.perform({ argv: ["cat", "src/innocent"] }))).toBe("E_POLICY_DENIED");
    expect(codeOf(await scene.perform({ argv: ["cat", "innocent"], cwd: "src" }))).toBe("E_POLICY_DENIED");
  });
});

test("a path that a person is asked about runs after a yes", async () => {
  const scene = filesScene({ ask: ["src/sub/**"] });
  expect((await scene.run({ argv: ["cat", "src/sub/x"] })).stdout).toBe("x");
});

test("standard input is limited by `max_file`", async () => {
  const scene = filesScene({ maxFileBytes: 10 });
  expect((await scene.run({ argv: ["cat"], stdin: "0123456789" })).stdout).toBe("0123456789");
  expect(codeOf(await scene.perform({ argv: ["cat"], stdin: "0123456789ä" }))).toBe("E_TOO_LARGE");
});

test("a script asks for less time than the policy gives, never for more", async () => {
  const scene = filesScene({ timeoutSeconds: 2 });
  for (const [timeoutMs, expected] of [
    [50, 50],
    [90_000, 2000],
  ] as const) {
    await scene.perform({ argv: ["echo"], timeoutMs });
    expect(scene.started.at(-1)?.timeoutMs).toBe(expected);
  }
});

test("a hard link to a protected file is refused under any name", async () => {
  const root = makeRoot({ "agent-run.toml": "version = 1", "src/a": "a" });
  linkSync(join(root, "agent-run.toml"), join(root, "src/innocent"));
  const { dev, ino } = statSync(join(root, "agent-run.toml"));
  const protectedInodes = [{ dev, ino, access: "all", what: "the policy of this run" }] as const;
  const scene = new Scene(root, { read: ["src/**"], commands: { cat: CAT }, protectedInodes });
  expect(await scene.perform({ argv: ["cat", "src/innocent"] })).toMatchObject({
    failure: { code: "E_POLICY_DENIED", rule: { id: "builtin.protected.the_policy_of_this_run" } },
  });
  expect(await scene.run({ argv: ["cat", "src/a"] })).toMatchObject({ stdout: "a" });
});
