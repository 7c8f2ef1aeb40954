import { describe, expect, test } from "vitest";
import { readCall } from "./call-text.ts";

describe("a call in one line is read", () => {
  const table: readonly [string, object][] = [
    ["fs.read src/a.ts", { on: "fs.read", path: "src/a.ts" }],
    ["  fs.write \t out/a.md   bytes=10 ", { on: "fs.write", path: "out/a.md", bytes: 10 }],
    ['fs.delete "my file"', { on: "fs.delete", path: "my file" }],
    ["fs.read 'a \"b\" \\c'", { on: "fs.read", path: 'a "b" \\c' }],
    ['fs.read "a \\"b\\" \\\\c"', { on: "fs.read", path: 'a "b" \\c' }],
    ['fs.read "bytes=10"', { on: "fs.read", path: "bytes=10" }],
    ["fs.read bytes=10", { on: "fs.read", path: "bytes=10" }],
    ["fs.read ''", { on: "fs.read", path: "" }],
    ["fs.read é/中", { on: "fs.read", path: "é/中" }],
    ["net.http_get https://x/?a=b&c", { on: "net.http_get", url: "https://x/?a=b&c" }],
    ["net.http_post https://x/ bytes=0", { on: "net.http_post", url: "https://x/", bytes: 0 }],
    ["subprocess.exec git push -f", { on: "subprocess.exec", argv: ["git", "push", "-f"] }],
    ["subprocess.exec git log '--format=%h %s'", { on: "subprocess.exec", argv: ["git", "log", "--format=%h %s"] }],
    ["subprocess.exec dd bytes=10", { on: "subprocess.exec", argv: ["dd", "bytes=10"] }],
    ["env.read HOME", { on: "env.read", name: "HOME" }],
  ];
  test.each(table)("%s", (text, call) => {
    expect(readCall(text)).toEqual({ ok: true, value: call });
  });
});

describe("what is no such line is refused, and says why", () => {
  const table: readonly [string, string][] = [
    ["", "a call is a line such as"],
    ["   ", "a call is a line such as"],
    ["fs.raed a", "did you mean `fs.read`?"],
    ["format c:", "there are: fs.read"],
    ["fs.read", "`fs.read` needs a path"],
    ["net.http_get", "needs a url"],
    ["env.read", "needs a name"],
    ["subprocess.exec", "needs a command"],
    ["fs.write a byts=3", "`byts` is nothing that a line can say; did you mean `bytes`?"],
    ["fs.write a bytes=3 bytes=4", "`bytes=4` is more; a path with spaces is quoted"],
    ["env.read A byts=3", "`byts=3` is more; a name with spaces is quoted"],
    ["fs.read my file", "`file` is more; a path with spaces is quoted"],
    ["fs.read a bytes=1 b", "`b` is more"],
    ["fs.write a bytes=1 bytes=2", "`bytes=2` is more"],
    ['fs.write a "bytes=1"', "`bytes=1` is more"],
    ["env.read A bytes=1", "`bytes=1` is more"],
    ["fs.write a bytes=", "must be a whole number"],
    ["fs.write a bytes=-1", "must be a whole number"],
    ["fs.write a bytes=1e3", "must be a whole number"],
    ["fs.write a bytes=9999999999999999", "must be a whole number"],
    ['fs.read "a', 'begins at `"a` does not end'],
    ["fs.read 'a b", "begins at `'a` does not end"],
    ['fs.read "a"b', "does not end as one word"],
    ['fs.read "\\n"', "does not end as one word"],
    ["fs.read a'b c'", "put the whole word in quotes"],
    ["fs.read a\\ b", "put the whole word in quotes"],
    ["fs.read a\nfs.read b", "one line"],
    ["fs.read a\0", "one line"],
  ];
  test.each(table)("%j", (text, message) => {
    expect(readCall(text)).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
    const read = readCall(text);
    expect(read.ok ? "" : read.failure.message).toContain(message);
  });
});

test("a long line is read in linear time", () => {
  expect(readCall(`subprocess.exec ${"a ".repeat(200_000)}`).ok).toBe(true);
  expect(readCall(`fs.read ${'"\\'.repeat(200_000)}`).ok).toBe(false);
  expect(readCall(`fs.read ${" ".repeat(400_000)}x`).ok).toBe(true);
});

test("what turns the direction of text is escaped in messages", () => {
  for (const call of ["\u202egnp.exe", "fs.read a \u202eb", "fs.read a bytes=\u202e1", 'fs.read "\u202ea'])
    expect(readCall(call)).toMatchObject({ ok: false, failure: { message: expect.stringContaining("\\u202e") } });
});
