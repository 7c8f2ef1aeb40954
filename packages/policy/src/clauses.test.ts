/** Every operator on every type, by what it makes of a value that fits, one that does not, none, and one of another type. */
import { describe, expect, test } from "vitest";
import type { Circumstances } from "./condition.ts";
import type { Json } from "./json.ts";
import type { CanonicalRequest } from "./request.ts";
import { commandRequest, pathRequest, policyOf, urlRequest } from "./testing/policy-of.ts";

const NOBODY: Circumstances = { now: null, actor: null };

/** How a value gets into a call. */
const INTO = {
  bytes: (value) => [withAttrs(pathRequest("fs.write", "out/a"), { bytes: value }), NOBODY],
  stdin_bytes: (value) => [withAttrs(commandRequest(["tool"]), { stdin_bytes: value }), NOBODY],
  env: (value) => [withAttrs(commandRequest(["tool"]), { env: value }), NOBODY],
  method: (value) => [withAttrs(urlRequest("https://a.example/"), { method: value }), NOBODY],
  argv: (value) => [commandRequest(value as readonly string[]), NOBODY],
  port: (value) => [urlRequest(`https://a.example:${String(value)}/`), NOBODY],
  host: (value) => [urlRequest(`https://${String(value)}/`), NOBODY],
  actor: (value) => [pathRequest("fs.write", "out/a"), { now: null, actor: value as string | null }],
  now: (value) => [pathRequest("fs.write", "out/a"), { now: value as number | null, actor: null }],
} satisfies Record<string, (value: Json | undefined) => readonly [CanonicalRequest, Circumstances]>;

type Attribute = keyof typeof INTO;

function withAttrs(request: CanonicalRequest, attrs: { readonly [name: string]: Json | undefined }): CanonicalRequest {
  const there = Object.entries({ ...request.attrs, ...attrs }).filter(([, value]) => value !== undefined);
  return { ...request, attrs: Object.fromEntries(there) as CanonicalRequest["attrs"] };
}

const GRANTS = `
[filesystem]
write_allow = ["out/**"]
[network]
http_get_allow = ["*:*"]
[subprocess]
allow_commands = ["tool"]
`;

function answers(attribute: Attribute, test: string, value: Json | undefined) {
  const [request, circumstances] = INTO[attribute](value);
  const command = request.on === "subprocess.exec" ? 'command = "tool"\n' : "";
  const rule = (effect: string) =>
    `[[rule]]\nid = "r"\neffect = "${effect}"\non = "${request.on}"\n${command}when = { ${attribute} = { ${test} } }\n`;
  const of = (text: string) => policyOf(text).decide(request, request, circumstances);
  return {
    allow: of(rule("allow")).effect,
    deny: of(`${GRANTS}${rule("deny")}`).effect,
    ask: of(`${GRANTS}${rule("ask")}`).effect,
  };
}

const HOLDS = { allow: "allow", deny: "deny", ask: "ask" };
const FAILS = { allow: "deny", deny: "allow", ask: "allow" };
/** A grant needs what is true; a denial or question stays away from what is false. */
const UNKNOWN = { allow: "deny", deny: "deny", ask: "ask" };

const DAY = Date.UTC(2027, 0, 1);

