/** Sizes as policies write them: whole bytes, or a number with a unit; decimal units are powers of 1000, as SI has it. */

const UNITS: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["kB", 1000],
  ["KB", 1000],
  ["MB", 1000 ** 2],
  ["GB", 1000 ** 3],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
]);

/** Bytes, or null if the text is not a size in whole bytes. */
export function parseBytes(text: string): number | null {
  const [, amount = "", unit = ""] = /^([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,3})$/.exec(text) ?? [];
  const factor = UNITS.get(unit);
  const bytes = factor === undefined ? Number.NaN : Number(amount) * factor;
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest exact text: `64MiB`, `10MB`, `1234`. */
export function formatBytes(bytes: number): string {
  for (const unit of ["GiB", "GB", "MiB", "MB", "KiB", "KB"]) {
    const factor = UNITS.get(unit) ?? 1;
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${unit}`;
  }
  return String(bytes);
}
