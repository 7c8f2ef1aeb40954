import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type LoadResult, loadPolicy, loadPolicyText } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { askPath } from "./testing/ask.ts";
import { directoryWith, diskWorld } from "./testing/disk-world.ts";

/** Presets stand in for files: they differ only in what they hang under. */
function load(main: string, presets: Readonly<Record<string, string>> = {}): LoadResult {
  const texts = Object.entries(presets).map(([name, text]) => [name, `version = 1\n${text}`] as const);
  const world = diskWorld({ presets: new Map([...diskWorld().presets, ...texts]) });
  return loadPolicyText(`version = 1\n${main}`, { path: "p.toml", realPath: "/work/p/p.toml" }, world);
}

function dataOf(loaded: LoadResult): PolicyData {
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n"));
  return loaded.data;
}

const data = (main: string, presets: Readonly<Record<string, string>> = {}): PolicyData => dataOf(load(main, presets));

const ids = ({ rules }: PolicyData): readonly string[] =>
  rules.flatMap(({ ref }) => (ref.file === undefined ? [] : [`${ref.file} ${ref.id}`]));

test("lists concatenate, own entries first", () => {
  const merged = data('inherits = ["a", "b"]\n[environment]\nallow_vars = ["M"]\n', {
    a: '[environment]\nallow_vars = ["A"]\n',
    b: '[environment]\nallow_vars = ["B"]\ndeny_vars = ["M"]\n',
  });
  expect(ids(merged)).toEqual([
    "p.toml environment.allow_vars[0]",
    "preset:a environment.allow_vars[0]",
    "preset:b environment.allow_vars[0]",
    "preset:b environment.deny_vars[0]",
  ]);
});

test("an inherited denial wins over the child's grant", () => {
  const merged = data('inherits = ["a"]\n[filesystem]\nread_allow = ["**", "x/y"]\n', {
    a: '[filesystem]\ndeny = ["x"]\n',
  });
  expect(askPath(merged, "fs.read", "/work/p/x/y")).toBe("filesystem.deny[0]");
});

test("`!entry` removes an inherited entry, wherever it comes from, and only that", () => {
  const presets = {
    a: 'inherits = ["b"]\n[environment]\nallow_vars = ["X", "Y"]\n',
    b: '[environment]\nallow_vars = ["X", "Z"]\n',
  };
  const merged = data('inherits = ["a"]\n[environment]\nallow_vars = ["!X", "X2"]\n', presets);
  expect(ids(merged)).toEqual([
    "p.toml environment.allow_vars[1]",
    "preset:a environment.allow_vars[1]",
    "preset:b environment.allow_vars[1]",
  ]);
  expect(merged.banners).toEqual([]);
});

test("an entry that was removed on one way stays when it comes on another", () => {
  const merged = data('inherits = ["a", "b"]\n', {
    a: 'inherits = ["base"]\n[filesystem]\ndeny = ["!x"]\n',
    b: 'inherits = ["base"]\n',
    base: '[filesystem]\ndeny = ["x"]\n',
  });
  expect(ids(merged)).toEqual(["preset:base filesystem.deny[0]"]);
});

test("a removed denial and a removed question are told in a banner", () => {
  const merged = data(
    'inherits = ["a"]\nrequires_approval = ["!fs.write"]\n[filesystem]\ndeny = [\n  "!x",\n]\n[subprocess.deny_args]\ngit = ["!push"]\n[subprocess]\nallow_commands = ["!git"]\n',
    {
      a: 'requires_approval = ["fs.write"]\n[filesystem]\ndeny = ["x"]\n[subprocess]\nallow_commands = ["git"]\ndeny_args.git = ["push"]\n',
    },
  );
  expect(merged.banners).toEqual([
    "requires_approval[0] `fs.write` of preset:a was removed by p.toml:3",
    "filesystem.deny[0] `x` of preset:a was removed by p.toml:6",
    "subprocess.deny_args.git[0] `push` of preset:a was removed by p.toml:9",
  ]);
});

test("a denial that is removed from `secure-defaults` holds on, and the banner says so", () => {
  const merged = data('inherits = ["secure-defaults"]\n[filesystem]\nread_allow = ["**"]\ndeny = ["!**/.env*"]\n');
  expect(merged.banners).toEqual([
    expect.stringMatching(
      /^filesystem.deny\[\d+\] `\*\*\/.env\*` of preset:secure-defaults was removed by p.toml:5; it is built in, too, and still holds: an exact entry of an allow list opens it$/,
    ),
  ]);
  expect(askPath(merged, "fs.read", "/work/p/.env")).toBe("builtin.env_files");
});

test("a removal is by key and name, not by text alone", () => {
  const loaded = load(
    'inherits = ["a"]\n[filesystem]\nwrite_allow = ["!x"]\n[subprocess.deny_args]\nrg = ["!push"]\n',
    {
      a: '[filesystem]\nread_allow = ["x"]\n[subprocess.deny_args]\ngit = ["push"]\n',
    },
  );
  expect(loaded.ok ? [] : loaded.problems.map(({ line, message }) => `${line} ${message}`)).toEqual([
    "4 `!x` removes nothing: no inherited policy has `x` in this list",
    "6 `!push` removes nothing: no inherited policy has `push` in this list",
  ]);
});

