import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loneSurrogate, OTHER, TOKEN, text, values } from "./testing/secrets.ts";
import { inUrl } from "./url.ts";

const filled = (url: string, secret: string): string => {
  const answer = inUrl(url, values(secret));
  if (!answer.ok) throw new Error(answer.why);
  return answer.value;
};

describe("a value in a URL", () => {
  test("comes back from the query exactly, and nothing else of the URL changes", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const url = new URL(filled(`https://h.test:8443/a/b?x=1&k=${TOKEN}&${TOKEN}=v&y=%41#f`, secret));
        expect([...url.searchParams]).toEqual([
          ["x", "1"],
          ["k", secret],
          [secret, "v"],
          ["y", "A"],
        ]);
        expect([url.host, url.pathname, url.hash]).toEqual(["h.test:8443", "/a/b", "#f"]);
      }),
    );
  });

  test("comes back from its path segment exactly, and nothing else of the URL changes", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const url = new URL(filled(`https://h.test/v1/a-${TOKEN}-b/end?q=1`, secret));
        expect(url.pathname.split("/").map(decodeURIComponent)).toEqual(["", "v1", `a-${secret}-b`, "end"]);
        expect([url.host, url.search]).toEqual(["h.test", "?q=1"]);
      }),
    );
  });

  test("cannot leave its segment: as a whole segment it is found again or refused", () => {
    fc.assert(
      fc.property(text, (secret) => {
        const answer = inUrl(`https://h.test/v1/${TOKEN}/end`, values(secret));
        if (answer.ok) expect(new URL(answer.value).pathname.split("/").map(decodeURIComponent)[2]).toBe(secret);
        else expect([".", ".."]).toContain(secret);
      }),
    );
  });

  test.each([
    [`https://h.test/a/${TOKEN}/b`, ".."],
    [`https://h.test/a/${TOKEN}`, "."],
    [`https://h.test/a/.${TOKEN}/b`, "."],
    [`https://h.test/a/%2e${TOKEN}/b`, "."],
    [`https://h.test/a/.${TOKEN}/b`, ""],
  ])("does not turn a segment of %s into dots", (url, secret) => {
    expect(inUrl(url, values(secret))).toMatchObject({ ok: false });
  });

  test.each([
    `https://${TOKEN}/a`,
    `https://h.test:${TOKEN}/a`,
    `https://${TOKEN}@h.test/a`,
    `https://u:${TOKEN}@h.test/a`,
    `${TOKEN}://h.test/a`,
    `https://h.test/a#${TOKEN}`,
    `https:///${TOKEN}/a`,
    `https:${TOKEN}/a`,
    `https:\\\\${TOKEN}/a`,
    `https://h.test\\${TOKEN}/a`,
    `https://\n/${TOKEN}/a`,
    `https://\t/${TOKEN}/a`,
    `/a/${TOKEN}`,
    TOKEN,
  ])("is refused in %j, outside of path and query", (url) => {
    expect(inUrl(url, values("evil.test"))).toMatchObject({ ok: false });
  });

  test("is refused where a URL cannot hold it", () => {
    expect(inUrl(`https://h.test/?k=${TOKEN}`, values(loneSurrogate))).toMatchObject({ ok: false });
    expect(inUrl(`https://h.test/?k=${TOKEN}`, values(undefined))).toMatchObject({ ok: false });
  });

  test("is put in once: a value that is a token stays text", () => {
    expect(filled(`https://h.test/${TOKEN}`, OTHER)).toBe(`https://h.test/${OTHER}`);
  });

  test("is as numbers and JSON are written", () => {
    expect(inUrl(`https://h.test/${TOKEN}`, values(7))).toEqual({ ok: true, value: "https://h.test/7" });
    expect(inUrl(`https://h.test/?q=${TOKEN}`, values(["a"]))).toEqual({
      ok: true,
      value: "https://h.test/?q=%5B%22a%22%5D",
    });
  });
});

test("a URL without a live token stays as it is", () => {
  const url = "https://h.test/a b?sealed0ffffffffffffffffffffffffffffffff#x";
  expect(inUrl(url, values("s"))).toEqual({ ok: true, value: url });
});
