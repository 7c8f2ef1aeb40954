import { expect, test } from "vitest";
import { durationMs } from "./duration.ts";

test.each([
  [null, null],
  ["1ms", 1],
  ["500ms", 500],
  ["30s", 30_000],
  ["10m", 600_000],
  ["600000ms", 600_000],
])("%j is %j milliseconds", (text, ms) => {
  expect(durationMs(text)).toEqual({ ok: true, value: ms });
});

test.each([
  "",
  "s",
  "0s",
  "0ms",
  "-1s",
  "1.5s",
  "1",
  "1h",
  "11m",
  "601s",
  " 1s",
  "1s ",
  "1S",
  "1e3ms",
  5,
  true,
  ["1s"],
  {},
])("%j is no duration", (text) => {
  expect(durationMs(text)).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
});
