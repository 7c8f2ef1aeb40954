import { describe, expect, test } from "vitest";
import { loadPolicy, loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import { DIALECT_POLICIES } from "./testing/dialect-policies.ts";
import { presetTexts, sha256 } from "./testing/disk-world.ts";
import { commandRequest, pathRequest, urlRequest, variableRequest } from "./testing/policy-of.ts";
import { type DialectCall, ReferenceDialect } from "./testing/reference-dialect.ts";
import type { PolicyWorld } from "./world.ts";

const ROOT = "/work/proj";
const HOME = "/home/me";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: [HOME],
  presets: presetTexts,
  sha256,
};

function load(text: string) {
  const loaded = loadPolicyText(text, { path: `${ROOT}/denyx.toml`, realPath: `${ROOT}/denyx.toml` }, world);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return loaded;
}

const notesOf = (name: string): readonly string[] =>
  load(DIALECT_POLICIES.get(name) ?? "").notes.map(({ line, column, message }) => `${line}:${column} ${message}`);

test("the notes of a whole policy stand line by line", () => {
  expect(notesOf("patterns-that-differ")).toMatchInlineSnapshot(`
    [
      "1:1 a run ends after 30 seconds and 10000 calls here; there it did not end by itself",
      "2:11 read as a policy of Aegis or Denyx; the notes say what means something else here",
      "2:11 here the denials of \`secure-defaults\` hold although nothing is inherited",
      "5:17 \`src/**\` covers the directory \`src\` itself here, and \`*\` and \`?\` stay within a name; there they crossed \`/\`",
      "5:23 left out: \`./src/**\` matched nothing there",
      "5:35 left out: \`docs/\` matched nothing there",
      "5:44 left out: \`a//b\` matched nothing there",
      "7:17 \`keys/*/id\` crossed \`/\` there, so it is denied as \`keys/*/id\`, \`keys/*/**/*/id\`",
      "7:17 a denial covers what lies below it, too, in any case of its letters; with \`**/\` in front the whole machine",
      "7:30 \`a?b\` crossed \`/\` there, so it is denied as \`**/a?b\`, \`**/a/b\`",
      "7:37 \`v[!0-9]x\` crossed \`/\` there, so it is denied as \`**/v[!0-9]x\`, \`**/v/x\`",
      "7:49 \`*.{pem,key}\` crossed \`/\` there, so it is denied as \`**/*.pem\`, \`**/*.key\`",
      "7:64 \`x*y*z*w/u*v/end\` crossed \`/\` there, so it is denied as \`x*y*z*w/u*v/end\`, \`x*y*z*w/u*/**/*v/end\`, \`x*y*z*/**/*w/u*v/end\`, \`x*y*z*/**/*w/u*/**/*v/end\`",
      "7:92 \`top**end\` crossed \`/\` there, so it is denied as \`**/top*end\`, \`**/top*/**/*end\`",
      "10:19 left out: \`api-*.example.com\` can not be granted: a host is a name, or \`*.\` and a name",
      "10:19 a host is granted over https on port 443 here, and never at a private address; there on every scheme and port",
      "10:70 left out: \`host:8080\` is compared with names there, so it matched nothing",
      "10:83 left out: \`https://x.example.com/v1\` is compared with names there, so it matched nothing",
      "10:111 \`127.0.0.1\` is granted over http only",
      "14:15 left out: \`APP_*\` was a plain name there and is no name of a variable",
      "14:24 left out: \`DENYX_AUTH_TOKEN\` was never readable there, whatever the policy said",
      "15:15 a denied variable is denied in any case of its letters",
      "18:19 a command is the program that \`PATH\` has when the policy is loaded; there any file of that name",
      "18:47 left out: \`npm test\` named no command there: a command is named without arguments",
      "18:59 left out: \`~/bin/x\` named no command there: a command can not begin with \`~\`",
      "19:19 \`halt\` is denied by its name, too",
      "19:33 left out: \`npm *\` named no command there: a command is a plain name or path, without wildcards",
      "20:18 the jail is bubblewrap here, not Landlock; without it commands are refused",
    ]
  `);
});

