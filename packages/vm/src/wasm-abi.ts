/**
 * The few minified names of the engine's wasm file that we touch ourselves; all others are the published loader's and
 * the C names (`QTS_*`) of its ffi. Letters belong to one file and no other: the asset loader and the image builder
 * refuse a wasm whose SHA-256 is not ENGINE_SHA256, so a letter can never mean something else.
 */
export const ENGINE_SHA256 = "105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232";

/** Imports that the published loader would serve from the host's clock, zone, environment, timers and process. */
export const IMPORTS = {
  environment: "e", // environ_get
  environmentSizes: "f", // environ_sizes_get
  setTimer: "j", // _setitimer_js
  resizeHeap: "k", // emscripten_resize_heap
  localTime: "m", // _localtime_js
  timeZone: "n", // _tzset_js
  now: "p", // emscripten_date_now
  exit: "r", // proc_exit
} as const;

/** Exports that the published loader keeps to itself. */
export const EXPORTS = {
  restoreStack: "Ma", // _emscripten_stack_restore
  currentStack: "Oa", // emscripten_stack_get_current
} as const;

/** The stack pointer of the wasm: its one mutable global, so the only state besides the memory. */
export interface StackPointer {
  restoreStack(pointer: number): void;
  currentStack(): number;
}
