/** Compartments of the built product, and jobs with bounds that a test may tighten. */
import type { ComputeLimits } from "@agent-run/gate";
import { assetsDirectory, imageHash } from "@agent-run/vm/installation";
import type { Plain } from "../plain.ts";
import { type CompartmentSettings, Compartments } from "./compartments.ts";
import type { ComputeJob } from "./job.ts";

const MIB = 2 ** 20;
/** Time is ample: what must end by fuel or memory ends by that on a slow machine, too. */
const LIMITS: ComputeLimits = { fuel: 500, wallMs: 60_000, memoryBytes: 32 * MIB, outputBytes: 4 * MIB };

export const START_MS = 1_700_000_000_000;

export function compartments(settings: Partial<CompartmentSettings> = {}): Compartments {
  const directory = assetsDirectory();
  const place = { directory, imageSha256: imageHash(directory) };
  return new Compartments({ ...place, maxCalls: 10, ...settings });
}

export const job = (
  source: string,
  inputs: readonly Plain[] = [],
  more: { readonly args?: ComputeJob["args"]; readonly limits?: Partial<ComputeLimits> } = {},
): ComputeJob => ({
  source,
  inputs,
  args: more.args ?? [],
  limits: { ...LIMITS, ...more.limits },
  startMs: START_MS,
});
