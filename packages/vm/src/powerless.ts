/**
 * Takes the ambient powers out of the published loader's imports, so that a run depends on nothing but its inputs: the
 * clock is a number the owner sets, the time zone is UTC, there is no environment, no timer of the host's, no end of
 * the process, and memory grows within the run's limit or ends the run. What is left reads and writes the VM's own
 * memory and calls `callbacks`, which are ours.
 */
import type { EngineMemory } from "./engine-memory.ts";
import type { RunStop } from "./run-stop.ts";
import { IMPORTS } from "./wasm-abi.ts";

export interface Clock {
  /** What `Date` reads, in milliseconds. */
  now: number;
}

type Imports = Readonly<Record<string, unknown>>;

/** `refuseGrowth`: what is thrown through the VM when memory is not granted. */
export function withoutPowers(
  published: Imports,
  memory: EngineMemory,
  clock: Clock,
  refuseGrowth: (bytes: number) => RunStop,
): Imports {
  const resizePublished = published[IMPORTS.resizeHeap] as (bytes: number) => boolean;
  const functions: Record<keyof typeof IMPORTS, unknown> = {
    now: () => clock.now,
    localTime: (_seconds: bigint, tm: number) => {
      memory.heap.fill(0, tm, tm + TM_SIZE);
    },
    timeZone: (zone: number, daylight: number) => {
      memory.writeWord(zone, 0);
      memory.writeWord(daylight, 0);
    },
    environmentSizes: (count: number, size: number) => {
      memory.writeWord(count, 0);
      memory.writeWord(size, 0);
      return 0;
    },
    environment: () => 0,
    setTimer: broken("setitimer"),
    exit: broken("exit"),
    // The loader's own resize stops up to 5 % below the maximum. So the memory is grown here, and the loader, asked for
    // the size that is there by now, grows by nothing and renews its views, which detaches the buffer once more.
    resizeHeap: (bytes: number) => {
      if (!memory.grow(bytes >>> 0) || !resizePublished(memory.heap.length)) throw refuseGrowth(bytes >>> 0);
      memory.renewViews();
      return 1;
    },
  };
  const byLetter: Record<string, unknown> = { ...published };
  for (const [name, letter] of Object.entries(IMPORTS)) byLetter[letter] = functions[name as keyof typeof IMPORTS];
  return byLetter;
}

const broken = (what: string) => () => {
  throw new WebAssembly.RuntimeError(`the engine called ${what}`);
};

/** sizeof(struct tm): all zero but for what QuickJS reads, the offset to UTC, which is zero as well. */
const TM_SIZE = 44;
