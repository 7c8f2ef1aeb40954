/** Questions of real runs, from the script to the record. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Channel, Reply, Ticket } from "@agent-run/approvals";
import { verifySegment } from "@agent-run/audit";
import type { JsonObject } from "@agent-run/policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPolicy } from "./open-policy.ts";
import type { RunReport } from "./report.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

let directory: string;
const open: Runtime[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-approvals-")));
  mkdirSync(join(directory, "out"));
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

const FILES = '[filesystem]\nread_allow = ["out/**"]\nwrite_allow = ["out/**"]\ndelete_allow = ["out/**"]\n';

function runtimeWith(policy: string, options: Partial<RuntimeOptions> = {}): Runtime {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\nrequires_approval = ["fs.write", "fs.delete"]\n${FILES}${policy}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), ...options });
  open.push(runtime);
  return runtime;
}

/** The approvals of a record whose chain was verified. */
function approvalsOf({ record }: RunReport): readonly JsonObject[] {
  const bytes = readFileSync(record ?? "");
  expect(verifySegment(bytes)).toMatchObject({ state: "complete", problems: [], inDoubt: [] });
  const records = bytes
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject);
  return records.filter(({ kind }) => kind === "approval");
}

const WRITE = 'fs.write("out/" + (input ?? "a"), "x");';
const after = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

test("question and answer are on the record, with who gave it, by which channel and for how long", async () => {
  let shown: Ticket | null = null;
  const approve: RuntimeOptions["approve"] = async (ticket) => {
    shown = ticket;
    return { answer: "allow", by: "ann", scope: "run", comment: "as agreed" };
  };
  const report = await runtimeWith("", { approve }).run(`${WRITE}${WRITE}`);
  expect(report.error).toBe(null);
  const [asked, first, again, second] = approvalsOf(report);
  expect(asked).toMatchObject({ event: "asked", call: 1, answer: "none" });
  expect(first).toMatchObject({
    call: 1,
    answer: "allow",
    by: "ann",
    channel: "callback",
    scope: "run",
    comment: "as agreed",
  });
  expect(again).toMatchObject({ event: "asked", call: 2 });
  // Of the answer that was kept, the ticket that it was given to.
  expect(second).toMatchObject({ call: 2, answer: "allow", by: "ann", scope: "run", ticket: first?.ticket });
  expect(shown).toMatchObject({
    capability: "fs.write",
    target: "out/a",
    run: report.run,
    requestHash: first?.request,
  });
});

test("a no says what was written to it, to the script and on the record", async () => {
  const approve: RuntimeOptions["approve"] = async () => ({ answer: "deny", comment: "not\u001b[2J today" });
  const report = await runtimeWith("", { approve }).run(WRITE);
  expect(report.error).toMatchObject({
    code: "E_APPROVAL_DENIED",
    message: expect.stringMatching(/: not \[2J today$/),
  });
  expect(approvalsOf(report)[1]).toMatchObject({ answer: "deny", by: "callback", comment: "not [2J today" });
});

test("a question that nobody answers ends with its time, not with the run's", async () => {
  const approve: RuntimeOptions["approve"] = (_ticket, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("taken back"))));
  const report = await runtimeWith('[approvals]\ntimeout = "3s"\n[runtime]\nmax_seconds = 2\n', { approve }).run(WRITE);
  expect(report.error?.code).toBe("E_APPROVAL_TIMEOUT");
  expect(approvalsOf(report)[1]).toMatchObject({ answer: "timeout", by: "nobody" });
});

test("what cannot be taken back is answered by the channels that the policy lists for it", async () => {
  const approve: RuntimeOptions["approve"] = async () => "allow";
  const script = `${WRITE}fs.delete("out/a")`;
  const shut = '[approvals]\nirreversible_channels = ["terminal", "key"]\n';
  const report = await runtimeWith(shut, { approve }).run(script);
  expect(report.error).toMatchObject({
    code: "E_APPROVAL_UNAVAILABLE",
    hint: expect.stringContaining("irreversible_channels"),
  });
  expect((await runtimeWith("", { approve }).run(script)).error).toBe(null);
});

