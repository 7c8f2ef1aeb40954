import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LoadResult, loadPolicy, loadPolicyText } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { askPath } from "./testing/ask.ts";
import { directoryWith, diskWorld, sha256 } from "./testing/disk-world.ts";

const load = (directory: string, name = "agent-run.toml", options: { root?: string } = {}): LoadResult =>
  loadPolicy(join(directory, name), diskWorld(), options);

function dataOf(loaded: LoadResult): PolicyData {
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n"));
  return loaded.data;
}

const problems = (loaded: LoadResult, directory: string): readonly string[] =>
  loaded.ok
    ? ["loaded"]
    : loaded.problems.map(({ file, line, column, message }) =>
        `${file}:${line}:${column} ${message}`.replaceAll(`${directory}/`, ""),
      );

const policy = (inherits: readonly string[], body = ""): string =>
  `version = 1\ninherits = ${JSON.stringify(inherits)}\n${body}`;

test("a file hangs under its own directory, a preset under the root of the main policy", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["shared/base.toml", "all"], '[filesystem]\nread_allow = ["main"]\n'),
    "shared/base.toml": 'version = 1\n[filesystem]\nread_allow = ["own"]\n',
    "moved/x": "",
  });
  const presets = new Map([["all", 'version = 1\n[filesystem]\nread_allow = ["preset"]\n']]);
  const world = diskWorld({ presets });
  const reads = (root: string, path: string, options = {}) =>
    askPath(
      dataOf(loadPolicy(join(directory, "agent-run.toml"), world, options)),
      "fs.read",
      join(directory, root, path),
    );
  expect([
    reads("", "main"),
    reads("", "preset"),
    reads("shared", "own"),
    reads("", "own"),
    reads("shared", "preset"),
  ]).toEqual(["allow", "allow", "allow", "default", "default"]);
  const moved = { root: join(directory, "moved") };
  expect([
    reads("moved", "main", moved),
    reads("moved", "preset", moved),
    reads("shared", "own", moved),
    reads("moved", "own", moved),
  ]).toEqual(["allow", "allow", "allow", "default"]);
});

test("an inherited file is granted under every spelling of its directory", () => {
  const real = directoryWith({
    "agent-run.toml": policy(["sub/base.toml"]),
    "sub/base.toml": 'version = 1\n[filesystem]\nread_allow = ["x"]\n',
  });
  const link = join(directoryWith({}), "link");
  symlinkSync(real, link);
  const data = dataOf(load(link));
  for (const directory of [real, link]) expect(askPath(data, "fs.read", join(directory, "sub/x"))).toBe("allow");
});

test("an inherited file that is a link hangs under the directory of the file itself, and nowhere else", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["base.toml"]),
    "deep/base.toml": 'version = 1\n[filesystem]\nread_allow = ["x"]\n',
  });
  symlinkSync(join(directory, "deep/base.toml"), join(directory, "base.toml"));
  const data = dataOf(load(directory));
  expect(askPath(data, "fs.read", join(directory, "deep/x"))).toBe("allow");
  expect(askPath(data, "fs.read", join(directory, "x"))).toBe("default");
});

test("rules name the file as it was given and stand in policy order", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["a/a.toml", "b.toml"], '[filesystem]\nread_allow = ["main"]\n'),
    "a/a.toml": policy(["deep/c.toml"], '[filesystem]\nread_allow = ["a"]\n'),
    "a/deep/c.toml": 'version = 1\n[filesystem]\n\nread_allow = ["c"]\n',
    "b.toml": 'version = 1\n[filesystem]\nread_allow = ["b"]\n',
  });
  const data = dataOf(load(directory));
  const own = data.rules.filter(({ ref }) => ref.file !== undefined);
  expect(own.map(({ ref }) => `${ref.file}:${ref.line}`.replace(`${directory}/`, ""))).toEqual([
    "agent-run.toml:4",
    "a/a.toml:4",
    "a/deep/c.toml:4",
    "b.toml:3",
  ]);
  expect(data.files.map(({ path }) => path.replace(`${directory}/`, ""))).toEqual([
    "agent-run.toml",
    "a/a.toml",
    "a/deep/c.toml",
    "b.toml",
  ]);
});

