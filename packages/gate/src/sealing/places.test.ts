import type { Json } from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import { placesOf } from "./places.ts";

const T = `sealed0${"a".repeat(32)}`;

/** Where the one token of the arguments stands: in content, or as a name of what. */
function placeOf(op: string, args: Json): string {
  const { content, names } = placesOf(op, args);
  const [name] = names.filter(([, text]) => text.includes(T)).map(([what]) => what);
  const isContent = content.some((text) => text.includes(T));
  return [isContent ? "content" : null, name].filter((one) => one !== null && one !== undefined).join(" and ");
}

const encoded = Buffer.from(`x${T}`).toString("base64");

describe("sealed data may stand in", () => {
  test.each<[string, string, Json]>([
    ["the content of a file", "fs.write", { path: "a", data: `x${T}` }],
    ["the bytes of a file", "fs.write", { path: "a", data: encoded, base64: true }],
    ["a path of a URL", "net.request", { url: `http://h/${T}` }],
    ["a query", "net.request", { url: `http://h?q=${T}` }],
    ["a query without a path", "net.request", { url: `http://h?${T}` }],
    ["a header's value", "net.request", { url: "http://h/", headers: [["x", T]] }],
    ["a body", "net.request", { url: "http://h/", body: `{"a":"${T}"}` }],
    ["a body's bytes", "net.request", { url: "http://h/", bodyBase64: encoded }],
    ["standard input", "subprocess.exec", { argv: ["a"], stdin: T }],
    ["a variable's value", "subprocess.exec", { argv: ["a"], env: { A: T } }],
  ])("%s", (_, op, args) => {
    expect(placeOf(op, args)).toBe("content");
  });
});

describe("sealed data may not be", () => {
  test.each<[string, string, Json]>([
    ["file name", "fs.write", { path: `a/${T}`, data: "x" }],
    ["argument", "fs.read", { path: T }],
    ["argument", "fs.copy", { from: "a", to: T }],
    ["argument", "fs.delete", { path: T }],
    ["argument", "env.read", { name: T }],
    ["argument", "an.operation.of.tomorrow", { data: T }],
    ["argument", "fs.write", T],
    ["argument", "fs.write", [T]],
    ["host name", "net.request", { url: `http://${T}.h/` }],
    ["host name", "net.request", { url: `http://user:${T}@h/` }],
    ["host name", "net.request", { url: `http:\\\\${T}\\x` }],
    ["host name", "net.request", { url: `http:${T}` }],
    ["host name", "net.request", { url: `${T}://h/` }],
    ["host name", "net.request", { url: T }],
    ["host name", "net.request", { url: [T] }],
    ["header's name", "net.request", { url: "http://h/", headers: [[T, "x"]] }],
    ["header's name", "net.request", { url: "http://h/", headers: [T] }],
    ["argument", "net.request", { url: "http://h/", method: T }],
    ["argument", "net.request", { url: "http://h/", timeout: [T] }],
    ["command or one of its words", "subprocess.exec", { argv: [T] }],
    ["command or one of its words", "subprocess.exec", { argv: ["a", `--x=${T}`] }],
    ["variable's name", "subprocess.exec", { argv: ["a"], env: { [T]: "x" } }],
    ["argument", "subprocess.exec", { argv: ["a"], cwd: T }],
  ])("a %s: %s %j", (what, op, args) => {
    expect(placeOf(op, args)).toBe(what);
  });
});
