/** For tests only: policies and calls from a small world in which they often meet. */
import { createHash } from "node:crypto";
import {
  type CanonicalRequest,
  type Capability,
  type Circumstances,
  canonicalUrl,
  loadPolicyText,
  Policy,
  type PolicyData,
  type PolicyWorld,
} from "@agent-run/policy";
import fc from "fast-check";

export const ROOT = "/w";

export const pureWorld: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

export function policyOf(text: string): Policy {
  const file = `${ROOT}/agent-run.toml`;
  const loaded = loadPolicyText(`version = 1\n${text}`, { path: file, realPath: file }, pureWorld);
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ line, message, hint }) => `${line}: ${message} ${hint ?? ""}`).join("\n"));
  return Policy.revive(loaded.data);
}

const pick = fc.constantFrom;
const list = (...texts: readonly string[]) =>
  fc
    .subarray([...texts], { maxLength: Math.min(3, texts.length) })
    .map((some) => `[${some.map((one) => JSON.stringify(one)).join(", ")}]`);
const some = (...texts: readonly string[]) =>
  fc
    .subarray([...texts], { minLength: 1, maxLength: Math.min(2, texts.length) })
    .map((few) => `[${few.map((one) => JSON.stringify(one)).join(", ")}]`);

const seldom = (...texts: readonly string[]) => fc.oneof(fc.constant("[]"), fc.constant("[]"), list(...texts));

const PATHS = [
  "a/**",
  "a/b",
  "**/*.md",
  "a/*",
  "A/b",
  "?/b",
  "[ab]/**",
  "**",
  "/**",
  "a/b/**",
  "*/b*",
  "\u00df/x",
  "[!a]/b",
  "/",
  ".",
  "a*/",
];
const DENIED = [...PATHS, "**/b", "a/b/c", "ss/x", "**/A"];
const HOSTS = [
  "a.example",
  "*.example",
  "https://b.example/x/**",
  "http://*.example:8080",
  "*",
  "10.0.0.1",
  "localhost:3000",
  "https://a.example/x",
];
const NO_HOSTS = ["a.example", "*.example", "https://b.example/X", "*:8080", "10.0.0.1", "a.example/x/*"];
const NAMES = ["A", "A*", "*_X", "b", "*", "?"];

const lines = (entries: Readonly<Record<string, fc.Arbitrary<string>>>) =>
  fc
    .tuple(...Object.entries(entries).map(([key, value]) => value.map((text) => `${key} = ${text}`)))
    .map((all) => all.join("\n"));

const SECTIONS = lines({
  "filesystem.read_allow": list(...PATHS),
  "filesystem.write_allow": list(...PATHS),
  "filesystem.delete_allow": list(...PATHS),
  "filesystem.local_only_read": seldom("a/b", "A/**", "?"),
  "filesystem.local_only_write": seldom("a/b/**", "b"),
  "filesystem.deny": list(...DENIED),
  "network.http_get_allow": list(...HOSTS),
  "network.local_only_hosts": seldom("localhost:3000", "https://a.example/x/**", "127.0.0.1:8080"),
  "network.deny_hosts": list(...NO_HOSTS),
  "network.deny_ips": list("10.0.0.0/8", "8.0.0.0/6"),
  "environment.allow_vars": list(...NAMES),
  "environment.local_only_vars": seldom("A", "*_X"),
  "environment.deny_vars": list(...NAMES),
});

const texts = (...operands: readonly string[]) =>
  fc.oneof(
    fc
      .tuple(pick("eq", "ne", "contains", "ends_with"), pick(...operands))
      .map(([op, one]) => `${op} = ${JSON.stringify(one)}`),
    fc.tuple(pick("in", "not_in"), some(...operands)).map(([op, all]) => `${op} = ${all}`),
    pick("exists = true", "exists = false"),
  );
const sizes = fc
  .tuple(pick("eq", "ne", "lt", "le", "gt", "ge"), pick("10", "11"))
  .map(([op, size]) => `${op} = ${size}`);
const AROUND = {
  actor: fc.oneof(texts("ci", "me"), pick('glob = "c*"', 'regex = "^c.$"')),
  now: fc.tuple(pick("lt", "ge"), pick("2027-03-01", "2028-01-01T00:00:00Z")).map(([op, at]) => `${op} = ${at}`),
};

interface Family {
  readonly on: readonly Capability[];
  readonly lines: Readonly<Record<string, fc.Arbitrary<string>>>;
  readonly when: Readonly<Record<string, fc.Arbitrary<string>>>;
}

const FILES: Family = {
  on: ["fs.read", "fs.write", "fs.delete"],
  lines: { path: some(...PATHS), except: some("a/b", "**/b", "A/**") },
  when: {
    path: fc.oneof(
      texts("/w/a/b", "/w/A/b", "/"),
      pick('glob = "a/*"', 'regex = "\\\\bb\\\\.md$"', 'regex = "/[a-b]/"', 'starts_with = "/w/A"'),
    ),
  },
};
const WRITES: Family = { ...FILES, on: ["fs.write"], when: { ...FILES.when, bytes: sizes } };
const NET: Family = {
  on: ["net.http_get"],
  lines: { host: some("a.example", "*.example", "10.0.0.1"), except: some("b.example", "https://a.example/x") },
  when: {
    host: texts("a.example", "b.example"),
    port: pick("eq = 443", "gt = 443", "lt = 8081"),
    method: texts("GET", "HEAD"),
    url_path: fc.oneof(texts("/x", "/X", "/"), pick('glob = "/x/**"', 'regex = "^/x"')),
    address: pick('cidr = "10.0.0.0/8"'),
  },
};
const ENV: Family = {
  on: ["env.read"],
  lines: { name: some(...NAMES), except: some("A", "*_X") },
  when: { name: texts("A", "b_X") },
};

