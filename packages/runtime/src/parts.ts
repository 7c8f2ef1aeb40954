/** The parts that every worker of a runtime gets: the engine, loaded and verified once, and the host's facts. */
import { protectedInodes, operatorEnvironment } from "@agent-run/effects";
import type { PolicyData, ProtectedPath } from "@agent-run/policy";
import { loadEngine as readEngine } from "@agent-run/vm";
import { homedir } from "node:os";
import { join } from "node:path";
import { Supervisor } from "./supervisor.ts";
import { assetsDirectory, installationDirectory } from "./assets.ts";
import type { Boot, HostFacts } from "./protocol.ts";
import { version } from "./version.ts";

export type EngineParts = Pick<Boot, "wasm" | "image" | "engine">;

let engine: EngineParts | undefined;

/** Compiled once a process; throws if a file is missing or is not the one that was built. */
export function loadEngine(): EngineParts {
  engine ??= readEngine(assetsDirectory());
  return engine;
}

/** Starts a worker's thread; it is booted later, with a policy. */
export const launchWorker = (): Supervisor => new Supervisor(join(assetsDirectory(), "worker.cjs"));
