/** The bounds of how denials read arguments, held against the engine: what is certain is denied, and what is denied is possible. Long by its lists of words. */
import {
  type CommandText,
  commandText,
  deniedFlagsIn,
  linesBehind,
  matchesLines,
  matchesWords,
  readLine,
} from "@agent-run/policy";
import { describe, expect, test } from "vitest";
import type { Bounds } from "./bounds.ts";
import { Dice } from "./exact-policies.fixture.ts";
import { behindBounds } from "./line-behind.ts";
import { deniedBounds } from "./line-bounds.ts";
import { flagBounds } from "./line-flags.ts";
import { argsOfText, grantedWords, textOfArgs } from "./line-texts.ts";
import { passesText } from "./text-test.ts";

const PROGRAMS = [
  ...[
    "git",
    "npm",
    "tar",
    "python",
    "python3",
    "node",
    "gradle",
    "find",
    "gcc",
    "rm",
    "rg",
    "curl",
    "tool",
    "hg",
    "ruby",
  ],
  ...[
    "sed",
    "awk",
    "env",
    "timeout",
    "nohup",
    "npx",
    "uv",
    "ssh",
    "sqlite3",
    "uniq",
    "bundle",
    "cargo",
    "svn",
    "gtar",
    "perl",
  ],
];
const PATTERNS = [
  ...[
    "push",
    "push --force",
    "push -f",
    "--force",
    "-f",
    "-rf",
    "log",
    "log x",
    "push origin",
    "*",
    "p*",
    "push --del*",
  ],
  ...[
    "--global",
    "publish",
    "publish*",
    "-c",
    "-e",
    "-m",
    "--eval",
    "-delete",
    "-exec",
    "config x",
    "-",
    "--",
    "-TT",
    "x",
  ],
  ...[
    "--location=global",
    "--no-*",
    "stra\u00dfe",
    "\u00e9*",
    "?",
    "--dry_run",
    "-C",
    "push -f --delete",
    "install",
    "run",
  ],
  ...["-X DELETE", "subtree push", "-x -y", "--out=x y", "**", "a?c", "-i", "+*", "SS", "-3", "--A"],
];
const WORDS = [
  ...[
    "push",
    "PUSH",
    "pu",
    "p",
    "log",
    "x",
    "y",
    "origin",
    "--force",
    "--FORCE",
    "--forc",
    "--f",
    "-f",
    "-uf",
    "-fu",
    "-rf",
    "-fr",
  ],
  ...[
    "-r",
    "--",
    "-",
    "",
    "-c",
    "-C",
    "-e",
    "-m",
    "-ec",
    "--eval",
    "--eval=1",
    "-delete",
    "--delete",
    "+main",
    ":main",
    "@file",
    "@",
  ],
  ...[
    "--no-x",
    "--No_X",
    "--force=1",
    "--location=global",
    "--location",
    "global",
    "stra\u00dfe",
    "STRASSE",
    "\u00e9t\u00e9",
    "e\u0301t",
  ],
  ...[
    "-Xpush",
    "-XDELETE",
    "DELETE",
    "-X",
    "subtree",
    "send-pack",
    "lfs",
    "--dry-run",
    "--dry_run",
    "-n",
    "abc",
    "a\u017fc",
    "\u212a",
  ],
  ...[
    "-exec",
    "-execdir",
    "--exec",
    "config",
    "--get",
    "a=b",
    "A=1",
    "10",
    "rm",
    "git",
    "git2",
    "GIT",
    "python3.11",
    "python",
    "/usr/bin/git",
  ],
  ...[
    ":app:pubTM",
    "publish",
    "publishAll",
    "in",
    "i",
    "install",
    "run",
    "xf",
    "-xf",
    "-I",
    "--to-command=x",
    "--checkpoint-action",
    "-z",
  ],
  ...[
    "s/a/b/",
    "e",
    "--output=x",
    "-o",
    "--upload-pack",
    "--pre",
    "--mirror",
    "--prune",
    "clone",
    "-u",
    "rebase",
    "grep",
    "-O",
    "ext::sh",
  ],
  ...[
    "-TT",
    "--a",
    "-Wl,@x",
    "inspect",
    "-u",
    "-k",
    "-n",
    "/x/git-2.1//",
    "git1.",
    "git-",
    "-git",
    "a/GIT9",
    "_A=",
    "9=x",
    "=",
    "-Sx",
    "--split-x",
    "script.py",
    "--out=x",
    "a\u200cc",
    "@\n",
    "-\u212a",
    "--\u017f",
  ],
];

const commandOf = (argv: readonly string[]): CommandText => {
  const target = { on: "subprocess.exec", role: "execute", kind: "command", value: argv[0] ?? "" } as const;
  const command = commandText(target, { command: argv[0] ?? "", argv });
  if (command === null) throw new Error("this is no command");
  return command;
};