const optional = (entries: Readonly<Record<string, fc.Arbitrary<string>>>) =>
  fc
    .tuple(
      ...Object.entries(entries).map(([key, value]) =>
        fc.option(value, { freq: 1 }).map((text) => (text === null ? null : ([key, text] as const))),
      ),
    )
    .map((all) => all.filter((one) => one !== null));

function ruleOf({ on, lines: places, when }: Family): fc.Arbitrary<(id: number) => string> {
  const conditions = optional({ ...when, ...AROUND }).map((all) => all.slice(0, 2));
  const around = fc.record({
    effect: pick("allow", "ask", "deny"),
    on: fc.subarray([...on], { minLength: 1 }),
    places: optional(places),
    conditions,
    expires: pick("", "", "expires = 2027-06-01\n"),
    hours: pick("", "", "", 'hours = "Mon-Fri 08:00-18:00 Europe/Berlin"\n'),
  });
  return around.map((rule) => (id: number) => {
    const when = rule.conditions.map(([name, test]) => `${name} = { ${test} }`).join(", ");
    return [
      `[[rule]]\nid = "r${id}"\neffect = "${rule.effect}"\non = ${JSON.stringify(rule.on)}`,
      ...rule.places.map(([key, value]) => `${key} = ${value}`),
      when === "" ? "" : `when = { ${when} }`,
      rule.expires + rule.hours,
    ].join("\n");
  });
}

const rule = fc.oneof(ruleOf(FILES), ruleOf(WRITES), ruleOf(NET), ruleOf(ENV));

export const policyTexts = fc
  .tuple(SECTIONS, fc.array(rule, { maxLength: 4 }))
  .map(([sections, rules]) => `${sections}\n${rules.map((make, id) => make(id)).join("\n")}`);

/** A policy, or null where the text is refused (an entry that could never match, an example of what a rule must have). */
export function loaded(text: string): Policy | null {
  const file = `${ROOT}/agent-run.toml`;
  const read = loadPolicyText(`version = 1\n${text}`, { path: file, realPath: file }, pureWorld);
  return read.ok ? Policy.revive(read.data) : null;
}

export interface GeneratedCall {
  readonly request: CanonicalRequest;
  readonly circumstances: Circumstances;
}

const circumstances = fc.record({
  now: pick(null, Date.UTC(2027, 0, 4, 11), Date.UTC(2027, 6, 3, 11), Date.UTC(2028, 0, 3, 20)),
  actor: pick(null, "ci", "me", "CI", "cx"),
});
const segment = pick("a", "b", "A", "B", "b.md", "\u00df", "ss", "x", "c", "b\u200c", "ab");
const paths = fc.oneof(
  fc.array(segment, { maxLength: Math.min(3, texts.length) }).map((all) => `/w${all.map((one) => `/${one}`).join("")}`),
  fc.array(segment, { maxLength: 2 }).map((all) => `/${all.join("/")}`),
);
const ROLES = { "fs.read": "read", "fs.write": "write", "fs.delete": "delete" } as const;
const file = fc
  .record({
    on: pick("fs.read", "fs.write", "fs.delete"),
    path: paths,
    bytes: pick(null, 9, 10, 11, 12),
    circumstances,
  })
  .map(
    ({ on, path, bytes, circumstances: around }): GeneratedCall => ({
      request: {
        v: 1,
        on,
        targets: [{ on, role: ROLES[on], kind: "path", value: path }],
        attrs: bytes === null ? {} : { bytes },
        labels: [],
      },
      circumstances: around,
    }),
  );
const url = fc
  .record({
    scheme: pick("http", "https"),
    host: pick(
      "a.example",
      "b.example",
      "c.d.example",
      "example",
      "10.0.0.1",
      "8.8.8.8",
      "localhost",
      "x.localhost",
      "127.0.0.1",
      "11.0.0.1",
    ),
    port: pick("", ":8080", ":3000", ":443"),
    path: pick("/", "/x", "/X", "/x/y", "/x/", "/y", "/%2Fx", "/X/y"),
    method: pick("GET", "HEAD"),
    circumstances,
  })
  .map(({ scheme, host, port, path, method, circumstances: around }): GeneratedCall => {
    const canonical = canonicalUrl(`${scheme}://${host}${port}${path}`);
    if (!canonical.ok) throw new Error("the URL is not canonical");
    const on = "net.http_get";
    return {
      request: {
        v: 1,
        on,
        targets: [{ on, role: "connect", kind: "url", value: canonical.value.url }],
        attrs: { method },
        labels: [],
      },
      circumstances: around,
    };
  });
const variable = fc
  .record({ name: pick("A", "a", "AB", "A_X", "b", "b_X", "B", "LD_X", "API_KEY"), circumstances })
  .map(
    ({ name, circumstances: around }): GeneratedCall => ({
      request: {
        v: 1,
        on: "env.read",
        targets: [{ on: "env.read", role: "read", kind: "variable", value: name }],
        attrs: { name },
        labels: [],
      },
      circumstances: around,
    }),
  );

export const calls = fc.array(fc.oneof(file, url, variable), { minLength: 12, maxLength: 12 });

export const without = (data: PolicyData, id: string): Policy =>
  Policy.revive({ ...data, rules: data.rules.filter(({ ref }) => ref.id !== id) });
