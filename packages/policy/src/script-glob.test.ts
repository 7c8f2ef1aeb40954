import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob, readScriptGlob, type ScriptGlob } from "./script-glob.ts";

function read(pattern: string): ScriptGlob {
  const glob = readScriptGlob(pattern);
  if (!glob.ok) throw new Error(glob.failure.message);
  return glob.value;
}

describe("a pattern matches", () => {
  test.each([
    ["*.ts", "a.ts"],
    ["*.ts", ".hidden.ts"],
    ["**/*.ts", "a.ts"],
    ["**/*.ts", "x/.y/a.ts"],
    ["{a,b/{c,d}}", "b/d"],
    ["!(*.test).ts", "a.ts"],
    ["@(a|b).ts", "b.ts"],
    ["+(ab).ts", "abab.ts"],
    ["?(a)b", "b"],
    ["*(a)b", "aab"],
    ["f{1..3}", "f2"],
    ["f{8..12}", "f11"],
    ["f{12..8}", "f9"],
    ["f{-2..2}", "f-1"],
    ["f{08..10}", "f09"],
    ["f{0..10..5}", "f5"],
    ["f{a..e}", "fc"],
    ["f{e..a..2}", "fc"],
    ["[[:digit:]]*", "1a"],
    ["[!a]x", "bx"],
    ["\\*", "*"],
    ["a{b}", "a{b}"],
    ["f{1..x}", "f{1..x}"],
    ["cafe\u0301*", "caf\u00e91"],
  ])("%j matches %j", (pattern, path) => expect(compileGlob(pattern)(path)).toBe(true));

  test.each([
    ["*.ts", "x/a.ts"],
    ["!(*.test).ts", "a.test.ts"],
    ["@(a|b).ts", "c.ts"],
    ["f{1..3}", "f4"],
    ["f{8..12}", "f1"],
    ["f{8..12}", "f2"],
    ["f{08..10}", "f9"],
    ["f{0..10..5}", "f6"],
    ["f{a..e}", "ff"],
    ["[[:digit:]]*", "a1"],
    ["[!a]x", "/x"],
    ["src/*", "src/a/b"],
  ])("%j does not match %j", (pattern, path) => expect(compileGlob(pattern)(path)).toBe(false));
});

describe("a pattern begins at", () => {
  test.each([
    ["src/**/*.ts", "src", "a/b.ts"],
    ["*.ts", "", "b.ts"],
    ["/etc/*.conf", "/etc", "a.conf"],
    ["/**", "/", "a/b"],
    ["~/*", "~", "a"],
    ["../*.ts", "..", "b.ts"],
    ["./src/*", "src", "b"],
    ["src//*", "src", "b"],
    ["src/\\*x/*", "src/*x", "a"],
    ["{src,test}/*", "", "src/a"],
    ["src/@(a|b)/*", "src", "a/b"],
  ])("%j: %j, and finds %j below", (pattern, base, relative) => {
    expect(read(pattern)).toMatchObject({ base, isLiteral: false });
    expect(read(pattern).matches(relative)).toBe(true);
  });

  test.each([
    ["a.ts", "a.ts"],
    ["src/a\\*b", "src/a*b"],
    ["/etc/passwd", "/etc/passwd"],
    ["../..", "../.."],
    ["a{b}", "a{b}"],
    ["a+b", "a+b"],
  ])("its end, where it has no wildcard: %j", (pattern, base) => {
    expect(read(pattern)).toMatchObject({ base, isLiteral: true });
  });
});

describe("a pattern tells which directories may hold matches", () => {
  test.each([
    ["*/*.ts", "src", true],
    ["*/*.ts", "src/deep", false],
    ["*.ts", "src", false],
    ["{a,b}/**", "c", false],
    ["{a,b}/**", "a/x/y", true],
    ["{a,b/c}/*.ts", "x", true],
    ["!(a)/*/x", "b/c", true],
    ["@(a)/*/x", "b", false],
  ])("%j, %j: %s", (pattern, directory, expected) => expect(read(pattern).mayHoldMatches(directory)).toBe(expected));

  test("and none that holds one is left out", () => {
    const part = fc.constantFrom(
      "**",
      "*",
      "?",
      "a",
      "b*",
      "[^a]",
      "[!b]",
      "{a,b}",
      "{a,b/a}",
      "!(a)",
      "+(a|b)",
      "*(a)b",
    );
    const pattern = fc.array(part, { minLength: 2, maxLength: 4 }).map((parts) => ["*", ...parts].join("/"));
    const path = fc.array(fc.constantFrom("a", "b", "ab", ".a"), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(pattern, path, (text, names) => {
        const glob = read(text);
        if (!glob.matches(names.join("/"))) return;
        for (let count = 1; count < names.length; count += 1) {
          const directory = names.slice(0, count).join("/");
          expect([text, directory, glob.mayHoldMatches(directory)]).toEqual([text, directory, true]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a pattern is refused", () => {
  test.each([
    ["", "is empty"],
    ["a".repeat(4097), "longer than 4096"],
    ["a\0", "control"],
    ["a\n*", "control"],
    ["a\u2028*", "control"],
    ["\ud800*", "Unicode"],
    ["!*.ts", "starts with `!`"],
    ["*/../x", "dot segment"],
    ["*/./x", "dot segment"],
    ["f{1..100000000}", "more than 1000"],
    ["f{1..600}{1..600}", "more than 1000"],
    ["f{-999999999999..999999999999}", "more than 1000"],
  ])("%j: %s", (pattern, why) => {
    expect(readScriptGlob(pattern)).toMatchObject({ ok: false, failure: { code: "E_ARGUMENT" } });
    expect(readScriptGlob(pattern)).toMatchObject({ failure: { message: expect.stringContaining(why) } });
    if (!why.includes("dot")) expect(() => compileGlob(pattern)).toThrow(TypeError);
  });

  test("or read, but nothing throws and nothing hangs", () => {
    const unit = fc.constantFrom(
      "a",
      "*",
      "?",
      "[",
      "]",
      "{",
      "}",
      ",",
      "\\",
      "/",
      "!",
      "(",
      ")",
      "|",
      "-",
      "^",
      ".",
      "1",
    );
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 12 }), (text) => {
        const glob = readScriptGlob(text);
        if (glob.ok) expect(typeof glob.value.matches("a/b")).toBe("boolean");
        if (glob.ok) expect(typeof glob.value.mayHoldMatches("a/b")).toBe("boolean");
      }),
      { numRuns: 3000 },
    );
  });

  test("of many braces is no bomb: they are never multiplied out", () => {
    expect(compileGlob("{a,b}".repeat(40))("ab".repeat(20))).toBe(true);
  });
});
