/**
 * The runtime on real workers, files, sockets and children: isolation, concurrency, stopping, recording. (Longer than other
 * files: all cases share its set-up.)
 */
import { EventEmitter, once } from "node:events";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifySegment } from "@agent-run/audit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { missingJail, openPolicy } from "./open-policy.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

let directory: string;
let audit: string;
const open: Runtime[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-runtime-")));
  audit = join(directory, "record");
  mkdirSync(join(directory, "data"));
  writeFileSync(join(directory, "data/a.txt"), "alpha");
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

function runtimeWith(policy: string, options: Partial<RuntimeOptions> = {}): Runtime {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n${policy}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit, ...options });
  open.push(runtime);
  return runtime;
}

const FILES = '[filesystem]\nread_allow = ["data/**"]\nwrite_allow = ["out/**"]\ndelete_allow = ["out/**"]\n';

/** A server whose `/slow/N` answers after N ms, and which counts how many it serves at the same time. */
async function slowServer(): Promise<{ server: Server; url: string; most: () => number; hits: string[] }> {
  let now = 0;
  let most = 0;
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    now += 1;
    most = Math.max(most, now);
    const wait = Number(/\/slow\/(\d+)/.exec(request.url ?? "")?.[1] ?? 0);
    setTimeout(() => {
      now -= 1;
      response.end(request.url === "/large" ? "x".repeat(2e6) : `answer to ${request.url}`);
    }, wait);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, most: () => most, hits };
}

/** A process that is dead but not yet collected by its parent does not run any more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Seconds of work where the machine is idle; it need not be. */
const HEAVY_MS = 180_000;

test.each([
  ['return "x".repeat(1e8)', "E_TOO_LARGE"],
  ['return "\\x01".repeat(1.5e7)', "E_TOO_LARGE"],
  ['return crypto.sha256("x".repeat(2e8)).length', 64],
  ['fs.write("out/z", "x".repeat(1e8), { createParents: true }); return fs.stat("out/z").size', "E_TOO_LARGE"],
  ['return fs.read("data/40").length', 4e7],
  ["return Array(4e6).fill([])", "E_TOO_LARGE"],
])(
  "a script with much memory does not end the host: %s",
  async (script, expected) => {
    const runtime = runtimeWith(`${FILES}[runtime]\nmax_memory = "1GiB"\nmax_seconds = 60\n`);
    if (script.includes("data/40")) writeFileSync(join(directory, "data/40"), "x".repeat(4e7));
    const { value, error } = await runtime.run(script);
    expect(error?.code ?? value).toBe(expected);
    expect(await runtime.run("return 1")).toMatchObject({ value: 1 });
  },
  HEAVY_MS,
);

test('a policy that says `sandbox = "bwrap"` does not load where no jail works', () => {
  const missing = (text: string) => {
    const { data } = runtimeWith(`[subprocess]\n${text}\n`).policy;
    return missingJail(data, () => ({ ok: false, reason: "for the test" }));
  };
  expect(missing('allow_commands = ["ls"]\nsandbox = "bwrap"')).toMatchObject({
    file: expect.stringMatching(/agent-run\.toml$/),
    line: 4,
    column: 11,
    text: 'sandbox = "bwrap"',
    message: '`sandbox = "bwrap"`, and no jail works here: for the test',
  });
  for (const text of ['allow_commands = ["ls"]', 'sandbox = "bwrap"', 'allow_commands = ["ls"]\nsandbox = "auto"']) {
    expect(missing(text)).toBe(null);
  }
});

test("the installation is neither read nor written, whatever the policy grants", async () => {
  const runtime = runtimeWith('[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\n');
  for (const name of ["worker.cjs", "vm.image", "presets/workspace.toml"]) {
    const path = JSON.stringify(join(process.cwd(), "dist", name));
    expect(await runtime.run(`return fs.read(${path})`)).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
    expect(await runtime.run(`fs.write(${path}, "")`)).toMatchObject({ error: { code: "E_POLICY_DENIED" } });
  }
});

