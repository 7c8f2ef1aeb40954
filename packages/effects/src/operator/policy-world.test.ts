/** What stands where a policy should be, on a real disk: read whole, or refused with a reason, and never waited for. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { policyWorld } from "./policy-world.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-policy-world-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const { readText } = policyWorld(join(base, "presets"));

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(base, name), content);
  return join(base, name);
};

const reasonOf = (path: string): string => {
  const read = readText(path);
  return read.ok ? "" : read.reason;
};

test("a directory, a pipe, a socket, a device, a loop of links and nothing at all are refused at once", async () => {
  mkdirSync(join(base, "directory.toml"));
  execFileSync("mkfifo", [join(base, "pipe.toml")]);
  symlinkSync("b.toml", join(base, "a.toml"));
  symlinkSync("a.toml", join(base, "b.toml"));
  symlinkSync("nowhere.toml", join(base, "dangling.toml"));
  const server = createServer().listen(join(base, "socket.toml"));
  await new Promise((resolve) => server.once("listening", resolve));
  const found = ["directory", "pipe", "socket", "a", "dangling", "missing"].map((name) =>
    reasonOf(join(base, `${name}.toml`)),
  );
  server.close();
  expect(found).toEqual([
    "it is a directory",
    "it is not a regular file",
    "it is not a regular file",
    expect.stringContaining("ELOOP"),
    "it does not exist",
    "it does not exist",
  ]);
  expect(["/dev/zero", "/dev/stdin/x", "a\0b", "", join(file("plain.toml", ""), "below.toml")].map(reasonOf)).toEqual([
    "it is not a regular file",
    expect.not.stringMatching(/^$/),
    "its name holds a NUL character",
    "it is a directory",
    "it does not exist",
  ]);
});

test.skipIf(process.getuid?.() === 0)("a file that may not be read is refused", () => {
  const path = file("closed.toml", "version = 1\n");
  chmodSync(path, 0);
  expect(reasonOf(path)).toContain("EACCES");
});

const UTF16 = Buffer.from("\ufeffversion = 1\n", "utf16le");
const BROKEN: readonly (readonly [title: string, content: Uint8Array, line: number, column: number])[] = [
  ["UTF-16", UTF16, 1, 1],
  ["Latin-1", Buffer.from("version = 1\n# caf\xe9\n", "latin1"), 2, 6],
  ["a cut character", Buffer.from([...Buffer.from("version = 1\nname = '"), 0xe2, 0x82]), 2, 9],
  ["a long form of `/`", Buffer.from([0x61, 0xc0, 0xaf]), 1, 2],
  ["a surrogate", Buffer.from([0x61, 0x0a, 0xed, 0xa0, 0x80]), 2, 1],
];

test.each(BROKEN)("%s is refused where it stops being UTF-8", (title, content, line, column) => {
  const read = readText(file(`${title.replaceAll(/\W/g, "-")}.toml`, content));
  expect(read).toMatchObject({ ok: false, reason: "it is not valid UTF-8", near: { line, column } });
});

test("a file of more than 4 MiB is refused, one of 4 MiB is read whole", () => {
  expect(reasonOf(file("big.toml", "#".repeat(4 * 1024 * 1024 + 1)))).toBe("it is larger than 4 MiB");
  const read = readText(file("full.toml", "#".repeat(4 * 1024 * 1024)));
  expect(read.ok && read.text.length).toBe(4 * 1024 * 1024);
});

test("what begins with a mark and ends its lines in another way is read as it is", () => {
  const text = "\ufeffversion = 1\r\n";
  expect(readText(file("marked.toml", text))).toMatchObject({ ok: true, text });
});
