/**
 * One instance of QuickJS, booted through quickjs-emscripten-core, with what a sandbox needs beyond it: a memory that
 * can be restored, exact texts, unhandled rejections, and stops. A stop (limit, interrupt, kill) is a host exception
 * thrown THROUGH the wasm frames: no `catch`, no `finally` and no job of the script runs after it (KILLABLE). The
 * core's callbacks would catch it and make an error of the script's of it, so they are replaced. The instance is garbage
 * after a stop, until its memory is restored.
 */
import {
  type JSContextPointer,
  type JSRuntimePointer,
  type JSValuePointer,
  Lifetime,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from "quickjs-emscripten-core";
import { EngineMemory } from "./engine-memory.ts";
import { exchange, type HostAnswer } from "./membrane.ts";
import { type Clock, withoutPowers } from "./powerless.ts";
import { type LoadedEngine, publishedEngine } from "./published-engine.ts";
import type { RunStop } from "./run-stop.ts";
import { Texts } from "./texts.ts";
import { EXPORTS, type StackPointer } from "./wasm-abi.ts";
import { TABLE, tableFunction } from "./wasm-table.ts";
import type { EngineModule } from "./webassembly-types.ts";

/** What an engine asks of its owner. Each may throw a RunStop. */
export interface EngineHost {
  /** JSON-ABI: one text in, one text out. */
  call(json: string): HostAnswer;
  /** Polled once per 10,000 back edges and calls, so by count and not by time. */
  poll(): void;
  /** A growth of the memory that is not granted; must throw, so that nothing survives an out-of-memory. */
  refuseGrowth(bytes: number): RunStop;
  /** A promise was rejected and has no handler (`handled` false), or got one after all. Borrowed references. */
  rejection(promise: bigint, reason: bigint, handled: boolean): void;
}

/** Where a booted engine has its parts: the same in every instance, as each boots in the same steps. */
export interface Places {
  readonly runtime: JSRuntimePointer;
  readonly context: JSContextPointer;
  /** The one function that reaches the host. */
  readonly host: JSValuePointer;
  /** Slot of the rejection hook in the function table. */
  readonly rejectionSlot: number;
}

/** The standing clock of a boot; QuickJS seeds Math.random with its microseconds, which are easy to find in memory. */
export const BOOT_CLOCK = 1_234_567_890_123;
const BOOT_STACK = 1024 * 1024;

export class Engine {
  readonly memory: EngineMemory;
  readonly clock: Clock;
  readonly loaded: LoadedEngine;
  readonly stack: StackPointer;
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** `host(json)` of the VM. Owned for as long as the engine lives. */
  readonly hostFunction: QuickJSHandle;
  readonly places: Places;
  readonly texts: Texts;

  static async boot(module: EngineModule, maximumPages: number, host: EngineHost): Promise<Engine> {
    const memory = new EngineMemory(maximumPages);
    const clock = { now: BOOT_CLOCK };
    const refuseGrowth = (bytes: number) => host.refuseGrowth(bytes);
    const loaded = await publishedEngine(module, memory.wasm, (imports) =>
      withoutPowers(imports, memory, clock, refuseGrowth),
    );
    return new Engine(loaded, memory, clock, host);
  }

  private constructor(loaded: LoadedEngine, memory: EngineMemory, clock: Clock, host: EngineHost) {
    this.loaded = loaded;
    this.memory = memory;
    this.clock = clock;
    this.stack = stackPointer(loaded.exports);
    this.#replaceCallbacks(host);
    const rejectionSlot = hookTable(loaded.exports, host);
    this.runtime = loaded.quickjs.newRuntime({ maxStackSizeBytes: BOOT_STACK, interruptHandler: UNREACHED });
    this.context = this.runtime.newContext();
    this.hostFunction = this.context.newFunction("host", UNREACHED);
    this.places = { ...pointersOf(this.context), host: this.hostFunction.value as JSValuePointer, rejectionSlot };
    this.texts = new Texts(loaded, memory, this.places.context);
  }

  /** A handle to a value that the caller owns; disposed, it frees the value. */
  own(pointer: JSValuePointer): QuickJSHandle {
    const { ffi } = this.loaded;
    const { context } = this.places;
    const free = (value: JSValuePointer) => ffi.QTS_FreeValuePointer(context, value);
    return new Lifetime<JSValuePointer, JSValuePointer, QuickJSRuntime>(pointer, undefined, free, this.runtime);
  }

  /** A new string of the VM. */
  newText(text: string): QuickJSHandle {
    return this.own(this.texts.write(text));
  }

  /**
   * In place of the core's: a throw of the host's leaves the wasm as it is. There is one host function, so its number is
   * not looked at. Modules are never loaded: no loader is set.
   */
  #replaceCallbacks(host: EngineHost): void {
    this.loaded.emscripten.callbacks = {
      callFunction: (_asyncify, _context, _self, _count, values) => {
        const { text, mark } = exchange(this.texts.read(values), host.call);
        return this.texts.write(text, mark);
      },
      shouldInterrupt: () => {
        host.poll();
        return 0;
      },
      freeHostRef: () => undefined,
      loadModuleSource: () => NONE,
      normalizeModule: () => NONE,
    };
  }
}

/** What the core would call; ours stand before it. */
const UNREACHED = (): never => {
  throw new Error("the engine's callbacks were not replaced");
};

const NONE = 0 as never;

/** The core has no getter for its pointers: `rt` and `ctx` are its own lifetimes of them. */
function pointersOf(context: QuickJSContext): Pick<Places, "runtime" | "context"> {
  const { rt, ctx } = context as unknown as { rt: Lifetime<JSRuntimePointer>; ctx: Lifetime<JSContextPointer> };
  return { runtime: rt.value, context: ctx.value };
}

function hookTable(exports: LoadedEngine["exports"], host: EngineHost): number {
  const table = exports[TABLE] as WebAssembly.Table;
  const slot = table.grow(1);
  table.set(
    slot,
    tableFunction((_context, promise, reason, handled) => host.rejection(promise, reason, handled !== 0)),
  );
  return slot;
}

const stackPointer = (exports: LoadedEngine["exports"]): StackPointer => ({
  restoreStack: exports[EXPORTS.restoreStack] as StackPointer["restoreStack"],
  currentStack: exports[EXPORTS.currentStack] as StackPointer["currentStack"],
});
