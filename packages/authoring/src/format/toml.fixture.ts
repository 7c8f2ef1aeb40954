/** For tests only: TOML documents in every layout that the language takes, and what they say. */
import fc from "fast-check";

const ESCAPABLE = ["a", "b c", "é", "\\", '"', "'", "\t", "\n", "#", "=", "[", "]", ",", "\u202e", "\u007f", "😀"];
const texts = fc.array(fc.constantFrom(...ESCAPABLE), { maxLength: 5 }).map((parts) => parts.join(""));

const basic = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

const strings = fc.oneof(
  texts.map(basic),
  texts.filter((text) => !/['\n\u007f]/.test(text)).map((text) => `'${text}'`),
  texts.filter((text) => !/'|\u007f/.test(text)).map((text) => `'''\n${text}'''`),
  texts.filter((text) => !/["\\\u007f]/.test(text)).map((text) => `"""${text}"""`),
  texts.map((text) => `"""\\\n   ${basic(text).slice(1, -1)}"""`),
);
/** Where a text of several lines holds `\r\n`, the two parsers of policies differ, and no policy loads. */
const INNER = "\ue000";
const plain = fc.oneof(
  strings.map((text) => text.replaceAll("\n", INNER)),
  fc.constantFrom("0", "-1", "1_000", "0x1F", "1.0", "-0.0", "6.02e23", "inf", "nan", "true", "false"),
  fc.constantFrom("2027-03-31", "2027-03-31T10:00:00Z", "2027-03-31 10:00:00.5+02:00", "10:00:00"),
);

/** Blanks within a line. */
const blanks = fc.constantFrom("", "", " ", "  ", "\t");
const comments = fc.constantFrom("#", "# why", "#why", '# a = ["x"', "#\t'''", "# é ");
/** Between two lines. */
const gaps = fc
  .array(
    fc.oneof(
      blanks.map((blank) => `${blank}\n`),
      fc.tuple(blanks, comments).map(([blank, comment]) => `${blank}${comment}\n`),
    ),
    { maxLength: 4 },
  )
  .map((lines) => lines.join(""));
/** Behind something. */
const ends = fc
  .tuple(blanks, fc.oneof({ weight: 3, arbitrary: fc.constant("") }, comments))
  .map((parts) => `${parts.join("")}\n`);

const names = fc.constantFrom(
  "version",
  "name",
  "inherits",
  "on",
  "id",
  "effect",
  "git",
  "a",
  "b",
  "'a'",
  '"a.b"',
  '""',
  "1",
);

const values: fc.Arbitrary<string> = fc.letrec<{ value: string; list: string; inline: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, plain, tie("list"), tie("inline")),
  list: fc
    .tuple(
      fc.array(fc.tuple(fc.oneof(blanks, between()), tie("value"), fc.oneof(blanks, between())), { maxLength: 5 }),
      fc.boolean(),
      fc.oneof(blanks, between()),
    )
    .map(([items, isOpen, last]) => {
      const inner = items.map((parts) => parts.join("")).join(",");
      return `[${inner}${isOpen && items.length > 0 ? "," : ""}${last}]`;
    }),
  inline: fc
    .uniqueArray(fc.tuple(names, blanks, tie("value")), { selector: ([name]) => bare(name), maxLength: 3 })
    .map((pairs) => `{${pairs.map(([name, blank, value]) => `${blank}${name}${blank}=${value}`).join(",")}}`),
})).value;

/** Between entries of a list. */
function between(): fc.Arbitrary<string> {
  return fc.tuple(ends, gaps).map((parts) => parts.join(""));
}

const bare = (name: string): string => name.replace(/^(['"])(.*)\1$/, "$2");

const bodies = fc
  .uniqueArray(fc.tuple(gaps, blanks, names, values, ends), { selector: ([, , name]) => bare(name), maxLength: 5 })
  .map((pairs) =>
    pairs.map(([gap, blank, name, value, end]) => `${gap}${blank}${name}${blank}= ${value}${end}`).join(""),
  );

/** Each section once; lists of tables as often as they come, also with other tables between them. */
const SECTIONS = [
  "[filesystem]",
  "[ subprocess ]",
  "[subprocess.ask_args]",
  "[subprocess.deny_args]",
  "[runtime]",
  "[unknown]",
  "[unknown.below]",
  "[tools.z]",
  "[tools.a]",
];
const LISTS = ["[[rule]]", "[[ test ]]", "[[secret]]", "[[secret.use]]", "[[other.list]]"];

const tables = fc
  .tuple(fc.shuffledSubarray(SECTIONS), fc.array(fc.tuple(fc.constantFrom(...LISTS), fc.nat(8)), { maxLength: 6 }))
  .map(([sections, lists]) => {
    const all = [...sections];
    for (const [list, at] of lists) all.splice(at, 0, list);
    // Without a secret before it, `secret` would be a table, and the next `[[secret]]` no TOML.
    return all.includes("[[secret.use]]") ? ["[[secret]]", ...all] : all;
  });

export const documents: fc.Arbitrary<string> = fc
  .tuple(
    bodies,
    tables,
    fc.array(fc.tuple(gaps, ends, bodies), { minLength: 20, maxLength: 20 }),
    gaps,
    fc.constantFrom("", "# end", "\n\n"),
  )
  .chain(([top, headers, parts, gap, last]) => {
    const text = `${top}${headers.map((header, at) => `${parts[at]?.[0]}${header}${parts[at]?.[1]}${parts[at]?.[2]}`).join("")}${gap}${last}`;
    return fc
      .constantFrom(text, text.replaceAll("\n", "\r\n"), `\uFEFF${text}`)
      .map((one) => one.replaceAll(INNER, "\n"));
  });
