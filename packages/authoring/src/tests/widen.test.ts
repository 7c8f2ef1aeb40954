import { expect, test } from "vitest";
import { widerHosts, widerPath, widerVariable, widerWords } from "./widen.ts";

test.each([
  ["/r/out/**", "/r/**"],
  ["/r/a/b/**", "/r/a/**"],
  ["/r/*.md", "/r/*"],
  ["/r/CHANGELOG.md", "/r/*"],
  ["/r/a/*", "/r/a/**"],
  // What the writer did not write stays.
  ["/r/**", null],
  ["/**/*.pem", "/**/*"],
  ["/opt/x/**", "/opt/**"],
  ["/", null],
])("a path %s is widened to %s", (pattern, wider) => expect(widerPath(pattern, "/r")).toBe(wider));

const https = (host: string, port: number | "*" = 443, path: string | null = null) =>
  ({ scheme: "https", host, port, path }) as const;

test.each([
  ["a name", https("api.x.com"), [https("*.x.com"), https("api.x.com", "*")]],
  ["a wildcard", https("*.x.com", "*"), [https("*.com", "*")]],
  ["the last wildcard", https("*.com", "*"), [https("*", "*")]],
  ["an address", https("10.0.0.1", "*"), []],
  ["a name of one label", https("localhost", 80), [https("localhost", "*")]],
  ["every host", https("*", "*"), []],
  ["a path", https("10.0.0.1", "*", "/v1/**"), [https("10.0.0.1", "*", "/**")]],
])("of a host, %s is widened", (_title, pattern, wider) => expect(widerHosts(pattern)).toEqual(wider));

test.each([
  ["log *", true, "log **"],
  ["log **", true, "**"],
  ["**", true, null],
  ["push --force", false, "push"],
  ["push", false, null],
])("words `%s` (granted: %s) are widened to %s", (words, narrow, wider) =>
  expect(widerWords(words, narrow)).toBe(wider),
);

test("a variable is widened to every variable", () => {
  expect(widerVariable("AWS_*")).toBe("*");
  expect(widerVariable("*")).toBe(null);
});
