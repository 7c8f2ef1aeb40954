import fc from "fast-check";
import { parse } from "smol-toml";
import { parseTOML } from "toml-eslint-parser";
import { expect, test } from "vitest";
import { readPlainToml } from "./plain-toml.ts";

/** What both trees have, in the order of the plain one. */
function skeleton(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(skeleton);
  const { type, kind, key, range, value, bigint, name, elements, body } = node as Record<string, unknown>;
  const start = Array.isArray(range) ? range[0] : undefined;
  if (type === "TOMLKeyValue") return ["pair", keysOf(key), skeleton(value)];
  if (type === "TOMLTable") return ["table", kind, keysOf(key), skeleton(body)];
  if (type === "TOMLArray") return ["array", start, skeleton(elements)];
  if (type === "TOMLInlineTable") return ["inline", start, skeleton(body)];
  return [type, start, kind, kind === "integer" ? bigint : (name ?? value)];
}

const keysOf = (key: unknown): unknown =>
  (key as { keys: { type: string; name?: string; value?: string; range: number[] }[] }).keys.map((one) => [
    one.type,
    one.name ?? one.value,
    one.range[0],
  ]);

const bySecond = (text: string) => {
  try {
    parse(text, { integersAsBigInt: true });
    return skeleton(parseTOML(text, { tomlVersion: "1.0" }).body[0].body);
  } catch {
    return "refused";
  }
};

const plain = (text: string) => {
  const parts = readPlainToml(text);
  return parts === null ? null : skeleton(parts);
};

const piece = fc.constantFrom(
  ..."a b-1 _ 'k k' \"q\" . = [ ] [[ ]] { } , \n \r\n # 1 -0 +7 007 1_000 1.5 1e3 true false truer 'lit' \"str\" \"\" '' \"\"\" ''' \\n \t ü".split(
    " ",
  ),
  " ",
  " ",
  "# note\n",
  "a = ",
  "[t]\n",
  "[[r]]\n",
  '"esc\\n"',
  "2027-03-31",
  "{ a = 1 }",
  "[1, 2,\n # c\n 3]",
);
const line = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const value = fc.constantFrom(
  "1",
  '"a"',
  "'b'",
  "[ 'x', # c\n 'y', ]",
  "{ a = 1, b.c = [ ] }",
  "true",
  "{}",
  "[{ d = '' }]",
);
const good = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom("a", "b.c", "'d e'", '"f" . g', "h-1"), value).map(([key, one]) => `${key} = ${one}`),
    fc.constantFrom("[t]", "[ t.u ]", "[[r]]", "[[ r . s ]]", "", "# c", "  \t"),
  ),
  { maxLength: 8 },
);

test("what it reads, the other parser reads in the same way and at the same places", () => {
  const seen = { read: 0, refused: 0 };
  const check = (text: string) => {
    const tree = plain(text);
    const other = bySecond(text);
    if (other === "refused") seen.refused++;
    // What the first parser refuses never gets here.
    else if (tree !== null) {
      seen.read++;
      expect(tree).toEqual(other);
    }
  };
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (lines) => check(lines.join("\n"))),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(good, fc.constantFrom("\n", "\r\n"), (lines, end) => check(lines.join(end))),
    { numRuns: 500 },
  );
  expect(seen.read).toBeGreaterThan(100);
  expect(seen.refused).toBeGreaterThan(100);
});

test.each([
  ["an escape", 'a = "\\n"'],
  ["a long string", 'a = """x"""'],
  ["a long literal", "a = '''x'''"],
  ["a date", "a = 2027-03-31"],
  ["a float", "a = 1.5"],
  ["a grouped number", "a = 1_000"],
  ["a comma at the end of an inline table", "a = { b = 1, }"],
  ["an inline table on two lines", "a = { b = 1,\n c = 2 }"],
  ["a return without a newline", "a = 1\rb = 2"],
  ["two pairs on a line", "a = 1 b = 2"],
  ["a control character", "a = '\u0001'"],
  ["no value", "a ="],
])("%s is left to the other parser", (_title, text) => expect(readPlainToml(text)).toBeNull());

test("a text of nothing but ends of lines and comments needs no room", () => {
  expect(readPlainToml(`${"\n".repeat(500_000)}${"# c\n".repeat(200_000)}`)).toEqual([]);
});