interface Seen {
  sure: number;
  open: number;
  never: number;
}

/** Which of the three it is; throws where the engine says otherwise. */
function held(bounds: Bounds, args: readonly string[], isMatched: boolean, what: string, seen: Seen): void {
  const text = textOfArgs(args);
  const [lower, upper] = [passesText(bounds.lower, text), passesText(bounds.upper, text)];
  if (lower && !isMatched) throw new Error(`said to be certain, and is not: ${what}`);
  if (isMatched && !upper) throw new Error(`said to be impossible: ${what}`);
  if (lower) seen.sure++;
  else if (upper) seen.open++;
  else seen.never++;
}

const COUNT = 12_000;

function lines(seed: number, each: (dice: Dice, program: string, args: readonly string[]) => void): void {
  const dice = new Dice(seed);
  for (let at = 0; at < COUNT; at++)
    each(
      dice,
      dice.of(PROGRAMS),
      dice.some(5, () => dice.of(WORDS)),
    );
}

describe("bounds hold for what the engine says", () => {
  test("of patterns of arguments", () => {
    const seen = { sure: 0, open: 0, never: 0 };
    lines(1, (dice, program, args) => {
      const pattern = dice.of(PATTERNS);
      // Mostly with what the pattern names.
      const near = dice.once(2) ? [...pattern.split(" "), ...args.slice(0, 2)] : args;
      const isMatched = matchesLines(pattern, [readLine(program, near)]);
      held(deniedBounds([pattern], [program]), near, isMatched, JSON.stringify([program, pattern, near]), seen);
    });
    expect(seen.sure).toBeGreaterThan(COUNT / 10);
    expect(seen.never).toBeGreaterThan(COUNT / 10);
    expect(seen.open).toBeLessThan(COUNT / 4);
  });

  test("of arguments that no policy opens", () => {
    const seen = { sure: 0, open: 0, never: 0 };
    lines(2, (_dice, program, args) => {
      const command = commandOf([program, ...args]);
      held(flagBounds(command.programs), args, deniedFlagsIn(command) !== null, JSON.stringify(command.argv), seen);
    });
    expect(seen.sure).toBeGreaterThan(COUNT / 20);
    expect(seen.never).toBeGreaterThan(COUNT / 20);
  });

  test("behind commands that run others", () => {
    const seen = { sure: 0, open: 0, never: 0 };
    lines(3, (dice, _program, some) => {
      const args = dice.once(50)
        ? [...Array.from({ length: 20 }, () => "git"), ...some]
        : [...some, dice.of(["git", "x"]), ...some];
      const command = commandOf([dice.of(["npx", "python", "uv", "git"]), ...args]);
      const name = dice.of(["git", "python", "/usr/bin/git", "rm"]);
      const patterns = dice.once(3) ? undefined : [dice.of(PATTERNS)];
      const isMatched = linesBehind(command, name).some(
        (line) => patterns === undefined || patterns.some((pattern) => matchesLines(pattern, [line])),
      );
      held(
        behindBounds(name, patterns, command),
        args,
        isMatched,
        JSON.stringify([name, patterns, command.argv]),
        seen,
      );
    });
    expect(seen.sure).toBeGreaterThan(COUNT / 20);
    expect(seen.never).toBeGreaterThan(COUNT / 20);
  });
});

test("a name behind a command that runs others is cut off a version as long as a file name", () => {
  for (const [digits, isMatched] of [
    [252, true],
    [253, false],
  ] as const) {
    const command = commandOf(["npx", `git${"1".repeat(digits)}`]);
    expect(linesBehind(command, "git").length > 0).toBe(isMatched);
    expect(passesText(behindBounds("git", undefined, command).lower, textOfArgs(command.argv.slice(1)))).toBe(
      isMatched,
    );
  }
});

test("words of a grant are read exactly", () => {
  const patterns = ["log", "log *", "log **", "**", "* x", "--all", "-v **", "*", "log * --all", "a\\*"];
  let taken = 0;
  lines(4, (dice, program, args) => {
    const pattern = dice.of(patterns);
    const near = dice.once(2) ? [...pattern.split(" ").filter((word) => word !== "**"), ...args.slice(0, 1)] : args;
    const isTaken = matchesWords(pattern, [program, ...near]);
    if (isTaken) taken++;
    if (passesText(grantedWords([pattern.split(" ")]), textOfArgs(near)) !== isTaken)
      throw new Error(JSON.stringify([pattern, near]));
  });
  expect(taken).toBeGreaterThan(COUNT / 20);
});

test("arguments come back from their text, empty words too", () => {
  for (const args of [[], [""], ["", ""], ["a", "", "b c"]]) expect(argsOfText(textOfArgs(args))).toEqual(args);
});
