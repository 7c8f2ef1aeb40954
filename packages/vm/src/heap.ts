/**
 * How much V8 heap a thread with a machine may take. Its script's memory is elsewhere (WASM, `max_memory`); here are its texts
 * on their way, parsed and answered, in bounds that grow with that memory. The limit must lie above all of that: where one
 * allocation does not fit, V8 ends the process and not the thread.
 */
import type { MachineSize } from "./run.ts";

const MIB = 2 ** 20;
/** What our own code and its garbage take. With less than 192, V8 collects the whole heap while a run starts. */
const OWN_MB = 192;
/** A request as text and parsed, the answer to it, and what stands between two collections. */
const FACTOR = 6;

export const heapMb = ({ maxMemoryBytes }: Pick<MachineSize, "maxMemoryBytes">): number =>
  OWN_MB + FACTOR * Math.ceil(maxMemoryBytes / MIB);

/**
 * What keeps QuickJS's own stack check in charge: with less, V8 runs out first, in the middle of the engine's C frames.
 */
export const STACK_MB = 32;
