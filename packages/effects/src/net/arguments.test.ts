import type { Json } from "@agent-run/gate";
import { describe, expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";

const parsed = (args: Json) => {
  const result = parseArguments(args, 0);
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
};
const message = (args: Json): string => {
  const result = parseArguments(args, 0);
  if (result.ok) return "accepted";
  return result.failure.code === "E_ARGUMENT" ? result.failure.message : result.failure.code;
};
const get = { method: "GET", url: "https://a.test/" };
const post = { ...get, method: "POST" };

describe("the arguments of net.request", () => {
  it("come out typed, with the method in upper case, names in lower case and the body in bytes", () => {
    const args = { method: "pAtCh", url: "https://a.test/", headers: [["X-A", " 1\t"]], body: "ä", timeoutMs: 5 };
    expect(parsed(args)).toEqual({
      method: "PATCH",
      url: "https://a.test/",
      headers: [["x-a", "1"]],
      body: new Uint8Array([0xc3, 0xa4]),
      timeoutMs: 5,
      hops: 0,
    });
  });

  it("need no more than method and URL", () => {
    expect(parsed(get)).toEqual({ ...get, headers: [], body: null, timeoutMs: null, hops: 0 });
  });

  it("take the hops from the gate and not from the script", () => {
    expect(parseArguments(get, 3)).toMatchObject({ ok: true, value: { hops: 3 } });
    expect(message({ ...get, hops: -1 })).toBe("`net.request` has no option `hops`");
  });

  it.each([null, true, 1, "GET", [], [get]] as Json[])("are one object, not %j", (args) => {
    expect(message(args)).toBe("`net.request` takes one object");
  });

  it.each(["redirect", "addresses", "headers ", "constructor", "__proto__", "toString"])(
    "have no member `%s`",
    (name) => {
      expect(message({ ...get, ...JSON.parse(`{${JSON.stringify(name)}: 1}`) })).toContain("has no option");
    },
  );

  it.each(["CONNECT", "TRACE", "OPTIONS", "", " GET", "GET\r\n", "poſt", "constructor", "__proto__", "G".repeat(1e6)])(
    "have no method %j",
    (method) => {
      expect(message({ ...get, method })).toBe("`method` is one of GET, HEAD, POST, PUT, PATCH, DELETE");
    },
  );

  it.each([undefined, null, 1, {}, ["GET"]] as (Json | undefined)[])(
    "have a method that is a string, not %j",
    (method) => {
      expect(message({ url: get.url, ...(method === undefined ? {} : { method }) })).toBe("`method` takes a string");
    },
  );

  it.each([null, 1, {}, ["https://a.test/"]] as Json[])("have a URL that is a string, not %j", (url) => {
    expect(message({ ...get, url })).toBe("`url` takes a URL as a string");
  });

  it("have a URL of 16 KiB at most", () => {
    expect(message({ ...get, url: `https://a.test/${"a".repeat(16 * 1024)}` })).toContain("at most 16384 characters");
  });

  it.each([0, -1, 1.5, 1e300, "5", null, true, {}] as Json[])("have no time of %j", (timeoutMs) => {
    expect(message({ ...get, timeoutMs })).toContain("whole number of milliseconds");
  });
});

describe("the body", () => {
  it.each(["GET", "HEAD"])("is nothing that a %s request has", (method) => {
    expect(message({ ...get, method, body: "" })).toBe(`a ${method} request has no body`);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("goes with %s", (method) => {
    expect(parsed({ ...get, method, body: "x" }).body).toEqual(new Uint8Array([120]));
  });

  it.each([
    ["", []],
    ["AP8=", [0, 255]],
    ["AAEC", [0, 1, 2]],
  ])("is taken from base64 %j", (bodyBase64, bytes) => {
    expect([...(parsed({ ...post, bodyBase64 }).body ?? [1])]).toEqual(bytes);
  });

  it.each(["AP8", "AP8=\n", "AP9=", "A===", "_-8=", "AP8=AP8=", "Ä", 1, null] as Json[])(
    "is not taken from %j as base64",
    (bodyBase64) => {
      expect(message({ ...post, bodyBase64 })).toBe("`bodyBase64` takes base64 with its padding (RFC 4648 section 4)");
    },
  );

  it("is one of two", () => {
    expect(message({ ...post, body: "", bodyBase64: "" })).toBe("a request has `body` or `bodyBase64`, not both");
  });

  it.each([1, null, {}, ["a"]] as Json[])("is a string, not %j", (body) => {
    expect(message({ ...post, body })).toBe("`body` takes a string; bytes go in `bodyBase64`");
  });

  it("is 64 MiB at most, counted in bytes", () => {
    expect(message({ ...post, body: "ä".repeat(33 * 1024 * 1024) })).toBe(
      "a request's body has at most 67108864 bytes",
    );
  });

  it("turns half of a surrogate pair into U+FFFD, as on the web", () => {
    expect(parsed({ ...post, body: "\ud800" }).body).toEqual(new Uint8Array([0xef, 0xbf, 0xbd]));
  });

  it("has memory of its own, so that sending it to the main thread sends nothing else", () => {
    expect(parsed({ ...post, bodyBase64: "AP8=" }).body?.buffer.byteLength).toBe(2);
    expect(parsed({ ...post, body: "ab" }).body?.buffer.byteLength).toBe(2);
  });
});

describe("the headers", () => {
  const headers = (...fields: Json[]): string => message({ ...get, headers: fields });

  it.each([
    "Host",
    "hOsT",
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authorization",
    "proxy-anything",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Content-Length",
    "Upgrade",
    "Expect",
    "HTTP2-Settings",
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X_HTTP_Method_Override",
    "Content_Length",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-Forwarded-Host",
    "X-Forwarded-Server",
    "X-Host",
    "X-Original-Host",
    "X-HTTP-Host-Override",
    "X-Method",
    "Alt-Used",
    "Forwarded",
  ])("have no `%s`", (name) => {
    expect(headers([name, "x"])).toBe(`the header \`${name.toLowerCase()}\` is set by the host side, not by a script`);
  });

  it.each(["", "a b", "a:", "a\r\nb", "a\0", "ä", "a\n", " a", "a".repeat(257), "(a)"])("have no name %j", (name) => {
    expect(headers([name, "x"])).toBe("a header's name holds letters, digits and `-` only");
  });

  it.each(["a\r\nb: c", "a\n", "\r", "a\0", "\x7f", "€", "\ud800", "a\x0bb"])("have no value %j", (value) => {
    expect(headers(["x-a", value])).toContain("the value of the header `x-a` has");
  });

  it.each(["", "text", "a\tb", "ÿ", '"quoted"', "Bearer abc.def=="])("may have the value %j", (value) => {
    expect(parsed({ ...get, headers: [["x-a", value]] }).headers).toEqual([["x-a", value]]);
  });

  it.each(["Authorization", "Cookie", "Accept", "Accept-Encoding", "Content-Type", "Range", "If-None-Match", "Origin"])(
    "may have a `%s`",
    (name) => {
      expect(parsed({ ...get, headers: [[name, "x"]] }).headers).toEqual([[name.toLowerCase(), "x"]]);
    },
  );

  it.each([
    null,
    {},
    "a: b",
    [["a"]],
    [["a", "b", "c"]],
    [["a", 1]],
    [[1, "a"]],
    [null],
    ["a: b"],
    [{ a: "b" }],
  ] as Json[])("are pairs of strings, not %j", (list) => {
    expect(message({ ...get, headers: list })).toMatch(/^(`headers` takes a list|a header)/);
  });

  it("name no field twice, in any case", () => {
    expect(headers(["x-a", "1"], ["X-A", "2"])).toBe("the header `x-a` is there twice; join its values with a comma");
  });

  it("are 100 at most", () => {
    expect(headers(...Array.from({ length: 101 }, (_, index) => [`x-${index}`, ""]))).toContain("at most 100");
  });

  it("are 32 KiB at most", () => {
    expect(headers(["x-a", "a".repeat(20_000)], ["x-b", "b".repeat(20_000)])).toContain("at most 32768 characters");
  });
});
