/**
 * Where the built parts are: the worker's bundle, the engine and its image. In the published package they lie beside
 * the bundle; in a checkout in `dist/` of its top.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

declare const __IMAGE_SHA256__: string | undefined;

/** Folder of `worker.cjs`, `quickjs.wasm`, `vm.image` and `presets/`. */
export function assetsDirectory(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [here, join(here, "../../../dist")];
  const found = candidates.find((directory) => existsSync(join(directory, "worker.cjs")));
  if (found === undefined) throw new Error("the built parts of agent-run are missing: run `npm run build`");
  return found;
}

/** A part of the build, or null if it is not there. */
export function readPart(assets: string, name: string): Buffer | null {
  try {
    return readFileSync(join(assets, name));
  } catch {
    return null;
  }
}

/** Hex SHA-256 of the engine's image: compiled into the bundles; sources that run without one believe the build's note. */
export function imageHash(assets: string): string {
  if (typeof __IMAGE_SHA256__ === "string") return __IMAGE_SHA256__;
  return readFileSync(join(assets, "vm.image.sha256"), "utf8").trim();
}
