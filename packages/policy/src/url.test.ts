import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalUrl, pathReadings } from "./url.ts";

const read = (text: string) => {
  const url = canonicalUrl(text);
  return url.ok ? url.value.url : url.failure.code;
};

describe("a URL has one spelling", () => {
  test.each([
    ["https://example.com", "https://example.com/"],
    ["https://example.com/", "https://example.com/"],
    ["HTTPS://EXAMPLE.COM/", "https://example.com/"],
    ["https://example.com:443/", "https://example.com/"],
    ["http://example.com:80/", "http://example.com/"],
    ["https://example.com:8443/", "https://example.com:8443/"],
    ["https://example.com:0443/", "https://example.com/"],
    ["https://example.com./", "https://example.com/"],
    ["https:example.com", "https://example.com/"],
    ["https:/example.com", "https://example.com/"],
    ["https:\\\\example.com\\a", "https://example.com/a"],
    ["https://example.com#frag", "https://example.com/"],
    ["https://example.com/a#frag?x", "https://example.com/a"],
    ["https://example.com?q=1", "https://example.com/?q=1"],
    ["https://example.com/?", "https://example.com/"],
    ["https://b\u00fccher.example/", "https://xn--bcher-kva.example/"],
    ["https://\uff45xample.com/", "https://example.com/"],
    ["https://ex\u00adample.com/", "https://example.com/"],
    ["https://example\u3002com/", "https://example.com/"],
    ["https://ex%61mple.com/", "https://example.com/"],
    ["https://example.com/a/../b", "https://example.com/b"],
    ["https://example.com/a/%2e%2e/b", "https://example.com/b"],
    ["https://example.com/a/.%2E/b", "https://example.com/b"],
    ["https://example.com/%2e/b", "https://example.com/b"],
    ["https://example.com/../../b", "https://example.com/b"],
    ["https://example.com/%61%7e%2D", "https://example.com/a~-"],
    ["https://example.com/%c3%a9", "https://example.com/%C3%A9"],
    ["https://example.com/\u00e9", "https://example.com/%C3%A9"],
    ["https://example.com/a%2fb", "https://example.com/a%2Fb"],
    ["https://example.com/%2%65", "https://example.com/%252e"],
    ["https://example.com/100%", "https://example.com/100%25"],
    ["https://example.com/x%2e%2e", "https://example.com/x.."],
    ["http://127.1/", "http://127.0.0.1/"],
    ["http://0x7f000001:8080/a", "http://127.0.0.1:8080/a"],
    ["http://2130706433", "http://127.0.0.1/"],
    ["http://0177.0.0.1./", "http://127.0.0.1/"],
    ["http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"],
    ["http://\u2460\u2461\u2466.0.0.1/", "http://127.0.0.1/"],
    ["http://127%2e0%2e0%2e1/", "http://127.0.0.1/"],
    ["http://[::1]/", "http://[::1]/"],
    ["http://[0:0::1]:80/", "http://[::1]/"],
    ["http://[::ffff:127.0.0.1]/", "http://127.0.0.1/"],
    ["http://[::FFFF:7f00:1]:81/", "http://127.0.0.1:81/"],
    ["http://[::127.0.0.1]/", "http://[::7f00:1]/"],
    ["http://a_b.example/", "http://a_b.example/"],
  ])("%s is %s", (text, url) => expect(read(text)).toBe(url));

  test("with all its parts", () => {
    expect(canonicalUrl("HTTP://[::FFFF:8.8.8.8]/a/%7Eb?c=%2e#d")).toEqual({
      ok: true,
      value: {
        url: "http://8.8.8.8/a/~b?c=%2e",
        scheme: "http",
        host: "8.8.8.8",
        port: 80,
        path: "/a/~b",
        isAddress: true,
      },
    });
  });
});

describe("a text is refused as a URL", () => {
  test.each([
    "",
    "example.com",
    "//example.com",
    "/a",
    "ftp://example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://example.com",
    "blob:https://example.com/x",
    "unix:///var/run/docker.sock",
    "http://",
    "https://user@example.com",
    "https://user:pass@example.com",
    "https://:pass@example.com",
    "https://@example.com",
    "https://:@example.com",
    "https:@example.com",
    "https:\\\\u@example.com",
    "https://good.com@evil.com/",
    "https://good.com%40evil.com/",
    " https://example.com",
    "https://example.com ",
    "https://exa mple.com",
    "https://exam\tple.com",
    "https://example.com/\n",
    "https://exam\nple.com",
    "https://example.com/a\r\nHost: evil",
    "https://example.com/\0",
    "https://example.com/a b",
    "https://example.com/\u00a0",
    "https://example.com/\u2028",
    "https://example.com/\ud800",
    "https://example..com",
    "https://.example.com",
    "https://example.com..",
    "https://.",
    "https://*.example.com",
    "https://ex*mple.com",
    "https://a,b.example",
    "https://[fe80::1%25eth0]/",
    "https://[::1",
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://example.com:99999/",
    "https://example.com:0/",
    "https://example.com:a/",
    `https://${"a".repeat(64)}.example/`,
    `https://${"abc.".repeat(70)}example/`,
    `https://example.com/${"a".repeat(20_000)}`,
  ])("%j", (text) => expect(read(text)).toBe("E_ARGUMENT"));

  test("without showing the password in it", () => {
    const url = canonicalUrl("https://user:hunter2@example.com/");
    expect(JSON.stringify(url)).not.toContain("hunter2");
  });
});

test("canonicalization of URLs is idempotent", () => {
  const piece = fc.constantFrom(
    "%2e",
    "..",
    "%",
    "2e",
    "%25",
    "a",
    "%61",
    ";x",
    "\\",
    "\u00e9",
    "%2F",
    ".",
    "?",
    "q=%",
  );
  const path = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(""));
  const authority = fc.oneof(fc.webAuthority(), fc.constantFrom("127.1", "[::ffff:1.2.3.4]", "EXAMPLE.com.", "0x8.8"));
  fc.assert(
    fc.property(authority, path, (host, rest) => {
      const once = canonicalUrl(`http://${host}/${rest}`);
      if (once.ok) expect(canonicalUrl(once.value.url)).toEqual(once);
    }),
    { numRuns: 3000 },
  );
});

describe("the readings of a URL path", () => {
  test.each([
    ["/", [[], []]],
    [
      "/a/b",
      [
        ["a", "b"],
        ["a", "b"],
      ],
    ],
    [
      "/a/",
      [
        ["a", ""],
        ["a", ""],
      ],
    ],
    [
      "/a//b",
      [
        ["a", "", "b"],
        ["a", "b"],
      ],
    ],
    ["/a/..;/b", [["a", "..;", "b"], ["b"]]],
    [
      "/a;v=1/b",
      [
        ["a;v=1", "b"],
        ["a", "b"],
      ],
    ],
    ["/%C3%A9", [["\u00e9"], ["\u00e9"]]],
  ])("of %s", (path, readings) => expect(pathReadings(path)).toEqual(readings));
  test.each(["/a%2Fb", "/a%5Cb", "/a%00", "/a%252e", "/a%FF"])("of %s are not known", (path) =>
    expect(pathReadings(path)).toBeNull(),
  );
});
