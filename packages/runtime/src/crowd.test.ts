/** Many runs of one runtime at once: none holds up the others, and what waits can be taken back. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openPolicy } from "./open-policy.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000 });

let directory: string;
let runtime: Runtime;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-crowd-")));
  mkdirSync(join(directory, "data"));
});
afterEach(async () => {
  await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

function runtimeWith(policy: string, options: Partial<RuntimeOptions> = {}): void {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n${policy}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), ...options });
}

const SLEEPS = '[subprocess]\nallow_commands = ["sleep"]\nsandbox = "none"\n[runtime]\nmax_seconds = 600\n';
const LONG = 'subprocess.exec(["sleep", "600"])';

test("a short run ends while more runs than there are processors go on", async () => {
  runtimeWith(SLEEPS);
  const stop = new AbortController();
  const long = Array.from({ length: availableParallelism() + 3 }, () => runtime.run(LONG, { signal: stop.signal }));
  expect(await runtime.run("return 7")).toMatchObject({ ok: true, value: 7 });
  stop.abort();
  for (const report of await Promise.all(long)) expect(report.error?.code).toBe("E_INTERRUPTED");
});

test("a run that waits for its turn can be interrupted, and was never begun or recorded", async () => {
  runtimeWith(SLEEPS, { maxWorkers: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  let begun: string[] = [];
  const onBegin = (run: string) => {
    begun = [...begun, run];
  };
  const long = runtime.run(LONG, { signal: first.signal, onBegin });
  const waiting = runtime.run("return 1", { signal: second.signal, onBegin });
  second.abort();
  const report = await waiting;
  expect(report).toMatchObject({ exitCode: 130, error: { code: "E_INTERRUPTED" } });
  expect(() => readFileSync(String(report.record))).toThrow("ENOENT");
  first.abort();
  expect(begun).toEqual([(await long).run]);
});

test("hundreds of runs at once are all answered", async () => {
  runtimeWith("");
  const reports = await Promise.all(Array.from({ length: 300 }, (_, n) => runtime.run("return input", { input: n })));
  expect(reports.map(({ value }) => value)).toEqual([...reports.keys()]);
});

describe("a task", () => {
  test("is in the report and on the record", async () => {
    runtimeWith("");
    const report = await runtime.run("return 1", { task: "fix-login:42" });
    expect(report.task).toBe("fix-login:42");
    expect(readFileSync(String(report.record), "utf8").split("\n")[0]).toContain('"task":"fix-login:42"');
    expect(await runtime.run("return 1")).not.toHaveProperty("task");
  });

  test.each(["", "a b", "-x", "a\nb", "\u202ea", "x".repeat(129), "é", "../up"])(
    "that could be mistaken for something else is refused: %j",
    async (task) => {
      runtimeWith("");
      const report = await runtime.run("return 1", { task });
      expect(report).toMatchObject({ ok: false, error: { code: "E_ARGUMENT" } });
      expect(report).not.toHaveProperty("task");
    },
  );
});

test("no script reaches a port on which its host listens, although the policy grants it", async () => {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    hits.push(request.url ?? "");
    response.end("reached");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const grant = `[network]\nhttp_get_allow = ["http://127.0.0.1:${port}", "http://localhost:${port}"]\n`;
  runtimeWith(grant, { listeners: [port] });
  for (const host of ["127.0.0.1", "localhost"]) {
    const report = await runtime.run(`return net.httpGet("http://${host}:${port}/").text()`);
    expect(report.error).toMatchObject({ code: "E_POLICY_DENIED", rule: { id: "builtin.listener" } });
  }
  expect(hits).toEqual([]);
  await runtime.close();
  runtimeWith(grant);
  expect((await runtime.run(`return net.httpGet("http://127.0.0.1:${port}/").text()`)).value).toBe("reached");
  server.close();
});

describe("runs that wait for a person", () => {
  const ASKS = 'requires_approval = ["fs.write"]\n[filesystem]\nwrite_allow = ["data/**"]\n';
  const asking = (name: string) => `fs.write("data/${name}", "x"); return "wrote"`;

  /** Every question waits until `answer`. */
  function waitingRuntime(options: Partial<RuntimeOptions>) {
    let answer: () => void = () => undefined;
    const answered = new Promise<"allow">((resolve) => {
      answer = () => resolve("allow");
    });
    let questions = 0;
    runtimeWith(ASKS, {
      ...options,
      approve: () => {
        questions += 1;
        return answered;
      },
    });
    return { answer: () => answer(), questions: () => questions };
  }

  test("hold up no others, which end while they wait; then they go on", async () => {
    const { answer, questions } = waitingRuntime({ maxWorkers: 1 });
    const waiting = Array.from({ length: 8 }, (_, index) => runtime.run(asking(`${index}`)));
    await vi.waitFor(() => expect(questions()).toBe(8), { timeout: 60_000 });
    expect(await runtime.run("return 7")).toMatchObject({ ok: true, value: 7 });
    answer();
    for (const report of await Promise.all(waiting)) expect(report).toMatchObject({ ok: true, value: "wrote" });
    expect(await runtime.run("return 8")).toMatchObject({ ok: true, value: 8 });
  });

  test("are ended while they wait, and their places are free again", async () => {
    const { questions } = waitingRuntime({ maxWorkers: 1 });
    const stop = new AbortController();
    const waiting = Array.from({ length: 3 }, (_, index) => runtime.run(asking(`${index}`), { signal: stop.signal }));
    await vi.waitFor(() => expect(questions()).toBe(3), { timeout: 60_000 });
    stop.abort();
    for (const report of await Promise.all(waiting)) expect(report.error?.code).toBe("E_INTERRUPTED");
    expect(await runtime.run("return 7")).toMatchObject({ ok: true, value: 7 });
  });

  test("have their time stand still", async () => {
    const { answer, questions } = waitingRuntime({});
    const waiting = runtime.run(asking("late"), { maxSeconds: 1 });
    await vi.waitFor(() => expect(questions()).toBe(1), { timeout: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    answer();
    expect(await waiting).toMatchObject({ ok: true, value: "wrote" });
  });
});