test("a second answer is on the record as late, and undoes nothing", async () => {
  const slow: Channel = { name: "terminal", ask: () => after(30).then(() => ({ answer: "deny", by: "tty" })) };
  const runtime = runtimeWith("", { approve: async () => "allow", channels: [slow] });
  const report = await runtime.run(`${WRITE} for (let i = 0; i < 3e6; i++) Math.sqrt(i); ${WRITE}`);
  expect(report.error).toBe(null);
  const late = approvalsOf(report).filter(({ event }) => event === "late");
  expect(late[0]).toMatchObject({ call: 1, answer: "deny", by: "tty", channel: "terminal" });
});

test("an answer that may not be given is on the record, and is none", async () => {
  const forged: Reply = { answer: "allow", by: "me", signature: { name: "ann", value: "AAAA" } };
  let replies = 0;
  const command: Channel = { name: "command", signs: true, ask: async () => (replies++ === 0 ? forged : null) };
  const report = await runtimeWith("", { channels: [command] }).run(WRITE);
  expect(report.error?.code).toBe("E_APPROVAL_UNAVAILABLE");
  expect(approvalsOf(report).map(({ event, answer }) => [event, answer])).toEqual([
    ["asked", "none"],
    ["invalid", "allow"],
    [undefined, "unavailable"],
  ]);
});

test("the same asked by many fetches at once is one question, and each call has its own record", async () => {
  let questions = 0;
  const approve: RuntimeOptions["approve"] = async () => {
    questions += 1;
    await after(500);
    return "deny";
  };
  const policy = 'requires_approval = ["net.http_get"]\n[network]\nhttp_get_allow = ["a.invalid"]\n';
  const path = join(directory, "net.toml");
  writeFileSync(path, `version = 1\n${policy}`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error("no policy");
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), approve });
  open.push(runtime);
  const report = await runtime.run(
    'const all = await Promise.allSettled([1, 2, 3].map(() => fetch("https://a.invalid/"))); return all.map(({ reason }) => reason.code)',
  );
  expect(report.value).toEqual(Array(3).fill("E_APPROVAL_DENIED"));
  expect(questions).toBe(1);
  const answers = approvalsOf(report).filter(({ event }) => event === undefined);
  expect(answers.map(({ call }) => call)).toEqual([1, 2, 3]);
  expect(new Set(answers.map(({ ticket }) => ticket)).size).toBe(1);
});

test("a flood of questions ends at the cap, with the rule to write", async () => {
  let questions = 0;
  const approve: RuntimeOptions["approve"] = async () => {
    questions += 1;
    return "allow";
  };
  const script =
    'let hint; for (let i = 0; i < 50; i++) try { fs.write("out/" + i, "") } catch (e) { hint = e.hint } return hint;';
  const report = await runtimeWith("[approvals]\nmax_prompts = 5\n", { approve }).run(script);
  expect(questions).toBe(5);
  expect(report.value).toContain("replace `requires_approval[0]`");
  expect(report.calls.filter(({ code }) => code === "E_APPROVAL_UNAVAILABLE").length).toBe(45);
});

