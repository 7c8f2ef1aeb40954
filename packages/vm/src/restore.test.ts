/**
 * What one run leaves for the next: nothing. Shown from inside (a run finds no trace) and from outside (after a restore
 * every byte of the memory is what it is in an instance that never ran anything).
 */
import { afterAll, describe, expect, it } from "vitest";
import { newMachine, program, QUIET, run, SETUP, SIZE, scriptValue, stopAfter, testAssets } from "./engine.fixture.ts";
import { Engine } from "./engine.ts";
import { decodeImage, restoreImage } from "./image.ts";
import { Machine } from "./machine.ts";
import { RunStop } from "./run-stop.ts";

const CANARY = "canary-7f3a91";

/** Every way to leave something behind that a script has. */
const LITTER = `
  globalThis.leak = "${CANARY}".repeat(1000);
  globalThis.JSON = null; globalThis.print = null; delete globalThis.Map;
  for (const target of [Object.prototype, Array.prototype, Promise.prototype, Function.prototype]) {
    try { target.leak = "${CANARY}" } catch {}
    try { Object.defineProperty(target, "leak", { value: "${CANARY}" }) } catch {}
  }
  try { Symbol.iterator.leak = 1 } catch {}
  Symbol.for("${CANARY}");
  globalThis.keep = []; for (let i = 0; i < 2000; i++) keep.push({ i, text: "${CANARY}" + i });
  new Promise(() => {}).then(() => probe.call("late"));
  for (let i = 0; i < 20; i++) Math.random();
  AgentRunError.leak = 1;`;

/** What a script sees of its world: everything that LITTER touched. */
const LOOK = `
  const seen = [typeof leak, typeof keep, typeof JSON, typeof Map, typeof print, {}.leak, [].leak, "leak" in Function.prototype, AgentRunError.leak];
  seen.push(Reflect.ownKeys(globalThis).length, Math.random(), Date.now(), args, input);
  return seen;`;

describe("a run after another", () => {
  const before: [string, string][] = [
    ["that ended well", `${LITTER} return 1`],
    ["that threw", `${LITTER} throw new Error("x")`],
    ["that left a rejection", `try { ${LITTER} } catch {} Promise.reject(new Error("x"))`],
    [
      "that left started calls and timers",
      `try { ${LITTER} } catch {} probe.start("x"); setTimeout(() => {}, 5); null.x`,
    ],
    ["that left more rejections than are kept", "for (let i = 0; i < 20_001; i++) Promise.reject(i); await null"],
    ["that waited for nothing", `try { ${LITTER} } catch {} await new Promise(() => {})`],
    [
      "whose stack ran out and was caught",
      `try { ${LITTER} } catch {} try { (function f() { f() })() } catch {} return 1`,
    ],
  ];
  it.each(before)("%s finds nothing of it", async (_title, litter) => {
    const untouched = await scriptValue(LOOK, { machine: await newMachine() });
    const machine = await newMachine();
    const calls: string[] = [];
    const call = (json: string) => {
      calls.push(json);
      return '{"started":true}';
    };
    const setup = { args: ["other"], input: { other: true }, seed: 99 };
    expect((await run(litter, { machine, ports: { call }, setup })).reusable).toBe(true);
    calls.length = 0;
    expect(await scriptValue(LOOK, { machine, ports: { call } })).toEqual(untouched);
    expect(calls).toEqual([]);
  });

  it("ids of started calls begin anew, so an answer of the run before settles nothing", async () => {
    const machine = await newMachine();
    const ids: number[] = [];
    const call = (json: string) => {
      ids.push(JSON.parse(json).id);
      return '{"started":true}';
    };
    for (let i = 0; i < 2; i++) await run("probe.start('x'); probe.start('y')", { machine, ports: { call } });
    expect(ids).toEqual([1, 2, 1, 2]);
  });

  it("a thousand runs on one machine all give the right answer", async () => {
    const machine = await newMachine();
    const check = program(
      "let s = 0; for (let i = 0; i < 50; i++) s += i; return [s, [3, 1, 2].sort(), { a: 1 }, typeof leak]",
    );
    for (let i = 0; i < 500; i++) {
      machine.run(
        program(`globalThis.leak = ${i}; for (let j = 0; j < 50; j++) leak += "x"; throw leak`),
        SETUP,
        QUIET,
      );
      const end = machine.run(check, SETUP, QUIET);
      expect(end).toMatchObject({ json: '[1225,[1,2,3],{"a":1},"undefined"]', reusable: true });
    }
  });
});

