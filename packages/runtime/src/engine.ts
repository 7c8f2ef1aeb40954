/** The engine's two files, read from the installation and held against what was built. */
import { ENGINE_SHA256, type EngineAssets, loadAssets } from "@agent-run/vm";
import { assetsDirectory, imageHash } from "./assets.ts";

export interface LoadedEngine {
  readonly assets: EngineAssets;
  /** Hex SHA-256 of both, for the record. */
  readonly hashes: { readonly wasm: string; readonly image: string };
}

/** Throws if a file is missing or is not the one that was built. */
export function loadEngine(): LoadedEngine {
  const directory = assetsDirectory();
  const image = imageHash(directory);
  return { assets: loadAssets(directory, image), hashes: { wasm: ENGINE_SHA256, image } };
}
