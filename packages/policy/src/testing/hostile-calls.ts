/** For tests only: canonical requests that are none, and calls as nobody sane writes them. */
import fc from "fast-check";
import type { Circumstances } from "../condition.ts";
import type { Json, JsonObject } from "../json.ts";
import type { CanonicalRequest, Target } from "../request.ts";
import { CAPABILITIES } from "../signatures.ts";
import { ODD_TEXTS } from "./odd-values.ts";

const PLACES = [
  "/w",
  "/w/src/a.ts",
  "/w/out/a.md",
  "/etc/passwd",
  "/w/../etc",
  "https://api.example.com/v1/x",
  "https://api.example.com:8443/v1/%2e%2e/x",
  "http://localhost:3000/",
  "https://10.0.0.1/",
  "10.0.0.1",
  "::1",
  "/usr/bin/git",
  "git",
  "LANG",
  "__proto__",
];

const text = fc.oneof(
  fc.constantFrom(...PLACES),
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: "binary", maxLength: 20 }),
);

const json = fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }) as fc.Arbitrary<Json>;

const attributes: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom("bytes", "method", "argv", "command", "env", "stdin_bytes", "host", "name", "path", "__proto__"),
  fc.oneof(json, text, fc.array(text, { maxLength: 3 }), fc.constantFrom<Json>(-1, 0, 1e308, 5, "GET", "HEAD")),
  { maxKeys: 4, noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;

const target: fc.Arbitrary<Target> = fc.record({
  on: fc.constantFrom(...CAPABILITIES),
  role: fc.constantFrom("read", "search", "write", "delete", "connect", "execute"),
  kind: fc.constantFrom("path", "url", "address", "command", "variable"),
  value: text,
});

export const hostileRequests: fc.Arbitrary<CanonicalRequest> = fc.record({
  v: fc.constant<1>(1),
  on: fc.constantFrom(...CAPABILITIES),
  targets: fc.array(target, { maxLength: 3 }),
  attrs: attributes,
  labels: fc.array(text, { maxLength: 2 }),
});

export const hostileCircumstances: fc.Arbitrary<Circumstances> = fc.record({
  now: fc.constantFrom(null, 0, -1, 8.64e15, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 1_800_000_000_000),
  actor: fc.option(text),
});

/** For `requestOf`: mostly of the right members. */
export const hostileObjects: fc.Arbitrary<Json> = fc.oneof(
  json,
  fc
    .record(
      {
        on: fc.oneof(fc.constantFrom<Json>(...CAPABILITIES), json),
        path: fc.oneof(text, json),
        pattern: text,
        url: fc.oneof(text, json),
        name: fc.oneof(text, json),
        argv: fc.oneof(fc.array(text, { maxLength: 4 }), json),
        env: fc.oneof(fc.array(text, { maxLength: 2 }), json),
        bytes: fc.oneof(fc.constantFrom<Json>(0, -1, 0.5, 1e308, 7), json),
        method: fc.oneof(fc.constantFrom<Json>("GET", "get", "POST"), json),
        labels: fc.oneof(fc.array(text, { maxLength: 2 }), json),
      },
      { requiredKeys: ["on"] },
    )
    .chain((call) =>
      fc
        .subarray(Object.keys(call))
        .map(
          (keys) =>
            Object.fromEntries([["on", call.on], ...keys.map((key) => [key, call[key as keyof typeof call]])]) as Json,
        ),
    ),
);

/** For `readCall`. */
export const hostileLines: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .tuple(
      fc.constantFrom(...CAPABILITIES, "fs.raed", ""),
      fc.array(fc.oneof(text, fc.constantFrom('"a b"', "'", '"', "bytes=10", "bytes=1e9", "\\", "\t")), {
        maxLength: 4,
      }),
    )
    .map(([on, words]) => [on, ...words].join(" ")),
);
