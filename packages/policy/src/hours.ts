/** Is it the time of `hours`? By the clock on the wall of its zone, so that a rule for working hours follows summer time. */
import type { Hours } from "./condition.ts";

/** `now`: milliseconds since 1970, and a time that a date can hold. */
export function isWithin({ days, from, to, zone }: Hours, now: number): boolean {
  const { day, minute } = wallClock(now, zone);
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  // Over midnight: the second part belongs to the day on which it began.
  const before = day === 1 ? 7 : day - 1;
  return (days.includes(day) && minute >= from) || (days.includes(before) && minute < to);
}

export function hoursText({ days, from, to, zone }: Hours): string {
  const when = days.length === 7 ? "" : `${days.map((day) => NAMES[day - 1] ?? "").join(",")} `;
  return `${when}${clockText(from)}-${clockText(to)} ${zone}`;
}

const NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const clockText = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");

/** Making one takes a millisecond. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function wallClock(now: number, zone: string): { readonly day: number; readonly minute: number } {
  const known = FORMATS.get(zone);
  const options = { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const format = known ?? new Intl.DateTimeFormat("en-US", options);
  if (known === undefined) FORMATS.set(zone, format);
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const minute = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  return { day: NAMES.indexOf(parts.get("weekday") ?? "") + 1, minute };
}
