/** `isolation = "process"`: the VM in a real process of its own, jailed by real bubblewrap, and guests that lie. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MachinePorts } from "@agent-run/vm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createRuntime, loadPolicy } from "../library.ts";
import type { Runtime } from "../runtime.ts";
import { frame } from "./frames.ts";
import { GuestMachine } from "./guest-machine.ts";

let folder: string;
let runtime: Runtime;
const server = createServer((request, response) => response.end(`answer to ${request.url}`));

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-guest-")));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/a.txt"), "alpha");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    join(folder, "p.toml"),
    `version = 1
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
[network]
http_get_allow = ["http://127.0.0.1:${port}"]
[runtime]
isolation = "process"
max_seconds = 10
max_memory = "32MiB"
`,
  );
  runtime = await newRuntime();
});
afterAll(async () => {
  await runtime.close();
  server.close();
  rmSync(folder, { recursive: true });
});

const newRuntime = async () =>
  createRuntime({ policy: await loadPolicy(join(folder, "p.toml")), audit: join(folder, "record") });

/** Processes below `host` whose command line names the guest's bundle. */
function guests(host: number | undefined): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes("guest.cjs") && isBelow(pid, host));
}

function isBelow(pid: number, host: number | undefined): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === host) return true;
  return false;
}

const parentOf = (pid: number): number => {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
};

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
};

/** The process of Node itself, not bwrap's two. */
const innermost = () =>
  guests(process.pid).filter((pid) => commandLine(pid).startsWith(realpathSync(process.execPath)));

describe("a script", () => {
  test("has the same world as in a thread", async () => {
    const { port } = server.address() as AddressInfo;
    const script = `
      fs.write("out/b.txt", fs.read("data/a.txt") + "\\0é", { createParents: true });
      const pages = await Promise.all(["x", "y"].map((p) => fetch("http://127.0.0.1:${port}/" + p)));
      let refused;
      try { fs.read("p.toml"); } catch (error) { refused = [error.code, error.rule.id]; }
      print("printed", input.n);
      return [args, refused, pages.map((page) => page.body), "€".repeat(3)];`;
    const report = await runtime.run(script, { args: ["1"], input: { n: 2 } });
    expect(report).toMatchObject({
      error: null,
      stdout: "printed 2\n",
      value: [["1"], ["E_POLICY_DENIED", "builtin.protected.policy"], ["answer to /x", "answer to /y"], "€€€"],
    });
    expect(report.calls.map(({ decision }) => decision)).toEqual(["allow", "allow", "allow", "allow", "deny"]);
  });

  test.each([
    ["for (;;);", "E_LIMIT_TIME"],
    ["String(Array(2 ** 32 - 1))", "E_LIMIT_TIME|E_LIMIT_MEMORY"],
    [
      "'a'.repeat(2 ** 28).normalize('NFKD'); for (const a = []; ; ) a.push('x'.repeat(1e6) + a.length)",
      "E_LIMIT_MEMORY",
    ],
    ["(function f() { f(); })()", "E_LIMIT_STACK"],
    ["for (;;) fs.exists('data/a.txt')", "E_LIMIT_TIME|E_LIMIT_CALLS"],
    ["for (;;) print('x'.repeat(1e5))", "E_LIMIT_OUTPUT"],
    ["await new Promise(() => {})", null],
    ["throw new TypeError('own')", null],
  ])("ends at its limits: %s", async (script, code) => {
    const { error } = await runtime.run(script, { maxSeconds: code?.includes("TIME") ? 1 : 20 });
    expect(String(code).split("|")).toContain(String(error?.code));
    expect(await runtime.run("return 6 * 7")).toMatchObject({ value: 42 });
  });

  test("shows where it failed", async () => {
    const { error } = await runtime.run("const a = 1;\n  fs.read('p.toml');");
    expect(error).toMatchObject({
      code: "E_POLICY_DENIED",
      line: 2,
      column: 10,
      rule: { id: "builtin.protected.policy" },
    });
  });

  test("is interrupted", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    expect(await runtime.run("for (;;);", { signal: controller.signal })).toMatchObject({ exitCode: 130 });
  });
});

