/** Secrets, releases and labels of several files, and what of them binds records. */
import { expect, test } from "vitest";
import { type LoadResult, loadPolicyText } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { diskWorld } from "./testing/disk-world.ts";

function load(main: string, presets: Readonly<Record<string, string>> = {}): LoadResult {
  const texts = Object.entries(presets).map(([name, text]) => [name, `version = 1\n${text}`] as const);
  const world = diskWorld({ presets: new Map([...diskWorld().presets, ...texts]) });
  return loadPolicyText(`version = 1\n${main}`, { path: "p.toml", realPath: "/work/p/p.toml" }, world);
}

function data(main: string, presets: Readonly<Record<string, string>> = {}): PolicyData {
  const loaded = load(main, presets);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return loaded.data;
}

const secret = (name: string, variable: string): string => `[[secret]]\nname = "${name}"\nenv = "${variable}"\n`;

const USE = `[[secret.use]]
host = "a.example"
methods = ["GET"]
paths = ["/v1/**", "/v2/**"]
slot = "header:X-Key"
response = "public"
`;

test("tables of inherited policies are joined, own ones first, and one that comes by two ways is there once", () => {
  const presets = {
    a: `inherits = ["c"]\n${secret("a", "A")}`,
    b: `inherits = ["c"]\n${secret("b", "B")}`,
    c: secret("c", "C"),
  };
  const { localOnly } = data(`inherits = ["a", "b"]\n${secret("m", "M")}`, presets);
  expect(localOnly?.secrets.map(({ name }) => name)).toEqual(["m", "a", "c", "b"]);
});

test("one name in two files is an error, at the inherited table", () => {
  const loaded = load(`inherits = ["a"]\n${secret("s", "A")}`, { a: secret("s", "B") });
  expect(loaded.ok ? [] : loaded.problems).toMatchObject([
    {
      file: "preset:a",
      line: 3,
      column: 8,
      message: "there is another secret `s` in p.toml:3",
      hint: "rename one of them",
    },
  ]);
});

test("a secret may be made from one of another file", () => {
  const exchange = '[[secret]]\nname = "t"\nfrom = { secret = "s", url = "https://a.example/t", field = "x" }\n';
  expect(data(`inherits = ["a"]\n${exchange}`, { a: secret("s", "S") }).localOnly?.secrets).toHaveLength(2);
});

test("bounds of compartments are the stricter ones, the clock is the child's", () => {
  const inherited = '[local_only]\nsettle = ["1s"]\nmax_waits = 0\ncompute = { fuel = 100, wall = "1s" }\n';
  const { localOnly } = data(
    `inherits = ["a"]\n[local_only]\nsettle = ["2s", "3s"]\nmax_waits = 2\ncompute = { fuel = 200, memory = "1MiB" }\n${secret("s", "S")}`,
    { a: inherited },
  );
  expect(localOnly).toMatchObject({
    mode: "sealed",
    profile: "default",
    settleMs: [2000, 3000],
    maxWaits: 0,
    compute: { fuel: 100, wallMs: 1000, memoryBytes: 1024 * 1024, outputBytes: 4 * 1024 * 1024 },
  });
});

test("a local-only entry that was taken out is told in a banner", () => {
  const { banners } = data('inherits = ["a"]\n[filesystem]\nlocal_only_read = ["!notes/**"]\n', {
    a: '[filesystem]\nlocal_only_read = ["notes/**"]\n',
  });
  expect(banners).toEqual(["filesystem.local_only_read[0] `notes/**` of preset:a was removed by p.toml:4"]);
});

