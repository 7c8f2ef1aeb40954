/**
 * How the host learns of unhandled rejections. QuickJS has a hook for them (host_promise_rejection_tracker), but the
 * published wasm exports neither the setter nor its function table. So the table is exported: one entry is added to the
 * export section when the file is compiled (the code stays as published), and the hook is a function of ours in a new
 * slot of that table. Without it `main()` with a forgotten `await` would fail in silence.
 */

import { createHash } from "node:crypto";
import { ENGINE_SHA256 } from "./wasm-abi.ts";
import type { EngineModule } from "./webassembly-types.ts";

export const TABLE = "table";

/** Compiles the engine; throws if the bytes are not the pinned file. About 3 ms, the code itself lazily. */
export function compileEngine(wasm: Uint8Array): EngineModule {
  const found = createHash("sha256").update(wasm).digest("hex");
  if (found !== ENGINE_SHA256) throw new Error(`the engine's wasm has the SHA-256 ${found}, not ${ENGINE_SHA256}`);
  return new WebAssembly.Module(exportTable(wasm));
}

/** Called by QuickJS when a promise is rejected without a handler, and again when it gets one. */
export type RejectionHook = (context: number, promise: bigint, reason: bigint, handled: number, opaque: number) => void;

/** Wraps a host function so that the table takes it; C: (JSContext*, JSValue, JSValue, BOOL, void*) -> void. */
export function tableFunction(hook: RejectionHook): unknown {
  trampoline ??= new WebAssembly.Module(TRAMPOLINE);
  return new WebAssembly.Instance(trampoline, { e: { t: hook } }).exports.t;
}

let trampoline: EngineModule | undefined;

/** `(module (import "e" "t" (func (param i32 i64 i64 i32 i32))) (export "t" (func 0)))` */
const TRAMPOLINE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x09, 0x01, 0x60, 0x05, 0x7f, 0x7e, 0x7e, 0x7f, 0x7f, 0x00],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x74, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x74, 0x00, 0x00],
);

const EXPORT_SECTION = 7;
const TABLE_KIND = 1;

/** Adds `(export "table" (table 0))`. */
function exportTable(wasm: Uint8Array): Uint8Array {
  let at = 8;
  while (at < wasm.length) {
    const size = readNumber(wasm, at + 1);
    const end = size.end + size.value;
    if (wasm[at] === EXPORT_SECTION) {
      const count = readNumber(wasm, size.end);
      const entry = [TABLE.length, ...new TextEncoder().encode(TABLE), TABLE_KIND, 0];
      const body = [...writeNumber(count.value + 1), ...entry, ...wasm.subarray(count.end, end)];
      const section = [EXPORT_SECTION, ...writeNumber(body.length), ...body];
      return Buffer.concat([wasm.subarray(0, at), Uint8Array.from(section), wasm.subarray(end)]);
    }
    at = end;
  }
  throw new Error("the engine's wasm has no export section");
}

/** LEB128, unsigned. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let end = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[end++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end };
  }
}

function writeNumber(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...writeNumber(value >>> 7)];
}
