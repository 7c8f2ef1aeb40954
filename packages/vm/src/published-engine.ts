/**
 * Loads the engine with its makers' own parts: quickjs-emscripten-core over the loader and the ffi of the variant. Three
 * things are handed in instead of found: the module, compiled from bytes whose hash was checked (the loader would read
 * a file), a memory with a maximum, and imports without ambient powers. Nothing is printed.
 */

import * as variant from "@jitl/quickjs-wasmfile-release-sync/emscripten-module";
import { QuickJSFFI } from "@jitl/quickjs-wasmfile-release-sync/ffi";
import {
  type EmscriptenModuleLoader,
  newQuickJSWASMModuleFromVariant,
  type QuickJSEmscriptenModule,
  type QuickJSWASMModule,
} from "quickjs-emscripten-core";
import type { EngineModule } from "./webassembly-types.ts";

/** Its declarations are for CommonJS, where the default export lies one level deeper. */
const loadEmscripten = variant.default as unknown as EmscriptenModuleLoader<QuickJSEmscriptenModule>;

export interface LoadedEngine {
  readonly quickjs: QuickJSWASMModule;
  readonly emscripten: QuickJSEmscriptenModule;
  /** The C functions by name; stateless, so this one and the core's own are the same. */
  readonly ffi: QuickJSFFI;
  readonly exports: Readonly<Record<string, unknown>>;
}

type Imports = Readonly<Record<string, unknown>>;

/** `replace`: makes the imports of the wasm out of the ones that the loader offers. */
export async function publishedEngine(
  module: EngineModule,
  memory: WebAssembly.Memory,
  replace: (published: Imports) => Imports,
): Promise<LoadedEngine> {
  let exports: LoadedEngine["exports"] = {};
  const options = {
    wasmMemory: memory,
    instantiateWasm(imports: Readonly<Record<string, Imports>>, done: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, { ...imports, a: replace(imports.a ?? {}) });
      exports = instance.exports;
      done(instance);
      return instance.exports;
    },
    print: () => undefined,
    printErr: () => undefined,
  };
  const emscripten = await loadEmscripten(options);
  const quickjs = await newQuickJSWASMModuleFromVariant({
    type: "sync",
    importFFI: async () => QuickJSFFI,
    importModuleLoader: async () => async () => emscripten,
  });
  return { quickjs, emscripten, ffi: new QuickJSFFI(emscripten), exports };
}