describe("the process", () => {
  test("sees no file, no variable, no network and no process of this machine", async () => {
    await vi.waitFor(() => expect(innermost().length).toBeGreaterThan(0));
    const [pid = 0] = innermost();
    const root = `/proc/${pid}/root`;
    expect(["/etc/passwd", "/root", "/home", folder].filter((path) => existsSync(root + path))).toEqual([]);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain("HOME=");
    for (const namespace of ["net", "pid", "mnt", "ipc", "user"]) {
      expect(readlinkSync(`/proc/${pid}/ns/${namespace}`)).not.toBe(readlinkSync(`/proc/self/ns/${namespace}`));
    }
  });

  test("gets no descriptor that its host was started with", async () => {
    const canary = openSync(join(folder, "data/a.txt"), "r");
    const program = `
      const { createRuntime, loadPolicy } = await import(${JSON.stringify(join(process.cwd(), "dist/index.js"))});
      const runtime = await createRuntime({ policy: await loadPolicy("p.toml"), audit: "record" });
      await runtime.run("return 1");
      console.log("running");
      await runtime.run("for (;;);");`;
    // Node itself closes low numbers on exec.
    const stdio = Array.from({ length: 41 }, (_, fd) => (fd === 1 ? "pipe" : fd === 40 ? canary : "ignore"));
    const host = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: folder, stdio });
    await new Promise((resolve) => host.stdout?.once("data", resolve));
    const opened = () =>
      guests(host.pid).flatMap((pid) =>
        readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)),
      );
    await vi.waitFor(() => expect(opened().filter((target) => target.includes("eventpoll")).length).toBeGreaterThan(0));
    const open = opened();
    host.kill("SIGKILL");
    closeSync(canary);
    expect(open.filter((target) => target.includes("a.txt"))).toEqual([]);
  });

  test("may die in the middle: the run fails, the host and the next run do not", async () => {
    const own = await newRuntime();
    const before = new Set(innermost());
    const running = own.run("for (;;);");
    await vi.waitFor(() => expect(innermost().some((pid) => !before.has(pid))).toBe(true));
    for (const pid of innermost().filter((one) => !before.has(one))) process.kill(pid, "SIGKILL");
    expect(await running).toMatchObject({ exitCode: 1, error: { name: "EngineError" } });
    expect(await own.run("return 1")).toMatchObject({ value: 1 });
    await own.close();
  });

  test("ends with its host, whatever it is busy with", async () => {
    const library = join(process.cwd(), "dist/index.js");
    const program = `
      const { createRuntime, loadPolicy } = await import(${JSON.stringify(library)});
      const runtime = await createRuntime({ policy: await loadPolicy("p.toml"), audit: "record" });
      await runtime.run("return 1");
      console.log("running");
      await runtime.run("String(Array(2 ** 32 - 1).fill(0).indexOf(1))");`;
    const host = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: folder, stdio: "pipe" });
    await new Promise((resolve) => host.stdout.once("data", resolve));
    const started = guests(host.pid);
    expect(started.length).toBeGreaterThan(0);
    host.kill("SIGKILL");
    await vi.waitFor(() => expect(started.filter((pid) => commandLine(pid).includes("guest.cjs"))).toEqual([]), {
      timeout: 5000,
    });
  });
});

