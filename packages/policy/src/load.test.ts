/** Loading from real files: places, roots, links, encodings. (Longer than other files: one case a way to fail.) */
import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LoadResult, loadPolicy, loadPolicyText, loadPreset } from "./load.ts";
import { Policy } from "./policy.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";
import { askPath, askUrl, askVariable } from "./testing/ask.ts";
import { directoryWith, diskWorld, sha256 } from "./testing/disk-world.ts";

const AT = { path: "p.toml", realPath: "/work/project/p.toml" };

function dataOf(loaded: LoadResult): PolicyData {
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return loaded.data;
}

const load = (text: string): PolicyData => dataOf(loadPolicyText(`version = 1\n${text}`, AT, diskWorld()));

const fromFile = ({ rules }: PolicyData): readonly RuleData[] => rules.filter(({ ref }) => ref.file !== undefined);

test("every entry of a section becomes a rule with its id, file and line", () => {
  const data = load(`requires_approval = ["fs.delete", "net.*"]
[filesystem]
read_allow = ["src/**",
  "a.md"]
deny = ["**/x"]
[network]
http_post_allow = ["api.example.com"]
deny_ips = ["192.0.2.1"]
[environment]
deny_vars = ["AWS_*"]
[subprocess]
allow_commands = ["git"]
[subprocess.deny_args]
git = ["push --force"]
[subprocess.requires_approval_args]
"a.b" = ["x"]
`);
  expect(
    fromFile(data).map(({ ref, effect, on, match }) => [ref.id, ref.file, ref.line, effect, on.join(), match]),
  ).toEqual([
    ["requires_approval[0]", "p.toml", 2, "ask", "fs.delete", { kind: "any" }],
    [
      "requires_approval[1]",
      "p.toml",
      2,
      "ask",
      "net.http_get,net.http_post,net.http_put,net.http_patch,net.http_delete",
      { kind: "any" },
    ],
    [
      "filesystem.read_allow[0]",
      "p.toml",
      4,
      "allow",
      "fs.read",
      { kind: "path", patterns: ["/work/project/src/**"], below: false },
    ],
    [
      "filesystem.read_allow[1]",
      "p.toml",
      5,
      "allow",
      "fs.read",
      { kind: "path", patterns: ["/work/project/a.md"], below: false },
    ],
    [
      "filesystem.deny[0]",
      "p.toml",
      6,
      "deny",
      "fs.read,fs.write,fs.delete",
      { kind: "path", patterns: ["/**/x"], below: true },
    ],
    [
      "network.http_post_allow[0]",
      "p.toml",
      8,
      "allow",
      "net.http_post",
      { kind: "host", patterns: [{ scheme: "https", host: "api.example.com", port: 443, path: null }] },
    ],
    [
      "network.deny_ips[0]",
      "p.toml",
      9,
      "deny",
      "net.http_get,net.http_post,net.http_put,net.http_patch,net.http_delete",
      { kind: "address", ranges: ["192.0.2.1/32"] },
    ],
    ["environment.deny_vars[0]", "p.toml", 11, "deny", "env.read", { kind: "variable", patterns: ["AWS_*"] }],
    ["subprocess.allow_commands[0]", "p.toml", 13, "allow", "subprocess.exec", { kind: "command", name: "git" }],
    [
      "subprocess.deny_args.git[0]",
      "p.toml",
      15,
      "deny",
      "subprocess.exec",
      { kind: "command", name: "git", args: ["push --force"] },
    ],
    [
      'subprocess.ask_args."a.b"[0]',
      "p.toml",
      17,
      "ask",
      "subprocess.exec",
      { kind: "command", name: "a.b", args: ["x"] },
    ],
  ]);
});

