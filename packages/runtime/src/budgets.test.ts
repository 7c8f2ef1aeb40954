/** Budgets and circumstances in real runs: workers, files, sockets, and records that verify. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifySegment } from "@agent-run/audit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPolicy } from "./open-policy.ts";
import type { RunReport } from "./report.ts";
import { type RunOptions, Runtime, type RuntimeOptions } from "./runtime.ts";

let directory: string;
let server: Server;
let url: string;
let received: number;
const open: Runtime[] = [];

beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-budgets-")));
  for (const name of ["data", "out"]) mkdirSync(join(directory, name));
  writeFileSync(join(directory, "data/a.txt"), "alpha");
  received = 0;
  server = createServer((request, response) => {
    received += url.length - 1 + (request.url ?? "").length;
    request.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    if (request.url === "/moved") response.writeHead(302, { location: "/" });
    request.on("end", () => setTimeout(() => response.end("ok"), 20));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

function runtimeWith(budgets: string, options: Partial<RuntimeOptions> = {}): Runtime {
  const { port } = server.address() as AddressInfo;
  const path = join(directory, "agent-run.toml");
  const grants = `requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[network]
http_get_allow = ["127.0.0.1:${port}"]
http_post_allow = ["127.0.0.1:${port}"]
follow_redirects = 2
`;
  writeFileSync(path, `version = 1\n${grants}${budgets}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), ...options });
  open.push(runtime);
  return runtime;
}

const run = (budgets: string, script: string, options: RunOptions = {}): Promise<RunReport> =>
  runtimeWith(budgets).run(script, options);

/** The run's record, which must be whole. */
function recordOf({ record }: RunReport): Record<string, unknown>[] {
  const bytes = readFileSync(record ?? "");
  expect(verifySegment(bytes)).toMatchObject({ state: "complete", problems: [], inDoubt: [] });
  return bytes
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** A script's way to go on: the codes of all that was refused. */
const TRY =
  "const codes = []; const attempt = (act) => { try { act(); } catch (error) { codes.push(error.code); } };\n";

describe("a run", () => {
  test("that goes beyond its calls ends with E_BUDGET, exit 6, and the line of the budget", async () => {
    const report = await run("[budget]\ncalls = 2\n", "for (;;) fs.read('data/a.txt')");
    expect(report).toMatchObject({
      ok: false,
      exitCode: 6,
      error: {
        code: "E_BUDGET",
        message: "`fs.read` of `data/a.txt` is beyond the budget `budget.calls`: 2 of 2 calls are used",
        capability: "fs.read",
        target: "data/a.txt",
        rule: { id: "budget.calls", line: 12 },
        hint: "do with fewer calls, or have `budget.calls` raised",
      },
    });
    expect(report.calls.map(({ decision, rule, code }) => [decision, rule, code])).toEqual([
      ["allow", "filesystem.read_allow[0]", null],
      ["allow", "filesystem.read_allow[0]", null],
      ["deny", "budget.calls", "E_BUDGET"],
    ]);
    const denied = recordOf(report).filter(({ decision }) => decision === "deny");
    expect(denied).toMatchObject([{ kind: "intent", code: "E_BUDGET", rule: { id: "budget.calls", line: 12 } }]);
  });

  test("that catches it goes on with what its policy leaves", async () => {
    const script = `${TRY}for (let i = 0; i < 3; i += 1) attempt(() => fs.read('data/a.txt'));
attempt(() => fs.write('out/a.txt', 'x')); return codes;`;
    const report = await run('[runtime.max_calls_per_capability]\n"fs.read" = 1\n', script);
    expect([report.exitCode, report.value]).toEqual([0, ["E_BUDGET", "E_BUDGET"]]);
    expect(readFileSync(join(directory, "out/a.txt"), "utf8")).toBe("x");
    recordOf(report);
  });

  test("that has used up the limit of a rule is refused by that rule, in its own words, and goes on elsewhere", async () => {
    const rule = `[[rule]]
id = "small-reports"
effect = "allow"
on = ["fs.write"]
path = ["data/**"]
when = { bytes = { le = "1KB" } }
limit = { calls = 2 }
advice = "put them into one file"
`;
    const script = `${TRY}for (const name of 'abc') attempt(() => fs.write('data/' + name, 'x'));
attempt(() => fs.write('data/a', 'x'.repeat(2000))); fs.write('out/a', 'x'); return codes.concat(fs.list('data').map(({ name }) => name ?? ''));`;
    const report = await run(rule, script);
    expect(report.value).toMatchObject(["E_BUDGET", "E_POLICY_DENIED", "a", "a.txt", "b"]);
    const denied = recordOf(report).filter(({ decision }) => decision === "deny");
    expect(denied).toMatchObject([
      { code: "E_BUDGET", rule: { id: "small-reports", line: 11 } },
      { code: "E_POLICY_DENIED", rule: { id: "default" } },
    ]);
    const uncaught = await run(rule, "for (;;) fs.write('data/a', 'x')");
    expect(uncaught.error).toMatchObject({ code: "E_BUDGET", hint: "put them into one file" });
  });

  test("counts a listing as one call, whatever is in it, and a missing file as a call", async () => {
    for (let i = 0; i < 5; i += 1) writeFileSync(join(directory, `data/${i}.txt`), "");
    const script = `${TRY}const names = fs.list('data').length; attempt(() => fs.read('data/none')); attempt(() => fs.read('data/a.txt')); return [names, codes];`;
    const report = await run("[budget]\ncalls = 2\n", script);
    expect(report.value).toEqual([6, ["E_NOT_FOUND", "E_BUDGET"]]);
  });

  test("sends no byte beyond its budget", async () => {
    const size = url.length + 4;
    const script = `${TRY}for (let i = 0; i < 4; i += 1) attempt(() => net.httpPost(input, 'grü')); return codes;`;
    const report = await run(`[budget]\nbytes_out = ${2 * size - 1}\n`, script, { input: url });
    expect(report.value).toEqual(["E_BUDGET", "E_BUDGET", "E_BUDGET"]);
    expect(received).toBe(size);
  });

  test("cannot overspend by requests at the same time", async () => {
    const script =
      "const all = await Promise.allSettled(Array.from({ length: 10 }, () => fetch(input))); return all.map(({ reason }) => reason?.code ?? null)";
    const report = await run(`[budget]\nbytes_out = ${url.length * 3}\n`, script, { input: url });
    const codes = report.value as (string | null)[];
    expect(codes.filter((code) => code === null).length).toBe(3);
    expect(codes.filter((code) => code === "E_BUDGET").length).toBe(7);
    expect(received).toBe(url.length * 3);
    recordOf(report);
  });

  test("counts each redirect that it follows", async () => {
    const script = `${TRY}attempt(() => net.httpGet(input + 'moved')); attempt(() => net.httpGet(input)); return codes;`;
    const report = await run("[budget]\ncalls = 2\n", script, { input: url });
    expect(report.value).toEqual(["E_BUDGET"]);
  });

  test("asks nobody about what a budget refuses, and counts nothing that a person refuses", async () => {
    const asked: string[] = [];
    const answers = ["deny", "allow"] as const;
    const approve: RuntimeOptions["approve"] = async ({ target }) => {
      asked.push(target);
      return answers[asked.length - 1] ?? "allow";
    };
    const script = `${TRY}fs.write('out/a', ''); for (const _ of 'abc') attempt(() => fs.delete('out/a')); return codes;`;
    const report = await runtimeWith("[budget]\ncalls = 2\n", {
      approve,
    }).run(script);
    expect([report.value, asked]).toEqual([
      ["E_APPROVAL_DENIED", "E_BUDGET"],
      ["out/a", "out/a"],
    ]);
    recordOf(report);
  });

  test("meets `max_calls` as before: it counts refused calls, and cannot be caught", async () => {
    const script = `${TRY}for (;;) attempt(() => fs.read('data/a.txt'))`;
    const report = await run("[budget]\ncalls = 1\n[runtime]\nmax_calls = 5\n", script);
    expect([report.error?.code, report.calls.length]).toEqual(["E_LIMIT_CALLS", 5]);
  });
});

describe("runs of one runtime", () => {
  const READ = `${TRY}for (let i = 0; i < 10; i += 1) attempt(() => fs.read('data/a.txt')); return codes.length;`;

  test("have a budget each", async () => {
    const runtime = runtimeWith("[budget]\ncalls = 10\n");
    const reports = await Promise.all([runtime.run(READ), runtime.run(READ)]);
    expect(reports.map(({ value }) => value)).toEqual([0, 0]);
  });

  test("share it where that is asked for: together they cannot overspend, at the same time and one after the other", async () => {
    const runtime = runtimeWith("[budget]\ncalls = 25\n", { budgets: "runtime" });
    const both = await Promise.all([runtime.run(READ), runtime.run(READ)]);
    expect(both.map(({ value }) => value)).toEqual([0, 0]);
    expect((await runtime.run(READ)).value).toBe(5);
    expect((await runtime.run(READ)).value).toBe(10);
  });

  test("leave to the others nothing of what they took when they are killed", async () => {
    const runtime = runtimeWith("[budget]\ncalls = 12\n", { budgets: "runtime" });
    const endless = `${READ.replace(/return.*/, "")} Array(2 ** 32 - 1).indexOf(1);`;
    const killed = await runtime.run(endless, { maxSeconds: 1 });
    expect(killed.error?.code).toBe("E_LIMIT_TIME");
    const left = 12 - killed.calls.length;
    expect(Number((await runtime.run(READ)).value)).toBe(Math.max(0, 10 - left));
  });
});

describe("who acts", () => {
  test("is on the record as asserted, by the run or by its runtime; where nobody says it nothing is there", async () => {
    const runtime = runtimeWith("", { actor: "ci" });
    const own = await runtime.run("1", { actor: "release-bot" });
    const shared = await runtime.run("1");
    const none = await run("", "1");
    const actors = [own, shared, none].map((report) => recordOf(report)[0]);
    expect(actors.map((start) => start?.actor)).toEqual(["release-bot", "ci", undefined]);
  });

  test("decides: a rule for one actor grants that one, and nobody else", async () => {
    const rule =
      '[[rule]]\nid = "own"\neffect = "allow"\non = ["fs.read"]\npath = ["out/**"]\nwhen = { actor = { eq = "ci" } }\n';
    writeFileSync(join(directory, "out/own"), "own");
    const runtime = runtimeWith(rule);
    const script = "return fs.read('out/own')";
    const reports = [
      await runtime.run(script, { actor: "ci" }),
      await runtime.run(script, { actor: "other" }),
      await runtime.run(script),
    ];
    expect(reports.map(({ value, error }) => error?.code ?? value)).toEqual([
      "own",
      "E_POLICY_DENIED",
      "E_POLICY_DENIED",
    ]);
    const call = { on: "fs.read", path: "out/own" } as const;
    expect([runtime.evaluate(call, { actor: "ci" }), runtime.evaluate(call)].map(({ effect }) => effect)).toEqual([
      "allow",
      "deny",
    ]);
  });

  /** A rule that denies writing there to one actor only. */
  const closedTo = (path: string): string =>
    `[[rule]]\nid = "closed"\neffect = "deny"\non = ["fs.write"]\npath = ["${path}"]\nwhen = { actor = { eq = "ci" } }\n`;

  test("decides about what a command leaves behind", async () => {
    const readable = '[[rule]]\nid = "cwd"\neffect = "allow"\non = ["fs.read"]\npath = ["out/**"]\n';
    const runtime = runtimeWith(`[subprocess]\nallow_commands = ["touch"]\n${readable}${closedTo("out/made")}`);
    const script = "subprocess.exec(['touch', 'made'], { cwd: 'out' }); return 'made'";
    const of = async (actor: string) => (await runtime.run(script, { actor })).error?.code ?? null;
    expect([await of("ci"), await of("other")]).toEqual(["E_POLICY_DENIED", null]);
  });

  test("decides in the vault, too", async () => {
    const { XDG_STATE_HOME } = process.env;
    process.env.XDG_STATE_HOME = join(directory, "state");
    try {
      for (const name of ["notes", "notes/kept"]) mkdirSync(join(directory, name));
      writeFileSync(join(directory, "notes/a"), "sealed text");
      const path = join(directory, "sealed.toml");
      const lists = 'local_only_read = ["notes/**"]\nlocal_only_write = ["notes/**"]\n';
      writeFileSync(path, `version = 1\n[filesystem]\n${lists}${closedTo("notes/kept/**")}`);
      const opened = openPolicy({ path, cwd: directory });
      if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
      const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record") });
      open.push(runtime);
      const script = "fs.write('notes/kept/' + input, fs.read('notes/a')); seal.settle(); return 1";
      const of = async (actor: string) => (await runtime.run(script, { actor, input: actor })).error?.code ?? null;
      expect([await of("ci"), await of("other")]).toEqual(["E_SINK", null]);
      expect(readdirSync(join(directory, "notes/kept"))).toEqual(["other"]);
    } finally {
      if (XDG_STATE_HOME === undefined) delete process.env.XDG_STATE_HOME;
      else process.env.XDG_STATE_HOME = XDG_STATE_HOME;
    }
  });

  test("and what time it is decide: what is granted until a day is granted until then", async () => {
    const until = (day: string): string =>
      `[[rule]]\nid = "own"\neffect = "allow"\non = ["fs.read"]\npath = ["out/**"]\nexpires = ${day}\n`;
    writeFileSync(join(directory, "out/own"), "own");
    const script = "return fs.read('out/own')";
    const reports = [await run(until("2999-01-01"), script), await run(until("2001-01-01"), script)];
    expect(reports.map(({ value, error }) => error?.code ?? value)).toEqual(["own", "E_POLICY_DENIED"]);
  });

  test.each(["", "a\nb", "a\u202eb", "\ud800", "x".repeat(257)])(
    "is refused as %j, and nothing runs",
    async (actor) => {
      const report = await run("", "fs.read('data/a.txt')", { actor });
      expect(report).toMatchObject({ exitCode: 1, error: { code: "E_ARGUMENT" }, calls: [] });
    },
  );
});
