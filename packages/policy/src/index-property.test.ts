/** The answer of an index, held against asking every pattern one by one: places near and far, in all forms that policies have. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Atom, atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import { builtinRules, protectedRules } from "./builtin.ts";
import { UNKNOWN_CIRCUMSTANCES } from "./condition.ts";
import { compileHost } from "./host-pattern.ts";
import { pathText } from "./path.ts";
import { compilePath } from "./path-pattern.ts";
import type { RuleData, RuleMatch } from "./policy-data.ts";
import type { Target } from "./request.ts";
import { Rule } from "./rule.ts";
import type { Capability } from "./signatures.ts";
import { readSubject } from "./subject.ts";
import { parsedUrl, plainUrl } from "./url.ts";

const PLACES = { roots: ["/w/Proj"], homes: ["/home/u"] };
const name = fc.constantFrom(
  "src",
  "SRC",
  "a",
  "ab",
  "a.ts",
  "b.env",
  ".env",
  ".env.x",
  ".ssh",
  "secrets",
  "ü",
  "K",
  "s\u200c",
  "x[1]",
  "Proj",
);
const wild = fc.constantFrom("**", "*", "*.ts", "a*", "*b*", "?", "[a-c]b", "s?c", "x\\[1\\]", "*.t*", "\u017f*");
const segments = fc.array(fc.oneof({ weight: 2, arbitrary: name }, wild), { minLength: 1, maxLength: 4 });
const patternText = fc
  .tuple(fc.constantFrom("", "", "/", "~/", "**/", "/w/Proj/"), segments, fc.constantFrom("", "", "/", "/**"))
  .map(([start, parts, end]) => `${start}${parts.join("/")}${end}`);
const pathMatch = fc.tuple(fc.array(patternText, { minLength: 1, maxLength: 3 }), fc.boolean(), fc.boolean()).map(
  ([texts, denies, below]): RuleMatch => ({
    kind: "path",
    patterns: texts.flatMap((text) => {
      const read = compilePath(text.replace("x[1]", "x\\[1\\]"), PLACES, denies);
      return read.ok ? read.patterns : [];
    }),
    below,
  }),
);
const hostText = fc.constantFrom(
  "example.com",
  "*.example.com",
  "*.com",
  "a.example.com",
  "*",
  "10.0.0.1",
  "localhost:80",
  "b.example.com/v1/**",
  "*.EXAMPLE.com:8080",
);
const hostMatch = fc.array(hostText, { minLength: 1, maxLength: 3 }).map(
  (texts): RuleMatch => ({
    kind: "host",
    patterns: texts.flatMap((text) => {
      const read = compileHost(text, true);
      return read.ok ? read.patterns : [];
    }),
  }),
);
const variable = fc.constantFrom(
  "PATH",
  "path",
  "AWS_*",
  "*TOKEN*",
  "*_KEY",
  "A?",
  "[A-C]B",
  "*",
  "A*Z",
  "\u017f*",
  "K",
  "*s\u200c*",
);
const variableMatch = fc
  .array(variable, { minLength: 1, maxLength: 3 })
  .map((patterns): RuleMatch => ({ kind: "variable", patterns }));
const effect = fc.constantFrom<RuleData["effect"]>("allow", "ask", "deny");
const rulesOn = (on: readonly Capability[], match: fc.Arbitrary<RuleMatch>) =>
  fc.array(
    fc.tuple(effect, match).map(([how, one]): RuleData => ({ ref: { id: "r" }, effect: how, on, match: one })),
    { maxLength: 12 },
  );

const pathValue = fc
  .tuple(
    fc.constantFrom("", "/w/Proj", "/w/proj", "/home/u", "/w"),
    fc.array(fc.oneof(name, fc.constantFrom("x", "A.TS", "Secrets", "sc", "k", "s")), { maxLength: 4 }),
  )
  .map(([start, names]) => `${start}${names.map((one) => `/${one}`).join("")}` || "/");
const targets: Record<"path" | "host" | "variable", fc.Arbitrary<Target>> = {
  path: fc
    .tuple(fc.constantFrom<Target["role"]>("read", "search", "write", "delete"), pathValue)
    .map(([role, value]) => ({ on: "fs.read", role, kind: "path", value })),
  host: fc
    .constantFrom(
      "https://example.com/",
      "https://a.example.com/x",
      "http://10.0.0.1/",
      "http://localhost/",
      "https://b.example.com/v1/x",
      "https://x.y.example.com:8080/",
      "https://com/",
    )
    .map((value) => ({ on: "net.http_get", role: "connect", kind: "url", value })),
  variable: fc
    .constantFrom(
      "PATH",
      "Path",
      "AWS_X",
      "MY_TOKEN",
      "my_token_2",
      "X_KEY",
      "AB",
      "A1Z",
      "s1",
      "K",
      "k",
      "s\u200cx",
      "S",
    )
    .map((value) => ({ on: "env.read", role: "read", kind: "variable", value })),
};

const builtin = [
  ...builtinRules(["/home/u"], []).rules,
  ...protectedRules([{ path: "/w/Proj/agent-run.toml", access: "all", what: "policy" }]),
];

/** Of both lists, asked one after the other of the same index. */
const matching = (atoms: readonly Atom[], target: Target) => {
  const subject = readSubject(target, {});
  const facts = { on: target.on, attrs: {}, circumstances: UNKNOWN_CIRCUMSTANCES, address: null, urls: [] };
  const index = new AtomIndex(atoms);
  return LISTS.map((list) => {
    const found = subject === null ? [] : index.find(subject, facts)[list];
    return found.map(({ order }) => order);
  });
};

