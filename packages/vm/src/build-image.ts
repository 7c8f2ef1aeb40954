/**
 * Makes the memory image: boots a VM, evaluates the guest files in order, and finds the few places in the engine's
 * memory that the machine writes (generator, rejection hook, end of the heap); what is not where it should be fails the
 * build. Deterministic: a standing clock and no other input, so the same files give the same bytes.
 */
import { createHash } from "node:crypto";
import type { JSValueConstPointer, QuickJSHandle, VmCallResult } from "quickjs-emscripten-core";
import { BOOT_CLOCK, Engine, type EngineHost } from "./engine.ts";
import { INITIAL_PAGES } from "./engine-memory.ts";
import {
  ENTRIES,
  type Entry,
  encodeImage,
  GUEST_PREFIX,
  IMAGE_VERSION,
  type ImageHeader,
  STACK_BYTES,
} from "./image.ts";
import { ENGINE_SHA256 } from "./wasm-abi.ts";
import { compileEngine } from "./wasm-table.ts";
import type { EngineModule } from "./webassembly-types.ts";

export interface GuestFile {
  readonly name: string;
  readonly source: string;
}

/** Boots a VM from the engine's wasm and the guest files, in their order, and returns the image's bytes. */
export async function buildImage(wasmBytes: Uint8Array, guestFiles: readonly GuestFile[]): Promise<Uint8Array> {
  const module = compileEngine(wasmBytes);
  const boot = new Boot(await Engine.boot(module, INITIAL_PAGES, DEAF_HOST));
  const kernel = boot.newKernel();
  for (const file of guestFiles) boot.install(kernel, file);
  const entries = boot.takeEntries(kernel);
  return encodeImage(boot.header(guestFiles, entries, await findBreak(module)), boot.engine.memory.heap);
}

/** Offset in JSRuntime from the interrupt handler to the rejection hook: handler, its opaque, hook, its opaque. */
const HOOK_AFTER_HANDLER = 8;

/** While the image is built nothing outside exists. */
const DEAF_HOST: EngineHost = {
  call: () => {
    throw new Error("a guest file called the host while the image was built");
  },
  poll: () => undefined,
  refuseGrowth: (bytes) => {
    throw new Error(`the guest files need ${bytes} bytes of memory`);
  },
  rejection: () => {
    throw new Error("a guest file left a promise rejected");
  },
};

/** Not `Function` and other ways to code or to the collector: scripts lose them, and guest files do without. */
const KERNEL = `(() => {
  const gone = ["globalThis", "eval", "Function", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"];
  const standard = { __proto__: null };
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!gone.includes(name) && globalThis[name] instanceof Object) standard[name] = globalThis[name];
  }
  return { __proto__: null, standard, standardNames: Object.keys(standard).join(", ") };
})()`;

class Boot {
  readonly engine: Engine;
  readonly #randomState: number;

  constructor(engine: Engine) {
    this.engine = engine;
    this.#hookRejections();
    this.#randomState = this.#findLong(BigInt(BOOT_CLOCK) * 1000n);
  }

  /** The original globals and the one function that reaches the host. */
  newKernel(): QuickJSHandle {
    const kernel = this.#evaluate(KERNEL, "boot");
    this.engine.context.setProp(kernel, "host", this.engine.hostFunction);
    return kernel;
  }

  /** Evaluates one guest file as the body of a function of `kernel`; line 1 of the file is line 1 of the code. */
  install(kernel: QuickJSHandle, file: GuestFile): void {
    const { context, runtime } = this.engine;
    const bind = `const { ${this.#standardNames(kernel)} } = kernel.standard; `;
    const code = `(function (kernel) { ${bind}return (function (kernel) { "use strict"; ${file.source}\n})(kernel); })`;
    const install = this.#evaluate(code, `${GUEST_PREFIX}${file.name}`);
    this.#orThrow(context.callFunction(install, context.undefined, kernel), "a guest file").dispose();
    install.dispose();
    const jobs = runtime.executePendingJobs();
    if (jobs.error) throw new Error(`${file.name}: a job threw`);
  }

