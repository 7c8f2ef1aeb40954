/** What every worker of a runtime gets: its thread, and the host's facts. */
import { join } from "node:path";
import { homes, operatorEnvironment } from "@agent-run/effects";
import type { ProtectedPath } from "@agent-run/policy";
import { assetsDirectory } from "./assets.ts";
import type { HostFacts, WorkerSettings } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";
import { version } from "./version.ts";

/** Starts a worker's thread; it is booted later, with a policy. */
export const launchWorker = (settings: WorkerSettings = { oneShot: false }): Supervisor =>
  new Supervisor(join(assetsDirectory(), "worker.cjs"), settings);

/** What effects need to know of the host. */
export function hostFacts(
  protectedPaths: readonly ProtectedPath[],
  environment: Readonly<Record<string, string>> = operatorEnvironment(),
): HostFacts {
  return { version, home: homes()[0] ?? "/", environment, protectedPaths };
}