const LISTS = ["deny", "open"] as const;

test.each([
  ["paths", "path", rulesOn(["fs.read"], pathMatch)],
  ["hosts", "host", rulesOn(["net.http_get"], hostMatch)],
  ["variables", "variable", rulesOn(["env.read"], variableMatch)],
] as const)("of %s, it finds what asking every rule by itself finds", (_title, kind, rules) => {
  let hits = 0;
  fc.assert(
    fc.property(rules, fc.array(targets[kind], { minLength: 8, maxLength: 8 }), (own, asked) => {
      const all = [...own, ...builtin];
      const atoms = all.flatMap((data, order) => LISTS.flatMap((list) => atomsOf(new Rule(data, order), list, [])));
      const unkeyed = atoms.map((atom) => ({ ...atom, key: null }));
      for (const target of asked) {
        const found = matching(atoms, target);
        hits += found.flat().length;
        expect(found).toEqual(matching(unkeyed, target));
      }
    }),
    { numRuns: 400 },
  );
  expect(hits).toBeGreaterThan(200);
});

test("ten thousand patterns answer as those that are near", () => {
  const rules = Array.from({ length: 10_000 }, (_, at): RuleData => {
    const patterns = [[`/w/area${at}/**`], [`/**/zone${at}`], [`/w/*-${at}.ts`], [`/w/**/a${at}*`]][at % 4] ?? [];
    return { ref: { id: `r${at}` }, effect: "deny", on: ["fs.read"], match: { kind: "path", patterns, below: true } };
  });
  const atoms = rules.flatMap((data, order) => atomsOf(new Rule(data, order), "deny", []));
  const at = (value: string) => matching(atoms, { on: "fs.read", role: "read", kind: "path", value });
  const paths = ["/w/area40/x", "/x/ZONE41/y", "/w/b-42.ts", "/w/q/a43x", "/w/area400x"];
  expect(paths.map(at)).toEqual([
    [[40], []],
    [[41], []],
    [[42], []],
    [[43], []],
    [[], []],
  ]);
});

test("a URL that is read by its letters is what the URL parser makes of it", () => {
  let plain = 0;
  const part = fc.constantFrom(
    "a",
    "b.c",
    "..",
    ".",
    "/",
    "//",
    "%41",
    "~",
    "x-y",
    "-",
    "?",
    "q=1",
    "&",
    "0x7f",
    "127.1",
    "1",
    "xn--a",
    "com",
    "@",
    ":",
    ":80",
    ":443",
    "A",
    "_",
    "#f",
    "ü",
  );
  const text = fc
    .tuple(
      fc.constantFrom("http://", "https://", "https://", "HTTP://", "https:/"),
      fc.oneof(fc.array(part, { maxLength: 4 }), fc.constantFrom(["a.com"], ["x-y.b.c"], ["a.1"], ["xn--a.com"])),
      fc.constantFrom("", "/", "/p/q", "/.well-known/x"),
      fc.array(part, { maxLength: 3 }),
    )
    .map(([scheme, host, path, more]) => `${scheme}${host.join("")}${path}${more.join("")}`);
  fc.assert(
    fc.property(text, (url) => {
      const read = plainUrl(url);
      if (read === null) return;
      plain++;
      const other = parsedUrl(url);
      expect(other.ok && other.value).toEqual(read);
    }),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(50);
});

test("a path that is read by its letters is cut up as any other", () => {
  const piece = fc.constantFrom("/", "/", ".", "..", "a", "B", "\u0000", "\n", "é", "e\u0301", " ");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
      (value) => {
        const segments = value.normalize("NFC") === "/" ? [] : value.normalize("NFC").slice(1).split("/");
        const bad = segments.some((segment) => ["", ".", ".."].includes(segment));
        const good = value.startsWith("/") && !value.includes("\0") && !bad;
        const read = pathText(value);
        expect(read === null ? null : read.segments).toEqual(good ? segments : null);
        if (read !== null) expect(read.joined).toBe(read.folded.map((segment) => `/${segment}`).join(""));
      },
    ),
    { numRuns: 1000 },
  );
});
