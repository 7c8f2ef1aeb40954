/**
 * One instance of the QuickJS wasm: memory, texts in and out, calls. It has no ambient power: the clock is a number the
 * owner sets, the time zone is UTC, there is no environment, no file, no console, and the one way out is `callHost`.
 * A stop (limit, interrupt, kill) is a host exception thrown THROUGH the wasm frames: no `catch`, no `finally` and no
 * job of the script runs after it (KILLABLE). The instance is garbage then, until its memory is restored.
 */
import { exchange } from "./membrane.ts";
import { RunStop } from "./run-stop.ts";
import { type EngineExports, EXPORTS, IMPORTS, type TextPointer, type ValuePointer } from "./wasm-abi.ts";
import { TABLE, tableFunction } from "./wasm-table.ts";
import type { EngineModule } from "./webassembly-types.ts";

export const PAGE = 65_536;
/** The module's own minimum: 5 MiB of stack, the heap above it. */
export const INITIAL_PAGES = 256;

/** What an engine asks of its owner. Each may throw a RunStop. */
export interface EngineHost {
  /** JSON-ABI: one text in, one text out. */
  call(json: string): string;
  /** Polled once per 10,000 back edges and calls, so by count and not by time. */
  poll(): void;
  /** A growth of the memory that is not granted; must throw, so that nothing survives an out-of-memory. */
  refuseGrowth(bytes: number): RunStop;
  /** A promise was rejected and has no handler (`handled` false), or got one after all. Borrowed references. */
  rejection(promise: bigint, reason: bigint, handled: boolean): void;
}

export class Engine {
  readonly wasm: EngineExports;
  /** Slot of the rejection hook in the function table; the same number in every instance of the pinned file. */
  readonly rejectionSlot: number;
  /** What `Date` reads, in milliseconds. */
  now = 0;
  #memory: WebAssembly.Memory;
  #maximumPages: number;
  #heap: Buffer;
  #view: DataView;

  constructor(module: EngineModule, maximumPages: number, host: EngineHost) {
    this.#maximumPages = Math.max(INITIAL_PAGES, maximumPages);
    this.#memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: this.#maximumPages });
    this.#heap = Buffer.from(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    const instance = new WebAssembly.Instance(module, { a: this.#imports(host) });
    this.wasm = spellOut(instance.exports);
    const table = instance.exports[TABLE] as WebAssembly.Table;
    this.rejectionSlot = table.grow(1);
    const hook = (_context: number, promise: bigint, reason: bigint, handled: number): void =>
      host.rejection(promise, reason, handled !== 0);
    table.set(this.rejectionSlot, tableFunction(hook));
  }

  /** The whole memory, as it is now; stale after the next call into the engine. */
  get heap(): Buffer {
    return this.#heap;
  }

  get hasGrown(): boolean {
    return this.#heap.length > INITIAL_PAGES * PAGE;
  }

  readWord(pointer: number): number {
    return this.#view.getUint32(pointer, true);
  }

  writeWord(pointer: number, value: number): void {
    this.#view.setUint32(pointer, value, true);
  }

  writeLong(pointer: number, value: bigint): void {
    this.#view.setBigUint64(pointer, value, true);
  }

  /** Copies a text into the VM's heap, NUL-terminated UTF-8; free it. */
  putText(text: string): { pointer: TextPointer; bytes: number } {
    const bytes = Buffer.byteLength(text);
    const pointer = this.wasm.malloc(bytes + 1) as TextPointer;
    this.#heap.write(text, pointer, bytes, "utf8");
    this.#heap[pointer + bytes] = 0;
    return { pointer, bytes };
  }

  /** A JavaScript string of the VM, code unit for code unit: `mark`, one ASCII character or none, and the text. */
  newText(context: number, text: string, mark = ""): ValuePointer {
    const isAscii = Buffer.byteLength(text) === text.length;
    return isAscii && !text.includes("\0") ? this.#newAscii(context, text, mark) : this.#newWide(context, text, mark);
  }

