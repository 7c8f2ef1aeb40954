/**
 * Makes the memory image: boots a VM, evaluates the guest files in order, and finds the few places in the engine's
 * memory that the machine writes (generator, rejection hook, end of the heap); what is not where it should be fails the
 * build. Deterministic: a standing clock and no other input, so the same files give the same bytes.
 */
import { createHash } from "node:crypto";
import { Engine, type EngineHost, INITIAL_PAGES } from "./engine.ts";
import {
  ENTRIES,
  type Entry,
  encodeImage,
  GUEST_PREFIX,
  IMAGE_VERSION,
  type ImageHeader,
  STACK_BYTES,
} from "./image.ts";
import { ENGINE_SHA256, EVALUATE_STRICT, type ValuePointer } from "./wasm-abi.ts";
import { compileEngine } from "./wasm-table.ts";
import type { EngineModule } from "./webassembly-types.ts";

export interface GuestFile {
  readonly name: string;
  readonly source: string;
}

/** Boots a VM from the engine's wasm and the guest files, in their order, and returns the image's bytes. */
export async function buildImage(wasmBytes: Uint8Array, guestFiles: readonly GuestFile[]): Promise<Uint8Array> {
  const boot = new Boot(wasmBytes);
  const kernel = boot.newKernel();
  for (const file of guestFiles) boot.install(kernel, file);
  const entries = boot.takeEntries(kernel);
  return encodeImage(boot.header(guestFiles, entries), boot.engine.heap);
}

