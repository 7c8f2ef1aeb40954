/** The V8 heap of a run's thread. */
import { LIMITS } from "@agent-run/policy";
import { heapMb } from "@agent-run/vm/heap";

export { heapMb };

/** For a thread that starts before its policy is known. */
export const MAX_HEAP_MB = heapMb({ maxMemoryBytes: LIMITS.max_memory.max });