test("what is local-only is sealed, and denied where it can not be", () => {
  const { data } = load(DIALECT_POLICIES.get("local-only-values") ?? "");
  const policy = Policy.revive(structuredClone(data));
  expect(data.localOnly?.mode).toBe("sealed");
  expect(policy.decide(urlRequest("https://api.openai.com/")).sealed).toBeDefined();
  expect(policy.decide(pathRequest("fs.read", "private/a")).sealed).toBeDefined();
  // In `local_only_hosts` and granted openly: without the denial the open grant would hold.
  for (const url of ["http://localhost:3000/", "https://models-7.example.net/", "https://api.github.com/"]) {
    expect(policy.decide(urlRequest(url)).effect).toBe("deny");
  }
});

test("commands that could read local-only files are jailed, and files that a jail can not hide are denied", () => {
  const { data } = load(DIALECT_POLICIES.get("local-only-values-and-commands") ?? "");
  const policy = Policy.revive(structuredClone(data));
  expect(data.subprocess.sandbox).toBe("auto");
  expect(policy.decide(pathRequest("fs.read", "src/x.secret")).effect).toBe("deny");
  expect(
    load('version = "1"\n[subprocess]\nallow_commands = ["git"]\nsandbox = "none"\n').data.subprocess.sandbox,
  ).toBe("none");
});

test.each([
  ["a-python-project", { on: "fs.read", path: `${ROOT}/src/a.py` }, "allow"],
  ["a-python-project", { on: "fs.read", path: `${ROOT}/docs/README.md` }, "allow"],
  ["a-python-project", { on: "fs.write", path: `${ROOT}/tests/deep/b.py` }, "allow"],
  ["a-python-project", { on: "fs.delete", path: `${ROOT}/tests/tmp/x` }, "ask"],
  ["a-python-project", { on: "fs.delete", path: `${ROOT}/tests/tmp` }, "deny"],
  ["a-python-project", { on: "fs.read", path: `${ROOT}/src/secrets.yml` }, "deny"],
  ["a-python-project", { on: "env.read", name: "VIRTUAL_ENV" }, "allow"],
  ["a-python-project", { on: "subprocess.exec", argv: ["pytest", "-q"] }, "ask"],
  ["a-python-project", { on: "subprocess.exec", argv: ["python3", "-c", "x"] }, "deny"],
  ["a-node-project", { on: "net.http_get", url: "https://packages.example.org/x" }, "allow"],
  ["a-node-project", { on: "net.http_get", url: "https://evil.example.org/x" }, "deny"],
  ["a-node-project", { on: "subprocess.exec", argv: ["npm", "test"] }, "allow"],
  ["a-node-project", { on: "subprocess.exec", argv: ["npm", "install", "x"] }, "ask"],
  ["a-node-project", { on: "subprocess.exec", argv: ["npm", "publish"] }, "deny"],
  ["rails-before-the-rename", { on: "fs.delete", path: "/tmp/work/a" }, "deny"],
  ["rails-before-the-rename", { on: "subprocess.exec", argv: ["rails", "db:drop:all"] }, "deny"],
  ["rails-before-the-rename", { on: "subprocess.exec", argv: ["rails", "test"] }, "ask"],
  ["looking-not-touching", { on: "env.read", name: "MONITORING_API_KEY" }, "allow"],
  ["patterns-that-differ", { on: "net.http_get", url: "https://mytracker.io/" }, "deny"],
  ["patterns-that-differ", { on: "net.http_get", url: "https://other.io/" }, "allow"],
  ["entries-taken-out", { on: "subprocess.exec", argv: ["sh", "x.sh"] }, "ask"],
  ["entries-taken-out", { on: "fs.read", path: `${ROOT}/a/x` }, "deny"],
  ["one-line", { on: "fs.read", path: `${ROOT}/a` }, "deny"],
] as const)("%s: %j is answered with %s", (name, call, effect) => {
  const { data } = load(DIALECT_POLICIES.get(name) ?? "");
  expect(answerOf(Policy.revive(structuredClone(data)), call)).toBe(effect);
});