/** The memories of all machines of this file: the constructor is the one thing that a test can stand behind. */
const memories: WebAssembly.Memory[] = [];
const OriginalMemory = WebAssembly.Memory;
Object.assign(WebAssembly, {
  Memory: class extends OriginalMemory {
    constructor(size: { initial: number; maximum: number }) {
      super(size);
      memories.push(this);
    }
  },
});
afterAll(() => {
  Object.assign(WebAssembly, { Memory: OriginalMemory });
});

/** The memory of a machine right after its restore: a stop that stands before the run ends it there. */
async function restored(litter: string | null, maxStackBytes = SIZE.maxStackBytes): Promise<Buffer> {
  const machine = await Machine.create(await testAssets(), { ...SIZE, maxStackBytes });
  const memory = memories[memories.length - 1];
  if (memory === undefined) throw new Error("no memory was made");
  if (litter !== null) {
    const end = machine.run(program(litter), { ...SETUP, args: [CANARY], input: CANARY }, QUIET);
    expect(end.reusable, JSON.stringify(end)).toBe(true);
    expect(Buffer.from(memory.buffer).includes(CANARY)).toBe(true);
  }
  machine.run(program("return 1"), SETUP, { ...QUIET, stop: stopAfter(0) });
  return Buffer.from(memory.buffer);
}

describe("the memory after a restore is that of an untouched instance, byte for byte", () => {
  const litters: [string, string][] = [
    ["globals, prototypes, promises", `try { ${LITTER} } catch {} return 1`],
    ["large strings, freed", "let s = args[0].repeat(3e5); s += 'x'; s.indexOf('y'); s = null; return 1"],
    ["many objects", "globalThis.all = []; for (let i = 0; i < 20000; i++) all.push({ i, text: input + i }); return 1"],
    [
      "many objects, freed",
      "let all = []; for (let i = 0; i < 20000; i++) all.push({ i, text: input + i }); all = null; return 1",
    ],
    [
      "typed arrays",
      "globalThis.a = new Uint8Array(4e6).fill(65); a.set(new TextEncoder().encode(input), 3e6); return 1",
    ],
    ["a deep stack", "function f(n, a) { return n === 0 ? a.length : f(n - 1, a + n) } return f(150, input)"],
    ["a stack that ran out", "function f(a) { return f(a + 1) } try { f(input) } catch {} return 1"],
    ["a deep parse", "try { JSON.parse('['.repeat(1e5)) } catch {} return 1"],
    ["a deep sort", "function f() { [2, 1].sort(() => { f(); return 0 }) } try { f() } catch {} return 1"],
    ["a regex with captures", "/(a)(b)*|(?:(.)+?)c/.exec(input.repeat(2000)); return 1"],
  ];
  it.each(litters)("%s", async (_title, litter) => {
    const untouched = await restored(null);
    const after = await restored(litter);
    expect(after.length).toBe(untouched.length);
    expect(after.equals(untouched)).toBe(true);
  });

  it("text of a former run is nowhere in it", async () => {
    expect((await restored(`try { ${LITTER} } catch {} return 1`)).includes(CANARY)).toBe(false);
  });
});

it("the stack pointer, which is no memory, is put back as well", async () => {
  const { wasm, image } = await testAssets();
  const { header } = decodeImage(image);
  const engine = await Engine.boot(wasm, 0, {
    call: () => "",
    poll: () => {
      throw new Error("stop");
    },
    refuseGrowth: () => new RunStop("E_LIMIT_MEMORY"),
    rejection: () => {},
  });
  restoreImage(engine, decodeImage(image), SIZE.maxStackBytes);
  expect(() => engine.context.evalCode("for (;;);", "script.js", {})).toThrow("stop");
  expect(engine.stack.currentStack()).toBeLessThan(header.stackTop);
  restoreImage(engine, decodeImage(image), SIZE.maxStackBytes);
  expect(engine.stack.currentStack()).toBe(header.stackTop);
});

describe("a machine is not reusable", () => {
  it("after its memory has grown", async () => {
    const end = await run("globalThis.s = 'x'.repeat(2e7).length; return 1");
    expect(end).toMatchObject({ kind: "value", reusable: false });
  });

  it("after a stop or a limit", async () => {
    expect(await run("for (;;);", { ports: { stop: stopAfter(2) } })).toMatchObject({ reusable: false });
    expect(await run("(function f() { f() })()")).toMatchObject({ code: "E_LIMIT_STACK", reusable: false });
  });
});