test("every file that took part is listed with its hash", () => {
  const base = "version = 1\n";
  const directory = directoryWith({ "agent-run.toml": policy(["base.toml", "read-only"]), "base.toml": base });
  const world = diskWorld();
  expect(dataOf(load(directory)).files).toEqual([
    { path: join(directory, "agent-run.toml"), sha256: sha256(policy(["base.toml", "read-only"])) },
    { path: join(directory, "base.toml"), sha256: sha256(base) },
    { path: "preset:read-only", sha256: sha256(world.presets.get("read-only") ?? "") },
    { path: "preset:secure-defaults", sha256: sha256(world.presets.get("secure-defaults") ?? "") },
  ]);
});

test("a policy that is reached by two ways counts once", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["a.toml", "b.toml", "a.toml"]),
    "a.toml": policy(["c.toml"]),
    "b.toml": policy(["c.toml"]),
    "c.toml": 'version = 1\n[filesystem]\ndeny = ["x"]\n',
  });
  const data = dataOf(load(directory));
  expect(data.rules.filter(({ ref }) => ref.file !== undefined)).toHaveLength(1);
  expect(data.files).toHaveLength(4);
});

test("rules of inherited files are joined, own ones first, once, each under its own directory", () => {
  const rule = (id: string, effect: string, path: string) =>
    `[[rule]]\nid = "${id}"\neffect = "${effect}"\non = ["fs.read"]\npath = ["${path}"]\n`;
  const directory = directoryWith({
    "agent-run.toml": policy(["a.toml", "sub/b.toml"], rule("own", "allow", "**")),
    "a.toml": policy(["sub/c.toml"], rule("a", "ask", "x")),
    "sub/b.toml": policy(["c.toml"], rule("b", "deny", "x")),
    "sub/c.toml": `version = 1\n${rule("c", "deny", "y")}`,
  });
  const data = dataOf(load(directory));
  const ids = data.rules.filter(({ ref }) => ref.file !== undefined).map(({ ref }) => ref.id);
  expect(ids).toEqual(["own", "a", "c", "b"]);
  const answers = ["x", "y", "sub/x", "sub/y"].map((path) => askPath(data, "fs.read", join(directory, path)));
  expect(answers).toEqual(["ask", "allow", "b", "c"]);
});

test("policies that inherit each other are refused where the circle closes", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["a.toml"]),
    "a.toml": policy(["b.toml"]),
    "b.toml": `version = 1\ninherits = [\n  "a.toml",\n]\n`,
    "self.toml": policy(["self.toml"]),
    "linked.toml": policy(["link.toml"]),
  });
  symlinkSync(join(directory, "linked.toml"), join(directory, "link.toml"));
  expect(problems(load(directory), directory)).toEqual([
    "b.toml:3:3 the policies inherit each other in a circle: a.toml -> b.toml -> a.toml",
  ]);
  expect(problems(load(directory, "self.toml"), directory)).toEqual([
    "self.toml:2:13 the policies inherit each other in a circle: self.toml -> self.toml",
  ]);
  expect(problems(load(directory, "linked.toml"), directory)).toEqual([
    "linked.toml:2:13 the policies inherit each other in a circle: linked.toml -> link.toml",
  ]);
});

test("presets that inherit each other are refused", () => {
  const presets = new Map([
    ["a", policy(["b"])],
    ["b", policy(["a"])],
  ]);
  const loaded = loadPolicyText(policy(["a"]), { path: "p.toml", realPath: "/p.toml" }, diskWorld({ presets }));
  expect(problems(loaded, "")).toEqual([
    "preset:b:2:13 the policies inherit each other in a circle: preset:a -> preset:b -> preset:a",
  ]);
});

