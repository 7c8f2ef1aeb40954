/**
 * Hostile scripts in a real worker with the product's resource limits: each meets its fate, the host lives, and the
 * thread's next script is answered rightly. Also here, as it depends on the thread's own stack: no recursion of a script
 * reaches V8's limit before the engine's, which would throw through the engine's frames.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program, testAssets } from "./engine.fixture.ts";
import { HOSTILE } from "./hostile-scripts.fixture.ts";
import type { WorkerInput } from "./hostile-worker.fixture.ts";
import type { MachineSize, RunEnd } from "./run.ts";

const MiB = 1024 * 1024;
const directory = mkdtempSync(join(tmpdir(), "agent-run-hostile-"));
const file = join(directory, "worker.mjs");

beforeAll(async () => {
  const entry = fileURLToPath(new URL("./hostile-worker.fixture.ts", import.meta.url));
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A worker that runs one script after another and is replaced when it has to be killed. */
class Box {
  readonly #size: MachineSize;
  #worker: Worker | null = null;
  #stop = new Int32Array(new SharedArrayBuffer(4));

  constructor(size: MachineSize) {
    this.#size = size;
  }

  /** Asks for the end after `stopMs` and kills `killMs` later. */
  async run(body: string, stopMs: number, killMs: number): Promise<RunEnd | "killed"> {
    const worker = this.#worker ?? (await this.#start());
    Atomics.store(this.#stop, 0, 0);
    const ended = new Promise<RunEnd>((done, failed) => {
      worker.removeAllListeners("error");
      worker.once("message", done);
      worker.once("error", failed);
    });
    const stop = setTimeout(() => Atomics.store(this.#stop, 0, 1), stopMs);
    let kill: NodeJS.Timeout | undefined;
    const killed = new Promise<"killed">((done) => {
      kill = setTimeout(() => done("killed"), stopMs + killMs);
    });
    worker.postMessage(program(body).code);
    const end = await Promise.race([ended, killed]);
    clearTimeout(stop);
    clearTimeout(kill);
    if (end === "killed") await this.close();
    return end;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    worker?.removeAllListeners("error");
    await worker?.terminate();
  }

  async #start(): Promise<Worker> {
    this.#stop = new Int32Array(new SharedArrayBuffer(4));
    const input: WorkerInput = {
      assets: await testAssets(),
      size: this.#size,
      stop: this.#stop.buffer as SharedArrayBuffer,
    };
    const resourceLimits = { stackSizeMb: 32, maxOldGenerationSizeMb: 64 };
    const worker = new Worker(file, { workerData: input, resourceLimits, stdout: true, stderr: true });
    this.#worker = worker;
    await new Promise((ready) => worker.once("message", ready));
    return worker;
  }
}

const CANONICAL = "return [[3, 1, 2].sort(), { a: 'é' }, typeof leak, new Map([[1, 2]]).get(1), /b+/.exec('abbc')[0]]";
const RIGHT = '[[1,2,3],{"a":"é"},"undefined",2,"bb"]';
const AMPLE = 20_000;

describe("a hostile script", () => {
  const box = new Box({ maxMemoryBytes: 64 * MiB, maxStackBytes: 512 * 1024 });
  afterAll(() => box.close());

  it.each(HOSTILE)("%s: %s", async (fate, body) => {
    const hostile = `globalThis.leak = 1; ${body}`;
    const end = await (fate === "stuck"
      ? box.run(hostile, 150, 250)
      : box.run(hostile, fate === "polled" ? 100 : AMPLE, AMPLE));
    if (fate === "polled") expect(end).toMatchObject({ kind: "fatal", code: "E_LIMIT_TIME" });
    if (fate === "memory") expect(end).toEqual({ kind: "fatal", code: "E_LIMIT_MEMORY", reusable: false });
    if (fate === "harmless") expect(end).not.toBe("killed");
    expect(await box.run(CANONICAL, AMPLE, AMPLE)).toEqual({ kind: "value", json: RIGHT, reusable: true });
  });
});

/** One recursion each through another part of the engine. */
const RECURSIONS: readonly (readonly [string, string])[] = [
  ["plain calls", "function f() { f() } f()"],
  ["calls with many arguments", "function f(a, b, c, d, e) { return f(a, b, c, d, e) + 1 } f(1, 2, 3, 4, 5)"],
  ["methods", "const o = { m() { return this.m() } }; o.m()"],
  ["sort", "function f() { [2, 1].sort(() => { f(); return 0 }) } f()"],
  ["map", "function f() { [1].map(f) } f()"],
  ["typed arrays", "function f() { new Uint8Array(1).forEach(f) } f()"],
  ["Array.from", "function f() { Array.from([1], f) } f()"],
  ["Map.forEach", "function f() { new Map([[1, 1]]).forEach(f) } f()"],
  ["set operations", "function f() { new Set([1]).union({ size: 1, has() {}, keys() { f() } }) } f()"],
  ["replace with a pattern", "function f() { 'a'.replace(/a/, f) } f()"],
  ["replace with a text", "function f() { 'a'.replace('a', f) } f()"],
  ["toJSON", "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)"],
  ["a reviver", "function f() { JSON.parse('1', f) } f()"],
  [
    "bound functions",
    "let f = () => 1; for (let i = 0; i < 60000; i++) f = Object.defineProperty(f.bind(null), 'name', { value: '' }); f()",
  ],
  ["proxies for properties", "let p = {}; for (let i = 0; i < 60000; i++) p = new Proxy(p, {}); p.x"],
  ["proxies for calls", "let p = () => 1; for (let i = 0; i < 60000; i++) p = new Proxy(p, {}); p()"],
  ["proxies for Array.isArray", "let p = []; for (let i = 0; i < 60000; i++) p = new Proxy(p, {}); Array.isArray(p)"],
  ["generators by delegation", "function* g() { yield* g() } g().next()"],
  ["generators by loop", "function* g() { for (const x of g()) yield x } g().next()"],
  ["iterator helpers", "let it = [1].values(); for (let i = 0; i < 60000; i++) it = it.map((x) => x); it.next()"],
  ["getters", "const o = { get x() { return this.x } }; o.x"],
  ["setters", "const o = { set x(v) { this.x = v } }; o.x = 1"],
  ["toString", "const o = { toString() { return '' + o } }; '' + o"],
  ["Symbol.toPrimitive", "const o = { [Symbol.toPrimitive]() { return +o } }; +o"],
  ["constructors", "class A { constructor() { new A() } } new A()"],
  ["super constructors", "let C = class {}; for (let i = 0; i < 20000; i++) C = class extends C {}; new C()"],
  ["flat", "let a = []; for (let i = 0; i < 60000; i++) a = [a]; a.flat(Infinity)"],
  ["join", "let a = []; for (let i = 0; i < 60000; i++) a = [a]; a.join()"],
  ["tagged templates", "function t() { return t`x` } t`x`"],
  ["spread", "function f() { return [...{ *[Symbol.iterator]() { yield f() } }] } f()"],
  ["apply", "function f() { f.apply(this, arguments) } f()"],
  ["Reflect", "function f() { Reflect.apply(f, null, []) } f()"],
  ["instanceof", "const C = { [Symbol.hasInstance](x) { return x instanceof C } }; ({}) instanceof C"],
  ["comparison", "function f() { return { valueOf: f } < { valueOf: f } } f()"],
  ["destructuring", "function f({ a = f({}) } = {}) {} f()"],
  ["dates", "function f() { new Date({ valueOf: f }) } f()"],
  ["host calls", "function f() { probe.call('x', { toJSON: f }) } f()"],
  ["JSON texts", "JSON.parse('['.repeat(2e5))"],
  ["JSON objects", "JSON.parse('{\"a\":'.repeat(2e5))"],
  ["patterns", "new RegExp('(?='.repeat(2e5))"],
  ["character classes", "new RegExp('['.repeat(2e5), 'v')"],
];

/** Texts that are deep for the parser; they do not end, so that they never parse. */
const DEEP_TEXTS: readonly (readonly [string, string])[] = [
  ["parentheses", "("],
  ["arrays", "["],
  ["objects", "({ a:"],
  ["arrows", "a =>"],
  ["functions", "(function () { return "],
  ["blocks", "{"],
  ["conditions", "if (1) "],
  ["choices", "1 ? "],
  ["templates", "`${"],
  ["calls", "f("],
  ["members", "a[a"],
  ["operators", "!"],
  ["classes", "(class extends "],
];

describe.each([64, 512, 1024])("with a stack of %i KiB", (kib) => {
  const box = new Box({ maxMemoryBytes: 256 * MiB, maxStackBytes: kib * 1024 });
  afterAll(() => box.close());

  it.each(RECURSIONS)("%s overflow cleanly, and the script goes on", async (_title, body) => {
    const caught = `try { ${body} } catch (error) { return /^(Internal|Syntax)Error: stack overflow$/.test(error) }`;
    expect(await box.run(caught, AMPLE, AMPLE)).toMatchObject({ kind: "value", json: "true" });
  });

  it.each(DEEP_TEXTS)(
    "a text of nested %s is refused and does not reach the thread's own stack",
    async (_title, part) => {
      const end = await box.run(part.repeat(40_000), AMPLE, AMPLE);
      const overflowed = typeof end === "object" && end.kind === "fatal" && end.code !== "E_LIMIT_TIME";
      const refused = typeof end === "object" && end.kind === "error" && end.error.code === "E_SYNTAX";
      expect(overflowed || refused, JSON.stringify(end)).toBe(true);
      expect(await box.run(CANONICAL, AMPLE, AMPLE)).toEqual({ kind: "value", json: RIGHT, reusable: true });
    },
  );
});