  #newAscii(context: number, text: string, mark: string): ValuePointer {
    const end = mark.length + text.length;
    const pointer = this.wasm.malloc(end + 1) as TextPointer;
    this.#heap.write(mark, pointer, "latin1");
    this.#heap.write(text, pointer + mark.length, "latin1");
    this.#heap[pointer + end] = 0;
    const value = this.wasm.newText(context, pointer);
    this.wasm.free(pointer);
    return value;
  }

  /**
   * The engine decodes UTF-8 slowly, stops at NUL and loses lone surrogates. So it makes a string of as many bytes, and
   * the 16-bit units are written into it before anything has seen it.
   */
  #newWide(context: number, text: string, mark: string): ValuePointer {
    const length = mark.length + text.length;
    const filler = this.wasm.malloc(2 * length + 1) as TextPointer;
    this.#heap.fill(FILLER, filler, filler + 2 * length);
    this.#heap[filler + 2 * length] = 0;
    const value = this.wasm.newText(context, filler);
    this.wasm.free(filler);
    const string = this.readWord(value);
    this.writeWord(string + 4, WIDE + length);
    this.#heap.write(mark, string + 16, "utf16le");
    this.#heap.write(text, string + 16 + 2 * mark.length, "utf16le");
    return value;
  }

  /** The text of a VM value, code unit for code unit. Strings are read where they lie, which is 10 times as fast. */
  text(context: number, value: ValuePointer): string {
    if (this.readWord(value + 4) === STRING_TAG) return this.#stringAt(this.readWord(value));
    const pointer = this.wasm.getText(context, value);
    const text = this.#heap.toString("utf8", pointer, this.#heap.indexOf(0, pointer));
    this.wasm.freeText(context, pointer);
    return text;
  }

  /** struct JSString: count, length with the top bit for 16-bit units, hash, next; then the units. */
  #stringAt(pointer: number): string {
    const length = this.readWord(pointer + 4);
    const start = pointer + 16;
    if (length % WIDE > MAX_TEXT) throw new RunStop("E_LIMIT_MEMORY");
    if (length < WIDE) return this.#heap.toString("latin1", start, start + length);
    return this.#heap.toString("utf16le", start, start + 2 * (length - WIDE));
  }

  #imports(host: EngineHost): Record<string, unknown> {
    const broken = (what: string) => () => {
      throw new WebAssembly.RuntimeError(`the engine called ${what}`);
    };
    const functions: Record<Exclude<keyof typeof IMPORTS, "memory">, unknown> = {
      callHost: (context: number, _self: number, _count: number, values: ValuePointer) => {
        const { text, mark } = exchange(this.text(context, values), host.call);
        return this.newText(context, text, mark);
      },
      interrupt: () => {
        host.poll();
        return 0;
      },
      resizeHeap: (bytes: number) => this.#grow(bytes >>> 0, host),
      now: () => this.now,
      localTime: (_seconds: bigint, tm: number) => {
        this.#heap.fill(0, tm, tm + TM_SIZE);
      },
      timeZone: (zone: number, daylight: number) => {
        this.writeWord(zone, 0);
        this.writeWord(daylight, 0);
      },
      environmentSizes: (count: number, size: number) => {
        this.writeWord(count, 0);
        this.writeWord(size, 0);
        return 0;
      },
      environment: () => 0,
      freeHostRef: () => undefined,
      clearKeepalive: () => undefined,
      // 52 and 70: ENOSYS and ESPIPE of WASI.
      writeFile: () => 52,
      closeFile: () => 52,
      seekFile: () => 70,
      normalizeModule: () => 0,
      loadModule: () => 0,
      assertFailed: broken("assert"),
      setTimer: broken("setitimer"),
      abort: broken("abort"),
      exit: broken("exit"),
    };
    const byLetter: Record<string, unknown> = { [IMPORTS.memory]: this.#memory };
    for (const [name, value] of Object.entries(functions)) byLetter[IMPORTS[name as keyof typeof functions]] = value;
    return byLetter;
  }

  /** Grows by at least a fifth, to the maximum; above it the run is over, whether or not the script catches errors. */
  #grow(bytes: number, host: EngineHost): number {
    const current = this.#heap.length / PAGE;
    const needed = Math.ceil(bytes / PAGE);
    if (needed > this.#maximumPages) throw host.refuseGrowth(bytes);
    const wanted = Math.min(this.#maximumPages, Math.max(needed, Math.ceil(current * 1.2)));
    try {
      this.#memory.grow(wanted - current);
    } catch {
      throw host.refuseGrowth(bytes);
    }
    this.#heap = Buffer.from(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    return 1;
  }
}

/** The high word of a JSValue that is a flat string (JS_TAG_STRING, -7); a rope has another tag. */
const STRING_TAG = 0xfffffff9;
const WIDE = 0x80000000;
/** Longer texts V8 could not hold (its own limit is 2^29 - 24 units). */
const MAX_TEXT = 2 ** 28;
/** Any ASCII unit. */
const FILLER = 0x78;

/** sizeof(struct tm): all zero but for what QuickJS reads, the offset to UTC, which is zero as well. */
const TM_SIZE = 44;

function spellOut(letters: Readonly<Record<string, unknown>>): EngineExports {
  const names: Record<string, unknown> = {};
  for (const [name, letter] of Object.entries(EXPORTS)) names[name] = letters[letter];
  return names as unknown as EngineExports;
}