test.each(["../base.toml", "sub/../../base.toml", "/etc/passwd.toml", "~/base.toml", "a\\b.toml", "a\u0000.toml"])(
  "the file %j is refused before the disk is asked",
  (name) => {
    const asked: string[] = [];
    const world = diskWorld({
      readText: (path) => {
        asked.push(path);
        return { ok: true, text: "version = 1", realPath: path };
      },
    });
    const loaded = loadPolicyText(policy([name]), { path: "p.toml", realPath: "/work/p.toml" }, world);
    expect(problems(loaded, "")).toEqual([
      "p.toml:2:13 an inherited file lies beside or below the policy that names it",
    ]);
    expect(asked).toEqual([]);
  },
);

test("a link that leads elsewhere is refused by its real path", () => {
  const outside = directoryWith({ "base.toml": 'version = 1\n[filesystem]\nread_allow = ["**"]\n' });
  const directory = directoryWith({ "agent-run.toml": policy(["base.toml", "sub/base.toml"]) });
  symlinkSync(join(outside, "base.toml"), join(directory, "base.toml"));
  symlinkSync(outside, join(directory, "sub"));
  const message = "an inherited file lies beside or below the policy that names it; its real path is elsewhere";
  expect(problems(load(directory), directory)).toEqual([
    `agent-run.toml:2:13 ${message}`,
    `agent-run.toml:2:25 ${message}`,
  ]);
});

test("a directory with the same beginning is not below", () => {
  const directory = directoryWith({ "p/agent-run.toml": policy(["base.toml"]), "p-other/base.toml": "version = 1\n" });
  symlinkSync(join(directory, "p-other/base.toml"), join(directory, "p/base.toml"));
  expect(problems(load(join(directory, "p")), join(directory, "p"))).toEqual([
    "agent-run.toml:2:13 an inherited file lies beside or below the policy that names it; its real path is elsewhere",
  ]);
});

test("problems of all files come at once, each in its file", () => {
  const directory = directoryWith({
    "agent-run.toml": policy(["a.toml", "nope", "b.toml"], "dney = 1\n"),
    "a.toml": 'version = 1\n[filesystem]\nread_allow = ["a**"]\n',
    "b.toml": "version = \n",
  });
  expect(problems(load(directory), directory)).toEqual([
    "agent-run.toml:2:22 there is no preset `nope`",
    "agent-run.toml:3:1 unknown key `dney` at the top of the policy",
    "a.toml:3:15 the pattern has `**` glued to other characters; it must stand alone between slashes, as in `src/**/*.ts`",
    "b.toml:1:11 not valid TOML: invalid value",
  ]);
});

test("with an inherited policy missing, removals are not called idle", () => {
  const directory = directoryWith({ "agent-run.toml": policy(["nope.toml"], '[filesystem]\ndeny = ["!x"]\n') });
  expect(problems(load(directory), directory)).toEqual([
    "agent-run.toml:2:13 `nope.toml` can not be read: it does not exist",
  ]);
});

test("a text that is no file, and a preset, inherit presets only", () => {
  const world = diskWorld({ presets: new Map([["p", policy(["x.toml"])]]) });
  const message = "a policy that is not a file can inherit presets only";
  expect(problems(loadPolicyText(policy(["x.toml"]), { path: "-" }, world, { root: "/tmp" }), "")).toEqual([
    `-:2:13 ${message}`,
  ]);
  expect(problems(loadPolicyText(policy(["p"]), { path: "-" }, world, { root: "/tmp" }), "")).toEqual([
    `preset:p:2:13 ${message}`,
  ]);
});

test("a long chain and a crowd of files end in a problem", () => {
  const chain = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`f${at}.toml`, policy([`f${at + 1}.toml`])]));
  const crowd = Array.from({ length: 80 }, (_, at) => `c${at}.toml`);
  const files = {
    ...chain,
    "crowd.toml": policy(crowd),
    ...Object.fromEntries(crowd.map((name) => [name, "version = 1\n"])),
  };
  const directory = directoryWith(files);
  const message = "more than 16 levels or 64 files of inherited policies";
  expect(problems(load(directory, "f0.toml"), directory)).toEqual([`f15.toml:2:13 ${message}`]);
  expect(new Set(problems(load(directory, "crowd.toml"), directory).map((line) => line.replace(/^\S+ /, "")))).toEqual(
    new Set(["a policy inherits at most 64 others"]),
  );
});
