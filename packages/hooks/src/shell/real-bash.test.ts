/** What is read is what bash does: scripts of all forms, run in the real bash with fakes in the place of programs. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { lexical } from "../judge.ts";
import { readShell } from "./read-shell.ts";
import { RealBash } from "./real-bash.fixture.ts";

const bash = new RealBash();
afterAll(() => bash.close());

/** Compares one script; gives whether the reading took it, and how many programs bash started. */
function compared(script: string): { readonly isRead: boolean; readonly started: number } {
  const cwd = bash.directory();
  const { calls, unread } = readShell(script, cwd, bash.world(cwd));
  if (unread.length > 0) return { isRead: false, started: 0 };
  const { started, written } = bash.run(script, cwd);
  const seen = new Set(calls.flatMap((call) => (call.kind === "run" ? [text(call.argv)] : [])));
  const missed = started.filter((argv) => !seen.has(text(argv)));
  expect(missed, `${script}\nread as ${[...seen].join(" ")}`).toEqual([]);
  const files = new Set(calls.flatMap((call) => (call.kind === "write" ? [lexical(call.path)] : [])));
  expect(
    written.filter((name) => !files.has(lexical(`${cwd}/${name}`))),
    script,
  ).toEqual([]);
  return { isRead: true, started: started.length };
}

/** Which descriptor a process substitution gets is bash's own matter. */
const text = (argv: readonly string[]): string =>
  JSON.stringify(argv.map((one) => one.replace(/^\/dev\/fd\/\d+$/, "/dev/fd/N")));

const WORDS = [
  "x",
  "'a b'",
  '"a b"',
  "a\\ b",
  "\\'",
  "$'a\\nb'",
  "$'\\x41'",
  '"\\$x"',
  '"$x"',
  "$x",
  '"${x}y"',
  "{p,q}",
  "a{1..3}b",
  "*.t",
  "f?.t",
  "f[12].t",
  "sub/*",
  ".*t",
  "~",
  "~/x",
  '"~"',
  "''",
  '""',
  '"$(aa in)"',
  "`aa tick`",
  "$(bb)",
  "$?",
  "$((1+2))",
  "-n",
  "--",
  "a=b",
  "\\*",
  "'*'",
  '"*"',
  "a#b",
  "!",
  "a\\\nb",
  "$'it\\'s'",
  '"a`aa dq`b"',
  "<(aa ps)",
  "~+",
  "{a}",
  "{}",
  "$",
  '"a\\\nb"',
  '$"loc"',
  "[",
  "]",
  "*nothing*",
  "$1",
  "{f1,f2}.t",
  "sub/../f1.t",
] as const;

const word = fc.constantFrom(...WORDS);
const name = fc.constantFrom(
  "aa",
  "bb",
  "cc",
  "\\aa",
  "'a'a",
  'a"a"',
  "command aa",
  "eval aa",
  "x=1; aa",
  "aa\\\n",
  "builtin echo",
  "exec aa",
  "fn",
  "time aa",
  "! aa",
);
const redirect = fc.constantFrom(
  "",
  "",
  "",
  "> o1",
  ">>o2",
  "2> o3",
  "&> o4",
  ">| o5",
  "2>&1",
  "> 'o 6'",
  "<<< z",
  "> $x",
  "<f1.t",
  ">&o7",
  "> sub/o8",
  "> ~/o9",
);
const simple = fc
  .tuple(name, fc.array(word, { maxLength: 3 }), redirect)
  .map(([first, words, file]) => [first, ...words, file].filter((one) => one !== "").join(" "));

const { script } = fc.letrec<{ script: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    fc
      .tuple(tie("script"), fc.constantFrom("&&", "||", "|", ";", "|&", "\n", "&"), tie("script"))
      .map(([a, by, b]) => `${a} ${by} ${b}`),
    tie("script").map((one) => `( ${one} )`),
    tie("script").map((one) => `{ ${one}\n}`),
    fc.tuple(tie("script"), tie("script"), tie("script")).map(([a, b, c]) => `if ${a}\nthen ${b}\nelse ${c}\nfi`),
    fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 2 }), tie("script"))
      .map(([words, one]) => `for x in ${words.join(" ")}; do ${one}\ndone`),
    tie("script").map((one) => `while bb loop; do ${one}\ndone`),
    tie("script").map((one) => `until aa loop; do ${one}\ndone`),
    fc.tuple(word, tie("script"), tie("script")).map(([one, a, b]) => `case ${one} in x) ${a}\n;; *) ${b}\n;; esac`),
    fc.tuple(word, tie("script")).map(([one, a]) => `cd sub && ${a}\ncd ${one}`),
    tie("script").map((one) => `cat_is_gone <<E\n$(${one}\n)\nE`),
    tie("script").map((one) => `aa "$(${one}\n)"`),
    tie("script").map((one) => `eval '${one.replaceAll("'", "'\\''")}'`),
    tie("script").map((one) => `bash -c '${one.replaceAll("'", "'\\''")}'`),
    fc.tuple(tie("script"), word).map(([one, a]) => `fn() { ${one}\n}\nfn ${a}`),
    fc.tuple(word, tie("script")).map(([one, a]) => `x=${one}\n${a}`),
  ),
  script: tie("part"),
}));

test("programs and files of generated scripts", () => {
  let read = 0;
  let started = 0;
  fc.assert(
    fc.property(script, (one) => {
      const result = compared(one);
      if (result.isRead) read++;
      started += result.started;
    }),
    { numRuns: Number(process.env.SHELL_RUNS ?? 250) },
  );
  // The comparison is worth something only where scripts are read and do start things.
  expect(read).toBeGreaterThan(20);
  expect(started).toBeGreaterThan(20);
}, 300_000);

const LETTERS = [
  "aa",
  "bb",
  " ",
  " ",
  ";",
  "'",
  '"',
  "\\",
  "$",
  "(",
  ")",
  "{",
  "}",
  "<",
  ">",
  "&",
  "|",
  "#",
  "\n",
  "~",
  "*",
  "?",
  "[",
  "]",
  "=",
  "!",
  "`",
  "x",
  ",",
  ".",
  "1",
  "-",
  "eval ",
  "cd ",
  "$x",
  "bash -c ",
  "EOF",
  "<<",
  "done",
  "then",
  "if ",
  "fi",
  "function ",
  "case ",
  " in ",
  "esac",
  "$'",
  "${",
  ":",
  "%",
  "@",
  "+",
];

test("programs and files of texts that are nearly scripts", () => {
  let read = 0;
  let started = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 14 }), (letters) => {
      const result = compared(`aa ${letters.join("")}`);
      if (result.isRead) read++;
      started += result.started;
    }),
    { numRuns: Number(process.env.SHELL_RUNS ?? 400) },
  );
  expect(read).toBeGreaterThan(20);
  expect(started).toBeGreaterThan(20);
}, 300_000);
