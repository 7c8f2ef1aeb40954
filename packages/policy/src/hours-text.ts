/** `hours = "Mon-Fri 08:00-18:00 Europe/Berlin"`: days (without them every day), a time of the day, a time zone. */
import type { Hours } from "./condition.ts";
import { type Misread, misread } from "./problem.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

const DAYS: readonly string[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const EXAMPLE = "write `Mon-Fri 08:00-18:00 Europe/Berlin`";

export function readHours(text: string): { readonly ok: true; readonly hours: Hours } | Misread {
  const words = text.split(" ");
  const [days = "", time = "", zone = ""] = words.length === 2 ? ["", ...words] : words;
  if (words.length < 2 || words.length > 3 || zoneIsMissing(words)) {
    return misread("hours are days, a time of the day and a time zone", EXAMPLE);
  }
  const read = days === "" ? [1, 2, 3, 4, 5, 6, 7] : readDays(days);
  if (!Array.isArray(read)) return read;
  const times = readTimes(time);
  if (!times.ok) return times;
  const problem = zoneProblem(zone);
  return problem ?? { ok: true, hours: { days: read, from: times.from, to: times.to, zone } };
}

/** `Mon-Fri 08:00-18:00` reads as a time and a zone otherwise, and the complaint would be about the days. */
const zoneIsMissing = ([first = "", second = "", third]: readonly string[]): boolean =>
  third === undefined && /^[A-Z][a-z]{2}(?:[-,]|$)/.test(first) && /^\d/.test(second);

/** Days in the order of the week. `Sat-Mon` goes over its end. */
function readDays(text: string): number[] | Misread {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, more] = part.split("-");
    const [from, to] = [dayOf(first), dayOf(last)];
    if (from === 0 || to === 0 || more !== undefined) {
      const wrong = from === 0 ? first : to === 0 ? last : part;
      return misread(`\`${shown(wrong)}\` is not a day`, didYouMean(wrong, DAYS) ?? `there are: ${DAYS.join(", ")}`);
    }
    for (let day = from; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === to) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

const dayOf = (text: string): number => DAYS.indexOf(text) + 1;

function readTimes(text: string): { readonly ok: true; readonly from: number; readonly to: number } | Misread {
  const [, fromHour, fromMinute, toHour, toMinute] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text) ?? [];
  if (fromHour === undefined) return misread(`\`${shown(text)}\` is not a time of the day`, "write `08:00-18:00`");
  const [from, to] = [minutes(fromHour, fromMinute), minutes(toHour, toMinute)];
  if (from === null || to === null || from === 1440) {
    return misread(`\`${shown(text)}\` is not a time of the day`, "times are `00:00` to `24:00`");
  }
  if (from === to) return misread("the hours begin when they end", "write `00:00-24:00` for the whole day");
  return { ok: true, from, to };
}

function minutes(hour = "", minute = ""): number | null {
  const all = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && all <= 1440 ? all : null;
}

function zoneProblem(zone: string): Misread | null {
  try {
    // Offsets such as `+02:00` know no summer.
    if (/^[A-Za-z]/.test(zone)) new Intl.DateTimeFormat("en", { timeZone: zone });
    else return misread(`\`${shown(zone)}\` is not a time zone`, "write a name such as `Europe/Berlin` or `UTC`");
    return null;
  } catch {
    const near = didYouMean(zone, Intl.supportedValuesOf("timeZone"));
    return misread(`\`${shown(zone)}\` is not a time zone`, near ?? "write a name such as `Europe/Berlin` or `UTC`");
  }
}
