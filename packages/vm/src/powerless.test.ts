import { describe, expect, it, vi } from "vitest";
import { EngineMemory, INITIAL_PAGES, PAGE } from "./engine-memory.ts";
import { withoutPowers } from "./powerless.ts";
import { RunStop } from "./run-stop.ts";
import { IMPORTS } from "./wasm-abi.ts";

const AT = 1024;

/** The imports over a loader that would reach the host whenever it is asked; but it may renew its views. */
function imports(maximumPages = INITIAL_PAGES) {
  const memory = new EngineMemory(maximumPages);
  memory.heap.fill(0xff, AT, AT + 64);
  const clock = { now: 7 };
  const host = vi.fn();
  const renewed = vi.fn(() => true);
  const published = Object.fromEntries(Object.values(IMPORTS).map((letter) => [letter, host]));
  const kept = { z: () => "the loader's own" };
  const all = withoutPowers(
    { ...published, ...kept, [IMPORTS.resizeHeap]: renewed },
    memory,
    clock,
    () => new RunStop("E_LIMIT_MEMORY"),
  );
  const call = (name: keyof typeof IMPORTS, ...values: unknown[]) =>
    (all[IMPORTS[name]] as (...values: unknown[]) => unknown)(...values);
  return { memory, clock, host, renewed, all, kept, call };
}

describe("the engine's imports", () => {
  it("read the owner's clock", () => {
    const { clock, host, call } = imports();
    expect(call("now")).toBe(7);
    clock.now = 8;
    expect(call("now")).toBe(8);
    expect(host).not.toHaveBeenCalled();
  });

  it("know one time zone, UTC, and no environment", () => {
    const { memory, host, call } = imports();
    call("localTime", 1_700_000_000n, AT);
    expect(memory.heap.subarray(AT, AT + 44).every((byte) => byte === 0)).toBe(true);
    memory.heap.fill(0xff, AT, AT + 64);
    call("timeZone", AT, AT + 4);
    expect([memory.readWord(AT), memory.readWord(AT + 4), memory.readWord(AT + 8)]).toEqual([0, 0, 0xffffffff]);
    call("environmentSizes", AT + 8, AT + 12);
    expect([memory.readWord(AT + 8), memory.readWord(AT + 12)]).toEqual([0, 0]);
    expect(call("environment", AT, AT)).toBe(0);
    expect(host).not.toHaveBeenCalled();
  });

  it("set no timer of the host's and do not end the process", () => {
    const { host, call } = imports();
    expect(() => call("setTimer", 0, 1)).toThrow("setitimer");
    expect(() => call("exit", 3)).toThrow("exit");
    expect(host).not.toHaveBeenCalled();
  });

  it("are the loader's own otherwise", () => {
    const { all, kept } = imports();
    expect(all.z).toBe(kept.z);
  });
});

describe("memory", () => {
  it("grows to the very maximum and not a page above it", () => {
    const maximum = INITIAL_PAGES + 10;
    const { memory, renewed, call } = imports(maximum);
    expect(call("resizeHeap", maximum * PAGE)).toBe(1);
    expect(memory.heap.length).toBe(maximum * PAGE);
    expect(renewed).toHaveBeenCalledWith(maximum * PAGE);
    expect(() => call("resizeHeap", maximum * PAGE + 1)).toThrow(RunStop);
    expect(memory.heap.length).toBe(maximum * PAGE);
  });

  it("has that maximum of its own, whoever grows it", () => {
    const { wasm } = new EngineMemory(INITIAL_PAGES + 10);
    expect(wasm.grow(10)).toBe(INITIAL_PAGES);
    expect(() => wasm.grow(1)).toThrow(RangeError);
  });

  it("is taken in unsigned bytes", () => {
    expect(() => imports().call("resizeHeap", -1)).toThrow(RunStop);
  });

  it("ends the run when the loader cannot follow", () => {
    const { renewed, call } = imports(INITIAL_PAGES + 10);
    renewed.mockReturnValue(false);
    expect(() => call("resizeHeap", (INITIAL_PAGES + 1) * PAGE)).toThrow(RunStop);
  });
});
