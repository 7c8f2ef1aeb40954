/**
 * How much V8 heap the thread of a run may take. Its script's memory is elsewhere (WASM, `max_memory`); here are its texts
 * on their way, parsed and answered, in bounds that grow with that memory. The limit must lie above all of that: where one
 * allocation does not fit, V8 ends the process and not the thread.
 */
import { LIMITS, type Limits } from "@agent-run/policy";

const MIB = 2 ** 20;
/** What our own code and its garbage take. With less than 192, V8 collects the whole heap while a run starts. */
const OWN_MB = 192;
/** A request as text and parsed, the answer to it, and what stands between two collections. */
const FACTOR = 6;

export const heapMb = ({ maxMemoryBytes }: Pick<Limits, "maxMemoryBytes">): number =>
  OWN_MB + FACTOR * Math.ceil(maxMemoryBytes / MIB);

/** For a thread that starts before its policy is known. */
export const MAX_HEAP_MB = heapMb({ maxMemoryBytes: LIMITS.max_memory.max });