test.each([
  ["a~b", "deep/a~b"],
  ["{a,b}~", "deep/b~"],
])("a denial of `%s` is at any depth, as `~` is the home at the beginning only", (text, path) => {
  const policy = (deny: string) =>
    Policy.revive(load(`version = "1"\n[filesystem]\nread_allow = ["**/*"]\ndeny = [${deny}]\n`).data);
  const call = { on: "fs.read", path: `${ROOT}/${path}` };
  expect([answerOf(policy(""), call), answerOf(policy(JSON.stringify(text)), call)]).toEqual(["allow", "deny"]);
});

test("limits hold, a day at most for a run", () => {
  const { data } = load(DIALECT_POLICIES.get("all-limits") ?? "");
  expect(data.limits.maxSeconds).toBe(86_400);
  expect(data.network.timeoutSeconds).toBe(5);
  expect(data.budget).toMatchObject({ calls: 50, callsPerCapability: { "fs.read": 20 } });
});

test("a list that fills a file is read in one go", () => {
  const list = (entry: (at: number) => string) =>
    Array.from({ length: 12_000 }, (_, at) => JSON.stringify(entry(at))).join(",");
  const text = `version = "1"\n[subprocess]\nallow_commands = ["git"]\n[subprocess.deny_args]\ngit = [${list((at) => `${at}`)}]\n`;
  const { data } = load(text);
  expect(data.rules.filter(({ ref }) => ref.id.startsWith("dialect-deny-git-"))).toHaveLength(12_000);
  const taken = load(
    `version = "1"\n[environment]\nallow_vars = [${list((at) => `${at % 2 === 0 ? "" : "!"}A${at >> 1}`)}]\n`,
  );
  expect(taken.data.rules.filter(({ ref }) => ref.id.startsWith("environment.allow_vars"))).toEqual([]);
});

test("a file of ours inherits one in the dialect, with its notes", () => {
  const files = new Map([
    [`${ROOT}/agent-run.toml`, 'version = 1\ninherits = ["team/denyx.toml"]\n'],
    [`${ROOT}/team/denyx.toml`, 'inherits = "secure-defaults"\n[filesystem]\nread_allow = ["docs/**", "./x"]\n'],
  ]);
  const readText = (path: string) => {
    const text = files.get(path);
    return text === undefined
      ? ({ ok: false, reason: "it does not exist" } as const)
      : { ok: true as const, text, realPath: path };
  };
  const loaded = loadPolicy(`${ROOT}/agent-run.toml`, { ...world, readText });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.notes.map(({ file, line }) => `${file}:${line}`)).toContain(`${ROOT}/team/denyx.toml:3`);
  const policy = Policy.revive(structuredClone(loaded.data));
  expect(policy.decide(pathRequest("fs.read", "team/docs/a.md")).effect).toBe("allow");
});

const FS = ["fs.read", "fs.write", "fs.delete"] as const;
const NET = ["net.http_get", "net.http_post"] as const;

/** Calls around what a policy names: each of its texts with its wildcards filled in several ways, and some of our own. */
function callsAround(text: string): readonly DialectCall[] {
  const texts = [...text.matchAll(/"([^"\n]*)"/g)].flatMap(([, one = ""]) => fillings(one));
  const near = texts.map((one) => one.replace(/^~/, HOME).replace(/^(?!\/)/, `${ROOT}/`));
  const deep = near.flatMap((path) => [path, path.replace(ROOT, `${ROOT}/deep/er`)]);
  const paths = [...new Set([...deep, ...PATHS])].filter((path) => !/\/\/|\/$|\/\.\.?(?:\/|$)/.test(path));
  const hosts = [...new Set([...texts, ...HOSTS])].filter(
    (host) => /^[a-z0-9.-]+$/.test(host) && /[a-z0-9]$/.test(host),
  );
  const names = [...new Set([...texts, ...NAMES])].filter((name) => /^[A-Za-z0-9_]+$/.test(name));
  const commands = [...new Set([...texts.filter((one) => /^[\w/.-]+$/.test(one)), ...COMMANDS])];
  return [
    ...paths.flatMap((path) => FS.map((on) => ({ on, path }))),
    ...hosts.flatMap((host) =>
      NET.flatMap((on) => ["https://", "http://"].map((scheme) => ({ on, url: `${scheme}${host}/` }))),
    ),
    ...names.map((name) => ({ on: "env.read", name })),
    ...commands.flatMap((command) =>
      [[], ...ARGUMENTS].map((args) => ({ on: "subprocess.exec", argv: [command, ...args] })),
    ),
  ];
}