test("what nothing sets has the documented default", () => {
  const { name, limits, network, subprocess, tools, banners, warnings } = load("");
  expect({ name, limits, network, subprocess, tools, banners, warnings }).toEqual({
    name: null,
    limits: {
      maxSeconds: 30,
      maxMemoryBytes: 67_108_864,
      maxStackBytes: 524_288,
      maxOutputBytes: 1_048_576,
      maxCalls: 10_000,
      maxConcurrency: 8,
      maxResponseBytes: 10_485_760,
      maxFileBytes: 52_428_800,
    },
    network: { timeoutSeconds: 30, followRedirects: 0, privateHosts: {} },
    subprocess: {
      sandbox: "auto",
      acceptUnsandboxed: false,
      timeoutSeconds: 60,
      maxOutputBytes: 4_194_304,
      setEnv: [],
      allowed: [],
      freeArgs: [],
      commands: [],
    },
    tools: {},
    banners: [],
    warnings: [],
  });
});

test("every scalar and table is read", () => {
  const data = load(`name = "release notes"
description = "x"
[network]
timeout_seconds = 2.5
follow_redirects = 3
private_hosts = { "Status.internal" = ["10.2.0.0/16", "fd00::/8"] }
[subprocess]
allow_commands = ["rg", "tools/x.sh"]
sandbox = "bwrap"
accept_unsandboxed_commands = true
set_env = ["LANG"]
timeout_seconds = 5
max_output = 1000
commands.rg.args = "free"
[runtime]
max_seconds = 0.5
max_memory = "128MiB"
max_calls = 5
isolation = "thread"
[tools.search]
capabilities = ["net.http_get"]
backend_url = "https://search.example.com"
backend_method = "GET"
description = "finds"
`);
  expect(data.name).toBe("release notes");
  expect(data.network).toEqual({
    timeoutSeconds: 2.5,
    followRedirects: 3,
    privateHosts: { "status.internal": ["10.2.0.0/16", "fd00::/8"] },
  });
  expect(data.subprocess).toMatchObject({
    sandbox: "bwrap",
    acceptUnsandboxed: true,
    timeoutSeconds: 5,
    maxOutputBytes: 1000,
    setEnv: ["LANG"],
    allowed: ["rg", "tools/x.sh"],
    freeArgs: ["rg"],
  });
  expect(data.limits).toMatchObject({ maxSeconds: 0.5, maxMemoryBytes: 134_217_728, maxCalls: 5 });
  expect(data.tools).toEqual({
    search: {
      capabilities: ["net.http_get"],
      backendUrl: "https://search.example.com",
      backendMethod: "GET",
      description: "finds",
    },
  });
});

test("empty local-only lists load", () => {
  expect(load("[filesystem]\nlocal_only_read = []\n[network]\nlocal_only_hosts = []\n").rules.length).toBeGreaterThan(
    0,
  );
});

test('`sandbox = "none"` is said in a banner that names its line', () => {
  expect(load('[subprocess]\nsandbox = "none"\n').banners).toEqual([
    'commands run without a jail and can do everything that the user can do: `sandbox = "none"` in p.toml:3',
  ]);
});

test("what is legal and probably not meant is a warning", () => {
  const data = load(
    '[subprocess]\nallow_commands = ["bash"]\ncommands.jq.args = "free"\n[subprocess.deny_args]\ngit = ["push"]\n',
  );
  expect(data.warnings).toEqual([
    "`bash` is a shell: who may run it may run any code",
    "subprocess.deny_args.git[0] has no effect: `git` is not in `allow_commands`",
    "`[subprocess.commands.jq]` has no effect: `jq` is not in `allow_commands`",
  ]);
});

test("a policy file is read with its directory as root, and the file is listed with its hash", () => {
  const text = 'version = 1\n[filesystem]\nread_allow = ["src/**"]\n';
  const directory = directoryWith({ "agent-run.toml": text });
  const path = join(directory, "agent-run.toml");
  const data = dataOf(loadPolicy(path, diskWorld()));
  expect(data.root).toBe(directory);
  expect(data.files).toEqual([{ path, sha256: sha256(text) }]);
  expect(askPath(data, "fs.read", join(directory, "src/a.ts"))).toBe("allow");
  expect(askPath(data, "fs.read", join(directory, "a.ts"))).toBe("default");
});