describe("where an error was made", () => {
  const at = async (script: string, policy = FILES) => {
    const { error } = await runtimeWith(policy).run(script);
    return [error?.code ?? error?.message, error?.line, error?.column];
  };

  test.each([
    "await fetch('https://no.test/')",
    "fetch('https://no.test/')",
    "await Promise.all([fetch('https://no.test/')])",
  ])("a refused %s shows its own line", async (call) => {
    const policy = `${FILES}[network]\nhttp_get_allow = ["https://other.test"]\n`;
    const [code, line, column] = await at(`const a = 1;\n\n  ${call};`, policy);
    expect([code, line]).toEqual(["E_POLICY_DENIED", 3]);
    expect(column).toBe(3 + call.indexOf("fetch") + "fetch".length);
  });

  test("a fetch inside functions, and one that fails on the network", async () => {
    const policy = `${FILES}[network]\nhttp_get_allow = ["http://127.0.0.1:1"]\n`;
    const script = "async function get() {\n  return await fetch('http://127.0.0.1:1/');\n}\nawait get();";
    expect(await at(script, policy)).toEqual(["E_NETWORK", 2, 21]);
  });

  test("an error of a class of the script's own was made at `new`, not at `super`", async () => {
    const script =
      "class A extends Error {\n  constructor(m) {\n    super(m);\n    this.name = 'A';\n  }\n}\nclass B extends A {}\nfunction go() {\n  throw new B('bad');\n}\ngo();";
    expect((await at(script)).slice(0, 2)).toEqual(["bad", 9]);
  });

  test("what is not a function is named", async () => {
    expect(await at("const x = 1;\n  fs.readText('a');")).toEqual(["`fs.readText` is not a function", 2, 14]);
    expect((await at("(1)()"))[0]).toBe("not a function");
  });
});

test.each([
  ["throw new Error('a', { cause: new TypeError('b', { cause: 'c' }) })", ["TypeError: b", "c"]],
  ["await Promise.any([Promise.reject(new Error('x')), Promise.reject(1)])", ["Error: x", "1"]],
  ["const e = new Error('a'); e.cause = e; throw e", Array(5).fill("Error: a")],
  ["const e = new Error('a'); Object.defineProperty(e, 'cause', { get() { for (;;); } }); throw e", undefined],
  ["throw new Error('a')", undefined],
])("what stands behind an error is told: %s", async (script, causes) => {
  expect((await runtimeWith(FILES).run(script)).error?.causes).toEqual(causes);
});

describe("`process.exit`", () => {
  test.each([
    ["process.exit(0)", null],
    ["try { process.exit() } finally { fs.write('out/late', '') }", null],
    ["process.exitCode = 0; setTimeout(() => process.exit(), 5)", null],
    ["process.exit(3)", "the script ended itself with `process.exit(3)`"],
    [
      "process.exitCode = 2; (async () => { await null; process.exit() })()",
      "the script ended itself with `process.exit(2)`",
    ],
  ])("%s ends the run at once", async (script, message) => {
    const runtime = runtimeWith(FILES);
    const { error, exitCode, value, stdout } = await runtime.run(`print("before"); ${script}; print("after")`);
    expect([error?.message ?? null, exitCode, value]).toEqual([message, message === null ? 0 : 1, null]);
    expect(stdout.startsWith("before\n")).toBe(true);
    expect(existsSync(join(directory, "out/late"))).toBe(false);
    expect(await runtime.run("return 1")).toMatchObject({ value: 1 });
  });
});

test("a refusal names what was refused: an overwritten file, a word of a command", async () => {
  const policy =
    '[filesystem]\nread_allow = ["data/**", "out/**"]\nwrite_allow = ["out/**"]\ndelete_allow = ["out/src"]\n[subprocess]\nallow_commands = ["cat"]\nsandbox = "none"\n';
  const runtime = runtimeWith(policy);
  const move = await runtime.run(
    'fs.write("out/src", "1", { createParents: true }); fs.write("out/dst", "2"); fs.move("out/src", "out/dst")',
  );
  expect(move.error).toMatchObject({
    capability: "fs.delete",
    target: "out/dst",
    hint: expect.stringContaining('delete_allow = ["out/dst"]'),
  });
  writeFileSync(join(directory, "secret.txt"), "s");
  const cat = await runtime.run('subprocess.exec(["cat", "data/a.txt", "secret.txt"])');
  expect(cat.error).toMatchObject({
    capability: "fs.read",
    target: "secret.txt",
    message: "the policy does not allow `fs.read` of `secret.txt`, which `cat` would be given",
    hint: expect.stringContaining('read_allow = ["secret.txt"]'),
  });
});

