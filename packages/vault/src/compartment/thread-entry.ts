/**
 * First file of a compartment's thread. It holds a machine and nothing else: no files, no network, no environment. One
 * job at a time; whatever goes wrong outside a job ends the thread, which its owner takes for a failed job.
 */
import { workerData } from "node:worker_threads";
import { loadAssets, Machine } from "@agent-run/vm";
import type { FromThread, ThreadSettings, ToThread } from "./protocol.ts";
import { runJob } from "./run-job.ts";

const MAX_STACK_BYTES = 512 * 1024;

const settings = workerData as ThreadSettings;
const { directory, imageSha256, memoryBytes, port } = settings;
const tell = (message: FromThread): void => port.postMessage(message);
const size = { maxMemoryBytes: memoryBytes, maxStackBytes: MAX_STACK_BYTES };

Machine.create(loadAssets(directory, imageSha256), size).then((machine) => {
  port.on("message", (message: ToThread) => {
    // An answer that comes after its block is over is nobody's.
    if (message.kind === "job") tell(runJob(machine, message, settings));
  });
  tell({ kind: "ready" });
});
