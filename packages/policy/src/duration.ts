/** Durations as policies write them: a number with `ms`, `s`, `m` or `h`; whole milliseconds. */

const UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds, or null if the text is not a duration in whole milliseconds. */
export function parseDuration(text: string): number | null {
  const [, amount = "", unit = ""] = /^([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS.get(unit);
  // Rounded where only the binary fraction is to blame: 0.1 * 60000 is whole, 1.0005 * 1000 is not.
  const milliseconds = factor === undefined ? Number.NaN : Math.round(Number(amount) * factor * 1000) / 1000;
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}

/** The shortest exact text: `2m`, `30s`, `50ms`. */
export function formatDuration(milliseconds: number): string {
  for (const unit of ["h", "m", "s"]) {
    const factor = UNITS.get(unit) ?? 1;
    if (milliseconds >= factor && milliseconds % factor === 0) return `${milliseconds / factor}${unit}`;
  }
  return `${milliseconds}ms`;
}
