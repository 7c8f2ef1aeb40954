import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalPath, pathText } from "./path.ts";
import { fold } from "./spelling.ts";

const AT = { root: "/work/proj", home: "/home/me" };
const typed = (text: string) => {
  const path = canonicalPath(text, AT);
  return path.ok ? path.value : path.failure.code;
};

describe("a typed path has one absolute form", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a", "/work/proj/a"],
    ["a/b", "/work/proj/a/b"],
    [".", "/work/proj"],
    ["./", "/work/proj"],
    ["./a", "/work/proj/a"],
    ["././a", "/work/proj/a"],
    ["a/.", "/work/proj/a"],
    ["a/./b", "/work/proj/a/b"],
    ["a//b", "/work/proj/a/b"],
    ["a///b//", "/work/proj/a/b"],
    ["a/", "/work/proj/a"],
    ["..", "/work"],
    ["../", "/work"],
    ["../proj/a", "/work/proj/a"],
    ["a/..", "/work/proj"],
    ["a/../b", "/work/proj/b"],
    ["a/b/../../c", "/work/proj/c"],
    ["out/../.env", "/work/proj/.env"],
    ["out/../../proj/../x", "/work/x"],
    ["../../../../../etc/passwd", "/etc/passwd"],
    ["a/../../../../../../..", "/"],
    ["/", "/"],
    ["//", "/"],
    ["/..", "/"],
    ["/../..", "/"],
    ["/.", "/"],
    ["/etc/passwd", "/etc/passwd"],
    ["//etc//passwd", "/etc/passwd"],
    ["/etc/./passwd/", "/etc/passwd"],
    ["/work/proj/../proj/a", "/work/proj/a"],
    ["~", "/home/me"],
    ["~/", "/home/me"],
    ["~/x", "/home/me/x"],
    ["~/../you/x", "/home/you/x"],
    ["~/./.ssh//id", "/home/me/.ssh/id"],
    ["./~", "/work/proj/~"],
    ["./~root/x", "/work/proj/~root/x"],
    ["a/~/b", "/work/proj/a/~/b"],
    ["/~", "/~"],
    ["...", "/work/proj/..."],
    ["a/.../b", "/work/proj/a/.../b"],
    ["..a", "/work/proj/..a"],
    ["a..", "/work/proj/a.."],
    [".. /x", "/work/proj/.. /x"],
    [" ", "/work/proj/ "],
    [" a ", "/work/proj/ a "],
    ["a b", "/work/proj/a b"],
    ["*", "/work/proj/*"],
    ["a?[b]{c}", "/work/proj/a?[b]{c}"],
    ["a\\b", "/work/proj/a\\b"],
    ["..\\..\\etc", "/work/proj/..\\..\\etc"],
    ["C:\\x", "/work/proj/C:\\x"],
    ["%2e%2e/etc", "/work/proj/%2e%2e/etc"],
    ["%2fetc", "/work/proj/%2fetc"],
    ["file:///etc/passwd", "/work/proj/file:/etc/passwd"],
    ["-rf", "/work/proj/-rf"],
    ["$HOME/x", "/work/proj/$HOME/x"],
    ["a;b|c&d", "/work/proj/a;b|c&d"],
    ["cafe\u0301", "/work/proj/caf\u00e9"],
    ["\u212b", "/work/proj/\u00c5"],
    ["\u{1f600}", "/work/proj/\u{1f600}"],
    ["a\u200db", "/work/proj/a\u200db"],
    ["a\u202eb", "/work/proj/a\u202eb"],
    ["\uff0e\uff0e/etc", "/work/proj/\uff0e\uff0e/etc"],
    ["a\u2215b", "/work/proj/a\u2215b"],
    ["a".repeat(255), `/work/proj/${"a".repeat(255)}`],
    ["\u00e9".repeat(127), `/work/proj/${"\u00e9".repeat(127)}`],
    [`${"a/".repeat(2000)}b`, `/work/proj/${"a/".repeat(2000)}b`],
  ];
  test.each(cases)("%j is %j", (text, path) => expect(typed(text)).toBe(path));
});

describe("a text that could be misread is no path", () => {
  const cases: readonly string[] = [
    "",
    "\0",
    "a\0b",
    "a\nb",
    "a\r",
    "\t",
    "a\u001bb",
    "a\u007fb",
    "a\u0080b",
    "a\u009fb",
    "a\u0085b",
    "a\u2028b",
    "a\u2029b",
    "a\ud800b",
    "a\udc00",
    "\ud83d",
    "~root",
    "~root/x",
    "~+",
    "~\\x",
    "a".repeat(256),
    "\u00e9".repeat(128),
    `x/${"\u{1f600}".repeat(64)}`,
    "a/".repeat(2048),
    "a/".repeat(100_000),
    "./".repeat(100_000),
    `${"b/".repeat(2043)}bcdefgh`,
  ];
  test.each(cases)("%j is refused with E_ARGUMENT", (text) => expect(typed(text)).toBe("E_ARGUMENT"));

  test("the message shows control characters escaped", () => {
    const path = canonicalPath("a\u001b[2Jb\u202e", AT);
    expect(path.ok ? "" : path.failure.message).toBe("the path `a\\u001b[2Jb\\u202e` holds a control character");
  });
});

describe("canonicalization", () => {
  const piece = fc.constantFrom(".", "..", "", "~", "a", ".env", "b c", "e\u0301", "\u{1f600}", "...", "\\");
  const anyPath = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("/")),
    fc.string({ unit: "binary", maxLength: 30 }),
  );

  test("is idempotent, absolute and free of dot segments", () => {
    fc.assert(
      fc.property(anyPath, (text) => {
        const once = canonicalPath(text, AT);
        if (!once.ok) return;
        expect(canonicalPath(once.value, AT)).toEqual(once);
        expect(canonicalPath(once.value, { root: "/elsewhere", home: "/x" })).toEqual(once);
        expect(pathText(once.value)?.value).toBe(once.value);
        expect(once.value).toBe(once.value.normalize("NFC"));
      }),
      { numRuns: 2000 },
    );
  });

  test("gives NFC and NFD spellings one form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
        expect(typed(`./${text.normalize("NFD")}`)).toBe(typed(`./${text.normalize("NFC")}`));
      }),
    );
  });
});

describe("a path text", () => {
  test.each(["", "a", "ab", "a/b", "ab/c", "/a/", "//a", "/a//b", "/./a", "/a/..", "/..", "~/a", "/a\0"])(
    "%j is not canonical",
    (value) => expect(pathText(value)).toBeNull(),
  );
  test("of a name that a disk stores in another form is NFC", () => {
    expect(pathText("/cafe\u0301")).toMatchObject({ value: "/caf\u00e9", segments: ["caf\u00e9"] });
  });
  test("of the root has no segments", () => expect(pathText("/")?.segments).toEqual([]));
  test("may hold what a disk may hold", () => expect(pathText("/a\nb/c\u0001")?.segments).toEqual(["a\nb", "c\u0001"]));
});

describe("folding gives one text to names that some volume takes for one", () => {
  test.each([
    [".ENV", ".env"],
    ["\u212aey", "key"],
    ["\u017fecrets", "secrets"],
    ["stra\u00dfe", "STRASSE"],
    [".g\u200cit", ".git"],
    [".e\ufeffnv", ".env"],
    ["cafe\u0301", "CAF\u00c9"],
    ["\u0130", "i\u0307"],
  ])("%j and %j", (a, b) => expect(fold(a)).toBe(fold(b)));
});
