/** Gives a learning run its copy, and takes it away again, however the run ends. */
import { makeOverlay, removeOverlay } from "@agent-run/effects";
import type { Failure } from "@agent-run/policy";
import type { StartRun, WorkerEnd } from "./protocol.ts";

export interface LearningPlace {
  readonly root: string;
  readonly network: boolean;
  failed(failure: Failure): WorkerEnd;
}

export async function inCopy(
  { root, network, failed }: LearningPlace,
  start: StartRun,
  run: (start: StartRun) => Promise<WorkerEnd>,
): Promise<WorkerEnd> {
  const place = makeOverlay(root);
  if (!place.ok) return failed(place.failure);
  try {
    return await run({ ...start, learning: { overlay: place.value, network } });
  } finally {
    removeOverlay(place.value);
  }
}