/** `odd`: values of which nothing is known. */
const TESTS: readonly (readonly [
  Attribute,
  string,
  yes: readonly Json[],
  no: readonly Json[],
  odd: readonly (Json | undefined)[],
])[] = [
  ...(["bytes", "stdin_bytes"] as const).flatMap((name) => {
    const odd = [undefined, null, "10", -1, 1.5, [10], true];
    return [
      [name, "eq = 10", [10], [9, 11, 0], odd],
      [name, "ne = 10", [9, 11], [10], odd],
      [name, "lt = 10", [0, 9], [10, 11], odd],
      [name, "le = 10", [0, 10], [11], odd],
      [name, "gt = 10", [11], [10, 9], odd],
      [name, "ge = 10", [10, 11], [9, 0], odd],
      [name, 'in = [10, "1kB"]', [10, 1000], [11, 1024], odd],
      [name, 'not_in = [10, "1kB"]', [11], [10, 1000], odd],
      [name, "ge = 5, le = 10", [5, 10], [4, 11], odd],
      [name, "exists = true", [0, 10], [], []],
      [name, "exists = false", [], [0, 10], []],
    ] as const;
  }),
  ["port", "eq = 8443", [8443], [444], []],
  ["port", "ne = 8443", [444], [8443], []],
  ["port", "lt = 1024", [81], [1024], []],
  ["port", "le = 1024", [1024], [1025], []],
  ["port", "gt = 1024", [1025], [1024], []],
  ["port", "ge = 1024", [1024], [1023], []],
  ["port", "in = [81, 82]", [81, 82], [83], []],
  ["port", "not_in = [81, 82]", [83], [81], []],
  ["port", "exists = true", [81], [], []],
  ["now", "eq = 2027-01-01", [DAY], [DAY + 1], [null, Number.NaN, "2027-01-01"]],
  ["now", "ne = 2027-01-01", [DAY + 1], [DAY], [null, Number.POSITIVE_INFINITY]],
  ["now", "lt = 2027-01-01T00:00:00Z", [DAY - 1], [DAY], [null, 9e15]],
  ["now", "le = 2027-01-01T01:00:00+01:00", [DAY], [DAY + 1], [null]],
  ["now", "gt = 2027-01-01T00:00:00", [DAY + 1], [DAY], [null]],
  ["now", "ge = 2027-01-01 00:00:00Z", [DAY], [DAY - 1], [null]],
  ["now", "in = [2027-01-01]", [DAY], [0], [null]],
  ["now", "not_in = [2027-01-01]", [0], [DAY], [null]],
  ["now", "exists = true", [0, DAY], [], []],
  ...(["actor", "method"] as const).flatMap((name) => {
    const odd = name === "actor" ? [null, 3] : [undefined, null, 3, ["GET"]];
    return [
      [name, 'eq = "GET"', ["GET"], ["HEAD", "get"], odd],
      [name, 'ne = "GET"', ["HEAD"], ["GET"], odd],
      [name, 'in = ["GET", "PUT"]', ["GET", "PUT"], ["HEAD"], odd],
      [name, 'not_in = ["GET", "PUT"]', ["HEAD"], ["PUT"], odd],
      [name, 'contains = "E"', ["GET", "HEAD"], ["PUT"], odd],
      [name, 'starts_with = "GE"', ["GET"], ["PUT"], odd],
      [name, 'ends_with = "T"', ["GET", "PUT"], ["HEAD"], odd],
      [name, 'regex = "^.E"', ["GET", "HEAD"], ["PUT", "OPTE"], odd],
      [name, 'glob = ["G?T", "P*"]', ["GET", "PUT"], ["HEAD"], odd],
    ] as const;
  }),
  ["actor", "exists = true", ["a", ""], [], []],
  ["host", 'eq = "a.example"', ["a.example"], ["b.example"], []],
  ["host", 'ends_with = ".example"', ["a.example"], ["a.example.com"], []],
  ["argv", 'contains = "x"', [["tool", "x"]], [["tool", "xx"], ["tool"]], []],
  ["argv", "exists = true", [["tool"]], [], []],
  ["env", 'contains = "A=1"', [["B=2", "A=1"]], [["A=11"], []], [undefined, "A=1", [1], null]],
  ["env", "exists = false", [], [["A=1"], []], []],
];

describe("a condition", () => {
  for (const [attribute, text, yes, no, odd] of TESTS) {
    test(`on ${attribute}: ${text}`, () => {
      for (const value of yes) expect([value, answers(attribute, text, value)]).toEqual([value, HOLDS]);
      for (const value of no) expect([value, answers(attribute, text, value)]).toEqual([value, FAILS]);
      for (const value of odd) expect([value, answers(attribute, text, value)]).toEqual([value, UNKNOWN]);
    });
  }

  test.each([
    ["missing", undefined],
    ["of another type", "10"],
  ])("`exists` has an answer for a value that is %s", (_title, value) => {
    expect(answers("bytes", "exists = true", value)).toEqual(FAILS);
    expect(answers("bytes", "exists = false", value)).toEqual(HOLDS);
  });

  test("all of a rule's conditions must hold", () => {
    const rule =
      '[[rule]]\nid = "r"\neffect = "allow"\non = "fs.write"\nwhen = { bytes = { le = 10 }, actor = { eq = "ci" } }\n';
    const decide = (bytes: number, actor: string) => {
      const request = withAttrs(pathRequest("fs.write", "a"), { bytes });
      return policyOf(rule).decide(request, request, { now: null, actor }).effect;
    };
    expect([decide(10, "ci"), decide(11, "ci"), decide(10, "me")]).toEqual(["allow", "deny", "deny"]);
  });
});

