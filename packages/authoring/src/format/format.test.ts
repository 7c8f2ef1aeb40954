import { Problems, readToml } from "@agent-run/policy";
import fc from "fast-check";
import { parse } from "smol-toml";
import { parseTOML } from "toml-eslint-parser";
import { expect, test } from "vitest";
import { readDocument } from "./document.ts";
import { formatPolicy } from "./format.ts";
import { lossOf } from "./same.ts";
import { documents } from "./toml.fixture.ts";

function laidOut(text: string): string {
  const formatted = formatPolicy(text, "p.toml");
  if (!formatted.ok) throw new Error(`${formatted.problems[0]?.line}: ${formatted.problems[0]?.message}\n${text}`);
  return formatted.text;
}

const commentsOf = (text: string): readonly string[] =>
  parseTOML(text.replace(/^\uFEFF/, ""), { tomlVersion: "1.0" })
    .comments.map(({ value }) => value.trimEnd())
    .sort();

const valuesOf = (text: string) => parse(text.replace(/^\uFEFF/, ""), { integersAsBigInt: true });

test("what is laid out says the same, keeps every comment, and is not laid out another way again", () => {
  let changed = 0;
  fc.assert(
    fc.property(documents, (text) => {
      const once = laidOut(text);
      expect(valuesOf(once)).toEqual(valuesOf(text));
      expect(commentsOf(once)).toEqual(commentsOf(text));
      expect(formatPolicy(once, "p.toml")).toEqual({ ok: true, text: once, isChanged: false });
      // Those inside a text of several lines are its own.
      if (!/"""|'''/.test(once)) expect(once).not.toMatch(/[ \t]\n|\n\n\n|\r|^\n|\n\n$/);
      if (once !== text) changed++;
    }),
    { numRuns: 200 },
  );
  expect(changed).toBeGreaterThan(100);
});

test("comments stay above, beside and below what they are about, and order is that of the docs", () => {
  const written = `\uFEFF# About the file.

# For people.
name="reports" # shown
requires_approval = [ 'fs.delete' ]
# The language.
version   =  1\r
[[test]]
expect = "deny"
given = "fs.read a"   # the call
# [[test]] of another kind

# Commands.

# Of the project.
[subprocess.ask_args] # a person
"git" = ["push"]
[subprocess] # jailed
max_output = '4MiB'
allow_commands = [ # by name
   # History.
   "git" , # all of it

   "rg"

   # "make"
]



# Which sections.
unknown.z = 1
sandbox = "auto"
# timeout_seconds = 60

[filesystem]
# Nothing is deleted.

deny=["**/.env*"]
read_allow=["src/**"]
[[rule]]
on = "fs.write"
when = {bytes={le=10}}
id = "r"

# The end.
`;
  expect(laidOut(written)).toBe(`# About the file.

# The language.
version = 1

# For people.
name = "reports" # shown
requires_approval = ["fs.delete"]

[filesystem]
# Nothing is deleted.

read_allow = ["src/**"]

deny = ["**/.env*"]

[subprocess]       # jailed
allow_commands = [ # by name
  # History.
  "git", # all of it

  "rg",

  # "make"
]
sandbox = "auto"
max_output = "4MiB"

# Which sections.
unknown.z = 1
# timeout_seconds = 60

# Commands.

# Of the project.
[subprocess.ask_args] # a person
git = ["push"]

[[test]]
given = "fs.read a" # the call
expect = "deny"
# [[test]] of another kind

[[rule]]
id = "r"
on = "fs.write"
when = { bytes = { le = 10 } }

# The end.
`);
});

const long = (count: number): string => `"${"x".repeat(count)}"`;

test.each([
  ["an empty file", "\n \n", ""],
  ["comments alone", "\n# a\n\n\n  # b\n\n", "# a\n\n# b\n"],
  ["a comment above what moves down", "# n\nname = 'x'\nversion = 1\n", 'version = 1\n# n\nname = "x"\n'],
  ["a text that double quotes would make longer", "name = 'a\\d\"'\n", "name = 'a\\d\"'\n"],
  ["a text with escapes", 'name = "\\u202e\\t"\n', 'name = "\\u202e\\t"\n'],
  ["a text of several lines", 'name = """\na\nb"""\n', 'name = """\na\nb"""\n'],
  ["a text of one line in three quotes", "name = '''a'''\n", 'name = "a"\n'],
  ["keys that need quotes", "'a.b' . \"c\" = 1\n", '"a.b".c = 1\n'],
  ["120 columns", `a = [${long(56)}, ${long(52)}]`, `a = [${long(56)}, ${long(52)}]\n`],
  ["121 columns", `a = [${long(56)}, ${long(53)}]`, `a = [\n  ${long(56)},\n  ${long(53)},\n]\n`],
  ["characters of two units", `a = ["${"😀".repeat(112)}"]`, `a = ["${"😀".repeat(112)}"]\n`],
  ["a list in a list", "a = [[1, # one\n2], [ ]]", "a = [\n  [\n    1, # one\n    2,\n  ],\n  [],\n]\n"],
  ["a list in an inline table", "a = {b=[1, # one\n2],c={}}", "a = { b = [\n  1, # one\n  2,\n], c = {} }\n"],
  ["a list of nothing but a comment", "a = [\n\n# none\n\n]", "a = [\n  # none\n]\n"],
  [
    "comments behind lines that follow each other",
    `a=1#x\nbc="d"   # y\nd=1 # z\n\ne=1 # 1\n# f\ng="é" # 2\nh=[ # h\n"i", # i\n"jk" # jk\n] # l\nm=${long(60)} # m\nn=1 # n\n`,
    `a = 1    #x\nbc = "d" # y\nd = 1    # z\n\ne = 1 # 1\n# f\ng = "é" # 2\nh = [   # h\n  "i",  # i\n  "jk", # jk\n]       # l\nm = ${long(60)} # m\nn = 1 # n\n`,
  ],
  ["numbers and dates as they are", "a = [0x1F,1_000,2027-03-31]", "a = [0x1F, 1_000, 2027-03-31]\n"],
  [
    "the uses of a secret, and tables of an entry",
    "[[secret]]\nenv='A'\nname='a'\n[budget]\ncalls=1\n[secret.from]\nx=1\n[[secret]]\nname='b'\n[[secret.use]]\nslot='c'\nhost='d'\n",
    '[budget]\ncalls = 1\n\n[[secret]]\nname = "a"\nenv = "A"\n\n[secret.from]\nx = 1\n\n[[secret]]\nname = "b"\n\n[[secret.use]]\nhost = "d"\nslot = "c"\n',
  ],
  [
    "lists of tables below a section",
    "[a.b]\nc=1\n[[runtime.x]]\n[runtime]\n[runtime.x.y]\n",
    "[[runtime.x]]\n\n[runtime]\n\n[runtime.x.y]\n\n[a.b]\nc = 1\n",
  ],
  [
    "names that people chose, in their order",
    "[tools.z]\n[tools.a]\n[subprocess]\ndeny_args.rg=['b']\ndeny_args.git=['c']\n",
    '[subprocess]\ndeny_args.rg = ["b"]\ndeny_args.git = ["c"]\n\n[tools.z]\n\n[tools.a]\n',
  ],
])("%s", (_title, written, wanted) => {
  expect(laidOut(written)).toBe(wanted);
  expect(laidOut(wanted)).toBe(wanted);
});

test.each([
  ["what is no TOML", "version = 1\nname = x\n", "2:8 not valid TOML"],
  ["a key twice, behind a mark", "\uFEFFa = 1\na = 2\n", "2:1 not valid TOML"],
  ["a number that loses digits", "a = 9007199254740993\n", "1:5 the number is too large"],
  ["a list without an end", "a = [1,\n", "2:1 not valid TOML"],
  ["nesting without end", `a = ${"[".repeat(500)}`, "1:"],
  ["two readings of one text", 'a = """b\r\nc"""\n', "1:5 two TOML parsers read this place differently"],
])("%s is refused at its place", (_title, text, wanted) => {
  const formatted = formatPolicy(text, "p.toml");
  const [first] = formatted.ok ? [] : formatted.problems;
  expect(`${first?.line}:${first?.column} ${first?.message}`.slice(0, wanted.length)).toBe(wanted);
});

test.each([
  ["a = 1\nb = [1, 2]", "b = [1, 2]\na = 1", null],
  ["a = [1, 2]", "a = [2, 1]", "it would say something else"],
  ["a = [1, 2]", "a = [1]", "it would say something else"],
  ["a = [1]", "a = [1, 2]", "it would say something else"],
  ["a = 1", "a = 1.0", "it would say something else"],
  ["a = 0.0", "a = -0.0", "it would say something else"],
  ['a = "x"', 'a = "X"', "it would say something else"],
  ["a = 1", "a = 1\nb = 1", "it would say something else"],
  ["a = 1", "b = 1", "it would say something else"],
  ["a = 2027-03-31", "a = 2027-03-31T00:00:00", "it would say something else"],
  ["a = 2027-03-31", "a = 2027-03-30", "it would say something else"],
  ["a = {}", "a = []", "it would say something else"],
  ["[[a]]\nb = 1\n[[a]]", "[[a]]\n[[a]]\nb = 1", "it would say something else"],
  ["a = 1 # b\n# c", "# c\na = 1\n# b", null],
  ["a = 1 # b", "a = 1", "a comment would be lost"],
  ["# b\n# b", "# b", "a comment would be lost"],
])("guard: %j as %j", (before, after, loss) => {
  expect(lossOf(said(before), said(after))).toBe(loss);
});

test("a hundred thousand lines are no trouble", () => {
  const comments = "# c\n".repeat(150_000);
  expect(laidOut(comments)).toBe(comments);
  expect(laidOut(`a = [\n${"1, #\n".repeat(150_000)}]`)).toBe(`a = [\n${"  1, #\n".repeat(150_000)}]\n`);
});

test.each([
  ["version = 2 # b\n", "it can not be laid out: it would say something else"],
  ["version = 1\n", "it can not be laid out: a comment would be lost"],
  ["version = \n", "it can not be laid out: it would not be TOML any more"],
])("a layout that is %j is not given to anybody", (wrong, message) => {
  const formatted = formatPolicy("version = 1 # b\n", "p.toml", () => wrong);
  expect(formatted).toMatchObject({ ok: false, problems: [{ file: "p.toml", line: 1, message }] });
});

function said(text: string) {
  const problems = new Problems();
  const data = readToml({ file: "p.toml", text }, problems);
  if (data === null) throw new Error(problems.all()[0]?.message);
  return { data, document: readDocument(text) };
}
