/** The worker of hostile-worker.test.ts: runs programs on a machine as the product's worker does, and nothing else. */
import { parentPort, workerData } from "node:worker_threads";
import { Machine } from "./machine.ts";
import type { EngineAssets, MachineSize } from "./run.ts";

export interface WorkerInput {
  readonly assets: EngineAssets;
  readonly size: MachineSize;
  /** One word: 1 asks for the end of the run. */
  readonly stop: SharedArrayBuffer;
}

const { assets, size, stop } = workerData as WorkerInput;
const asked = new Int32Array(stop);
let machine = await Machine.create(assets, size);

parentPort?.on("message", async (code: string) => {
  const end = machine.run(
    { code, name: "script.js" },
    { args: [], input: null, seed: 1, startMs: 0 },
    {
      call: () => '{"ok":null}',
      nextSettlement: () => null,
      stop: () => (Atomics.load(asked, 0) === 1 ? "E_LIMIT_TIME" : null),
    },
  );
  if (!end.reusable) machine = await Machine.create(assets, size);
  parentPort?.postMessage(end);
});
parentPort?.postMessage("ready");