test("what has no grant and is denied anyway is told by the denial", async () => {
  const script = '(0, globalThis["f" + "s"]).read(".env")';
  const { error } = await runtimeWith("").run(script);
  expect(error).toMatchObject({ code: "E_CAPABILITY", rule: { id: "builtin.env_files" } });
  expect(error?.hint).toContain("only an exact entry of the main policy opens it");
});

test("another name of the policy is a denial in the report and on the record, under the guard's rule", async () => {
  const runtime = runtimeWith(
    '[filesystem]\nread_allow = ["**"]\n[subprocess]\nallow_commands = ["cat"]\nsandbox = "none"\n',
  );
  linkSync(join(directory, "agent-run.toml"), join(directory, "other-name"));
  for (const [script, capability] of [
    ['fs.read("other-name")', "fs.read"],
    ['subprocess.exec(["cat", "other-name"])', "subprocess.exec"],
  ] as const) {
    const { calls, record } = await runtime.run(script);
    const said = { decision: "deny", rule: "builtin.protected.the_policy_of_this_run", code: "E_POLICY_DENIED" };
    expect(calls).toMatchObject([{ capability, ...said }]);
    const lines = readFileSync(record ?? "", "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual(["run.start", "verify", "intent", "run.end"]);
    expect(lines[2]).toMatchObject({ decision: "deny", rule: { id: said.rule }, code: said.code });
  }
});

test("what started calls hold on this side is bounded with the script's memory", async () => {
  const { server, url } = await slowServer();
  const policy = `[network]\nhttp_get_allow = ["${url}"]\nhttp_post_allow = ["${url}"]\n[runtime]\nmax_memory = "32MiB"\nmax_calls = 300\n`;
  const run = (script: string) => runtimeWith(policy).run(script, { args: [url] });
  const queued = await run(
    'const body = "x".repeat(4e6); for (let i = 0; i < 200; i++) fetch(args[0] + "/slow/2000", { method: "POST", body })',
  );
  expect(queued.error).toMatchObject({ code: "E_LIMIT_MEMORY" });
  // Its thread was not killed for it.
  expect(readFileSync(queued.record ?? "", "utf8")).not.toContain('"killed":true');
  const many = await run('for (let i = 0; i < 1000; i++) fetch(args[0] + "/slow/2000")');
  expect(many.error).toMatchObject({ code: "E_LIMIT_CALLS" });
  server.close();
});

test("answers that a busy script does not take do not pile up", async () => {
  const { server, url } = await slowServer();
  const policy = `[network]\nhttp_get_allow = ["${url}"]\n[runtime]\nmax_memory = "16MiB"\nmax_concurrency = 2\n[subprocess]\nallow_commands = ["sleep"]\nsandbox = "none"\n`;
  const script = `const all = Array.from({ length: 40 }, () => fetch(args[0] + "/large").then((r) => r.text()).then((t) => t.length));
    subprocess.exec(["sleep", "1"]);
    return (await Promise.all(all)).reduce((a, b) => a + b)`;
  const report = await runtimeWith(policy).run(script, { args: [url] });
  expect(report).toMatchObject({ error: null, value: 40 * 2e6 });
  server.close();
});

test("a limit is told with its value, that of the run where it is lower", async () => {
  const limited = runtimeWith('[filesystem]\nread_allow = ["a"]\n[runtime]\nmax_calls = 2\nmax_seconds = 5\n');
  const calls = await limited.run('for (;;) fs.exists("a")');
  expect(calls.error?.hint).toContain("`[runtime] max_calls` was 2 here");
  const time = await limited.run("for (;;);", { maxSeconds: 0.2 });
  expect(time.error?.hint).toContain("`[runtime] max_seconds` was 0.2 seconds here");
});

test("to ask which variables there are is no offence", async () => {
  expect(await runtimeWith(FILES).run("return Object.keys(process.env)")).toMatchObject({ value: [] });
});

describe("runs", () => {
  test("leave nothing for the next one in the same worker", async () => {
    const runtime = runtimeWith(FILES, { maxWorkers: 1 });
    const mess = `globalThis.left = "secret"; Object.defineProperty(globalThis, "more", { value: 1 }); setTimeout(() => { globalThis.late = 1 }, 1); new Promise(() => {}); class A extends Map {}; globalThis.big = "x".repeat(1e6); return 1`;
    expect((await runtime.run(mess)).value).toBe(1);
    const look = await runtime.run(
      "return [typeof left, typeof more, typeof late, typeof big, Object.keys(globalThis)]",
    );
    expect(look.value).toEqual(["undefined", "undefined", "undefined", "undefined", []]);
  });

  test("at the same time do not see each other", async () => {
    const runtime = runtimeWith(FILES, { maxWorkers: 4 });
    const reports = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        runtime.run(`globalThis.mine = args[0]; print(mine); fs.exists("data/a.txt"); return [mine, args]`, {
          args: [`${i}`],
        }),
      ),
    );
    for (const [i, { value, stdout, calls }] of reports.entries()) {
      expect({ value, stdout, calls: calls.length }).toEqual({ value: [`${i}`, [`${i}`]], stdout: `${i}\n`, calls: 1 });
    }
    expect(new Set(reports.map(({ run }) => run)).size).toBe(12);
  });

  test("go on after one that had to be killed", async () => {
    const runtime = runtimeWith(FILES, { maxWorkers: 1 });
    const [killed, next] = await Promise.all([
      runtime.run("Array(2 ** 32 - 1).indexOf(1)", { maxSeconds: 0.3 }),
      runtime.run("return 2"),
    ]);
    expect(killed.error?.code).toBe("E_LIMIT_TIME");
    expect(next.value).toBe(2);
  });

  test("with the same seed and start give the same chance, with another not", async () => {
    const runtime = runtimeWith(FILES);
    const draw = async (seed: number) =>
      (await runtime.run("return [Math.random(), crypto.randomUUID()]", { seed })).value;
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  test("report output as it comes", async () => {
    const runtime = runtimeWith(FILES);
    const seen: string[] = [];
    await runtime.run('print(1); print("é"); print({ a: [1] })', { onOutput: (text) => seen.push(text) });
    expect(seen.join("")).toBe("1\né\n{ a: [ 1 ] }\n");
  });
});

describe("fetch", () => {
  test("runs several at once, at most `max_concurrency`, the rest in their order", async () => {
    const { server, url, most, hits } = await slowServer();
    const runtime = runtimeWith(`[network]\nhttp_get_allow = ["http://127.0.0.1:*"]\n[runtime]\nmax_concurrency = 3\n`);
    const script = `const r = await Promise.all([200, 200, 200, 10, 10, 10].map((ms, i) => fetch(args[0] + "/slow/" + ms + "?" + i).then((r) => r.text()))); return r`;
    const { value, calls } = await runtime.run(script, { args: [url] });
    expect(value).toEqual([200, 200, 200, 10, 10, 10].map((ms, i) => `answer to /slow/${ms}?${i}`));
    expect(most()).toBe(3);
    expect(
      hits
        .map((hit) => hit.slice(-1))
        .slice(0, 3)
        .sort(),
    ).toEqual(["0", "1", "2"]);
    expect(calls).toHaveLength(6);
    server.close();
  });

  test("settles in the order of completion and mixes with synchronous calls", async () => {
    const { server, url } = await slowServer();
    const runtime = runtimeWith(`${FILES}[network]\nhttp_get_allow = ["http://127.0.0.1:*"]\n`);
    const script = `const order = []; const a = fetch(args[0] + "/slow/400").then(() => order.push("slow")); const b = fetch(args[0] + "/slow/1").then(() => order.push("fast")); order.push(fs.read("data/a.txt")); await Promise.all([a, b]); return order`;
    expect((await runtime.run(script, { args: [url] })).value).toEqual(["alpha", "fast", "slow"]);
    server.close();
  });

  test("left pending at the end is waited for; one that is aborted rejects", async () => {
    const { server, url, hits } = await slowServer();
    const runtime = runtimeWith('[network]\nhttp_get_allow = ["http://127.0.0.1:*"]\n');
    expect((await runtime.run('fetch(args[0] + "/slow/50"); return 1', { args: [url] })).value).toBe(1);
    expect(hits).toEqual(["/slow/50"]);
    const aborted = await runtime.run(
      "const c = new AbortController(); c.abort(); try { await fetch(args[0], { signal: c.signal }) } catch (e) { return e.name }",
      { args: [url] },
    );
    expect(aborted.value).toBe("AbortError");
    server.close();
  });
});

describe("stopping", () => {
  test("by a signal ends a run that computes, waits for a server, or waits for a command", async () => {
    const { server, url } = await slowServer();
    const policy = `[network]\nhttp_get_allow = ["http://127.0.0.1:*"]\n[subprocess]\nallow_commands = ["sleep"]\nsandbox = "none"\n`;
    const runtime = runtimeWith(policy);
    for (const script of [
      "for (;;) {}",
      'net.httpGet(args[0] + "/slow/60000")',
      'await fetch(args[0] + "/slow/60000")',
      'subprocess.exec(["sleep", "60"])',
      "Array(2 ** 32 - 1).indexOf(1)",
    ]) {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 300);
      const report = await runtime.run(script, { args: [url], signal: stop.signal });
      expect({ script, code: report.error?.code, exit: report.exitCode }).toEqual({
        script,
        code: "E_INTERRUPTED",
        exit: 130,
      });
      expect(verifySegment(readFileSync(report.record ?? "")).state).toBe("complete");
    }
    server.closeAllConnections();
    server.close();
  });

  test("by the limit ends a wait in the middle of a call, with the call on the report", async () => {
    const { server, url } = await slowServer();
    const runtime = runtimeWith('[network]\nhttp_get_allow = ["http://127.0.0.1:*"]\n[runtime]\nmax_seconds = 0.5\n');
    const report = await runtime.run('net.httpGet(args[0] + "/slow/60000")', { args: [url] });
    expect(report).toMatchObject({
      exitCode: 6,
      error: { code: "E_LIMIT_TIME" },
      calls: [{ capability: "net.http_get", decision: "allow" }],
    });
    expect(verifySegment(readFileSync(report.record ?? "")).inDoubt).toEqual([1]);
    server.closeAllConnections();
    server.close();
  });

  test("by the limit takes children and grandchildren along", async () => {
    writeFileSync(join(directory, "nest.sh"), "#!/bin/sh\nsleep 61 &\necho $! > out/pid\nsleep 62\n", { mode: 0o755 });
    mkdirSync(join(directory, "out"));
    const runtime = runtimeWith(
      `${FILES}[subprocess]\nallow_commands = ["./nest.sh"]\nsandbox = "none"\n[runtime]\nmax_seconds = 1\n`,
    );
    const report = await runtime.run('subprocess.exec(["./nest.sh"])');
    expect(report.error?.code).toBe("E_LIMIT_TIME");
    const pid = Number(readFileSync(join(directory, "out/pid"), "utf8"));
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
  });

  test("by closing the runtime ends what runs and refuses what waits", async () => {
    const runtime = runtimeWith(FILES, { maxWorkers: 1 });
    const runs = new EventEmitter();
    const running = runtime.run("print(1); for (;;) {}", { onOutput: () => runs.emit("output") });
    const waiting = runtime.run("return 1");
    await once(runs, "output");
    await runtime.close();
    expect((await running).error?.code).toBe("E_INTERRUPTED");
    expect((await waiting).error?.code).toBe("E_INTERRUPTED");
    expect((await runtime.run("return 1")).error?.code).toBe("E_INTERRUPTED");
  });
});

