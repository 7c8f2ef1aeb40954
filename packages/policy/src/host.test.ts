import { describe, expect, test } from "vitest";
import { addressProblem, compileHostPattern, urlText } from "./host.ts";
import type { HostPattern } from "./policy-data.ts";

const pattern = (changes: Partial<HostPattern>): HostPattern => ({
  scheme: "*",
  host: "*",
  port: "*",
  path: null,
  ...changes,
});

function read(value: string) {
  const url = urlText(value);
  if (url === null) throw new Error(`not canonical: ${value}`);
  return url;
}

describe("a host pattern", () => {
  test.each([
    [{ host: "*.0.0.1" }, "http://127.0.0.1/", false],
    [{ host: "*.example.com" }, "http://a.example.com/", true],
    [{ host: "*.example.com" }, "http://example.com/", false],
    [{ host: "*.example.com" }, "http://badexample.com/", false],
    [{ host: "127.1" }, "http://127.0.0.1/", true],
    [{ host: "[::1]" }, "http://[::1]/", true],
    [{ host: "::ffff:127.0.0.1" }, "http://127.0.0.1/", true],
    [{ scheme: "https" }, "http://a/", false],
    [{ port: 443 }, "https://a/", true],
    [{ port: 443 }, "http://a:443/", true],
    [{ port: 443 }, "https://a:444/", false],
    [{ path: "/" }, "http://a/", true],
    [{ path: "/" }, "http://a/b", false],
    [{ path: "/caf%C3%A9/*" }, "http://a/caf%C3%A9/x", true],
    [{ path: "/%2A/x" }, "http://a/*/x", true],
    [{ path: "/%2A/x" }, "http://a/b/x", false],
    [{ path: "/v1/**" }, "http://a/v1//x", true],
    [{ path: "/v1/*" }, "http://a/v1/x;p=1", true],
  ] as const)("%j covers %s: %s", (changes, url, expected) =>
    expect(compileHostPattern(pattern(changes)).matches(read(url))).toBe(expected),
  );

  test.each([
    [{ path: "/admin" }, "http://a/ADMIN/x", true],
    [{ path: "/admin" }, "http://a/%61dmin".replace("%61", "a"), true],
    [{ path: "/admin" }, "http://a/x%2Fy", true],
    [{ path: "/admin" }, "http://a/other", false],
    [{ path: "/admin", host: "b" }, "http://a/x%2Fy", false],
  ] as const)("of a denial %j covers %s: %s", (changes, url, expected) =>
    expect(compileHostPattern(pattern(changes)).matchesLoosely(read(url))).toBe(expected),
  );
});

test("a name of a member of every object has no private ranges", () => {
  const grants = [compileHostPattern(pattern({ host: "constructor" }))];
  expect(addressProblem("10.0.0.1", read("http://constructor/"), grants, {})).toBe("private");
});
