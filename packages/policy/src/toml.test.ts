import fc from "fast-check";
import { expect, test } from "vitest";
import { Problems } from "./problem.ts";
import { type Node, readToml } from "./toml.ts";

function read(text: string): { document: ReturnType<typeof readToml>; problems: readonly string[] } {
  const problems = new Problems();
  const document = readToml({ file: "p.toml", text }, problems);
  return { document, problems: problems.all().map(({ line, column, message }) => `${line}:${column} ${message}`) };
}

/** Values with places, as `line:column value`. */
function placed(node: Node): unknown {
  const at = `${node.at.line}:${node.at.column}`;
  if (node.kind === "table") {
    return Object.fromEntries(
      [...node.entries].map(([key, entry]) => [`${entry.at.line}:${entry.at.column} ${key}`, placed(entry.node)]),
    );
  }
  if (node.kind === "array") return node.items.map(placed);
  return node.kind === "date" ? `${at} date` : `${at} ${node.kind} ${JSON.stringify(node.value)}`;
}

const placedText = (text: string): unknown => {
  const { document, problems } = read(text);
  expect(problems).toEqual([]);
  return document === null ? null : placed(document);
};

test("every key and value has its place", () => {
  const text = 'a = 1\n[b.c]\n d = ["x",\n  2.0, true]\n[[e]]\nf = { g.h = "i" }\n[[e]]\n"j k" = 1979-05-27\n';
  expect(placedText(text)).toEqual({
    "1:1 a": "1:5 integer 1",
    "2:2 b": { "2:4 c": { "3:2 d": ['3:7 string "x"', "4:3 float 2", "4:8 boolean true"] } },
    "5:3 e": [{ "6:1 f": { "6:7 g": { "6:9 h": '6:13 string "i"' } } }, { "8:1 j k": "8:9 date" }],
  });
});

test("lines and columns are those that an editor shows", () => {
  expect(placedText("\uFEFFa = 1\r\nb = 2\r\n")).toEqual({ "1:1 a": "1:5 integer 1", "2:1 b": "2:5 integer 2" });
  expect(placedText('x = ["ä", "😀", "b"]')).toEqual({
    "1:1 x": ['1:6 string "ä"', '1:11 string "😀"', '1:17 string "b"'],
  });
});

test("keys keep the order of the file, digits too", () => {
  const { document } = read("b = 1\n2 = 1\n1 = 1\na = 1\n");
  expect([...(document?.entries.keys() ?? [])]).toEqual(["b", "2", "1", "a"]);
});

test("`__proto__` and `constructor` are keys like any other", () => {
  const { document } = read("__proto__ = 1\n[constructor]\n__proto__.x = 3\n");
  expect([...(document?.entries.keys() ?? [])]).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test.each([
  [
    "TOML 1.1, which only one parser reads",
    "a = {\n b = 1 }\n",
    "2:2 not valid TOML 1.0: no newlines are allowed between the curly braces unless they are valid within a value",
  ],
  ["an escape of TOML 1.1", 'a = "\\e"', "1:7 not valid TOML 1.0: invalid character in escape sequence"],
  ["a text that is too large", `# ${"x".repeat(2_200_000)}`, "1:1 the policy is larger than 2048 KiB"],
  [
    "lists nested too deeply",
    `a = ${"[".repeat(40)}${"]".repeat(40)}`,
    "1:37 not valid TOML: document contains excessively nested structures. aborting",
  ],
  [
    "a hundred thousand open brackets",
    `a = ${"[".repeat(100_000)}`,
    "1:37 not valid TOML: document contains excessively nested structures. aborting",
  ],
  ["keys nested too deeply", `${"a.".repeat(50_000)}a = 1`, "1:1 tables and lists are nested more than 32 deep"],
  ["tables nested too deeply", `[${"a.".repeat(50_000)}a]`, "1:2 tables and lists are nested more than 32 deep"],
  [
    "a string too long for a parser",
    `a = "${"x".repeat(250_000)}"`,
    "1:1 not readable as TOML: a value is too long or nested too deeply",
  ],
  ["half of a surrogate pair", 'a = 1\nb = "\udc00"', "2:6 not valid text: half of a surrogate pair"],
  ["a number beyond exact integers", "a = 9007199254740993", "1:5 the number is too large"],
])("%s is refused at its place", (_title, text, problem) => {
  expect(read(text)).toEqual({ document: null, problems: [problem] });
});

test("a value that the parsers read differently is refused", () => {
  // One keeps the line ends of the file, the other makes them `\n`.
  expect(read('a = 1\r\nb = """\r\nx\r\n"""\r\n')).toEqual({
    document: null,
    problems: ["2:5 two TOML parsers read this place differently; write it in a plainer way"],
  });
});

test("a long line is cut in a problem", () => {
  const problems = new Problems();
  readToml({ file: "p", text: `a = "${"x".repeat(5000)}` }, problems);
  expect(problems.all()[0]?.text.length).toBe(501);
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    "=",
    '"',
    "'",
    '"""',
    "\n",
    "\r",
    ".",
    ",",
    "a",
    "1",
    "_",
    "#",
    "\\",
    "\u0000",
    " ",
    "inf",
    "true",
    "1979-05-27",
    "\ud800",
    "__proto__",
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (random) => {
      const { document, problems } = read(random);
      expect(document === null).toBe(problems.length > 0);
    }),
    { numRuns: 2000 },
  );
});
