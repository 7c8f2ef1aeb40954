/** What every worker of a runtime gets: its thread, and the host's facts. */
import type { Worker } from "node:worker_threads";
import type { ProtectedPath } from "@agent-run/policy";
import { homeDirectory } from "./places.ts";
import type { HostFacts } from "./protocol.ts";
import { Supervisor } from "./supervisor.ts";
import { version } from "./version.ts";

/** A worker; it is booted later, with a policy. `thread`: one that was started early. */
export const launchWorker = (thread: Worker): Supervisor => new Supervisor(thread);

/** What effects need to know of the host. */
export function hostFacts(
  protectedPaths: readonly ProtectedPath[],
  environment: Readonly<Record<string, string>>,
  listeners: readonly number[] = [],
): HostFacts {
  return { version, home: homeDirectory() ?? "/", environment, protectedPaths, listeners };
}
