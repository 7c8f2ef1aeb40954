/** Private blocks: the calls that a function with `io` makes, in which order, and what ends them. */
import type { Json } from "@agent-run/gate";
import { afterAll, expect, it } from "vitest";
import { compartments, job } from "./compartments.fixture.ts";
import type { BlockIo } from "./job.ts";

const vault = compartments();
afterAll(() => vault.close());

type Answer = Awaited<ReturnType<BlockIo>>;
const response = (body: string): Json => ({ status: 200, url: "http://h/", headers: [], body, base64: false });
const WORLD: Readonly<Record<string, Json>> = {
  "fs.read": '{"a":1}',
  "fs.list": [],
  "fs.stat": { type: "file", size: 3, mtime: 1 },
  "fs.exists": true,
  "net.request": response("[5]"),
  "subprocess.exec": { exitCode: 0, stdout: "out", stderr: "", signal: null },
};

/** Runs a block and keeps what it asked for. */
async function run(source: string, more: { inputs?: Json[]; args?: Json[]; io?: BlockIo; wallMs?: number } = {}) {
  const calls: [string, Json][] = [];
  const { inputs = [], args = [], io, wallMs = 60_000 } = more;
  const perform: BlockIo = async (op, given) => {
    calls.push([op, given]);
    return io === undefined ? { ok: WORLD[op] ?? null } : io(op, given);
  };
  const result = await vault.block(job(source, inputs, { args, limits: { wallMs } }), perform);
  return { result, calls };
}

const later = (answer: Answer, turns = 3): Promise<Answer> =>
  turns === 0 ? Promise.resolve(answer) : new Promise((done) => setImmediate(() => done(later(answer, turns - 1))));

it("gets its inputs, then io, then the public arguments", async () => {
  const { result } = await run("(v, io, n) => [v, Object.keys(io), Object.isFrozen(io), n]", {
    inputs: ["v"],
    args: [5],
  });
  expect(result).toEqual({ ok: true, value: ["v", ["fs", "net", "subprocess"], true, 5] });
});

it.each([
  ["io.fs.read('~/notes/a.md')", "fs.read", { path: "~/notes/a.md" }, '{"a":1}'],
  ["io.fs.readJson('a').a", "fs.read", { path: "a" }, 1],
  ["io.fs.list('d')", "fs.list", { path: "d" }, []],
  ["io.fs.stat('a').size", "fs.stat", { path: "a" }, 3],
  ["io.fs.exists('a')", "fs.exists", { path: "a" }, true],
  ["io.fs.write('a', v)", "fs.write", { path: "a", data: "secret" }, null],
  ["io.fs.mkdir('d')", "fs.mkdir", { path: "d" }, undefined],
  ["io.fs.delete('a')", "fs.delete", { path: "a" }, undefined],
  ["io.net.httpGet('http://h/').json()", "net.request", { method: "GET", url: "http://h/", headers: [] }, [5]],
  [
    "io.net.httpPost('http://h/', v).status",
    "net.request",
    { method: "POST", url: "http://h/", headers: [["content-type", "text/plain;charset=UTF-8"]], body: "secret" },
    200,
  ],
  ["io.net.httpPut('http://h/', null).ok", "net.request", { method: "PUT", url: "http://h/", headers: [] }, true],
  ["io.net.httpPatch('http://h/', null).ok", "net.request", { method: "PATCH", url: "http://h/", headers: [] }, true],
  ["io.net.httpDelete('http://h/').ok", "net.request", { method: "DELETE", url: "http://h/", headers: [] }, true],
  ["io.net.request({ url: 'http://h/' }).body", "net.request", { method: "GET", url: "http://h/", headers: [] }, "[5]"],
  ["(await io.net.fetch('http://h/')).json()", "net.request", { method: "GET", url: "http://h/", headers: [] }, [5]],
  ["io.subprocess.exec(['git', 'log']).stdout", "subprocess.exec", { argv: ["git", "log"] }, "out"],
])("%s asks for %s", async (code, op, args, value) => {
  const { result, calls } = await run(`async (v, io) => ${code}`, { inputs: ["secret"] });
  expect(result).toEqual({ ok: true, value });
  expect(calls).toEqual([[op, args]]);
});

it("gets long texts, hazards included, and gives them on as they are", async () => {
  const text = 'line\n\u2028\0"é\ud83d\udd11'.repeat(50_000);
  const io: BlockIo = async (_op, args) => ({
    ok: typeof args === "object" && args !== null && "data" in args ? null : text,
  });
  const { result, calls } = await run("(io) => { const t = io.fs.read('a'); io.fs.write('b', t); return t.length }", {
    io,
  });
  expect(result).toEqual({ ok: true, value: text.length });
  expect(calls[1]).toEqual(["fs.write", { path: "b", data: text }]);
});

