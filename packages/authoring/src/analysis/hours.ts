/** Moments at which the hours of rules can change. */
import type { Hours } from "@agent-run/policy";

/** The last moment that a date can hold. */
const LAST = 8.64e15;
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/**
 * In days from the start. By one clock every time of a week comes within three of them, though one is skipped where the
 * clock is put forward. Clocks of several zones do that at different times, so there two weeks of every month are looked at.
 */
const ONE_ZONE = [[0, 22]] as const;
const SEVERAL_ZONES = Array.from(
  { length: 25 },
  (_, at) => [Math.round(at * 15.2), Math.round(at * 15.2) + 8] as const,
);

/** For each way in which these hours can hold together from `start` on and before `end`, a moment at which they do. */
export function momentsOf(hours: readonly Hours[], start: number, end = LAST): readonly number[] {
  const found = new Set<number>();
  const zones = new Set(hours.map(({ zone }) => zone));
  for (const [first, last] of zones.size > 1 ? SEVERAL_ZONES : ONE_ZONE) {
    for (const zone of zones) {
      const edges = new Set(hours.filter((one) => one.zone === zone).flatMap(({ from, to }) => [0, from, to]));
      const to = Math.min(start + last * DAY, end);
      for (const at of moments(zone, edges, start + first * DAY, to)) if (at >= start && at < end) found.add(at);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** When the clock of a zone shows one of these minutes of a day, and when it is put forward or back. */
function moments(zone: string, edges: ReadonlySet<number>, from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let day = from - DAY; day <= to; day += DAY) {
    const [before, after] = [offsetAt(zone, day), offsetAt(zone, day + DAY)];
    if (before !== after) found.push(changeBetween(zone, day, day + DAY));
    const midnight = Math.floor((day + before) / DAY) * DAY;
    // A time that the clock shows twice is two moments.
    for (const edge of edges) for (const offset of [before, after]) found.push(midnight + edge * MINUTE - offset);
  }
  return found;
}

/** The first moment after which the offset is that of the end. */
function changeBetween(zone: string, from: number, to: number): number {
  const after = offsetAt(zone, to);
  let [low, high] = [from, to];
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (middle === low) break;
    if (offsetAt(zone, middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
const OFFSETS = new Map<string, number>();
const MOST_KEPT = 10_000;

/** Milliseconds by which the clock of a zone is ahead of UTC. */
function offsetAt(zone: string, at: number): number {
  const key = `${at} ${zone}`;
  const known = OFFSETS.get(key);
  if (known !== undefined) return known;
  const bounded = Math.min(Math.max(at, -LAST), LAST);
  const parts = new Map(
    formatOf(zone)
      .formatToParts(bounded)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const clock = Date.UTC(2000, 0, 1, part("hour"), part("minute"), part("second")) % DAY;
  // The day of the clock is that of UTC, or one beside it.
  const days = part("day") - new Date(bounded).getUTCDate();
  const day = days > 1 ? -1 : days < -1 ? 1 : days;
  const offset = clock - ((((Math.floor(bounded / 1000) * 1000) % DAY) + DAY) % DAY) + day * DAY;
  if (OFFSETS.size >= MOST_KEPT) OFFSETS.clear();
  OFFSETS.set(key, offset);
  return offset;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  const made = new Intl.DateTimeFormat("en-US", { timeZone: zone, day: "numeric", ...clock });
  FORMATS.set(zone, made);
  return made;
}