const fillings = (text: string): readonly string[] =>
  ["x", "a/b"].map((fill) =>
    text
      .replace(/^!/, "")
      .replace(/\[[^\]]*\]|\{([^,}]*)[^}]*\}/g, (_all, first?: string) => first ?? fill)
      .replace(/\*\*/g, `${fill}/y`)
      .replace(/[*?]/g, fill),
  );

const PATHS = [
  `${ROOT}/src/a.ts`,
  `${ROOT}/.env`,
  `${ROOT}/x/.env.local`,
  `${HOME}/.ssh/id`,
  "/etc/passwd",
  "/proc/1/environ",
  `${ROOT}/secrets/a`,
];
const HOSTS = [
  "example.com",
  "evil.org",
  "tracker.example.com",
  "mytracker.io",
  "10.0.0.1",
  "127.0.0.1",
  "x-1.example.com",
  "ads.org",
];
const NAMES = ["OPENAI_API_KEY", "DATABASE_URL", "DENYX_JWT", "PATH", "APP_x"];
const COMMANDS = ["git", "/tmp/git", "bash", "find", "zsh", "/bin/halt", "halt"];
const ARGUMENTS = [
  ["push"],
  ["push", "--force"],
  ["push", "origin", "--force"],
  ["db:drop"],
  ["db:drop:all"],
  ["-c", "x"],
  ["run-checks.py"],
  ["x", "-exec", "rm"],
  ["commit", "-m", "no push --force"],
  ["address"],
  ["install"],
];

function answerOf(policy: Policy, { on, path, url, name, argv }: DialectCall): "allow" | "ask" | "deny" {
  if (path !== undefined) return policy.decide(pathRequest(on as "fs.read", path)).effect;
  if (url !== undefined) return policy.decide(urlRequest(url, [], on as "net.http_get")).effect;
  if (name !== undefined) return policy.decide(variableRequest(name)).effect;
  return policy.decide(commandRequest(argv ?? [])).effect;
}

function isGrantedDirectory({ on, path }: DialectCall, text: string): boolean {
  if (path === undefined || on === "fs.delete") return false;
  const spelled = path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path.replace(HOME, "~");
  return text.includes(`"${spelled}/**"`) || (path === ROOT && text.includes('"**"'));
}

const RANK = { deny: 0, ask: 1, allow: 2 };

describe.each([...DIALECT_POLICIES])("%s", (_name, text) => {
  const { data, notes } = load(text);

  test("never allows what the system that it was written for denied", () => {
    const reference = new ReferenceDialect(text, ROOT, HOME);
    const policy = Policy.revive(structuredClone(data));
    const wider = callsAround(text).filter((call) => RANK[answerOf(policy, call)] > RANK[reference.decide(call)]);
    // A directory that is granted with all in it is granted itself; a note says so.
    expect(wider.filter((call) => !isGrantedDirectory(call, text))).toEqual([]);
  });

  test("has its notes at its own lines", () => {
    const lines = text.split("\n");
    for (const note of notes) expect(lines[note.line - 1]).toBe(note.text);
    expect(notes.some(({ message }) => message.startsWith("read as a policy of Aegis or Denyx"))).toBe(true);
  });
});