test("a root with two spellings is granted under both, and `--root` rebases the policy", () => {
  const real = directoryWith({
    "p/agent-run.toml": 'version = 1\n[filesystem]\nread_allow = ["src/**"]\n',
    "other/x": "",
  });
  const link = join(directoryWith({}), "link");
  symlinkSync(real, link);
  const typed = dataOf(loadPolicy(join(link, "p/agent-run.toml"), diskWorld()));
  expect(typed.root).toBe(join(real, "p"));
  for (const root of [real, link]) expect(askPath(typed, "fs.read", join(root, "p/src/a"))).toBe("allow");
  const moved = dataOf(loadPolicy(join(real, "p/agent-run.toml"), diskWorld(), { root: join(link, "other") }));
  expect(moved.root).toBe(join(real, "other"));
  for (const root of [real, link]) expect(askPath(moved, "fs.read", join(root, "other/src/a"))).toBe("allow");
  expect(askPath(moved, "fs.read", join(real, "p/src/a"))).toBe("default");
});

test("a root that is typed with `..` behind a link is not granted under its lexical reading", () => {
  const directory = directoryWith({
    "a/b/x": "",
    "x/y/z": "",
    "x/b/x": "",
    "p.toml": 'version = 1\n[filesystem]\nread_allow = ["**"]\n',
  });
  symlinkSync(join(directory, "x/y"), join(directory, "a/link"));
  const data = dataOf(loadPolicy(join(directory, "p.toml"), diskWorld(), { root: `${directory}/a/link/../b` }));
  expect(data.root).toBe(join(directory, "x/b"));
  expect(askPath(data, "fs.read", join(directory, "x/b/x"))).toBe("allow");
  expect(askPath(data, "fs.read", join(directory, "a/b/x"))).toBe("default");
});

test("a policy that is a link hangs under the directory of the file itself", () => {
  const real = directoryWith({ "agent-run.toml": 'version = 1\n[filesystem]\nread_allow = ["**"]\n' });
  const elsewhere = directoryWith({});
  symlinkSync(join(real, "agent-run.toml"), join(elsewhere, "agent-run.toml"));
  const data = dataOf(loadPolicy(join(elsewhere, "agent-run.toml"), diskWorld()));
  expect(data.root).toBe(real);
  expect(askPath(data, "fs.read", join(elsewhere, "x"))).toBe("default");
});

test("a root that is called like a pattern is no pattern", () => {
  const directory = directoryWith({ "[ab]*{x}/p.toml": 'version = 1\n[filesystem]\nread_allow = ["**"]\n' });
  const root = join(directory, "[ab]*{x}");
  const data = dataOf(loadPolicy(join(root, "p.toml"), diskWorld()));
  expect(askPath(data, "fs.read", join(root, "f"))).toBe("allow");
  expect(askPath(data, "fs.read", join(directory, "abx/f"))).toBe("default");
});

test("a home that is no absolute path stands for nothing", () => {
  const world = diskWorld({ homes: ["", "home", "~"] });
  expect(problemOf(loadPolicyText('version = 1\n[filesystem]\nread_allow = ["~/x"]\n', AT, world))).toMatchObject([
    { message: "no home directory is known that `~` could stand for" },
  ]);
});

test("rules stand in policy order: main, inherited, built-in, protected", () => {
  const presets = new Map([["a", 'version = 1\n[environment]\nallow_vars = ["A"]\n']]);
  const text = 'version = 1\ninherits = ["a"]\n[environment]\nallow_vars = ["B"]\n';
  const ids = dataOf(loadPolicyText(text, AT, diskWorld({ presets }))).rules.map(({ ref }) => ref.file ?? ref.id);
  expect(ids.slice(0, 3)).toEqual(["p.toml", "preset:a", "builtin.credentials"]);
  expect(ids.at(-1)).toBe("builtin.protected.policy");
});