/** What three rules say that have one condition: allow alone; deny and ask beside a grant of everything. */
function threeWays(on: string, test: string, request: CanonicalRequest) {
  const rule = (effect: string) => `[[rule]]\nid = "r"\neffect = "${effect}"\non = "${on}"\nwhen = { ${test} }\n`;
  const all = `[[rule]]\nid = "all"\neffect = "allow"\non = "${on}"\n`;
  const of = (text: string) => policyOf(text).decide(request).effect;
  return [of(rule("allow")), of(`${all}${rule("deny")}`), of(`${all}${rule("ask")}`)];
}

describe("readings of a path", () => {
  const read = (path: string, test: string) => threeWays("fs.read", test, pathRequest("fs.read", path));
  test.each([
    ["src/a.md", 'path = { ends_with = ".md" }', ["allow", "deny", "ask"]],
    ["src/a.MD", 'path = { ends_with = ".md" }', ["deny", "deny", "ask"]],
    ["src/a.ts", 'path = { ends_with = ".md" }', ["deny", "allow", "allow"]],
    ["src/A", 'path = { eq = "/work/proj/src/a" }', ["deny", "deny", "ask"]],
    ["src/A", 'path = { ne = "/work/proj/src/a" }', ["deny", "deny", "ask"]],
    ["src/b", 'path = { ne = "/work/proj/src/a" }', ["allow", "deny", "ask"]],
    ["SRC/a", 'path = { glob = ["src/*"] }', ["deny", "deny", "ask"]],
    ["src/a", 'path = { glob = ["src/*"] }', ["allow", "deny", "ask"]],
    ["src/a/b", 'path = { glob = ["src/*"] }', ["deny", "allow", "allow"]],
    ["src/Secret", 'path = { regex = "secret$" }', ["deny", "deny", "ask"]],
    ["src/stra\u00dfe", 'path = { contains = "STRASSE" }', ["deny", "deny", "ask"]],
  ])("%s under %s", (path, test, expected) => expect(read(path, test)).toEqual(expected));
});

describe("readings of the path of a URL", () => {
  const get = (path: string, test: string) => threeWays("net.http_get", test, urlRequest(`https://a.example${path}`));
  test.each([
    ["/v1/a", 'url_path = { glob = ["/v1/**"] }', ["allow", "deny", "ask"]],
    ["/v2/a", 'url_path = { glob = ["/v1/**"] }', ["deny", "allow", "allow"]],
    ["/v1/..;/admin", 'url_path = { starts_with = "/v1/" }', ["deny", "deny", "ask"]],
    ["/x//admin", 'url_path = { eq = "/x/admin" }', ["deny", "deny", "ask"]],
    ["/ADMIN", 'url_path = { eq = "/admin" }', ["deny", "deny", "ask"]],
    ["/ADMIN", 'url_path = { ne = "/admin" }', ["deny", "deny", "ask"]],
    ["/ADMIN", 'url_path = { not_in = ["/admin"] }', ["deny", "deny", "ask"]],
    ["/ADMIN", 'url_path = { ne = "/other" }', ["allow", "deny", "ask"]],
    ["/a%2Fb", 'url_path = { contains = "z" }', ["deny", "deny", "ask"]],
    ["/caf%C3%A9", 'url_path = { eq = "/caf\u00e9" }', ["allow", "deny", "ask"]],
    ["/x", "url_path = { exists = true }", ["allow", "deny", "ask"]],
    ["/a%2Fb", "url_path = { exists = true }", ["allow", "deny", "ask"]],
  ])("%s under %s", (path, test, expected) => expect(get(path, test)).toEqual(expected));
});

