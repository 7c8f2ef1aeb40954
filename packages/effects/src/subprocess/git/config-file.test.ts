import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeRoot, removeRoots } from "../fixtures/scene.ts";
import { parseConfig } from "./config-file.ts";

afterAll(removeRoots);

const root = makeRoot();

/** What git itself reads; null where it stops with an error. */
function gitReads(bytes: Buffer): readonly string[] | null {
  const file = join(root, "config");
  writeFileSync(file, bytes);
  try {
    const listing = execFileSync("git", ["config", "--file", file, "--no-includes", "-z", "--list"], {
      env: { PATH: "/usr/bin:/bin", HOME: root, GIT_CONFIG_NOSYSTEM: "1" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listing.toString("latin1").split("\0").filter(Boolean);
  } catch {
    return null;
  }
}

const weRead = (bytes: Buffer): readonly string[] | null =>
  parseConfig(bytes)?.map(({ key, value }) => (value === null ? key : `${key}\n${value}`)) ?? null;

describe("a configuration is read as git reads it", () => {
  const texts = [
    "",
    "\n\n",
    "[core]\n\tbare = false\n",
    "[core] fsmonitor = /evil",
    "[core]fsmonitor=/evil",
    "[CORE]\nFSMonitor = x\n",
    "[core]\nfsmonitor\n",
    "[core]\nfsmonitor # comment\n",
    "[core]\nfsmonitor =\n",
    '[filter "a b"]\n clean = x\n',
    '[filter "a\\"b\\\\c"]\nclean = x\n',
    '[filter "A.B"]\nclean = x\n',
    "[filter.Name]\nclean = x\n",
    '[filter.one "Two"]\nclean = x\n',
    '[filter \t "x"]\nclean = y\n',
    '[filter"x"]\nclean = y\n',
    '[filter "x" ]\nclean = y\n',
    "[a]\nb = one two  three   \n",
    '[a]\nb = " one  " two\n',
    "[a]\nb = one # comment\n",
    "[a]\nb = one ; comment\n",
    '[a]\nb = "one # two"\n',
    "[a]\nb = one\\\n two\n",
    '[a]\nb = "one\\\n two"\n',
    '[a]\nb = \\t\\n\\b\\\\\\"\n',
    "[a]\nb = \\q\n",
    '[a]\nb = "unfinished\n',
    "[a\nb = 1\n",
    "[a]\n1b = 1\n",
    "[a]\nb-c = 1\n",
    "[a]\nb_c = 1\n",
    "[a]\nb.c = 1\n",
    "[a b]\nc = 1\n",
    '[a "b\nc"]\nd = 1\n',
    "b = 1\n",
    "# comment\n; comment\n[a]\nb = 1\n",
    "[a]\r\nb = 1\r\nc = 2 \\\r\n3\r\n",
    "[a]\rb = 1\n",
    "\ufeff[a]\nb = 1\n",
    "[a]\nb = 1",
    '[a]\nb = "x"y"z"\n',
    "[a]\nb = x\\",
    '[a "ü"]\nb = ö\n',
    "[]\nb = 1\n",
    '[ "x"]\nb = 1\n',
    "[.]\nb = 1\n",
    "[a.]\nb = 1\n",
    "[.a]\nb = 1\n",
    '[a ""]\nb = 1\n',
    "[a]\n\tb\t=\tc\t\n",
    "[a]\nb == c\n",
    "[a] [b] c = 1\n",
    "[a]\n# c\\\nb = 1\n",
    "[a-b]\nc = 1\n",
    '[diff]\ncommand = x\n[diff "y"] command = z\n[diff.z]command=q\n',
  ];
  test.each(texts.map((text) => [text]))("%j", (text) => {
    const bytes = Buffer.from(text, "utf8");
    expect(weRead(bytes)).toEqual(gitReads(bytes));
  });

  test("random texts from its alphabet: whatever git reads, we read the same", () => {
    const pieces = [
      "[",
      "]",
      '"',
      "\\",
      "\n",
      "=",
      "#",
      ";",
      " ",
      "\t",
      "a",
      "B",
      ".",
      "-",
      "core",
      "1",
      "\r\n",
      '[a "b"]\n',
      "c = d\n",
    ];
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 150; round++) {
      const text = Array.from({ length: 3 + random(12) }, () => pieces[random(pieces.length)]).join("");
      const bytes = Buffer.from(text);
      const theirs = gitReads(bytes);
      if (theirs !== null) expect([text, weRead(bytes)]).toEqual([text, theirs]);
    }
  });
});

test("NUL makes a file unreadable: git would cut names at it", () => {
  expect(parseConfig(Buffer.from('[core "fsmonitor\0"]\na = /evil\n'))).toBeNull();
});