test("a removal below an alias means the key", () => {
  const merged = data('inherits = ["a"]\n[subprocess.requires_approval_args]\ngit = ["!push"]\n', {
    a: "[subprocess.ask_args]\ngit = ['push']\n",
  });
  expect(ids(merged)).toEqual([]);
});

const LIMITS = [
  "runtime.max_seconds",
  "runtime.max_calls",
  "network.timeout_seconds",
  "network.follow_redirects",
  "subprocess.timeout_seconds",
  "subprocess.max_output",
] as const;
const limitOf = (merged: PolicyData) => ({
  "runtime.max_seconds": merged.limits.maxSeconds,
  "runtime.max_calls": merged.limits.maxCalls,
  "network.timeout_seconds": merged.network.timeoutSeconds,
  "network.follow_redirects": merged.network.followRedirects,
  "subprocess.timeout_seconds": merged.subprocess.timeoutSeconds,
  "subprocess.max_output": merged.subprocess.maxOutputBytes,
});

test("of several limits the strictest holds, whoever sets it", () => {
  const value = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null });
  fc.assert(
    fc.property(fc.constantFrom(...LIMITS), value, value, value, (key, own, a, b) => {
      const line = (number: number | null) => (number === null ? "" : `${key} = ${number}\n`);
      const merged = data(`inherits = ["a", "b"]\n${line(own)}`, { a: line(a), b: line(b) });
      const set = [own, a, b].filter((number) => number !== null);
      expect(limitOf(merged)[key]).toBe(set.length === 0 ? limitOf(data(""))[key] : Math.min(...set));
    }),
    { numRuns: 200 },
  );
});

test("scalars are the child's, else those of the policy named last", () => {
  const sandbox = (own: string, a: string, b: string) => {
    const line = (text: string) => (text === "" ? "" : `subprocess.sandbox = "${text}"\n`);
    return data(`inherits = ["a", "b"]\n${line(own)}`, { a: line(a), b: line(b) }).subprocess.sandbox;
  };
  expect([
    sandbox("none", "bwrap", "auto"),
    sandbox("", "bwrap", "none"),
    sandbox("", "bwrap", ""),
    sandbox("", "", ""),
  ]).toEqual(["none", "none", "bwrap", "auto"]);
});

test("the name of a policy is its own", () => {
  expect(data('inherits = ["a"]\n', { a: 'name = "a"\n' }).name).toBeNull();
});

test('an inherited `sandbox = "none"` is in a banner, with its file', () => {
  expect(data('inherits = ["a"]\n', { a: '[subprocess]\nsandbox = "none"\n' }).banners[0]).toContain("preset:a:3");
});

test("tables merge name by name", () => {
  const merged = data(
    'inherits = ["a"]\n[network.private_hosts]\nx = ["10.1.0.0/16", "!10.2.0.0/16"]\n[tools.t]\ndescription = "own"\n[subprocess.commands.rg]\nargs = "free"\n',
    {
      a: '[network.private_hosts]\nx = ["10.2.0.0/16"]\ny = ["10.3.0.0/16"]\n[tools.t]\ncapabilities = ["fs.read"]\ndescription = "a"\n[subprocess.commands.jq]\nargs = "free"\n',
    },
  );
  expect(merged.network.privateHosts).toEqual({ x: ["10.1.0.0/16"], y: ["10.3.0.0/16"] });
  expect(merged.tools).toEqual({ t: { capabilities: ["fs.read"], description: "own" } });
  expect(merged.subprocess.freeArgs).toEqual(["jq", "rg"]);
});

test("inheriting can not take a denial away, and adds no more than both grant", () => {
  const section = fc.record({
    allow: fc.subarray(["a", "a/**", "b", "**", "a/x"]),
    deny: fc.subarray(["a", "b/**", "**/x"]),
  });
  const text = ({ allow, deny }: { allow: string[]; deny: string[] }) =>
    `[filesystem]\nread_allow = ${JSON.stringify(allow)}\ndeny = ${JSON.stringify(deny)}\n`;
  const path = fc.constantFrom("/work/p/a", "/work/p/a/x", "/work/p/b", "/work/p/b/c", "/work/p/c", "/other/x");
  fc.assert(
    fc.property(section, section, path, (own, base, asked) => {
      const read = (policy: PolicyData) => askPath(policy, "fs.read", asked);
      const [alone, parent] = [read(data(text(own))), read(data(text(base)))];
      const merged = read(data(`inherits = ["base"]\n${text(own)}`, { base: text(base) }));
      const denies = (answer: string) => answer.startsWith("filesystem.deny");
      if (denies(alone) || denies(parent)) expect(denies(merged)).toBe(true);
      else expect(merged === "allow").toBe(alone === "allow" || parent === "allow");
    }),
    { numRuns: 300 },
  );
});

test("a removal counts for files, too, by the text as it stands there", () => {
  const directory = directoryWith({
    "agent-run.toml": 'version = 1\ninherits = ["sub/base.toml"]\n[filesystem]\nread_allow = ["sub/x", "!y"]\n',
    "sub/base.toml": 'version = 1\n[filesystem]\nread_allow = ["y", "z"]\n',
  });
  const merged = dataOf(loadPolicy(join(directory, "agent-run.toml"), diskWorld()));
  expect(["sub/x", "sub/y", "sub/z"].map((path) => askPath(merged, "fs.read", join(directory, path)))).toEqual([
    "allow",
    "default",
    "allow",
  ]);
});