describe("a condition on a command speaks of the program, however it is called", () => {
  const FOUND = [{ name: "python", path: "/usr/bin/python3.11", dev: 1, ino: 2 }];
  const ask = (typed: string, test: string) => {
    const rule = (effect: string) =>
      `[[rule]]\nid = "r"\neffect = "${effect}"\non = "subprocess.exec"\ncommand = "python"\nwhen = { ${test} }\n`;
    const request = commandRequest([typed, "push", "x"], "/usr/bin/python3.11");
    const of = (text: string) => policyOf(text).withCommands(FOUND).decide(request).effect;
    const grant = '[subprocess]\nallow_commands = ["python"]\n';
    return [of(rule("allow")), of(`${grant}${rule("deny")}`), of(`${grant}${rule("ask")}`)];
  };
  test.each([
    ["python", 'command = { eq = "python" }', ["allow", "deny", "ask"]],
    ["/usr/bin/python", 'command = { eq = "python" }', ["deny", "deny", "ask"]],
    ["python", 'command = { eq = "/usr/bin/python3.11" }', ["deny", "deny", "ask"]],
    ["python", 'command = { eq = "ruby" }', ["deny", "allow", "allow"]],
    // Whoever denies all but one means its name, and whoever grants all but one means the program.
    ["python", 'command = { ne = "python" }', ["deny", "allow", "allow"]],
    ["/usr/bin/python", 'command = { ne = "python" }', ["deny", "deny", "ask"]],
    ["/usr/bin/python", 'command = { not_in = ["ruby", "perl"] }', ["allow", "deny", "ask"]],
    ["/usr/bin/python", 'command_line = { starts_with = "python push" }', ["deny", "deny", "ask"]],
    ["/usr/bin/python", 'command_line = { glob = ["python pull *"] }', ["deny", "allow", "allow"]],
    ["/usr/bin/python", 'command_line = { ne = "python push x" }', ["deny", "deny", "ask"]],
    ["/usr/bin/python", 'argv = { contains = "python" }', ["deny", "deny", "ask"]],
    ["/usr/bin/python", 'argv = { contains = "push" }', ["allow", "deny", "ask"]],
  ])("%s under %s", (typed, test, expected) => expect(ask(typed, test)).toEqual(expected));
});

describe("a condition on the address", () => {
  const get = (addresses: readonly string[], test: string) =>
    threeWays("net.http_get", test, urlRequest("https://a.example/", addresses));
  const IN = 'address = { cidr = ["93.184.0.0/16"] }';
  test.each([
    [[], IN, ["allow", "allow", "allow"]],
    [["93.184.216.34"], IN, ["allow", "deny", "ask"]],
    [["8.8.8.8"], IN, ["deny", "allow", "allow"]],
    [["93.184.216.34", "8.8.8.8"], IN, ["deny", "deny", "ask"]],
    [["8.8.8.8"], "address = { exists = true }", ["allow", "deny", "ask"]],
  ])("of a name with the addresses %j", (addresses, test, expected) => expect(get(addresses, test)).toEqual(expected));

  test("holds for an address in the URL at once", () => {
    const ask = (url: string) => threeWays("net.http_get", IN, urlRequest(url));
    expect(ask("https://93.184.216.34/")).toEqual(["allow", "deny", "ask"]);
    expect(ask("https://8.8.8.8/")).toEqual(["deny", "allow", "allow"]);
  });

  test("is one of the rule's own hosts", () => {
    const policy = policyOf(`
[network]
http_get_allow = ["*"]
[[rule]]
id = "r"
effect = "deny"
on = "net.*"
host = "*.a.example"
when = { address = { cidr = "93.184.0.0/16" } }
`);
    const ask = (url: string) => policy.decide(urlRequest(url, ["93.184.216.34"])).rule.id;
    expect([ask("https://x.a.example/"), ask("https://b.example/")]).toEqual(["r", "network.http_get_allow[0]"]);
  });
});
