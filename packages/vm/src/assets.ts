/**
 * Reads the engine's two files from the installation. Both are code: a byte that differs from what the build made would
 * be a hole in the wall, so both are hashed before use (the wasm in `compileEngine`). The one file of this package that
 * touches the disk.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineAssets } from "./run.ts";
import { compileEngine } from "./wasm-table.ts";

export const WASM_FILE = "quickjs.wasm";
export const IMAGE_FILE = "vm.image";

/** Throws if a file is missing or is not what `imageSha256` (hex, compiled into the bundle) and the pinned wasm say. */
export function loadAssets(directory: string, imageSha256: string): EngineAssets {
  const image = readFileSync(join(directory, IMAGE_FILE));
  const found = createHash("sha256").update(image).digest("hex");
  if (found !== imageSha256) throw new Error(`${IMAGE_FILE} in ${directory} is not the one this build was made with`);
  return { wasm: compileEngine(readFileSync(join(directory, WASM_FILE))), image };
}