test("a ticket shows nothing local-only, also where scripts hold it", async () => {
  mkdirSync(join(directory, "private"));
  writeFileSync(join(directory, "private/key"), "hunter2-secret-value");
  const shown: Ticket[] = [];
  const approve: RuntimeOptions["approve"] = async (ticket) => {
    shown.push(ticket);
    return "deny";
  };
  const policy = (mode: string) =>
    `version = 1\nrequires_approval = ["fs.write"]\n[filesystem]\nread_allow = ["out/**"]\nwrite_allow = ["out/**"]\nlocal_only_read = ["private/**"]\n[local_only]\nmode = "${mode}"\n`;
  writeFileSync(join(directory, "local.toml"), policy("redact"));
  const opened = openPolicy({ path: join(directory, "local.toml"), cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit: join(directory, "record"), approve });
  open.push(runtime);
  const script = 'const key = fs.read("private/key"); try { fs.write("out/" + key, "x") } catch (e) { return e.code }';
  const report = await runtime.run(script);
  expect(report.value).toBe("E_APPROVAL_DENIED");
  expect(shown.length).toBe(1);
  expect(JSON.stringify(shown)).not.toContain("hunter2");
  expect(shown[0]?.target).toContain("out/[");
  // Nor can it be found by trying: whoever guesses it has no hash to hold the guess against.
  const guessed = (text: string) => createHash("sha256").update(text).digest("hex");
  const path = join(directory, "out/hunter2-secret-value");
  const target = { kind: "path", on: "fs.write", role: "write", value: path };
  const request = { attrs: { bytes: 1 }, labels: [], on: "fs.write", targets: [target], v: 1 };
  expect(shown[0]?.requestHash).not.toBe(guessed(JSON.stringify(request)));
  await runtime.run(
    'fs.write("out/" + fs.read("private/key").length, fs.read("private/key")); fs.write("out/b", "public")',
  );
  await runtime.run('try { fs.write("out/b", "public") } catch {}');
  expect(shown[1]?.content?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(shown[1]?.content?.sha256).not.toBe(guessed("hunter2-secret-value"));
  expect(shown[2]?.content?.sha256).toBe(guessed("public"));
  expect(shown[2]?.requestHash).toBe(guessed(shown[2]?.request ?? ""));
});

describe("a yes is for the content that was asked about", () => {
  const PAIRS: readonly (readonly [string, string, string])[] = [
    ["another content of the same size", 'fs.write("out/a", "good")', 'fs.write("out/a", "evil")'],
    ["the same bytes appended, not written", 'fs.write("out/a", "x")', 'fs.write("out/a", "x", { append: true })'],
  ];

  test.each(PAIRS)("for the rest of the run: not for %s", async (_what, first, second) => {
    const asked: Ticket[] = [];
    const approve: RuntimeOptions["approve"] = async (ticket) => {
      asked.push(ticket);
      return { answer: asked.length === 1 ? "allow" : "deny", scope: "run" };
    };
    const report = await runtimeWith("", { approve }).run(`${first}; ${first}; ${second}`);
    expect(report.error?.code).toBe("E_APPROVAL_DENIED");
    expect(asked).toHaveLength(2);
    // The rest of the request is the same, which is why the content has to be looked at.
    expect(asked[0]?.requestHash).toBe(asked[1]?.requestHash);
    expect(readFileSync(join(directory, "out/a"), "utf8")).toMatch(/^(good|x)$/);
  });

  test("what is shown is the digest of the bytes that are written", async () => {
    let shown: Ticket | null = null;
    const approve: RuntimeOptions["approve"] = async (ticket) => {
      shown = ticket;
      return "allow";
    };
    await runtimeWith("", { approve }).run('fs.write("out/a", "täxt")');
    const sha256 = createHash("sha256")
      .update(readFileSync(join(directory, "out/a")))
      .digest("hex");
    expect(shown).toMatchObject({ content: { as: "written", sha256 } });
  });

  test("requests with different bodies or header fields are asked about one by one, though started at once", async () => {
    const asked: Ticket[] = [];
    const approve: RuntimeOptions["approve"] = async (ticket) => {
      asked.push(ticket);
      await after(300);
      return "deny";
    };
    const net = '[network]\nhttp_post_allow = ["http://127.0.0.1:9"]\n';
    const ask = '[[rule]]\nid = "posts"\neffect = "ask"\non = ["net.http_post"]\n';
    const post = (more: string) => `net.fetch("http://127.0.0.1:9/", { method: "POST", ${more} })`;
    const calls = [
      post('body: "a=1"'),
      post('body: "a=1"'),
      post('body: "a=2"'),
      post('body: "a=1", headers: { "x-a": "1" }'),
    ];
    const report = await runtimeWith(net + ask, { approve }).run(`await Promise.allSettled([${calls}].map((p) => p))`);
    expect(report.error).toBe(null);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ requestHash }) => requestHash)).size).toBe(1);
    expect(new Set(asked.map(({ content }) => content?.sha256)).size).toBe(3);
  });
});
