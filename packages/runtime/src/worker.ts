/**
 * Entry of a run's worker thread. It holds the VM, the gate, the record and the synchronous effects of one run at a
 * time; network, processes and people are errands to the supervisor. Whatever goes wrong here ends as a report or as a
 * dead worker, never as an effect (DEFAULT-NO).
 */
import { setFlagsFromString } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { protectedInodes, sealedInodes } from "@agent-run/effects";
import type { ProtectedInode } from "@agent-run/gate";
import { Policy } from "@agent-run/policy";
import { Machine } from "@agent-run/vm";
import { Channel } from "./channel.ts";
import { loadEngine } from "./engine.ts";
import { GuestMachine } from "./guest/guest-machine.ts";
import type { Boot, ToWorker, WorkerSettings } from "./protocol.ts";
import { runOne } from "./run-one.ts";

/** V8's own budget, in the version that made the build. */
declare const __TIERING__: { readonly v8: string; readonly budget: number };

// Read and compiled before the policy is known: this thread has nothing else to do.
const settings = workerData as WorkerSettings;
const engine = settings.oneShot ? withLateTiering(loadEngine) : loadEngine();

/**
 * V8 recompiles what of the engine's WASM runs often, in the background, and a process cannot exit before that is done:
 * up to 65 ms. A one-shot run puts it off until a script has computed for a while. The budget is read when a module is
 * compiled; with other flags than its own, V8 would compile all of Node's modules and ours anew.
 */
function withLateTiering<T>(compile: () => T): T {
  setFlagsFromString("--wasm-tiering-budget=100000000");
  const compiled = compile();
  if (process.versions.v8 === __TIERING__.v8) setFlagsFromString(`--wasm-tiering-budget=${__TIERING__.budget}`);
  return compiled;
}

parentPort?.once("message", async (boot: Boot) => {
  const channel = new Channel(boot.port, boot.signal);
  const policy = Policy.revive(boot.policy);
  const { maxMemoryBytes, maxStackBytes } = boot.policy.limits;
  const size = { maxMemoryBytes, maxStackBytes };
  const machine =
    boot.policy.isolation === "process"
      ? await GuestMachine.create(size, settings.oneShot)
      : await Machine.create(engine.assets, size);
  const host = { boot, policy, machine, channel, engine, protectedInodes: inodesOf(boot) };
  boot.port.on("message", (message: ToWorker) => {
    if (message.kind === "answer") return channel.deliver(message);
    if (message.kind === "note") return channel.note(message);
    void runOne(host, message).then((end) => channel.tell({ kind: "end", end }));
  });
  channel.tell({ kind: "ready" });
});

/** Inodes of what no rule opens: ours, and the policy's files. Looked up once. */
function inodesOf({ facts, policy }: Boot): () => readonly ProtectedInode[] {
  let found: readonly ProtectedInode[] | undefined;
  const layers = [policy, ...policy.ceilings];
  const policyFiles = layers.flatMap(({ files }) =>
    files.map(({ path }) => ({ path, access: "all" as const, what: "the policy of this run" })),
  );
  return () => {
    found ??= [
      ...protectedInodes([...facts.protectedPaths, ...policyFiles]),
      ...layers.flatMap((layer) => (layer.localOnly?.mode === "sealed" ? sealedInodes(layer) : [])),
    ];
    return found;
  };
}