describe("a guest that lies", () => {
  const setup = { args: [], input: null, seed: 1, startMs: 0 };
  const size = { maxMemoryBytes: 16 * 1024 * 1024, maxStackBytes: 512 * 1024 };

  /** A process that sends these bytes and stays. */
  async function run(bytes: Buffer, ports: Partial<MachinePorts> = {}) {
    const start = (): ChildProcess => {
      const file = join(folder, "frames");
      writeFileSync(file, bytes);
      const program =
        'require("fs").writeSync(4, require("fs").readFileSync(process.argv[1])); setInterval(() => {}, 1000)';
      return spawn(process.execPath, ["-e", program, file], {
        stdio: ["ignore", "ignore", "ignore", "pipe", "pipe", "pipe"],
      });
    };
    const machine = await GuestMachine.create(size, true, start);
    const known = { call: () => '{"ok":null}', nextSettlement: () => null, stop: () => null, ...ports };
    return machine.run({ code: "", name: "s.js" }, setup, known);
  }

  const huge = Buffer.from("c\xff\xff\xff\xff", "latin1");
  test.each([
    ["a letter that is none", frame("q", "")],
    ["a frame larger than its memory", huge],
    ["an end that is no JSON", frame("e", "{")],
    ["an end of no kind", frame("e", '{"kind":"other"}')],
    ["an error without a name", frame("e", '{"kind":"error","error":{"message":"m"}}')],
    ["a value that is no JSON", frame("e", '{"kind":"value","json":"{no"}')],
    [
      "a value that nests too deep",
      frame("e", JSON.stringify({ kind: "value", json: `${"[".repeat(5e4)}${"]".repeat(5e4)}` })),
    ],
    ["an end that takes too much", frame("e", `{"kind":"value","json":"1","x":[${"[],".repeat(5e5)}[]]}`)],
    ["being ready twice", Buffer.concat([frame("g", ""), frame("g", "")])],
    ["a fatal code that is none", frame("e", '{"kind":"fatal","code":"E_POLICY_DENIED"}')],
  ])("%s ends the run", async (_name, bytes) => {
    expect(await run(bytes)).toMatchObject({ kind: "error", error: { name: "EngineError", code: null } });
  });

  test("a call that is no JSON ends the run; a deep one is answered as too deep", async () => {
    const call = (text: string): string => JSON.stringify(JSON.parse(text));
    expect(await run(frame("c", "no"), { call })).toMatchObject({ error: { name: "EngineError" } });
    const asked = vi.fn(() => "");
    const deep = Buffer.concat([
      frame("c", "[".repeat(100_000) + "]".repeat(100_000)),
      frame("e", '{"kind":"value","json":"1"}'),
    ]);
    const end = await run(deep, { call: asked });
    expect(end).toEqual({ kind: "value", json: "1", reusable: true });
    expect(asked).not.toHaveBeenCalled();
  });

  test("what it claims about its error is taken apart: wrong types are left out", async () => {
    const error = {
      name: "E",
      message: "m",
      code: "E_NONE",
      capability: 1,
      rule: { id: 2 },
      line: -1,
      column: "x",
      hint: [],
    };
    expect(await run(frame("e", JSON.stringify({ kind: "error", error })))).toEqual({
      kind: "error",
      reusable: true,
      error: {
        name: "E",
        message: "m",
        code: null,
        capability: null,
        target: null,
        rule: null,
        hint: null,
        causes: [],
        frames: [],
        line: null,
        column: null,
      },
    });
  });

  test.each(["toString", "constructor", "__proto__"])("a code that every object has is none: %s", async (code) => {
    const error = { name: "E", message: "m", code };
    expect(await run(frame("e", JSON.stringify({ kind: "error", error })))).toMatchObject({ error: { code: null } });
  });

  test("that reads no answers is not answered for ever", async () => {
    const call = () => JSON.stringify({ ok: "x".repeat(2 ** 20) });
    const asking = Buffer.concat(Array.from({ length: 200 }, () => frame("c", '{"op":"a"}')));
    expect(await run(asking, { call })).toMatchObject({
      error: { message: expect.stringContaining("reads no answers") },
    });
  });

  test("a stop ends it", async () => {
    expect(await run(Buffer.alloc(1), { stop: () => "E_LIMIT_TIME" })).toMatchObject({
      kind: "fatal",
      code: "E_LIMIT_TIME",
    });
  });
});
