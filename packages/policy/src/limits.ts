/**
 * The limits of a run. Units are in the names; ranges and defaults are what `[runtime]` accepts
 * (outside: the policy does not load).
 */
export interface Limits {
  readonly maxSeconds: number;
  readonly maxMemoryBytes: number;
  readonly maxStackBytes: number;
  readonly maxOutputBytes: number;
  readonly maxCalls: number;
  readonly maxConcurrency: number;
  readonly maxResponseBytes: number;
  readonly maxFileBytes: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** Policy key, unit, default and inclusive range of each limit. */
export const LIMITS = {
  max_seconds: { field: "maxSeconds", unit: "seconds", default: 30, min: 0.05, max: 86_400 },
  max_memory: { field: "maxMemoryBytes", unit: "bytes", default: 64 * MiB, min: 16 * MiB, max: 1024 * MiB },
  max_stack: { field: "maxStackBytes", unit: "bytes", default: 512 * KiB, min: 64 * KiB, max: MiB },
  max_output: { field: "maxOutputBytes", unit: "bytes", default: MiB, min: 0, max: 64 * MiB },
  max_calls: { field: "maxCalls", unit: "count", default: 10_000, min: 0, max: 10_000_000 },
  max_concurrency: { field: "maxConcurrency", unit: "count", default: 8, min: 1, max: 256 },
  max_response: { field: "maxResponseBytes", unit: "bytes", default: 10 * MiB, min: 0, max: 256 * MiB },
  max_file: { field: "maxFileBytes", unit: "bytes", default: 50 * MiB, min: 0, max: 256 * MiB },
} as const satisfies Record<
  string,
  { field: keyof Limits; unit: "seconds" | "bytes" | "count"; default: number; min: number; max: number }
>;
