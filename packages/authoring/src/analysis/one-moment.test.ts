/** What can be at one moment: expiry and hours are answered for it. */
import { expect, test } from "vitest";
import { policyOf } from "./generated.fixture.ts";
import { possible } from "./regions.ts";

function ask(text: string, now: number | undefined): readonly string[] {
  const { found, unknown } = possible(policyOf(text), { on: ["fs.write"], within: now === undefined ? {} : { now } });
  return [
    ...found.map(({ answer, witness }) => `${answer}: ${witness?.call ?? "not confirmed"}`),
    ...unknown.map(({ reason }) => reason),
  ];
}

const rule = (lines: string) => `[[rule]]\nid = "r"\neffect = "allow"\non = "fs.write"\n${lines}\n`;

const SHIFT = rule('path = ["a"]\nexpires = 2027-01-01\nhours = "Mon-Fri 08:00-17:00 Europe/Berlin"');
test.each([
  [
    "within hours and before the end",
    SHIFT,
    "2026-12-24T07:00Z",
    ["allow: fs.write /w/a now=2026-12-24T07:00:00.000Z"],
  ],
  ["a moment before the hours begin, in their zone", SHIFT, "2026-12-24T06:59:59.999Z", []],
  [
    "a moment before the end",
    rule('path = ["a"]\nexpires = 2027-01-01'),
    "2026-12-31T23:59:59.999Z",
    ["allow: fs.write /w/a now=2026-12-31T23:59:59.999Z"],
  ],
  ["at the end", rule('path = ["a"]\nexpires = 2027-01-01'), "2027-01-01T00:00Z", []],
  [
    "at the first moment of all",
    rule('path = ["a"]\nexpires = 2027-01-01'),
    "1970-01-01T00:00Z",
    ["allow: fs.write /w/a now=1970-01-01T00:00:00.000Z"],
  ],
  [
    "where nothing depends on it",
    rule('path = ["a"]'),
    "2026-12-24T07:00Z",
    ["allow: fs.write /w/a now=2026-12-24T07:00:00.000Z"],
  ],
  [
    "proved though hours are of several zones",
    `${SHIFT}${rule('path = ["b"]\nhours = "Mon-Fri 08:00-17:00 Asia/Tokyo"').replace('"r"', '"s"')}`,
    "2026-12-26T12:00Z",
    [],
  ],
] as const)("at one moment: %s", (_title, text, now, expected) => {
  expect(ask(text, Date.parse(now))).toEqual(expected);
});

test("at one moment what has too many hours and dates to be looked at is known, too", () => {
  const times = Array.from({ length: 1000 }, (_, day) => {
    const end = new Date(Date.UTC(2027, 0, 1 + day)).toISOString().slice(0, 10);
    return rule(
      `path = ["f${day}"]\nexpires = ${end}\nhours = "Mon 08:00-09:${String(day % 60).padStart(2, "0")} UTC"`,
    ).replace('"r"', `"r${day}"`);
  }).join("");
  expect(ask(times, undefined)).toEqual(["there are too many hours and dates"]);
  expect(ask(times, Date.parse("2026-12-24T18:00Z"))).toEqual([]);
});
