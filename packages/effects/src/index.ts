/**
 * The operations of scripts, and what the host itself (never a script) needs of the machine. Handlers of the errands
 * that the main thread does live apart, in `./errands.ts`, as only that thread loads them.
 */
import type { AnyOperation } from "@agent-run/gate";
import { envOperations } from "./env/operations.ts";
import { fsOperations } from "./fs/operations.ts";
import { netOperations } from "./net/operations.ts";
import { subprocessOperations } from "./subprocess/operations.ts";

export { sweepTemporaries } from "./fs/temporary.ts";
export { learningOperations } from "./learning.ts";
export { type CommandPolicy, type FoundCommands, resolveCommands } from "./operator/commands.ts";
export { countToday } from "./operator/day-counter.ts";
export { discoverPolicy } from "./operator/discover.ts";
export { operatorEnvironment } from "./operator/environment.ts";
export { forgetVariables } from "./operator/forget-variables.ts";
export { homes } from "./operator/homes.ts";
export { type DiskKind, entriesIn, isProgram, isThere, kindAt } from "./operator/host-disk.ts";
export { judgeMachineFile } from "./operator/machine-file.ts";
export { makeOverlay, removeOverlay } from "./operator/overlay-directory.ts";
export { policyWorld } from "./operator/policy-world.ts";
export { protectedInodes } from "./operator/protected-inodes.ts";
export { sealedInodes } from "./operator/sealed-inodes.ts";
export { addTrust, isTrusted, wasTrusted } from "./operator/trust.ts";
export { wayTo } from "./operator/way.ts";
export { isNeverForChildren } from "./subprocess/child-names.ts";
export { coverings } from "./subprocess/inherited-fds.ts";
export { detectJail, jailWords } from "./subprocess/jail/bwrap.ts";
export { whereItLeads } from "./subprocess/path-arguments.ts";

/** Everything a script can ask for. */
export const operations: readonly AnyOperation[] = [
  ...fsOperations,
  ...envOperations,
  ...netOperations,
  ...subprocessOperations,
];
