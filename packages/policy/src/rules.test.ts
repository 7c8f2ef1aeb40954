/** The engine and a plain reading of the same rules, on generated policies and calls. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "./json.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import type { Capability } from "./signatures.ts";
import { plainAnswer } from "./testing/plain-answer.ts";
import { policyOf, ROOT } from "./testing/policy-of.ts";

const pick = fc.constantFrom;
/** At noon in winter and in summer, before and after what rules name, and unknown. */
const NOW = [null, Date.UTC(2027, 0, 4, 11), Date.UTC(2027, 6, 3, 11), Date.UTC(2028, 0, 1)];
const around = fc.record({ now: pick(...NOW), actor: pick(null, "ci", "alice", "CI") });

const some = (...texts: readonly string[]) =>
  fc
    .subarray([...texts], { minLength: 1, maxLength: 2 })
    .map((list) => `[${list.map((one) => JSON.stringify(one)).join(", ")}]`);

const texts = (...operands: readonly string[]) =>
  fc.oneof(
    fc
      .tuple(pick("eq", "ne", "contains", "ends_with"), pick(...operands))
      .map(([op, one]) => `${op} = ${JSON.stringify(one)}`),
    fc.tuple(pick("in", "not_in"), some(...operands)).map(([op, list]) => `${op} = ${list}`),
    pick("exists = true", "exists = false"),
  );
const sizes = fc
  .tuple(pick("eq", "ne", "lt", "le", "gt", "ge"), pick("10", '"1kB"'))
  .map(([op, size]) => `${op} = ${size}`);
const times = fc
  .tuple(pick("lt", "ge", "eq", "ne"), pick("2027-03-01", "2028-01-01T00:00:00Z"))
  .map(([op, at]) => `${op} = ${at}`);
const OF_ALL = { actor: fc.oneof(texts("ci", "alice"), pick('glob = "c*"', 'regex = "^c"')), now: times };

/** Lines of one rule about a family; `when` is one table. */
interface Family {
  readonly on: readonly Capability[];
  readonly lines: Readonly<Record<string, fc.Arbitrary<string>>>;
  readonly when: Readonly<Record<string, fc.Arbitrary<string>>>;
}

const FILES: Family = {
  on: ["fs.read", "fs.write", "fs.delete"],
  lines: {
    path: some("out/**", "out/*.md", "src", "**/deep", "OUT/a.md", "src/"),
    except: some("out/a.md", "**/deep", "src"),
  },
  when: {
    path: fc.oneof(
      texts(`${ROOT}/out/a.md`, `${ROOT}/OUT/a.md`).filter((one) => !one.startsWith("exists")),
      pick('glob = "out/*"', 'regex = "\\\\.md$"', `starts_with = "${ROOT}/OUT"`),
    ),
  },
};
const WRITES: Family = { on: ["fs.write"], lines: FILES.lines, when: { ...FILES.when, bytes: sizes } };
const NET: Family = {
  on: ["net.http_get", "net.http_post"],
  lines: {
    host: some("a.example", "*.example", "http://b.a.example"),
    except: some("a.example/v1", "b.a.example"),
  },
  when: {
    host: texts("a.example", "b.a.example"),
    port: pick("eq = 443", "ne = 443", "in = [80, 8443]"),
    scheme: texts("https", "http"),
    method: texts("GET", "HEAD"),
    url_path: fc.oneof(texts("/v1", "/v1/X"), pick('glob = "/v1/**"', 'starts_with = "/v1/x"', 'regex = "x"')),
    bytes: sizes,
    address: pick('cidr = "93.0.0.0/8"', 'cidr = ["8.8.8.8", "93.184.0.0/16"]', "exists = true"),
  },
};
const GETS: Family = {
  on: ["net.http_get"],
  lines: {
    method: some("GET", "HEAD"),
    port: pick("443", "[80, 8443]"),
    scheme: some("http", "https"),
    url_path: some("/v1/**", "/"),
  },
  when: NET.when,
};
const VARIABLES: Family = {
  on: ["env.read"],
  lines: { name: some("HOME", "L*", "lang"), except: some("LANG", "home") },
  when: { name: fc.oneof(texts("HOME", "LANG"), pick('starts_with = "L"', 'glob = "?OME"')) },
};
const COMMANDS: Family = {
  on: ["subprocess.exec"],
  lines: {
    command: some("tool", "other"),
    argv: some("log", "log **", "log *", "show x"),
    except: some("log", "show x"),
  },
  when: {
    argv: pick('contains = "log"', 'contains = "x"', "exists = true"),
    stdin_bytes: sizes,
    command: texts("tool", "other"),
  },
};

const hours = pick("Mon-Fri 08:00-18:00 Europe/Berlin", "22:00-12:30 UTC", "Sat,Sun 00:00-24:00 UTC");
const effects = pick("allow", "ask", "deny", "allow");