describe("approvals", () => {
  const ANSWERED = '[approvals]\nirreversible_channels = ["callback"]\n';
  const POLICY = `requires_approval = ["fs.delete"]\n${FILES}${ANSWERED}[runtime]\nmax_seconds = 2\n`;
  const SCRIPT = 'fs.write("out/x", "1", { createParents: true }); fs.delete("out/x"); return "deleted"';

  test("are asked with the canonical request, and waiting for a person is not the script's time", async () => {
    const tickets: string[] = [];
    const approve: RuntimeOptions["approve"] = async (ticket) => {
      tickets.push(`${ticket.capability} ${ticket.target} ${ticket.rule}`);
      await new Promise((resolve) => setTimeout(resolve, 2500));
      return "allow";
    };
    const report = await runtimeWith(POLICY, { approve, approver: "test" }).run(SCRIPT);
    expect(report).toMatchObject({ value: "deleted", calls: [{}, { decision: "ask" }] });
    expect(tickets).toEqual(["fs.delete out/x requires_approval[0]"]);
    expect(readFileSync(report.record ?? "", "utf8")).toContain('"by":"test"');
  });

  test("that are denied, or whose callback throws, have no effect", async () => {
    const deny = await runtimeWith(POLICY, { approve: async () => "deny" }).run(SCRIPT);
    expect(deny.error?.code).toBe("E_APPROVAL_DENIED");
    const broken = await runtimeWith(POLICY, { approve: () => Promise.reject(new Error("no")) }).run(SCRIPT);
    expect(broken.error?.code).toBe("E_APPROVAL_UNAVAILABLE");
    expect(existsSync(join(directory, "out/x"))).toBe(true);
  });
});