it("performs started and awaited calls one at a time, in the order in which they were made", async () => {
  const open: string[] = [];
  const io: BlockIo = async (op, args) => {
    open.push(`${op} begins`);
    await later({ ok: null });
    open.push(`${op} ends`);
    return { ok: op === "net.request" ? response(JSON.stringify(args)) : "text" };
  };
  const source = `async (io) => {
    const pages = ['1', '2'].map((n) => io.net.fetch('http://h/' + n));
    const text = io.fs.read('a');
    const all = await Promise.all(pages.map(async (page) => (await (await page).json()).url));
    return [text, ...all];
  }`;
  expect((await run(source, { io })).result).toEqual({ ok: true, value: ["text", "http://h/1", "http://h/2"] });
  const pair = (op: string) => [`${op} begins`, `${op} ends`];
  expect(open).toEqual([...pair("net.request"), ...pair("net.request"), ...pair("fs.read")]);
});

it("can catch what a call fails with, by its code", async () => {
  const io: BlockIo = async () => ({ error: { code: "E_NOT_FOUND", message: "`a` does not exist" } });
  const caught =
    "async (io) => { try { io.fs.read('a') } catch (e) { try { await io.net.fetch('http://h') } catch (f) { return [e.code, f.code] } } }";
  expect((await run(caught, { io })).result).toEqual({ ok: true, value: ["E_NOT_FOUND", "E_NOT_FOUND"] });
  expect((await run("(io) => io.fs.read('a')", { io })).result).toEqual({
    ok: false,
    why: "AgentRunError: `a` does not exist",
  });
});

it("has the globals of a compartment and no others, and no clock", async () => {
  const names = "print console fs net env subprocess fetch process require args input URL setTimeout";
  const { result } = await run(
    `() => [${names.split(" ").map((name) => `typeof ${name}`)}].every((t) => t === 'undefined')`,
  );
  expect(result).toEqual({ ok: true, value: true });
  expect((await run("() => Date.now()")).result).toMatchObject({ ok: false, why: expect.stringContaining("no clock") });
});

it("makes no more calls than it may, and a started call counts", async () => {
  const most = await run("(io) => { for (let i = 0; i < 10; i++) io.fs.read('a'); return 1 }");
  expect(most.result).toEqual({ ok: true, value: 1 });
  for (const call of ["io.fs.read('a')", "io.net.fetch('http://h/')"]) {
    const { result, calls } = await run(`(io) => { for (;;) try { ${call} } catch {} }`);
    expect(result).toEqual({ ok: false, why: "it was ended: E_LIMIT_CALLS" });
    expect(calls.length).toBeLessThanOrEqual(10);
  }
});

it("leaves no started call and no answer to the next block when it fails", async () => {
  const io: BlockIo = () => later({ ok: response("old") });
  const first = await run(
    "(io) => { for (let i = 0; i < 5; i++) io.net.fetch('http://h/' + i); throw new Error('x') }",
    { io },
  );
  expect(first.result).toEqual({ ok: false, why: "Error: x" });
  const performed = first.calls.length;
  const second = await run("async (io) => [io.fs.read('a'), (await io.net.fetch('http://h/')).body]");
  expect(second.result).toEqual({ ok: true, value: ['{"a":1}', "[5]"] });
  expect(first.calls.length).toBe(performed);
});

it("is not charged for the time that a call takes", async () => {
  const io: BlockIo = () => new Promise((done) => setTimeout(() => done({ ok: "late" }), 1500));
  expect((await run("(io) => io.fs.read('a')", { io, wallMs: 1000 })).result).toEqual({ ok: true, value: "late" });
});

it.each(["io.fs.read('a').length", "await io.net.fetch('http://h/').catch(() => 1)"])(
  "ends where the answer of %s does not fit into its memory",
  async (code) => {
    const io: BlockIo = async () => ({ ok: "x".repeat(100 * 2 ** 20) });
    const { result } = await run(`async (io) => ${code}`, { io });
    expect(result).toEqual({ ok: false, why: "it was ended: E_LIMIT_MEMORY" });
  },
);

it("ends as a failure where the performer fails", async () => {
  const io: BlockIo = () => Promise.reject(new Error("a bug"));
  expect((await run("(io) => io.fs.read('a')", { io })).result).toEqual({
    ok: false,
    why: "a call failed: Error: a bug",
  });
  expect((await run("() => 1")).result).toEqual({ ok: true, value: 1 });
});

it.each([
  ["waits for", "(io) => io.fs.read('a')"],
  ["left behind when it failed", "(io) => { io.net.fetch('http://h/'); throw new Error('x') }"],
])("is ended by closing where a call hangs that it %s", async (_title, source) => {
  const closing = compartments();
  let begun: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const running = closing.block(job(source), () => {
    begun();
    return new Promise(() => undefined);
  });
  await asked;
  // By then the thread has said that the block failed.
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  await closing.close();
  expect(await running).toMatchObject({ ok: false });
});