  /** The kernel's functions for the machine, as values that stay alive for as long as the image. */
  takeEntries(kernel: QuickJSHandle): ImageHeader["entries"] {
    const { context } = this.engine;
    const machine = context.getProp(kernel, "machine");
    const entries = ENTRIES.map((name) => [name, context.getProp(machine, name).value] as const);
    machine.dispose();
    kernel.dispose();
    return Object.fromEntries(entries) as Record<Entry, JSValueConstPointer>;
  }

  header(files: readonly GuestFile[], entries: ImageHeader["entries"], breakWord: number): ImageHeader {
    const { memory, stack, loaded, places } = this.engine;
    const scratch = loaded.emscripten._malloc(SCRATCH_BYTES);
    return {
      version: IMAGE_VERSION,
      guest: createHash("sha256")
        .update(JSON.stringify(files.map((file) => [file.name, file.source])))
        .digest("hex"),
      wasm: ENGINE_SHA256,
      places,
      entries,
      scratch,
      randomState: this.#randomState,
      breakWord,
      stackTop: stack.currentStack(),
      heapEnd: memory.readWord(breakWord),
    };
  }

  /** The names under which guest files see the original globals. */
  #standardNames(kernel: QuickJSHandle): string {
    return this.engine.context.getProp(kernel, "standardNames").consume(this.engine.context.getString);
  }

  #evaluate(code: string, name: string): QuickJSHandle {
    return this.#orThrow(this.engine.context.evalCode(code, name, { strict: true }), name);
  }

  #orThrow(result: VmCallResult<QuickJSHandle>, name: string): QuickJSHandle {
    if (!result.error) return result.value;
    const { name: kind, message, stack } = this.engine.context.dump(result.error) as Record<string, string>;
    throw new Error(`${name}: ${kind}: ${message}\n${stack}`);
  }

  /** Turns polling off and on, which shows where JSRuntime holds its handler; the rejection hook is two words on. */
  #hookRejections(): void {
    const { memory, loaded, places } = this.engine;
    loaded.ffi.QTS_RuntimeDisableInterruptHandler(places.runtime);
    const before = Buffer.from(memory.heap);
    loaded.ffi.QTS_RuntimeEnableInterruptHandler(places.runtime);
    const changed = changedWords(before, memory.heap, places.runtime, places.runtime + RUNTIME_BYTES);
    const [handler] = changed;
    if (handler === undefined || changed.length !== 1)
      throw new Error("the interrupt handler is not where it should be");
    memory.writeWord(handler + HOOK_AFTER_HANDLER, places.rejectionSlot);
  }

  #findLong(value: bigint): number {
    const { heap } = this.engine.memory;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    const at = heap.indexOf(bytes);
    if (at < 0 || heap.indexOf(bytes, at + 1) >= 0) throw new Error("the state of Math.random was not found");
    return at;
  }
}

const SCRATCH_BYTES = 32;
/** More than sizeof(JSRuntime), less than the distance to anything else that turning polling on could change. */
const RUNTIME_BYTES = 1024;
const LARGE_BYTES = 1024 * 1024;

function changedWords(before: Buffer, after: Buffer, from: number, to: number): number[] {
  const changed: number[] = [];
  for (let at = from & ~3; at < to; at += 4) if (before.readInt32LE(at) !== after.readInt32LE(at)) changed.push(at);
  return changed;
}

/**
 * The word that holds the end of the heap: of the words that a large allocation changes, the one with the largest
 * address. Asked of a second instance, as the allocation would otherwise be part of the image.
 */
async function findBreak(module: EngineModule): Promise<number> {
  const { memory, stack, loaded } = await Engine.boot(module, INITIAL_PAGES, DEAF_HOST);
  const stackTop = stack.currentStack();
  const before = Buffer.from(memory.heap);
  loaded.emscripten._malloc(LARGE_BYTES);
  const changed = changedWords(before, memory.heap, 0, stackTop - STACK_BYTES);
  const inHeap = changed.filter((at) => memory.readWord(at) > stackTop);
  const [breakWord] = inHeap.sort((a, b) => memory.readWord(b) - memory.readWord(a));
  if (breakWord === undefined) throw new Error("the end of the heap was not found");
  return breakWord;
}
