/** What the library does not promise, so that it is ours to hold when it is upgraded. */
import { QuickJSRuntime } from "quickjs-emscripten-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { newMachine, program, QUIET, run, SETUP, SIZE, scriptValue, testAssets } from "./engine.fixture.ts";
import { Engine, type EngineHost } from "./engine.ts";
import { decodeImage, encodeImage, type ImageHeader, restoreImage } from "./image.ts";
import { Machine } from "./machine.ts";
import { RunStop } from "./run-stop.ts";

const IDLE: EngineHost = {
  call: () => '{"ok":null}',
  poll: () => {},
  refuseGrowth: () => new RunStop("E_LIMIT_MEMORY"),
  rejection: () => {},
};

/** An engine with the image in its memory. */
async function booted(host: Partial<EngineHost> = {}): Promise<Engine> {
  const { wasm, image } = await testAssets();
  const engine = await Engine.boot(wasm, 1024, { ...IDLE, ...host });
  restoreImage(engine, decodeImage(image), SIZE.maxStackBytes);
  return engine;
}

afterEach(() => vi.restoreAllMocks());

describe("the places of the library's objects", () => {
  it("are the same in every boot", async () => {
    const [one, two] = [await booted(), await booted()];
    expect(one.places).toEqual(two.places);
  });

  it.each(["runtime", "context", "host", "rejectionSlot"] as const)(
    "a machine whose %s is elsewhere in the image does not start",
    async (name) => {
      const { wasm, image } = await testAssets();
      const { header } = decodeImage(image);
      const moved = { ...header, places: { ...header.places, [name]: header.places[name] + 8 } } as ImageHeader;
      const engine = await booted();
      const assets = { wasm, image: encodeImage(moved, engine.memory.heap) };
      await expect(Machine.create(assets, SIZE)).rejects.toThrow(`the engine's ${name} is at`);
    },
  );
});

describe("a throw of the host", () => {
  const stop = new RunStop("E_LIMIT_TIME");
  const throwing = () => {
    throw stop;
  };

  it("in the middle of a script comes out as it is, unprinted, and nothing of the script runs after it", async () => {
    const printed = vi.spyOn(console, "error");
    const engine = await booted({ poll: throwing });
    const code = "globalThis.ran = 0; try { for (;;); } catch { ran = 1; } finally { ran = 2; }";
    expect(thrownBy(() => engine.context.evalCode(code, "x.js", {}))).toBe(stop);
    expect(engine.context.getProp(engine.context.global, "ran").consume(engine.context.getNumber)).toBe(0);
    expect(printed).not.toHaveBeenCalled();
  });

  it("in a call of the script comes out as it is", async () => {
    const engine = await booted({ call: throwing });
    const { context } = engine;
    const call = () => context.callFunction(engine.hostFunction, context.undefined, engine.newText("{}"));
    expect(thrownBy(call)).toBe(stop);
  });
});

describe("jobs", () => {
  const GROWING = "await null; globalThis.s = 'x'.repeat(2e7); return s.length";

  it("that grow the memory make the library's own pump add a context, which is why it is not used", async () => {
    const engine = await booted();
    const made = vi.spyOn(QuickJSRuntime.prototype, "newContext");
    engine.context.evalCode("Promise.resolve().then(() => { globalThis.s = 'x'.repeat(2e7); })", "x.js", {});
    engine.runtime.executePendingJobs();
    expect(engine.memory.hasGrown).toBe(true);
    expect(made).toHaveBeenCalledTimes(1);
  });

  it("that grow the memory leave a run with one context", async () => {
    const machine = await newMachine();
    const made = vi.spyOn(QuickJSRuntime.prototype, "newContext");
    expect(await scriptValue(GROWING, { machine })).toBe(2e7);
    expect(made).not.toHaveBeenCalled();
  });
});

describe("a script's text", () => {
  it("may hold lone surrogates and NUL: each is one character, and the text is not cut off behind it", async () => {
    const body = "return ['a\ud800b', '\udc00\ud800', '\ud83d中', '\u{1f600}', 'a\0b']";
    const value = ["a\ufffdb", "\ufffd\ufffd", "\ufffd中", "\u{1f600}", "a\0b"];
    expect(await scriptValue(body)).toEqual(value);
    expect(await scriptValue(`return '${"\ud800".repeat(1001)}'.length // ${"\udc00中".repeat(100)}`)).toBe(1001);
  });
});

describe("a script's name", () => {
  it("may be longer than the engine's stack", async () => {
    const machine = await newMachine();
    const named = { ...program("throw new Error('x')"), name: "n".repeat(6 * 1024 * 1024) };
    expect(machine.run(named, SETUP, QUIET)).toMatchObject({ kind: "error", error: { message: "x" }, reusable: true });
    expect(await run("return 1", { machine })).toMatchObject({ json: "1" });
  });
});

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}
