import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PinnedCommand } from "@agent-run/gate";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, test, vi } from "vitest";
import { execCommand } from "./exec.ts";
import { codeOf, makeRoot, removeRoots, Scene, SH, writeUnder } from "./fixtures/scene.ts";

afterAll(removeRoots);

const never = (): AbortSignal => new AbortController().signal;

/** A shell script as an unjailed command. */
function shell(script: string, changes: Partial<PinnedCommand> = {}): PinnedCommand {
  const { dev, ino } = statSync(SH);
  return {
    path: SH,
    dev,
    ino,
    argv: ["sh", "-c", script],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdin: null,
    timeoutMs: 20_000,
    maxOutputBytes: 1 << 20,
    jail: null,
    ...changes,
  };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Is a process with the number in this file still there (and no zombie)? */
function lives(pidFile: string): boolean {
  try {
    const pid = readFileSync(pidFile, "utf8").trim();
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

const pidIn = (file: string): Promise<string> =>
  vi.waitFor(() => {
    const pid = readFileSync(file, "utf8").trim();
    if (pid === "") throw new Error("no number yet");
    return pid;
  });

/** Another Node process that has our `execCommand`, with a descriptor of ours under the given numbers. */
async function runHost(root: string, body: string, numbers: readonly number[] = [], fd = 0, env = {}): Promise<void> {
  const bundle = join(root, "exec.mjs");
  const entryPoints = [join(import.meta.dirname, "exec.ts")];
  // `require` is what bundled CommonJS asks for.
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  buildSync({ entryPoints, bundle: true, platform: "node", format: "esm", outfile: bundle, banner, logLevel: "error" });
  writeUnder(root, "main.mjs", `import { execCommand } from "./exec.mjs";\n${body}`);
  const stdio = Array.from({ length: Math.max(3, ...numbers.map((one) => one + 1)) }, (_, at) =>
    numbers.includes(at) ? fd : ("ignore" as const),
  );
  const host = spawn(process.execPath, ["main.mjs"], { cwd: root, stdio, env: { ...process.env, ...env } });
  await new Promise((resolve) => host.once("exit", resolve));
}

describe("time", () => {
  test("a child that takes too long is stopped", async () => {
    const answer = await execCommand(shell("sleep 60", { timeoutMs: 100 }), never());
    expect(answer).toMatchObject({
      ok: false,
      failure: { code: "E_TIMEOUT", message: "`sh` took longer than 100 ms and was stopped" },
    });
  });

  test("a child that ignores SIGTERM is killed, and what it started with it", async () => {
    const root = makeRoot();
    const script = "trap '' TERM; sleep 61 & echo $! > child; echo $$ > leader; while :; do sleep 0.05; done";
    const answer = await execCommand(shell(script, { timeoutMs: 300, cwd: root }), never());
    expect(answer).toMatchObject({ failure: { code: "E_TIMEOUT" } });
    expect([lives(join(root, "leader")), lives(join(root, "child"))]).toEqual([false, false]);
  });

  test("a child may clean up when it is stopped", async () => {
    const root = makeRoot();
    const script = "trap 'echo bye > trace; exit 0' TERM; while :; do sleep 0.05; done";
    await execCommand(shell(script, { timeoutMs: 300, cwd: root }), never());
    expect(readFileSync(join(root, "trace"), "utf8")).toBe("bye\n");
  });
});

test("a time that no timer can hold is not over at once", async () => {
  expect(await execCommand(shell("sleep 0.1", { timeoutMs: 2 ** 31 }), never())).toMatchObject({ ok: true });
});

describe("the end of the run", () => {
  test("kills the child and its group at once, a trap for SIGTERM or not", async () => {
    const root = makeRoot();
    const controller = new AbortController();
    const script = "trap 'echo trapped > trap; exit' TERM; sleep 62 & echo $! > child; echo $$ > leader; wait";
    const running = execCommand(shell(script, { cwd: root }), controller.signal);
    await pidIn(join(root, "leader"));
    controller.abort();
    expect(await running).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
    expect([lives(join(root, "leader")), lives(join(root, "child"))]).toEqual([false, false]);
    expect(() => statSync(join(root, "trap"))).toThrow();
  });

  test("while the child is started kills it, too", async () => {
    const root = makeRoot();
    const controller = new AbortController();
    const running = execCommand(shell("sleep 63", { cwd: root, timeoutMs: 5000 }), controller.signal);
    controller.abort();
    expect(await running).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
  });

  test("before the start starts nothing", async () => {
    const root = makeRoot();
    const answer = await execCommand(shell("echo > ran", { cwd: root }), AbortSignal.abort());
    expect(answer).toMatchObject({ failure: { code: "E_INTERRUPTED" } });
    // Not even looked at.
    const gone = await execCommand(shell("", { cwd: "/nowhere" }), AbortSignal.abort());
    expect(gone).toMatchObject({ failure: { code: "E_INTERRUPTED" } });
    expect(() => statSync(join(root, "ran"))).toThrow();
  });

  test("kills a child that is being stopped for its time and holds on", async () => {
    const root = makeRoot();
    const controller = new AbortController();
    const script = "trap 'echo > asked' TERM; echo $$ > leader; while :; do sleep 0.05; done";
    const running = execCommand(shell(script, { cwd: root, timeoutMs: 200 }), controller.signal);
    await vi.waitFor(() => statSync(join(root, "asked")));
    controller.abort();
    expect(await running).toMatchObject({ failure: { code: "E_TIMEOUT" } });
    expect(lives(join(root, "leader"))).toBe(false);
  });

  test("of our process kills the children", async () => {
    const root = makeRoot();
    const script = "sleep 63 & echo $! > child; wait";
    await runHost(
      root,
      `void execCommand(${JSON.stringify(shell(script, { cwd: root }))}, new AbortController().signal);
      const { statSync } = process.getBuiltinModule("node:fs");
      setInterval(() => { try { if (statSync("child").size > 0) process.exit(); } catch {} }, 10);`,
    );
    await vi.waitFor(() => expect(lives(join(root, "child"))).toBe(false));
  });
});

describe("what a child leaves behind", () => {
  test("in its group ends with it", async () => {
    const root = makeRoot();
    const answer = await execCommand(shell("sleep 64 & echo $! > child; echo done", { cwd: root }), never());
    expect(answer).toMatchObject({ ok: true, value: { exitCode: 0 } });
    await vi.waitFor(() => expect(lives(join(root, "child"))).toBe(false));
  });

  test("outside its group does not hold the answer back, though it holds the output open", async () => {
    const root = makeRoot();
    const script =
      "setsid sh -c 'echo $$ > orphan; exec sleep 65' & while ! [ -s orphan ]; do sleep 0.01; done; echo done";
    const answer = await execCommand(shell(script, { cwd: root }), never());
    expect(answer.ok && text(answer.value.stdout)).toBe("done\n");
    process.kill(Number(readFileSync(join(root, "orphan"), "utf8")), "SIGKILL");
  });

  test("of output is all there, though the child ended long before it was read", async () => {
    const answer = await execCommand(shell("head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2"), never());
    expect(answer.ok && [answer.value.stdout.byteLength, answer.value.stderr.byteLength]).toEqual([60_000, 60_000]);
  });
});

describe("output", () => {
  test.each([
    ["endless", "while :; do echo xxxxxxxxxxxxxxxx; done"],
    ["endless on standard error", "exec cat /dev/zero >&2"],
    ["on both together", "head -c 700 /dev/zero; head -c 700 /dev/zero >&2; sleep 60"],
  ])("%s ends the child when it is more than the limit", async (_, script) => {
    const answer = await execCommand(shell(script, { maxOutputBytes: 1000 }), never());
    expect(answer).toMatchObject({
      ok: false,
      failure: { code: "E_TOO_LARGE", message: "`sh` printed more than 1000 bytes and was stopped" },
    });
  });

  test("of exactly the limit passes", async () => {
    const answer = await execCommand(
      shell("head -c 600 /dev/zero; head -c 400 /dev/zero >&2", { maxOutputBytes: 1000 }),
      never(),
    );
    expect(answer.ok).toBe(true);
  });

  test("of millions of bytes is all there: no limit of the library's own, and nothing is kept twice", async () => {
    const script = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2";
    const answer = await execCommand(shell(script, { maxOutputBytes: 6_000_000 }), never());
    expect(answer.ok && [answer.value.stdout.byteLength, answer.value.stderr.byteLength]).toEqual([3e6, 3e6]);
  });

  test("of a limit of nothing is none", async () => {
    expect((await execCommand(shell("true", { maxOutputBytes: 0 }), never())).ok).toBe(true);
    expect(await execCommand(shell("echo", { maxOutputBytes: 0 }), never())).toMatchObject({
      failure: { code: "E_TOO_LARGE" },
    });
  });

  test("is bytes, whatever they are", async () => {
    const answer = await execCommand(shell("printf '\\000\\377\\001'"), never());
    expect(answer.ok && [...answer.value.stdout]).toEqual([0, 255, 1]);
  });
});

describe("standard input", () => {
  test("is empty if none is given: a child that reads does not wait", async () => {
    const answer = await execCommand(shell("cat; echo end"), never());
    expect(answer.ok && text(answer.value.stdout)).toBe("end\n");
  });

  test("of no bytes is empty", async () => {
    const answer = await execCommand(shell("cat; echo end", { stdin: new Uint8Array() }), never());
    expect(answer.ok && text(answer.value.stdout)).toBe("end\n");
  });

  test("of 10 MB arrives whole", async () => {
    const stdin = new Uint8Array(10_000_000).fill(97);
    const answer = await execCommand(shell("wc -c", { stdin }), never());
    expect(answer.ok && text(answer.value.stdout).trim()).toBe("10000000");
  });

  test("that the child closes early is no failure", async () => {
    const stdin = new Uint8Array(10_000_000);
    const answer = await execCommand(shell("exec <&-; sleep 0.1; echo ok; exit 3", { stdin }), never());
    expect(answer).toMatchObject({ ok: true, value: { exitCode: 3 } });
  });

  test("that the child never reads is no failure", async () => {
    const answer = await execCommand(shell("exit 0", { stdin: new Uint8Array(10_000_000) }), never());
    expect(answer).toMatchObject({ ok: true, value: { exitCode: 0 } });
  });

  test("of a child that reads it and is stopped is no failure of ours", async () => {
    const stdin = new Uint8Array(10_000_000);
    const answer = await execCommand(shell("head -c 10 >/dev/null; sleep 60", { stdin, timeoutMs: 200 }), never());
    expect(answer).toMatchObject({ failure: { code: "E_TIMEOUT" } });
  });
});

describe("what cannot be started", () => {
  test("another inode than the checked one", async () => {
    expect(await execCommand(shell("true", { ino: 1 }), never())).toMatchObject({ failure: { code: "E_EXEC" } });
    expect(await execCommand(shell("true", { dev: 1 }), never())).toMatchObject({ failure: { code: "E_EXEC" } });
  });
  test("another interpreter than the checked one", async () => {
    const interpreter = { path: SH, dev: 1, ino: 1 };
    expect(await execCommand(shell("true", { interpreter }), never())).toMatchObject({ failure: { code: "E_EXEC" } });
  });
  test("a file that is not executable", async () => {
    const root = makeRoot();
    const path = writeUnder(root, "plain", "text");
    const { dev, ino } = statSync(path);
    const answer = await execCommand(shell("", { path, dev, ino, argv: ["plain"] }), never());
    expect(answer).toMatchObject({ failure: { code: "E_EXEC", message: "`plain` could not be started (EACCES)" } });
  });
  test("a directory", async () => {
    const path = makeRoot();
    const { dev, ino } = statSync(path);
    expect(await execCommand(shell("", { path, dev, ino }), never())).toMatchObject({ failure: { code: "E_EXEC" } });
  });
  test("a script whose interpreter does not exist", async () => {
    const path = writeUnder(makeRoot(), "odd", "#!/nowhere/interp\n", 0o755);
    const { dev, ino } = statSync(path);
    const answer = await execCommand(shell("", { path, dev, ino, argv: ["odd"] }), never());
    expect(answer).toMatchObject({ failure: { code: "E_NOT_FOUND" } });
  });
  test("a command in a directory that is gone", async () => {
    const answer = await execCommand(shell("true", { cwd: "/nowhere/at/all" }), never());
    expect(answer).toMatchObject({
      failure: { code: "E_NOT_FOUND", message: "the working directory of `sh` does not exist" },
    });
  });
  test("more words than the kernel takes", async () => {
    const answer = await execCommand(shell("", { argv: ["sh", "x".repeat(200_000)] }), never());
    expect(answer).toMatchObject({ failure: { code: "E_EXEC", message: "`sh` could not be started (E2BIG)" } });
  });
});

test("descriptors that our process was started with do not reach a child", async () => {
  const root = makeRoot({ canary: "secret" });
  const listing = shell("ls -l /proc/self/fd", { cwd: root });
  const body = `const answer = await execCommand(${JSON.stringify(listing)}, new AbortController().signal);
    process.getBuiltinModule("node:fs").writeFileSync("listing", answer.value.stdout);`;
  const canary = openSync(join(root, "canary"), "r");
  await runHost(root, body, [9, 60, 200], canary);
  closeSync(canary);
  const lines = readFileSync(join(root, "listing"), "utf8")
    .split("\n")
    .filter((line) => line.includes(" -> "));
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.includes("canary"))).toEqual([]);
});

test("a child has the variables of its command and none of ours", async () => {
  vi.stubEnv("CANARY", "secret");
  const path = realpathSync("/usr/bin/env");
  const { dev, ino } = statSync(path);
  const env = { PATH: "/opt/bin", B: "" };
  const answer = await execCommand(shell("", { path, dev, ino, argv: ["env"], env }), never());
  vi.unstubAllEnvs();
  expect(answer.ok && text(answer.value.stdout)).toBe("PATH=/opt/bin\nB=\n");
});

test("nothing is loaded for a child or read from where it runs: a local program is not preferred", async () => {
  const root = makeRoot();
  writeUnder(root, "node_modules/.bin/echo", "#!/bin/sh\n/bin/echo planted\n", 0o755);
  const answer = await execCommand(shell("unset -f echo; command env echo ours", { cwd: root }), never());
  expect(answer.ok && text(answer.value.stdout)).toBe("ours\n");
});

test("a host that debugs its libraries logs no command", async () => {
  const root = makeRoot();
  const body = `await execCommand(${JSON.stringify(shell("true --token=canary"))}, new AbortController().signal);`;
  const log = openSync(join(root, "log"), "w");
  await runHost(root, body, [1, 2], log, { NODE_DEBUG: "execa" });
  closeSync(log);
  expect(readFileSync(join(root, "log"), "utf8")).toBe("");
});

test("twenty commands at once all answer", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => execCommand(shell(`echo ${n}`), never())));
  expect(answers.map((answer) => (answer.ok ? text(answer.value.stdout) : ""))).toEqual(
    Array.from({ length: 20 }, (_, n) => `${n}\n`),
  );
});

test("a call leaves no listener at the signal of its run", async () => {
  const signal = never();
  const add = vi.spyOn(signal, "addEventListener");
  const remove = vi.spyOn(signal, "removeEventListener");
  await execCommand(shell("true"), signal);
  expect(add.mock.calls.map(([, listener]) => listener)).toEqual(remove.mock.calls.map(([, listener]) => listener));
});

test("the policy's limits reach the child through the gate", async () => {
  const scene = new Scene(makeRoot(), { maxOutputBytes: 10, timeoutSeconds: 0.2 });
  expect(codeOf(await scene.perform({ argv: ["sh", "-c", "head -c 11 /dev/zero"] }))).not.toBe("ok");
  expect(codeOf(await scene.perform({ argv: ["sh", "-c", "sleep 60"] }))).toBe("E_TIMEOUT");
});
