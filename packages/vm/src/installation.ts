/**
 * Where the built parts are: the worker's bundle, the engine and its image. In the published package they lie beside
 * the bundle; in a checkout in `dist/` of its top; and where a bundler put this code into a program's own file, in the
 * package as that file finds it.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

declare const __IMAGE_SHA256__: string | undefined;

/** Folder of `worker.cjs`, `quickjs.wasm`, `vm.image` and `presets/`. */
export function assetsDirectory(): string {
  const file = fileURLToPath(import.meta.url);
  const here = dirname(file);
  const found = [here, join(here, "../../../dist")].find(isInstallation) ?? packageOf(file);
  if (found !== null) return found;
  throw new Error("the built parts of agent-run are missing: install the package `agent-run` beside this program");
}

const isInstallation = (directory: string): boolean => existsSync(join(directory, "worker.cjs"));

/** Never by the directory that a program is started in: what lies there may be anybody's. */
function packageOf(file: string): string | null {
  try {
    const directory = dirname(createRequire(file).resolve("agent-run"));
    return isInstallation(directory) ? directory : null;
  } catch {
    return null;
  }
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