test("homes count in both spellings", () => {
  const home = directoryWith({ x: "" });
  const link = join(directoryWith({}), "home");
  symlinkSync(home, link);
  const world = diskWorld({ homes: [link] });
  const data = dataOf(loadPolicyText('version = 1\n[filesystem]\nread_allow = ["~/x"]\n', AT, world));
  for (const base of [home, link]) expect(askPath(data, "fs.read", join(base, "x"))).toBe("allow");
  for (const base of [home, link])
    expect(askPath(data, "fs.read", join(base, ".bash_history"))).toBe("builtin.credentials");
});

const problemOf = (loaded: LoadResult): unknown => (loaded.ok ? "loaded" : loaded.problems);

test("a policy that can not be read does not load", () => {
  const directory = directoryWith({ "latin1.toml": Buffer.from("version = 1 # \xe9\n", "latin1") });
  mkdirSync(join(directory, "dir.toml"));
  const message = (name: string) => problemOf(loadPolicy(join(directory, name), diskWorld()));
  const at = { line: 1, column: 1, text: "" };
  expect(message("none.toml")).toEqual([
    { ...at, file: join(directory, "none.toml"), message: "the policy can not be read: it does not exist" },
  ]);
  expect(message("latin1.toml")).toMatchObject([{ message: "the policy can not be read: it is not valid UTF-8" }]);
  expect(message("dir.toml")).toMatchObject([{ message: "the policy can not be read: it can not be opened" }]);
});

test("a root that is not there, or none at all, is refused", () => {
  const world = diskWorld();
  expect(problemOf(loadPolicyText("version = 1", AT, world, { root: "/none/such" }))).toMatchObject([
    { file: "p.toml", message: "the root `/none/such` is not a directory that can be entered" },
  ]);
  expect(problemOf(loadPolicyText("version = 1", { path: "-" }, world))).toMatchObject([
    { file: "-", message: "a policy that is not a file needs a root" },
  ]);
  expect(problemOf(loadPreset("secure-defaults", world, { root: "/none/such" }))).toMatchObject([
    { file: "preset:secure-defaults" },
  ]);
  expect(problemOf(loadPreset("secure-default", world, { root: "/tmp" }))).toMatchObject([
    { hint: "did you mean `secure-defaults`?" },
  ]);
});

test("a root whose name has no UTF-8 is refused", () => {
  const world = diskWorld({ realPath: (path) => path });
  const loaded = loadPolicyText("version = 1", { path: "-" }, world, { root: "/work/\ud800" });
  expect(problemOf(loaded)).toMatchObject([{ message: expect.stringContaining("the name of the root directory") }]);
});

test("a root with a control character in its name is refused", () => {
  const directory = directoryWith({ "a\nb/p.toml": "version = 1\n" });
  expect(problemOf(loadPolicy(join(directory, "a\nb/p.toml"), diskWorld()))).toMatchObject([
    { message: "the name of the root directory holds a control character, so no pattern can be relative to it" },
  ]);
});

test("a text without a file loads under a root", () => {
  const root = realpathSync("/tmp");
  const data = dataOf(
    loadPolicyText('version = 1\n[filesystem]\nread_allow = ["a"]\n', { path: "-" }, diskWorld(), { root: "/tmp" }),
  );
  expect(data.root).toBe(root);
  expect(askPath(data, "fs.read", join(root, "a"))).toBe("allow");
});

