import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBytes, parseBytes } from "./byte-size.ts";

test.each([
  ["64MiB", 67_108_864],
  ["10MB", 10_000_000],
  ["4KiB", 4096],
  ["4 KiB", 4096],
  ["1.5KiB", 1536],
  ["1GiB", 1_073_741_824],
  ["7B", 7],
  ["0B", 0],
])("%s is %d bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  "",
  "64",
  "64Mb",
  "64mib",
  "-1MiB",
  "1e3KB",
  "0.3B",
  "1TiB",
  "MiB",
  "1MiB ",
  "1  MiB",
  "0x10KiB",
  "constructor",
  "9".repeat(400),
  "1constructor",
])("`%s` is no size", (text) => {
  expect(parseBytes(text)).toBeNull();
});

test("a formatted size reads back as itself", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(),
        fc.nat(4096).map((n) => n * 1024),
        fc.nat(4096).map((n) => n * 1_000_000),
      ),
      (bytes) => {
        const text = formatBytes(bytes);
        expect(/^\d+$/.test(text) ? Number(text) : parseBytes(text)).toBe(bytes);
      },
    ),
  );
});