test("a use is a rule of its own, with the data beside it", () => {
  const { rules, localOnly } = data(secret("s", "S") + USE);
  expect(rules.find(({ use }) => use !== undefined)).toEqual({
    ref: { id: "secret.s.use[0]", file: "p.toml", line: 5 },
    effect: "allow",
    on: ["net.http_get"],
    match: {
      kind: "host",
      patterns: [
        { scheme: "https", host: "a.example", port: 443, path: "/v1/**" },
        { scheme: "https", host: "a.example", port: 443, path: "/v2/**" },
      ],
    },
    use: { secret: "s", index: 0 },
  });
  expect(localOnly?.secrets[0]?.uses[0]).toMatchObject({
    slot: { kind: "header", name: "x-key" },
    format: { kind: "template", before: "", after: "", of: ["original"] },
    outcome: false,
    outcomesPerRun: null,
  });
});

test.each([
  ["{}", { kind: "template", before: "", after: "", of: ["original"] }],
  ["Bearer {}", { kind: "template", before: "Bearer ", after: "", of: ["original"] }],
  ["token {}", { kind: "template", before: "token ", after: "", of: ["original"] }],
  ["Basic {}", { kind: "template", before: "Basic ", after: "", of: ["original", "basic"] }],
  ["Basic {basic}", { kind: "template", before: "Basic ", after: "", of: ["basic"] }],
  ["t={hmac},v1", { kind: "template", before: "t=", after: ",v1", of: ["hmac"] }],
  ["Bearer {jwt}", { kind: "template", before: "Bearer ", after: "", of: ["jwt"] }],
  ["sigv4:eu-central-1/s3", { kind: "sigv4", region: "eu-central-1", service: "s3" }],
])("the format `%s` is read", (text, format) => {
  const use = USE.replace("X-Key", "Authorization").replace("response", `format = "${text}"\nresponse`);
  expect(data(secret("s", "S") + use).localOnly?.secrets[0]?.uses[0]).toMatchObject({ format });
});

test("a release is read with its defaults", () => {
  const { localOnly } = data(
    '[filesystem]\nlocal_only_read = ["a.json"]\n[[release]]\nname = "r"\nfrom = "file:a.json"\nselect = "$.a-b[3].c"\ntype = { pattern = "v\\\\d+", max = 5 }\n',
  );
  expect(localOnly?.releases).toMatchObject([
    {
      name: "r",
      ref: { id: "release.r", file: "p.toml", line: 4 },
      from: { kind: "file", path: "/work/p/a.json" },
      select: ["a-b", 3, "c"],
      type: { kind: "pattern", pattern: "v\\d+", max: 5 },
      otherwise: "withheld",
      perRun: 1,
      perDay: null,
    },
  ]);
});

test("the hash follows everything that is local-only, and no comment or place", () => {
  const base = `[network]\nlocal_only_hosts = ["h.example"]\n${secret("s", "S")}${USE}[[release]]\nname = "r"\nfrom = "GET https://h.example/"\ntype = "bool"\n[[label]]\nname = "l"\nsources = ["env:S"]\nsinks = []\n`;
  const hash = (text: string): string => data(text).hash;
  expect(hash(`# a comment\n${base}`)).toBe(hash(base));
  const changes: readonly (readonly [string, string])[] = [
    ['name = "s"', 'name = "t"'],
    ['env = "S"', 'env = "T"'],
    ['["GET"]', '["HEAD"]'],
    ["/v2/**", "/v3/**"],
    ["X-Key", "X-Other"],
    ['"public"', '"sealed"'],
    ['type = "bool"', 'type = "bool"\nper_run = 2'],
    ['["env:S"]', '["env:T"]'],
    ["h.example", "h2.example"],
    ["[network]", "[local_only]\nmax_waits = 2\n[network]"],
    ["[network]", '[local_only]\nmode = "sealed"\nprofile = "strict"\n[network]'],
    ["[network]", "[local_only]\ncompute = { fuel = 1 }\n[network]"],
  ];
  const hashes = changes.map(([from, to]) => hash(base.replaceAll(from, to)));
  expect(new Set([hash(base), ...hashes]).size).toBe(changes.length + 1);
});

test("what is local-only and what is public of one path are two policies", () => {
  const list = (key: string): string => data(`[filesystem]\n${key} = ["a/**"]\n`).hash;
  expect(list("local_only_read")).not.toBe(list("read_allow"));
});