test("the hash follows what decides and nothing else", () => {
  const hash = (text: string, path = AT) => dataOf(loadPolicyText(`version = 1\n${text}`, path, diskWorld())).hash;
  const base = '[filesystem]\nread_allow = ["a", "b"]\n';
  expect(hash(base)).toMatch(/^[0-9a-f]{64}$/);
  expect(hash(`# a comment\nname = "n"\ndescription = "d"\n\n${base}`)).toBe(hash(base));
  expect(hash(base, { ...AT, path: "./other.toml" })).toBe(hash(base));
  const different = [
    '[filesystem]\nread_allow = ["b", "a"]\n',
    '[filesystem]\nread_allow = ["a"]\n',
    '[filesystem]\nwrite_allow = ["a", "b"]\n',
    `${base}[runtime]\nmax_calls = 5\n`,
    `${base}[network]\nfollow_redirects = 1\n`,
    `${base}[subprocess]\nsandbox = "bwrap"\n`,
    `${base}[tools.x]\ncapabilities = ["fs.read"]\n`,
    `requires_approval = ["fs.read"]\n${base}`,
    '[filesystem]\nread_allow = ["a", "b", ".env"]\n',
  ];
  const hashes = new Set([
    hash(base),
    hash(base, { ...AT, realPath: "/work/other/p.toml" }),
    ...different.map((text) => hash(text)),
  ]);
  expect(hashes.size).toBe(different.length + 2);
});

test("the hash does not follow what a runtime protects", () => {
  const policy = Policy.revive(load("")).protecting([{ path: "/var/lib/run-7", access: "all", what: "record" }]);
  expect(policy.data.hash).toBe(load("").hash);
});

test("the data is plain: it survives a structured clone and JSON", () => {
  const data = load(
    '[filesystem]\nread_allow = [".env"]\n[network.private_hosts]\n"constructor" = ["10.0.0.0/8"]\n__proto__ = ["10.0.0.0/8"]\n',
  );
  expect(structuredClone(data)).toEqual(data);
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  expect(Object.keys(data.network.privateHosts)).toEqual(["__proto__", "constructor"]);
});

test("a host is granted with one scheme and port", () => {
  const data = load('[network]\nhttp_get_allow = ["localhost:3000", "10.0.0.7:80", "api.example.com"]\n');
  expect(askUrl(data, "http://localhost:3000/x")).toBe("allow");
  expect(askUrl(data, "https://10.0.0.7:80/")).toBe("allow");
  expect(askUrl(data, "https://localhost:3000/x")).toBe("default");
  expect(askUrl(data, "http://api.example.com/")).toBe("default");
});

test("ranges have one spelling, and link-local ones may be denied", () => {
  const data = load(
    '[network]\ndeny_ips = ["169.254.0.0/16", "fe80::/10", "::FFFF:10.0.0.0/104", "::ffff:10.1.2.3", "2001:DB8::1", "0.0.0.0/0"]\n',
  );
  const ranges = fromFile(data).flatMap(({ match }) => (match.kind === "address" ? match.ranges : []));
  expect(ranges).toEqual(["169.254.0.0/16", "fe80::/10", "10.0.0.0/8", "10.1.2.3/32", "2001:db8::1/128", "0.0.0.0/0"]);
});

test("variables are granted by name or glob", () => {
  const data = load('[environment]\nallow_vars = ["LANG", "LC_*"]\ndeny_vars = ["LC_ALL"]\n');
  expect(["LANG", "LC_TIME", "LC_ALL", "HOME"].map((name) => askVariable(data, name))).toEqual([
    "allow",
    "allow",
    "environment.deny_vars[0]",
    "default",
  ]);
});

const VALID = `version = 1
inherits = ["secure-defaults"]
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", "~/x", "{a,b}.md"]
deny = ["**/.x", "![a]"]
[network]
http_get_allow = ["https://api.example.com:8443/v1/**", "localhost:80"]
deny_ips = ["10.0.0.0/8"]
private_hosts = { "a.b" = ["10.0.0.0/8"] }
[environment]
allow_vars = ["A_*"]
[subprocess]
allow_commands = ["git"]
deny_args = { git = ["push --force"] }
[runtime]
max_memory = "64MiB"
[tools.x]
capabilities = ["fs.read"]
`;

