/** Moments at which the hours of rules can change. */
import type { Hours } from "@agent-run/policy";

const DAY = 1440;
const MINUTE = 60_000;
/** In days from the start: one week, and two weeks of every month, since zones change to summer time at different times. */
const WEEKS = [0, ...Array.from({ length: 24 }, (_, at) => Math.round(at * 15.2))];

/** For each way in which these hours can hold together after `start`, a moment at which they do. */
export function momentsOf(hours: readonly Hours[], start: number): readonly number[] {
  const found = new Set<number>();
  const zones = new Set(hours.map(({ zone }) => zone));
  for (const week of zones.size > 1 ? WEEKS : [0, 14]) {
    const begin = start + week * DAY * MINUTE;
    for (const zone of zones) {
      const minute = minuteOf(zone, begin);
      const edges = new Set(hours.filter((one) => one.zone === zone).flatMap(({ from, to }) => [from, to]));
      for (const edge of edges)
        for (let day = 0; day <= 8; day++) found.add(begin + (day * DAY + edge - minute) * MINUTE);
    }
  }
  return [...found].filter((at) => at >= start).sort((a, b) => a - b);
}

/** Of the day, by the clock of a zone. */
function minuteOf(zone: string, at: number): number {
  const options = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const parts = new Map(
    new Intl.DateTimeFormat("en-US", options).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
}
