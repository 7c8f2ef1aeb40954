import fc from "fast-check";
import { expect, test } from "vitest";
import { compileHost, compileHostName } from "./host-pattern.ts";
import { canonicalUrl } from "./url.ts";

/** `scheme://host:port path`, one a pattern. */
const read = (text: string, denies = false) => {
  const found = compileHost(text, denies);
  if (!found.ok) return [found.message];
  return found.patterns.map(({ scheme, host, port, path }) => `${scheme}://${host}:${port} ${path}`);
};

test.each([
  ["api.github.com", "https://api.github.com:443 null"],
  ["API.GitHub.com.", "https://api.github.com:443 null"],
  ["http://example.com", "http://example.com:80 null"],
  ["https://api.example.com:8443/v1/**", "https://api.example.com:8443 /v1/**"],
  ["example.com:*", "https://example.com:* null"],
  ["example.com/", "https://example.com:443 null"],
  ["example.com/v1/", "https://example.com:443 /v1/**"],
  ["example.com/a%7eb%2fc/ä b".replace(" ", ""), "https://example.com:443 /a~b%2Fc/%C3%A4b"],
  ["example.com/cafe\u0301", "https://example.com:443 /caf%C3%A9"],
  ["*.example.com", "https://*.example.com:443 null"],
  ["*", "https://*:443 null"],
  ["bücher.example", "https://xn--bcher-kva.example:443 null"],
  ["localhost:3000", "http://localhost:3000 null"],
  ["https://localhost:3000", "https://localhost:3000 null"],
  ["http://localhost:80", "http://localhost:80 null"],
  ["localhost:*", "http://localhost:* null"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080 null"],
  ["0x7f.1:8080", "http://127.0.0.1:8080 null"],
  ["2130706433:1", "http://127.0.0.1:1 null"],
  ["[::1]:8080/x", "http://::1:8080 /x"],
  ["[::ffff:127.0.0.1]:8080", "http://127.0.0.1:8080 null"],
  ["10.0.0.7", "https://10.0.0.7:443 null"],
  ["2001:DB8::1", "https://2001:db8::1:443 null"],
  ["[2001:db8::1]", "https://2001:db8::1:443 null"],
])("a grant of %s is one scheme, host and port", (text, pattern) => {
  expect(read(text)).toEqual([pattern]);
});

test.each([
  ["example.com", ["*://example.com:* null"]],
  ["http://example.com", ["http://example.com:* null"]],
  ["example.com:81/admin", ["*://example.com:81 /admin"]],
  ["localhost", ["*://localhost:* null"]],
  ["example.com/{a,b}", ["*://example.com:* /a", "*://example.com:* /b"]],
])("a denial of %s covers every scheme and port that it does not name", (text, patterns) => {
  expect(read(text, true)).toEqual(patterns);
});

test.each(["localhost", "x.localhost", "127.0.0.2", "0.0.0.0", "[::1]", "[::]", "https://127.1"])(
  "a grant of %s needs a port",
  (text) => {
    expect(read(text)[0]).toContain("is this machine: a grant needs a port");
  },
);

test.each([
  ["example.com/[\u00e9]", "`[…]` in the path of a URL holds plain ASCII only"],
  ["example.com/[%41]", "`[…]` in the path of a URL holds plain ASCII only"],
  ["example.com/a\0b", "a host pattern holds no white space and no `#`"],
])("a denial of %j would mean something else and is refused", (text, message) => {
  expect(read(text, true)).toEqual([message]);
});

test.each([
  ["status.internal", "status.internal"],
  ["STATUS.Internal.", "status.internal"],
])("the private host %s is %s", (text, host) => {
  expect(compileHostName(text)).toEqual({ ok: true, host });
});

test("a name longer than a name can be is refused", () => {
  const name = `${"a".repeat(60)}.`.repeat(5);
  expect(read(`${name}example`)[0]).toContain("is not a host");
});

test("the short way for plain names gives what the URL parser gives", () => {
  const label = fc.stringMatching(/^[a-zA-Z0-9-]{1,5}$/);
  const name = fc.array(
    fc.oneof(
      label,
      fc.constantFrom("0x7f", "1", "xn--a", "XN--bcher-kva", "a".repeat(63), "a".repeat(64), "a--b", "ab--c"),
    ),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(
      name.map((labels) => labels.join(".")),
      (host) => {
        const url = canonicalUrl(`http://${host}/`);
        const found = compileHost(host, true);
        expect(found.ok ? found.patterns[0]?.host : null).toBe(url.ok ? url.value.host : null);
      },
    ),
    { numRuns: 3000 },
  );
});

test("no text makes it throw, and what it gives is canonical", () => {
  const piece = fc.constantFrom(
    "a",
    "example.com",
    "*",
    ".",
    ":",
    "/",
    "[",
    "]",
    "::1",
    "80",
    "http://",
    "%",
    "@",
    "?",
    "#",
    " ",
    "\u0000",
    "ä",
    "**",
    "0x7f",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, fc.boolean(), (random, denies) => {
      const found = compileHost(random, denies);
      if (!found.ok) return;
      for (const { host, port, path } of found.patterns) {
        expect(host).toMatch(/^(?:\*|(?:\*\.)?[a-z0-9._-]+|[0-9a-f:.]+)$/);
        expect(port === "*" || (port >= 1 && port <= 65_535)).toBe(true);
        expect(path === null || path.startsWith("/")).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});