/** A standing clock whose microseconds are easy to find in memory: QuickJS seeds Math.random with them. */
const BOOT_CLOCK = 1_234_567_890_123;

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
  readonly #module: EngineModule;
  readonly #runtime: number;
  readonly #context: number;
  readonly #randomState: number;

  constructor(wasmBytes: Uint8Array) {
    this.#module = compileEngine(wasmBytes);
    this.engine = new Engine(this.#module, INITIAL_PAGES, DEAF_HOST);
    const { wasm } = this.engine;
    this.engine.now = BOOT_CLOCK;
    wasm.construct();
    this.#runtime = wasm.newRuntime();
    wasm.setMaxStackSize(this.#runtime, 1024 * 1024);
    this.#hookRejections();
    this.#context = wasm.newContext(this.#runtime, 0);
    this.#randomState = this.#findLong(BigInt(BOOT_CLOCK) * 1000n);
  }

  /** The original globals and the one function that reaches the host. */
  newKernel(): ValuePointer {
    const { wasm } = this.engine;
    const kernel = this.#evaluate(KERNEL, "boot");
    const name = this.engine.putText("host");
    const host = wasm.newFunction(this.#context, name.pointer, 1, 0, 1);
    wasm.free(name.pointer);
    const key = this.engine.newText(this.#context, "host");
    wasm.setProperty(this.#context, kernel, key, host);
    wasm.freeValue(this.#context, key);
    wasm.freeValue(this.#context, host);
    return kernel;
  }

  /** Evaluates one guest file as the body of a function of `kernel`; line 1 of the file is line 1 of the code. */
  install(kernel: ValuePointer, file: GuestFile): void {
    const bind = `const { ${this.#standardNames(kernel)} } = kernel.standard; `;
    const code = `(function (kernel) { ${bind}return (function (kernel) { "use strict"; ${file.source}\n})(kernel); })`;
    const install = this.#evaluate(code, `${GUEST_PREFIX}${file.name}`);
    this.#free(this.#call(install, [kernel]), install);
    this.#runJobs(file.name);
  }

  /** The kernel's functions for the machine, as values that stay alive for as long as the image. */
  takeEntries(kernel: ValuePointer): Readonly<Record<Entry, ValuePointer>> {
    const machine = this.#property(kernel, "machine");
    const entries = ENTRIES.map((name) => [name, this.#property(machine, name)] as const);
    this.#free(machine, kernel);
    return Object.fromEntries(entries) as Record<Entry, ValuePointer>;
  }

  header(files: readonly GuestFile[], entries: ImageHeader["entries"]): ImageHeader {
    const { wasm } = this.engine;
    const scratch = wasm.malloc(32);
    const breakWord = findBreak(this.#module);
    return {
      version: IMAGE_VERSION,
      guest: createHash("sha256")
        .update(JSON.stringify(files.map((file) => [file.name, file.source])))
        .digest("hex"),
      wasm: ENGINE_SHA256,
      runtime: this.#runtime,
      context: this.#context,
      undefinedValue: wasm.getUndefined(),
      entries,
      scratch,
      randomState: this.#randomState,
      breakWord,
      stackTop: wasm.currentStack(),
      heapEnd: this.engine.readWord(breakWord),
    };
  }

  /** The names under which guest files see the original globals. */
  #standardNames(kernel: ValuePointer): string {
    const standard = this.#property(kernel, "standardNames");
    const names = this.engine.text(this.#context, standard);
    this.#free(standard);
    return names;
  }

  #property(target: ValuePointer, name: string): ValuePointer {
    const key = this.engine.newText(this.#context, name);
    const value = this.engine.wasm.getProperty(this.#context, target, key);
    this.#free(key);
    return value;
  }

  #evaluate(code: string, name: string): ValuePointer {
    const { wasm } = this.engine;
    const codeText = this.engine.putText(code);
    const nameText = this.engine.putText(name);
    const result = wasm.evaluate(this.#context, codeText.pointer, codeText.bytes, nameText.pointer, 0, EVALUATE_STRICT);
    wasm.free(codeText.pointer);
    wasm.free(nameText.pointer);
    return this.#orThrow(result, name);
  }

  #call(fn: ValuePointer, values: readonly ValuePointer[]): ValuePointer {
    const { wasm } = this.engine;
    const list = wasm.malloc(4 * values.length);
    values.forEach((value, index) => {
      this.engine.writeWord(list + 4 * index, value);
    });
    const result = wasm.call(this.#context, fn, wasm.getUndefined(), values.length, list);
    wasm.free(list);
    return this.#orThrow(result, "a guest file");
  }

  #orThrow(result: ValuePointer, name: string): ValuePointer {
    const error = this.engine.wasm.takeException(this.#context, result);
    if (error === 0) return result;
    const stack = this.engine.text(this.#context, this.#property(error, "stack"));
    throw new Error(`${name}: ${this.engine.text(this.#context, error)}\n${stack}`);
  }

  #runJobs(name: string): void {
    const { wasm } = this.engine;
    if (wasm.isJobPending(this.#runtime) === 0) return;
    const out = wasm.malloc(4);
    const ran = wasm.executeJobs(this.#runtime, -1, out);
    if (Number.isNaN(wasm.getNumber(this.#context, ran))) throw new Error(`${name}: a job threw`);
    wasm.freeValue(this.#context, ran);
    wasm.free(out);
  }

  #free(...values: readonly ValuePointer[]): void {
    for (const value of values) this.engine.wasm.freeValue(this.#context, value);
  }

  /** Turns polling on, which shows where JSRuntime holds its handler; the rejection hook stands two words after it. */
  #hookRejections(): void {
    const before = Buffer.from(this.engine.heap);
    this.engine.wasm.enableInterrupts(this.#runtime);
    const changed = changedWords(before, this.engine.heap, this.#runtime, this.#runtime + RUNTIME_BYTES);
    const [handler] = changed;
    if (handler === undefined || changed.length !== 1)
      throw new Error("the interrupt handler is not where it should be");
    this.engine.writeWord(handler + HOOK_AFTER_HANDLER, this.engine.rejectionSlot);
  }

  #findLong(value: bigint): number {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    const at = this.engine.heap.indexOf(bytes);
    if (at < 0 || this.engine.heap.indexOf(bytes, at + 1) >= 0)
      throw new Error("the state of Math.random was not found");
    return at;
  }
}

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
function findBreak(module: EngineModule): number {
  const engine = new Engine(module, INITIAL_PAGES, DEAF_HOST);
  engine.wasm.construct();
  const stackTop = engine.wasm.currentStack();
  const before = Buffer.from(engine.heap);
  engine.wasm.malloc(LARGE_BYTES);
  const changed = changedWords(before, engine.heap, 0, stackTop - STACK_BYTES);
  const inHeap = changed.filter((at) => engine.readWord(at) > stackTop);
  const [breakWord] = inHeap.sort((a, b) => engine.readWord(b) - engine.readWord(a));
  if (breakWord === undefined) throw new Error("the end of the heap was not found");
  return breakWord;
}
