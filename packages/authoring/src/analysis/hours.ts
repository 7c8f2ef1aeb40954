/** Is it one of a rule's hours? And the moments at which that can change. */
import type { Hours } from "@agent-run/policy";

const DAY = 1440;
const MINUTE = 60_000;
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function holdsAt({ days, from, to, zone }: Hours, now: number): boolean {
  const { day, minute } = localTime(zone, now);
  const isOn = (one: number) => days.includes(((one + 6) % 7) + 1);
  if (from < to) return isOn(day) && from <= minute && minute < to;
  // Over midnight the day is that on which the hours began.
  return (isOn(day) && minute >= from) || (isOn(day - 1) && minute < to);
}

function localTime(zone: string, now: number): { readonly day: number; readonly minute: number } {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    const parts = { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
    format = new Intl.DateTimeFormat("en-US", { ...parts, timeZone: zone });
    FORMATS.set(zone, format);
  }
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  return { day: DAYS.indexOf(parts.get("weekday") ?? "") + 1, minute };
}

/** Moments of the eight days from `start` on, one for each way in which these hours can hold together. */
export function momentsOf(hours: readonly Hours[], start: number): readonly number[] {
  const found = new Set<number>();
  for (const { from, to, zone } of hours) {
    const { minute } = localTime(zone, start);
    for (let day = 0; day <= 8; day++) {
      for (const edge of [from, to]) {
        const at = start + (day * DAY + edge - minute) * MINUTE;
        if (at >= start) found.add(at);
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}
