/**
 * Entry of a run's worker thread. It holds the VM, the gate, the record and the synchronous effects of one run at a
 * time; network, processes and people are errands to the supervisor. Whatever goes wrong here ends as a report or as a
 * dead worker, never as an effect (DEFAULT-NO).
 */
import { parentPort } from "node:worker_threads";
import { Policy } from "@agent-run/policy";
import { Machine } from "@agent-run/vm";
import { Channel } from "./channel.ts";
import type { Boot, ToWorker } from "./protocol.ts";
import { runOne } from "./run-one.ts";

parentPort?.once("message", (boot: Boot) => {
  const channel = new Channel(boot.port, boot.signal);
  const policy = Policy.revive(boot.policy);
  const { maxMemoryBytes, maxStackBytes } = boot.policy.limits;
  const machine = Machine.create({ wasm: boot.wasm, image: boot.image }, { maxMemoryBytes, maxStackBytes });
  boot.port.on("message", (message: ToWorker) => {
    if (message.kind !== "run") return;
    void runOne({ boot, policy, machine, channel }, message).then((end) => channel.tell({ kind: "end", end }));
  });
  channel.tell({ kind: "ready" });
});
