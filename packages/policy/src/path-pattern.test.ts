import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePathGlob } from "./glob.ts";
import { pathText } from "./path.ts";
import { compilePath, rootPattern } from "./path-pattern.ts";

const PLACES = { roots: ["/work/p", "/tmp/link"], homes: ["/home/u", "/private/u"] };

const compiled = (text: string, machineWide = false, places = PLACES) => {
  const found = compilePath(text, places, machineWide);
  return found.ok ? found.patterns : found.message;
};

test.each([
  ["src/**", ["/work/p/src/**", "/tmp/link/src/**"]],
  ["./src/a", ["/work/p/src/a", "/tmp/link/src/a"]],
  [".", ["/work/p", "/tmp/link"]],
  ["./", ["/work/p/**", "/tmp/link/**"]],
  ["out/", ["/work/p/out/**", "/tmp/link/out/**"]],
  ["../shared/*.md", ["/work/shared/*.md", "/tmp/shared/*.md"]],
  ["**", ["/work/p/**", "/tmp/link/**"]],
  ["**/x", ["/work/p/**/x", "/tmp/link/**/x"]],
  [
    "{a,b/{c,d}}.md",
    ["/work/p/a.md", "/tmp/link/a.md", "/work/p/b/c.md", "/tmp/link/b/c.md", "/work/p/b/d.md", "/tmp/link/b/d.md"],
  ],
  ["~", ["/home/u", "/private/u"]],
  ["~/", ["/home/u/**", "/private/u/**"]],
  ["~/.x/*", ["/home/u/.x/*", "/private/u/.x/*"]],
  ["./~x", ["/work/p/~x", "/tmp/link/~x"]],
  ["/", ["/**"]],
  ["/etc/*.conf", ["/etc/*.conf"]],
  ["a\\*b", ["/work/p/a\\*b", "/tmp/link/a\\*b"]],
  ["(group)/x", ["/work/p/(group)/x", "/tmp/link/(group)/x"]],
  ["e\u0301", ["/work/p/\u00e9", "/tmp/link/\u00e9"]],
])("%s hangs where a grant means it", (text, patterns) => {
  expect(new Set(compiled(text))).toEqual(new Set(patterns));
});

test.each([
  ["**/.env", ["/**/.env"]],
  ["**", ["/**"]],
  ["./**/x", ["/work/p/**/x", "/tmp/link/**/x"]],
  ["{**/a,b}", ["/**/a", "/work/p/b", "/tmp/link/b"]],
])("%s in a denial is machine-wide where it begins with `**`", (text, patterns) => {
  expect(compiled(text, true)).toEqual(patterns);
});

test("only an entry without a wildcard and without a choice is exact", () => {
  const exact = (text: string) => {
    const found = compilePath(text, PLACES, false);
    return found.ok ? found.exact : null;
  };
  expect(exact("a/.env")).toEqual(["/work/p/a/.env", "/tmp/link/a/.env"]);
  expect(exact("~/.ssh/\\[x\\]")).toEqual(["/home/u/.ssh/[x]", "/private/u/.ssh/[x]"]);
  expect(exact("/")).toEqual([]);
  for (const text of [".env*", ".env?", "[.]env", "{.env,.env}", ".env/", "**/.env"]) expect(exact(text)).toEqual([]);
});

test("a pattern that is too long below its root is refused", () => {
  const long = "a/".repeat(2000).slice(0, -1);
  expect(compiled(long, false, { roots: ["/r"], homes: [] })).toHaveLength(1);
  expect(compiled(long, false, { roots: [`/${"r".repeat(200)}`], homes: [] })).toBe(
    "the pattern is too long below its root",
  );
});

test("without a home `~` is refused, not ignored", () => {
  expect(compiled("~/x", true, { roots: ["/r"], homes: [] })).toBe(
    "no home directory is known that `~` could stand for",
  );
});

test("a root is literal, whatever it is called", () => {
  const name = fc.stringMatching(/^[ -.0-~]{1,12}$/).filter((text) => text !== "." && text !== "..");
  fc.assert(
    fc.property(name, name, (root, other) => {
      const [pattern = ""] = compiled("a/*.ts", false, { roots: [`/${root}`], homes: [] });
      const glob = compilePathGlob(pattern);
      const matches = (path: string) => glob.matches(pathText(path)?.segments ?? [], false);
      expect(matches(`/${root}/a/x.ts`)).toBe(true);
      expect(matches(`/${other}/a/x.ts`)).toBe(other === root);
      expect(compilePathGlob(rootPattern(`/${root}`, "")).matches(pathText(`/${root}`)?.segments ?? [], false)).toBe(
        true,
      );
    }),
    { numRuns: 500 },
  );
});

test("what compiles means for the matcher what it says, and nothing makes it throw", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "*",
    "**",
    "?",
    "/",
    "[ab]",
    "[!a]",
    "{",
    "}",
    ",",
    "\\",
    "(",
    ")",
    "!",
    "~",
    ".",
    "..",
    "|",
    " ",
    "\u0000",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
      fc.boolean(),
      (text, deny) => {
        const found = compilePath(text, PLACES, deny);
        if (!found.ok) return;
        for (const pattern of found.patterns) {
          expect(pattern.startsWith("/")).toBe(true);
          expect(() => compilePathGlob(pattern)).not.toThrow();
        }
        for (const path of found.exact) {
          const globs = found.patterns.map(compilePathGlob);
          expect(globs.some((glob) => glob.matches(pathText(path)?.segments ?? ["no"], false))).toBe(true);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