describe("the record", () => {
  test("is there before the effect: an intent precedes every file that a run leaves", async () => {
    const runtime = runtimeWith(FILES);
    const report = await runtime.run(
      'for (let i = 0; i < 20; i++) fs.write("out/" + i, "x", { createParents: true }); Array(2 ** 32 - 1).indexOf(1)',
      { maxSeconds: 1 },
    );
    const record = readFileSync(report.record ?? "", "utf8");
    for (const name of readdirSync(join(directory, "out"))) expect(record).toContain(`/out/${name}"`);
    expect(verifySegment(Buffer.from(record)).state).toBe("complete");
  });

  test("of a run whose directory went away says so, and nothing more happens", async () => {
    const runtime = runtimeWith(FILES);
    writeFileSync(audit, "a file in its place");
    const report = await runtime.run('fs.write("out/x", "1", { createParents: true })');
    expect(report).toMatchObject({ exitCode: 5, error: { code: "E_AUDIT" } });
    expect(existsSync(join(directory, "out"))).toBe(false);
  });

  test("behind a link is out of a script's reach where it really lies, and so is the link", async () => {
    mkdirSync(join(directory, "places"));
    symlinkSync("places", join(directory, "link"));
    audit = join(directory, "link/record");
    const all = '[filesystem]\nread_allow = ["**"]\nwrite_allow = ["**"]\ndelete_allow = ["**"]\n';
    const script = `const said = [];
      for (const touch of [
        () => fs.list("places/record"),
        () => fs.write("places/record/x", "forged"),
        () => fs.delete("places", { recursive: true }),
        () => fs.delete("link"),
      ]) {
        try { touch(); said.push("done"); } catch (error) { said.push(error.rule.id); }
      }
      return said`;
    const report = await runtimeWith(all).run(script);
    expect(report.value).toEqual(Array(4).fill("builtin.protected.the_record"));
    expect(report.record).toBe(join(audit, `runs/${report.run}.jsonl`));
  });

  test("says which script, policy and engine it was", async () => {
    const report = await runtimeWith(FILES).run("return 1", { seed: 5 });
    const [start = ""] = readFileSync(report.record ?? "", "utf8").split("\n");
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(JSON.parse(start)).toMatchObject({
      kind: "run.start",
      script: { sha256: hash },
      policy: { sha256: hash },
      engine: { wasm: hash, image: hash },
      seed: 5,
    });
  });
});

test("nothing of the host's environment reaches a script that the policy does not grant", async () => {
  const environment = { LANG: "C", PLAIN: "p", NODE_OPTIONS: "--x", MY_TOKEN: "t" };
  const runtime = runtimeWith('[environment]\nallow_vars = ["LANG", "*"]\n', { environment });
  const script =
    'const r = {}; for (const n of ["LANG", "PLAIN", "NODE_OPTIONS", "MY_TOKEN"]) try { r[n] = env.read(n) } catch (e) { r[n] = e.code } return [r, Object.keys(process.env)]';
  const denied = "E_POLICY_DENIED";
  expect((await runtime.run(script)).value).toEqual([
    { LANG: "C", PLAIN: "p", NODE_OPTIONS: denied, MY_TOKEN: denied },
    ["LANG", "PLAIN"],
  ]);
});

test(
  "a script that is too large to parse ends with its limit, on the record",
  async () => {
    const report = await runtimeWith(FILES).run("x = 1;".repeat(2_000_000));
    expect(report).toMatchObject({ exitCode: 6, error: { code: "E_LIMIT_MEMORY" } });
    expect(verifySegment(readFileSync(report.record ?? "")).state).toBe("complete");
  },
  HEAVY_MS,
);
