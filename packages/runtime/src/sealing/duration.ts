import { fail, type Json, ok, type Result } from "@agent-run/gate";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
/** Longer waits are no waits for sealed work. */
const MAX_MS = 600_000;

/** `"500ms"`, `"30s"`, `"2m"` in milliseconds; null stays null. A duration is public: the script chose it. */
export function durationMs(value: Json): Result<number | null> {
  if (value === null) return ok(null);
  const read = typeof value === "string" ? /^(\d{1,6})(ms|s|m)$/.exec(value) : null;
  const ms = Number(read?.[1]) * (UNITS[read?.[2] ?? ""] ?? Number.NaN);
  if (ms > 0 && ms <= MAX_MS) return ok(ms);
  return fail({ code: "E_ARGUMENT", message: '`seal.settle` takes a duration such as "30s", at most "10m"' });
}
