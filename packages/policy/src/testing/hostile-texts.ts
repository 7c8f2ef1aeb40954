/**
 * For tests only: texts of policies as a slip, a broken editor or an attacker makes them. Noise alone is refused at the
 * first character, so most of them are real policies with something done to them, and tables of ours with odd values.
 */
import fc from "fast-check";
import { KEYS } from "../keys.ts";
import { TABLES } from "../table-keys.ts";
import { ODD_PIECES, ODD_TEXTS, WRITTEN_VALUES, writtenText } from "./odd-values.ts";

/** `seeds`: texts of policies that load. */
export function hostileTexts(seeds: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: mutated(seeds) },
    { weight: 3, arbitrary: rules().map((text) => `version = 1\n${text}`) },
    { weight: 2, arbitrary: sections() },
    { weight: 1, arbitrary: declarations() },
    { weight: 1, arbitrary: pieces() },
    { weight: 1, arbitrary: nested() },
    { weight: 1, arbitrary: noise() },
  );
}

/** Of files of tests. */
export const hostileTests = (seeds: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(mutated(seeds), fc.array(tableOf("test", "[[test]]"), { maxLength: 3 }).map(joined), testTables(), noise());

/** Texts of any other language, changed in the same ways. */
export const mutated = (seeds: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(change(), { maxLength: 3 }))
    .map(([text, changes]) => changes.reduce((before, apply) => apply(before), withoutComments(text)));

/** Most of a preset is for people; what is done to a comment does nothing. */
const withoutComments = (text: string): string => text.replace(/^#.*\n/gm, "");

const joined = (parts: readonly string[]): string => parts.join("\n");

type Change = (text: string) => string;

/** A place of any text: a share of its length, so that it shrinks towards the beginning. */
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

function change(): fc.Arbitrary<Change> {
  const onLines = (make: (lines: string[], at: number, other: number) => string[]) =>
    fc.tuple(share, share).map(
      ([at, other]): Change =>
        (text) => {
          const lines = text.split("\n");
          return joined(make(lines, Math.floor(at * lines.length), Math.floor(other * lines.length)));
        },
    );
  const insert = (piece: fc.Arbitrary<string>) =>
    fc.tuple(share, fc.nat(6), piece).map(
      ([at, length, written]): Change =>
        (text) => {
          const start = Math.floor(at * text.length);
          return text.slice(0, start) + written + text.slice(start + length);
        },
    );
  const value = fc.tuple(share, fc.constantFrom(...WRITTEN_VALUES)).map(
    ([at, written]): Change =>
      (text) => {
        const places = [...text.matchAll(/^[^#\n]*?=/gm)];
        const found = places[Math.floor(at * places.length)];
        if (found === undefined) return text;
        const start = found.index + found[0].length;
        const end = text.indexOf("\n", start);
        return `${text.slice(0, start)} ${written}${end === -1 ? "" : text.slice(end)}`;
      },
  );
  const inTexts = fc.tuple(share, fc.constantFrom(...ODD_TEXTS.map(writtenText))).map(
    ([at, written]): Change =>
      (text) => {
        const places = [...text.matchAll(/"[^"\n]*"/g)];
        const found = places[Math.floor(at * places.length)];
        if (found === undefined) return text;
        return text.slice(0, found.index) + written + text.slice(found.index + found[0].length);
      },
  );
  const often = [
    onLines((lines, at) => lines.toSpliced(at, 1)),
    onLines((lines, at) => lines.toSpliced(at, 0, lines[at] ?? "")),
    onLines((lines, at, other) => lines.with(at, lines[other] ?? "").with(other, lines[at] ?? "")),
    insert(fc.constantFrom(...ODD_PIECES)),
    insert(fc.constantFrom(...ODD_TEXTS)),
    insert(fc.string({ maxLength: 3 })),
    inTexts,
    value,
  ];
  const seldom = [
    onLines((lines, at, other) => lines.slice(Math.min(at, other), Math.max(at, other) + 1)),
    share.map(
      (at): Change =>
        (text) =>
          text.slice(0, Math.floor(at * text.length)),
    ),
    fc.constantFrom<Change>(
      (text) => text.replaceAll("\n", "\r\n"),
      (text) => text.replaceAll("\n", "\r"),
      (text) => `\ufeff${text}`,
      (text) => text.replaceAll("=", ":"),
      (text) => text.replaceAll('"', "\u201c"),
      (text) => text.replaceAll("[[", "["),
      (text) => text.replaceAll(" ", "\t"),
      (text) => [...text].join("\u0000"),
      (text) => text + text,
    ),
  ];
  return fc.oneof(
    ...often.map((arbitrary) => ({ weight: 6, arbitrary })),
    ...seldom.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** Values that a key takes, often enough that whole tables load. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  effect: ["'allow'", "'ask'", "'deny'"],
  on: [
    "'fs.read'",
    "'fs.write'",
    "'fs.*'",
    "'net.http_get'",
    "'net.*'",
    "'subprocess.exec'",
    "'env.read'",
    "['fs.read', 'fs.delete']",
  ],
  path: ["'src/**'", "['out/*.md', '/etc/**']", "'{a,b}/[!c]?'", "'**'", "'~/x'"],
  host: ["'api.example.com'", "'*.example.com'", "['localhost:3000', '10.0.0.1']"],
  port: ["443", "[80, 8443]", "'*'"],
  scheme: ["'https'", "['http', 'https']"],
  method: ["'GET'", "['GET', 'HEAD']"],
  url_path: ["'/v1/**'", "['/a', '/b/*']"],
  command: ["'git'", "['git', 'rg']"],
  argv: ["'push --force'", "['log **', 'status *']", "'-f'"],
  name: ["'LANG'", "['AWS_*', 'HOME']"],
  limit: ["{ calls = 3 }"],
  expires: ["2027-03-31", "2026-01-01T00:00:00Z", "9999-12-31", "0001-01-01"],
  hours: ["'Mon-Fri 08:00-18:00 Europe/Berlin'", "'22:00-06:00 UTC'", "'Sat,Sun 00:00-24:00 America/New_York'"],
  reason: ["'because'"],
  advice: ["'write below out/'"],
  match: ["[]", "[]", "[]", "['fs.read src/a.ts']"],
  no_match: [
    "[]",
    "['env.read HOME']",
    "[{ on = 'fs.write', path = 'no', bytes = 10, now = 2027-01-02, actor = 'ci' }]",
  ],
  given: ["'fs.read src/a.ts'", "{ on = 'net.http_get', url = 'https://api.example.com/', actor = 'ci' }"],
  expect: ["'deny'", "{ effect = 'allow', rule = 'r0' }"],
};

const anyValue = fc.constantFrom(...WRITTEN_VALUES);

/** Mostly one that fits, for else nothing would ever load. */
const fittingFor = (key: string): fc.Arbitrary<string> => {
  const fitting = FITTING[key];
  return fitting === undefined
    ? anyValue
    : fc.oneof({ weight: 100, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: anyValue });
};

const lineOf = (key: string): fc.Arbitrary<string> => fittingFor(key).map((value) => `${key} = ${value}`);

/** Those of a family, so that the keys apply. */
const FAMILIES = [
  {
    on: ["'fs.read'", "'fs.*'", "['fs.write', 'fs.delete']"],
    keys: ["path", "except"],
    except: ["'src/secret/**'", "['**/*.sh']"],
    when: ["{ path = { regex = '\\.(md|txt)$' } }", "{ path = { glob = ['out/**'], starts_with = '/w' } }"],
  },
  {
    on: ["'fs.write'"],
    keys: ["path"],
    except: [],
    when: ["{ bytes = { le = '1MB', ne = 7 }, actor = { in = ['ci', 'me'] } }"],
  },
  {
    on: ["'net.http_get'", "'net.*'"],
    keys: ["host", "port", "scheme", "method", "url_path"],
    except: [],
    when: [
      "{ host = { ends_with = '.com' }, port = { gt = 1024 }, address = { cidr = ['10.0.0.0/8'] } }",
      "{ url_path = { contains = 'v1' }, method = { ne = 'HEAD' }, scheme = { eq = 'https' } }",
    ],
  },
  {
    on: ["'subprocess.exec'"],
    keys: ["command", "argv"],
    except: [],
    when: ["{ argv = { contains = '-f' }, command_line = { regex = 'push.*-f' }, env = { exists = true } }"],
  },
  { on: ["'env.read'"], keys: ["name", "except"], except: ["'AWS_KEY'"], when: ["{ name = { glob = 'L*' } }"] },
  {
    on: ["['fs.read', 'env.read']", "'fs.*'"],
    keys: [],
    except: [],
    when: ["{ now = { ge = 2027-01-01, lt = 2028-01-01T00:00:00+02:00 }, actor = { regex = '^c' } }"],
  },
] as const;

const OF_ALL = ["limit", "expires", "hours", "reason", "advice", "match", "no_match"];

const oddLine = fc
  .tuple(fc.constantFrom(...Object.keys(TABLES.rule), "__proto__", "wehn"), anyValue)
  .map(([key, value]) => `${key} = ${value}`);

function rules(): fc.Arbitrary<string> {
  const rarely = (texts: readonly string[]) =>
    fc.oneof({ weight: 100, arbitrary: fc.constantFrom(...texts) }, { weight: 1, arbitrary: anyValue });
  const rule = fc.constantFrom(...FAMILIES).chain(({ on, keys, except, when }) =>
    fc.record({
      on: rarely(on),
      effect: fittingFor("effect"),
      own: fc
        .subarray([...keys])
        .chain((some) =>
          fc.tuple(
            ...some.map((key) => (key === "except" ? rarely(except).map((value) => `except = ${value}`) : lineOf(key))),
          ),
        ),
      when: fc.option(rarely(when)),
      more: fc.subarray(OF_ALL, { maxLength: 3 }).chain((some) => fc.tuple(...some.map(lineOf))),
      odd: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: oddLine }),
    }),
  );
  return fc
    .array(rule, { minLength: 1, maxLength: 5 })
    .map((all) =>
      joined(
        all.flatMap(({ on, effect, own, when, more, odd }, index) => [
          "[[rule]]",
          `id = 'r${index}'`,
          `effect = ${effect}`,
          `on = ${on}`,
          ...own,
          ...(when === null ? [] : [`when = ${when}`]),
          ...more,
          ...(odd === null ? [] : [odd]),
        ]),
      ),
    );
}

/** One key of the sections, or two, with any value. */
function sections(): fc.Arbitrary<string> {
  const pair = fc
    .tuple(
      fc.constantFrom(...Object.keys(KEYS)),
      fc.constantFrom("git", "'a.b'", "__proto__", '""', "'x y'", "fs.read"),
      anyValue,
      fc.boolean(),
    )
    .map(([key, name, value, isListed]) => `${key.replace("NAME", name)} = ${isListed ? `[${value}]` : value}`);
  return fc.array(pair, { minLength: 1, maxLength: 4 }).map((pairs) => joined(["version = 1", ...pairs, ""]));
}

function tableOf(name: keyof typeof TABLES, title: string): fc.Arbitrary<string> {
  return fc
    .subarray(Object.keys(TABLES[name]))
    .chain((keys) => fc.tuple(...keys.map(lineOf)))
    .map((lines) => joined([title, ...lines, ""]));
}

function declarations(): fc.Arbitrary<string> {
  const table = fc.oneof(
    ...(["test", "never", "secret", "release", "label"] as const).map((name) => tableOf(name, `[[${name}]]`)),
    tableOf("secret.use", "[[secret]]\nname = 'a'\nenv = 'A'\n[[secret.use]]"),
  );
  return fc.array(table, { minLength: 1, maxLength: 3 }).map((tables) => joined(["version = 1", ...tables]));
}

function testTables(): fc.Arbitrary<string> {
  const list = fc.subarray([...ODD_TEXTS], { maxLength: 4 }).map((texts) => `[${texts.map(writtenText).join(", ")}]`);
  return fc
    .tuple(fittingFor("on"), list, list, anyValue)
    .map(([on, allow, deny, shared]) => `[[table]]\non = ${on}\nallow = ${allow}\ndeny = ${deny}\nwith = ${shared}\n`);
}

const pieces = (): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...ODD_PIECES, ...WRITTEN_VALUES, "a", "a.b", "rule", " = ", "\n"), { maxLength: 20 })
    .map((all) => all.join(""));

/** Brackets, tables and keys, one in the other. */
const nested = (): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom<(depth: number) => string>(
        (depth) => `a = ${"[".repeat(depth)}${"]".repeat(depth)}`,
        (depth) => `a = ${"[".repeat(depth)}`,
        (depth) => `a = ${"{ a = ".repeat(depth)}1${" }".repeat(depth)}`,
        (depth) => `${"a.".repeat(depth)}a = 1`,
        (depth) => `[${"a.".repeat(depth)}a]`,
        (depth) => `${"[[a]]\n".repeat(depth)}`,
        (depth) => `filesystem.deny = ['${"{a,".repeat(depth)}b${"}".repeat(depth)}']`,
        (depth) => `filesystem.deny = ['${"{a,b}".repeat(depth)}']`,
        (depth) => `filesystem.deny = ['${"*/".repeat(depth)}*']`,
        (depth) => `filesystem.read_allow = ['${"**/".repeat(depth)}*a*']`,
        (depth) =>
          `rule = [{ id = 'r', effect = 'deny', on = 'fs.read', when = { path = { regex = '${"(".repeat(depth)}a${")*".repeat(depth)}' } } }]`,
      ),
    )
    .map(([depth, make]) => `version = 1\n${make(depth)}\n`);

const noise = (): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => String.fromCharCode(...bytes)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => new TextDecoder("utf-16le").decode(bytes)),
  );
