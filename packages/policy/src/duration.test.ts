import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["1s", 1000],
  ["10s", 10_000],
  ["2m", 120_000],
  ["500ms", 500],
  ["1h", 3_600_000],
  ["0.5s", 500],
  ["0.1m", 6000],
])("`%s` is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "1", "s", "1 s", "1d", "-1s", "0.5ms", "0.0005s", "1e3s", "1S", "99999999999s"])(
  "`%s` is no duration in whole milliseconds",
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test.each([50, 1000, 1500, 30_000, 120_000, 3_600_000, 3_601_000])("%d ms are read back from their text", (ms) => {
  expect(parseDuration(formatDuration(ms))).toBe(ms);
});
