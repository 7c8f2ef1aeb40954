/**
 * The part of the WebAssembly JavaScript API that the engine uses; neither ES2023's nor Node's types declare it.
 * Types only: nothing here exists at run time.
 */
declare global {
  namespace WebAssembly {
    interface Module {
      readonly [Symbol.toStringTag]: "WebAssembly.Module";
    }
    const Module: { new (bytes: Uint8Array): Module };

    interface Instance {
      readonly exports: Exports;
    }
    const Instance: {
      new (module: Module, imports: Imports): Instance;
    };

    type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    type Exports = Readonly<Record<string, unknown>>;

    interface Memory {
      readonly buffer: ArrayBuffer;
      /** Adds pages of 64 KiB, returns the former number of pages; throws above the maximum. */
      grow(pages: number): number;
    }
    const Memory: { new (size: { initial: number; maximum: number }): Memory };

    interface Table {
      readonly length: number;
      grow(entries: number): number;
      set(index: number, entry: unknown): void;
    }
    /** A trap: out of bounds, unreachable, a call through a null pointer. */
    interface RuntimeError extends Error {}
    const RuntimeError: { new (message?: string): RuntimeError };
  }
}

export type EngineModule = WebAssembly.Module;
