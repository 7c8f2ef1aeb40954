/** Starts the thread of a run's worker. A file of its own, so that the command can start it before it loads the rest. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { STACK_MB } from "@agent-run/vm/heap";
import { assetsDirectory } from "./assets.ts";
import { MAX_HEAP_MB } from "./heap.ts";
import type { WorkerSettings } from "./protocol.ts";

/** The thread sees nothing of this process's environment and options. */
export const startThread = (settings: WorkerSettings, heapMb = MAX_HEAP_MB): Worker =>
  new Worker(join(assetsDirectory(), "thread.cjs"), {
    resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: heapMb },
    env: {},
    workerData: settings,
    execArgv: [],
    argv: [],
    // Descriptors are closed by what opened them; keeping track costs a millisecond at start.
    trackUnmanagedFds: false,
  });
