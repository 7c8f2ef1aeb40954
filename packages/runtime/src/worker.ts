/**
 * Entry of a run's worker thread. It holds the VM, the gate, the record and the synchronous effects of one run at a
 * time; network, processes and people are errands to the supervisor. Whatever goes wrong here ends as a report or as a
 * dead worker, never as an effect (DEFAULT-NO).
 */
import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { protectedInodes } from "@agent-run/effects";
import type { ProtectedInode } from "@agent-run/gate";
import { Policy } from "@agent-run/policy";
import { Machine } from "@agent-run/vm";
import { Channel } from "./channel.ts";
import { loadEngine } from "./engine.ts";
import type { Boot, ToWorker, WorkerSettings } from "./protocol.ts";
import { runOne } from "./run-one.ts";

/**
 * V8 recompiles what of the engine's WASM runs often, in the background, and a process cannot exit before that is done:
 * up to 65 ms. A one-shot run puts it off until a script has computed for a while.
 */
if ((workerData as WorkerSettings).oneShot) setFlagsFromString("--wasm-tiering-budget=100000000");

// Read and compiled before the policy is known: this thread has nothing else to do.
const engine = loadEngine();

parentPort?.once("message", async (boot: Boot) => {
  const channel = new Channel(boot.port, boot.signal);
  const policy = Policy.revive(boot.policy);
  const { maxMemoryBytes, maxStackBytes } = boot.policy.limits;
  const machine = await Machine.create(engine.assets, { maxMemoryBytes, maxStackBytes });
  const host = { boot, policy, machine, channel, engine, protectedInodes: inodesOf(boot) };
  boot.port.on("message", (message: ToWorker) => {
    if (message.kind !== "run") return;
    void runOne(host, message).then((end) => channel.tell({ kind: "end", end }));
  });
  channel.tell({ kind: "ready" });
});

/** Inodes of what no rule opens: ours, and the policy's files. Looked up once. */
function inodesOf({ facts, policy }: Boot): () => readonly ProtectedInode[] {
  let found: readonly ProtectedInode[] | undefined;
  const policyFiles = policy.files.map(({ path }) => ({
    path,
    access: "all" as const,
    what: "the policy of this run",
  }));
  return () => {
    found ??= protectedInodes([...facts.protectedPaths, ...policyFiles]);
    return found;
  };
}
