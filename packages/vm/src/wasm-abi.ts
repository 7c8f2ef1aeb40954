/**
 * The minified names of the engine's wasm file, spelled out. They belong to one file and no other: the asset loader and
 * the image builder refuse a wasm whose SHA-256 is not ENGINE_SHA256, so a letter can never mean something else. The
 * package's own loader is not used: it is asynchronous, reads files and the clock, and prints to the console.
 */
export const ENGINE_SHA256 = "105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232";

/** A JSValue* on the VM's heap; 0 is none. */
export type ValuePointer = number & { readonly brand: "JSValue*" };
/** A NUL-terminated text on the VM's heap. */
export type TextPointer = number & { readonly brand: "char*" };

/** What we call: our name, the C name in the comment, the letter in the file. */
export const EXPORTS = {
  construct: "u", // __wasm_call_ctors
  malloc: "v",
  free: "M",
  setMaxStackSize: "D", // QTS_RuntimeSetMaxStackSize
  getUndefined: "E", // QTS_GetUndefined
  newRuntime: "K", // QTS_NewRuntime
  newContext: "N", // QTS_NewContext
  freeValue: "P", // QTS_FreeValuePointer
  freeText: "S", // QTS_FreeCString
  dupValue: "T", // QTS_DupValuePointer
  newObject: "U", // QTS_NewObject
  getNumber: "Z", // QTS_GetFloat64
  newText: "_", // QTS_NewString
  getText: "$", // QTS_GetString
  isJobPending: "fa", // QTS_IsJobPending
  executeJobs: "ga", // QTS_ExecutePendingJob
  getProperty: "ha", // QTS_GetProp
  setProperty: "ja", // QTS_SetProp
  call: "ma", // QTS_Call
  takeException: "na", // QTS_ResolveException
  evaluate: "pa", // QTS_Eval
  newFunction: "Da", // QTS_NewFunction
  enableInterrupts: "Fa", // QTS_RuntimeEnableInterruptHandler
  restoreStack: "Ma", // _emscripten_stack_restore
  currentStack: "Oa", // emscripten_stack_get_current
} as const;

export interface EngineExports {
  construct(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  setMaxStackSize(runtime: number, bytes: number): void;
  getUndefined(): ValuePointer;
  newRuntime(): number;
  /** `intrinsics` 0: all of them. */
  newContext(runtime: number, intrinsics: number): number;
  freeValue(context: number, value: ValuePointer): void;
  freeText(context: number, text: TextPointer): void;
  dupValue(context: number, value: ValuePointer): ValuePointer;
  newObject(context: number): ValuePointer;
  getNumber(context: number, value: ValuePointer): number;
  newText(context: number, text: TextPointer): ValuePointer;
  getText(context: number, value: ValuePointer): TextPointer;
  isJobPending(runtime: number): number;
  /** Runs at most `most` jobs (-1: all); the number that ran, or what a job threw. */
  executeJobs(runtime: number, most: number, contextOut: number): ValuePointer;
  getProperty(context: number, target: ValuePointer, key: ValuePointer): ValuePointer;
  setProperty(context: number, target: ValuePointer, key: ValuePointer, value: ValuePointer): void;
  call(context: number, fn: ValuePointer, self: ValuePointer, count: number, values: number): ValuePointer;
  /** The thrown value if `result` stands for an exception, else 0. */
  takeException(context: number, result: ValuePointer): ValuePointer;
  evaluate(
    context: number,
    code: TextPointer,
    bytes: number,
    name: TextPointer,
    detectModule: number,
    flags: number,
  ): ValuePointer;
  newFunction(context: number, name: TextPointer, length: number, isConstructor: number, id: number): ValuePointer;
  enableInterrupts(runtime: number): void;
  restoreStack(pointer: number): void;
  currentStack(): number;
}

/** JS_EVAL_FLAG_STRICT: global code, strict. */
export const EVALUATE_STRICT = 1 << 3;

/** What the engine calls: the letter of each import. `memory` is a Memory, the rest are functions. */
export const IMPORTS = {
  memory: "a",
  assertFailed: "b", // __assert_fail
  writeFile: "c", // fd_write
  closeFile: "d", // fd_close
  environment: "e", // environ_get
  environmentSizes: "f", // environ_sizes_get
  normalizeModule: "g", // qts_host_normalize_module
  loadModule: "h", // qts_host_load_module_source
  interrupt: "i", // qts_host_interrupt_handler
  setTimer: "j", // _setitimer_js
  resizeHeap: "k", // emscripten_resize_heap
  clearKeepalive: "l", // _emscripten_runtime_keepalive_clear
  localTime: "m", // _localtime_js
  timeZone: "n", // _tzset_js
  seekFile: "o", // fd_seek
  now: "p", // emscripten_date_now
  abort: "q", // _abort_js
  exit: "r", // proc_exit
  callHost: "s", // qts_host_call_function
  freeHostRef: "t", // qts_host_free_host_ref
} as const;