function ruleOf({ on, lines, when }: Family): fc.Arbitrary<string> {
  const capabilities = on.length === 1 ? fc.constant([...on]) : fc.subarray([...on], { minLength: 1 });
  const conditions = fc.record({ ...when, ...OF_ALL }, { requiredKeys: [] });
  return fc
    .record({
      effect: effects,
      on: capabilities,
      lines: fc.record({ ...lines }, { requiredKeys: "command" in lines ? ["command"] : [] }),
      conditions: fc.option(conditions, { nil: {}, freq: 2 }),
      expires: fc.option(pick("2027-03-01", "2028-01-01T00:00:00Z")),
      hours: fc.option(hours),
    })
    .map((rule) => {
      const tests = Object.entries(rule.conditions).map(([name, one]) => `${name} = { ${String(one)} }`);
      return [
        `effect = "${rule.effect}"\non = ${JSON.stringify(rule.on)}`,
        ...Object.entries(rule.lines).map(([key, value]) => `${key} = ${value}`),
        ...(tests.length === 0 ? [] : [`when = { ${tests.join(", ")} }`]),
        ...(rule.expires === null ? [] : [`expires = ${rule.expires}`]),
        ...(rule.hours === null ? [] : [`hours = "${rule.hours}"`]),
      ].join("\n");
    });
}

const textOf = (rules: readonly string[]): string =>
  rules.map((rule, at) => `[[rule]]\nid = "r${at}"\n${rule}\n`).join("");

const request = (
  on: Capability,
  targets: readonly Target[],
  attrs: { readonly [name: string]: Json | undefined },
): CanonicalRequest => ({
  v: 1,
  on,
  targets,
  attrs: Object.fromEntries(
    Object.entries(attrs).filter(([, value]) => value !== undefined),
  ) as CanonicalRequest["attrs"],
  labels: [],
});

/** Now and then missing, or of another type. */
const size = pick<Json | undefined>(0, 10, 999, 1000, 5000, undefined, "10", -1, null);
const ROLES = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" } as const;

const fileCall = fc
  .record({
    on: pick("fs.read", "fs.write", "fs.delete"),
    path: pick("out/a.md", "OUT/a.md", "out/A.MD", "out/deep/x", "out", "src", "src/x", "other"),
    bytes: size,
  })
  .map(({ on, path, bytes }) =>
    request(on, [{ on, role: ROLES[on], kind: "path", value: `${ROOT}/${path}` }], { bytes }),
  );

/** A file that is copied: bytes are those of the write. */
const copyCall = fc
  .record({ from: pick("out/a.md", "src/x"), to: pick("out/a.md", "src/x"), bytes: size })
  .map(({ from, to, bytes }) =>
    request(
      "fs.write",
      [
        { on: "fs.read", role: "read", kind: "path", value: `${ROOT}/${from}` },
        { on: "fs.write", role: "write", kind: "path", value: `${ROOT}/${to}` },
      ],
      { bytes },
    ),
  );

const netCall = fc
  .record({
    url: pick(
      "https://a.example/",
      "https://a.example/v1/x",
      "https://a.example/V1/X",
      "http://b.a.example/v1",
      "https://b.a.example:8443/v1",
    ),
    method: pick<Json | undefined>("GET", "HEAD", "POST", undefined, 3),
    addresses: fc.subarray(["93.184.216.34", "8.8.8.8", "1.1.1.1"], { maxLength: 2 }),
    bytes: size,
  })
  .map(({ url, method, addresses, bytes }) => {
    const on = method === "POST" ? "net.http_post" : "net.http_get";
    const found = addresses.map((value): Target => ({ on, role: "connect", kind: "address", value }));
    return request(on, [{ on, role: "connect", kind: "url", value: url }, ...found], { method, bytes });
  });

const variableCall = pick("HOME", "home", "LANG", "LC_ALL", "Lang").map((name) =>
  request("env.read", [{ on: "env.read", role: "read", kind: "variable", value: name }], { name }),
);

const commandCall = fc
  .record({
    name: pick("tool", "other", "third"),
    words: fc.array(pick("log", "x", "show", "-v"), { maxLength: 3 }),
    stdin: size,
  })
  .map(({ name, words, stdin }) =>
    request("subprocess.exec", [{ on: "subprocess.exec", role: "execute", kind: "command", value: name }], {
      command: name,
      argv: [name, ...words],
      stdin_bytes: stdin,
    }),
  );

describe("the engine answers as a plain reading of the rules does", () => {
  test.each([
    ["files", fc.oneof(ruleOf(FILES), ruleOf(WRITES)), fc.oneof(fileCall, copyCall)],
    ["requests", fc.oneof(ruleOf(NET), ruleOf(GETS)), netCall],
    ["variables", ruleOf(VARIABLES), variableCall],
    ["commands", ruleOf(COMMANDS), commandCall],
  ] as const)("about %s", (_title, rule, call) => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(call, around), { minLength: 16, maxLength: 16 }),
        (rules, calls) => {
          const policy = policyOf(textOf(rules));
          for (const [asked, circumstances] of calls) {
            const { effect } = policy.decide(asked, asked, circumstances);
            seen.add(effect);
            const told = () => `${textOf(rules)}\n${JSON.stringify([asked, circumstances])}`;
            if (effect !== plainAnswer(policy.data.rules, asked, circumstances))
              throw new Error(`the engine says ${effect}:\n${told()}`);
          }
        },
      ),
      { numRuns: 120 },
    );
    expect([...seen].sort()).toEqual(["allow", "ask", "deny"]);
  });
});
