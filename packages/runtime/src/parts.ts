/** What every worker of a runtime gets: its thread, and the host's facts. */
import { join } from "node:path";
import { homes, operatorEnvironment, protectedInodes } from "@agent-run/effects";
import type { PolicyData, ProtectedPath } from "@agent-run/policy";
import { assetsDirectory } from "./assets.ts";
import type { HostFacts, WorkerSettings } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";
import { version } from "./version.ts";

/** Starts a worker's thread; it is booted later, with a policy. */
export const launchWorker = (settings: WorkerSettings = { oneShot: false }): Supervisor =>
  new Supervisor(join(assetsDirectory(), "worker.cjs"), settings);

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