/** Something is wrong or a policy came out; both at once never. */
function check(loaded: LoadResult): void {
  if (loaded.ok) {
    expect(loaded.data.hash).toMatch(/^[0-9a-f]{64}$/);
    return;
  }
  expect(loaded.problems.length).toBeGreaterThan(0);
  expect(loaded.problems.length).toBeLessThanOrEqual(201);
  for (const { line, column, text, message } of loaded.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(text.length).toBeLessThanOrEqual(501);
    expect(message.length).toBeLessThan(2000);
  }
}

test("no text makes the load throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
      check(loadPolicyText(text, AT, diskWorld()));
      check(loadPolicyText(`version = 1\n${text}`, AT, diskWorld()));
    }),
    { numRuns: 500 },
  );
});

test("no mutation of a policy makes the load throw", () => {
  const cut = fc.tuple(
    fc.nat(VALID.length),
    fc.nat(20),
    fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.constantFrom('"', "[", "]", "{", "\n", "!", "*", "__proto__", "\u0000", "'''", "../", "0"),
    ),
  );
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 3 }), (cuts) => {
      let text = VALID;
      for (const [at, length, insert] of cuts) text = text.slice(0, at) + insert + text.slice(at + length);
      check(loadPolicyText(text, AT, diskWorld()));
    }),
    { numRuns: 1000 },
  );
});

test("no value in any place makes the load throw", () => {
  const leaf = fc.oneof(
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom(
      "1",
      "-1",
      "0.5",
      "inf",
      "nan",
      "true",
      "1979-05-27",
      "07:32:00",
      '""',
      "[]",
      "{}",
      "9223372036854775807",
      "'!'",
      "'**'",
    ),
  );
  const value = fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    leaf.map((item) => `{ a = ${item} }`),
    leaf.map((item) => `[[${item}], { b = ${item} }]`),
  );
  const key = fc.constantFrom(
    "version",
    "inherits",
    "name",
    "requires_approval",
    "filesystem.read_allow",
    "filesystem.deny",
    "filesystem.local_only_read",
    "network.deny_ips",
    "network.http_get_allow",
    "network.private_hosts",
    "network.private_hosts.a",
    "environment.deny_vars",
    "subprocess.allow_commands",
    "subprocess.deny_args",
    "subprocess.deny_args.git",
    "subprocess.commands",
    "subprocess.commands.git",
    "subprocess.commands.git.args",
    "subprocess.sandbox",
    "runtime.max_memory",
    "runtime",
    "tools",
    "tools.x",
    "tools.x.capabilities",
    "rule",
    "secret",
    "__proto__",
    "filesystem.__proto__",
    "tools.__proto__",
    "subprocess.deny_args.__proto__",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 4 }), (pairs) => {
      const text = pairs.map(([name, written]) => `${name} = ${written}`).join("\n");
      check(loadPolicyText(`version = 1\n${text}\n`, AT, diskWorld()));
      check(loadPolicyText(text, AT, diskWorld()));
    }),
    { numRuns: 1000 },
  );
});

test("ten megabytes are refused at once", () => {
  const big = `version = 1\n${"a = 1\n".repeat(2_000_000)}`;
  expect(problemOf(loadPolicyText(big, AT, diskWorld()))).toEqual([
    { file: "p.toml", line: 1, column: 1, text: "version = 1", message: "the policy is larger than 2048 KiB" },
  ]);
});

test("thousands of problems are counted, not kept", () => {
  const many = `version = 1\n${Array.from({ length: 20_000 }, (_, at) => `x${at} = 1`).join("\n")}`;
  const loaded = loadPolicyText(many, AT, diskWorld());
  expect(loaded.ok ? [] : loaded.problems).toHaveLength(201);
  expect(loaded.ok ? "" : loaded.problems.at(-1)?.message).toBe(
    "19800 more problems are not shown; mend the ones above first",
  );
});
