/** The parts that every worker of a runtime gets: the engine, loaded and verified once, and the host's facts. */
import { join } from "node:path";
import { homes, operatorEnvironment, protectedInodes } from "@agent-run/effects";
import type { PolicyData, ProtectedPath } from "@agent-run/policy";
import { ENGINE_SHA256, loadAssets } from "@agent-run/vm";
import { assetsDirectory, imageHash } from "./assets.ts";
import type { Boot, HostFacts } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";
import { version } from "./version.ts";

export type EngineParts = Pick<Boot, "wasm" | "image" | "engine">;

let engine: EngineParts | undefined;

/** Read and compiled once a process; throws if a file is missing or is not the one that was built. */
export function loadEngine(): EngineParts {
  if (engine === undefined) {
    const directory = assetsDirectory();
    const image = imageHash(directory);
    engine = { ...loadAssets(directory, image), engine: { wasm: ENGINE_SHA256, image } };
  }
  return engine;
}

/** Starts a worker's thread; it is booted later, with a policy. */
export const launchWorker = (): Supervisor => new Supervisor(join(assetsDirectory(), "worker.cjs"));

/** What effects need to know of the host. */
export function hostFacts(
  policy: PolicyData,
  protectedPaths: readonly ProtectedPath[],
  environment: Readonly<Record<string, string>> = operatorEnvironment(),
): HostFacts {
  const policyFiles = policy.files.map(({ path }) => ({
    path,
    access: "all" as const,
    what: "the policy of this run",
  }));
  return {
    version,
    home: homes()[0] ?? "/",
    environment,
    protectedPaths,
    protectedInodes: protectedInodes([...protectedPaths, ...policyFiles]),
  };
}
