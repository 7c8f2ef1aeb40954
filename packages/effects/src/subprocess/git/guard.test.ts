/**
 * Hostile repositories: each says in another way "run this program". The program leaves a canary. Every case is shown to
 * be real first (git as the user starts it runs the program), then git through `subprocess.exec` must not, open and jailed.
 */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  codeOf,
  makeRoot,
  type Outcome,
  removeRoots,
  Scene,
  type SceneOptions,
  writeUnder,
} from "../fixtures/scene.ts";

afterAll(removeRoots);

const GIT = realpathSync("/usr/bin/git");
const MODES = ["none", "bwrap"] as const;

interface Hostile {
  readonly root: string;
  /** Writes `w/ran` and passes its input on. */
  readonly program: string;
  git(...args: string[]): string;
}

/** A repository with two commits and a change that is not committed, and a program that should never run. */
function repository(): Hostile {
  const root = makeRoot();
  cpSync(template, root, { recursive: true });
  const program = writeUnder(root, "program", `#!/bin/sh\necho ran >> ${root}/w/ran\ntimeout 1 cat\n`, 0o755);
  return { root, program, git: (...args) => gitIn(root, args) };
}

/** Made once: most of the time of these tests would go into commits. */
const template = makeTemplate();

function makeTemplate(): string {
  const root = makeRoot({ "w/.keep": "", "f.txt": "one\n" });
  const git = (...args: string[]): string => gitIn(root, args);
  git("init", "-q", "-b", "main");
  git("config", "user.name", "n");
  git("config", "user.email", "n@example.org");
  git("add", "f.txt");
  git("commit", "-q", "-m", "first");
  writeUnder(root, "f.txt", "one\ntwo\n");
  git("commit", "-q", "-am", "second");
  writeUnder(root, "f.txt", "one\ntwo\nthree\n");
  return root;
}

/** git as a user starts it. Failures are fine: a hostile program may fail. */
function gitIn(cwd: string, args: readonly string[], input?: string): string {
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: "/nonexistent",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: "file:ext:ssh:git",
  };
  try {
    return execFileSync("git", args, {
      cwd,
      env,
      stdio: "pipe",
      timeout: 20_000,
      ...(input === undefined ? {} : { input }),
    }).toString();
  } catch (error) {
    return String(error);
  }
}

const ran = ({ root }: Hostile): boolean => existsSync(join(root, "w/ran"));
const forget = ({ root }: Hostile): void => rmSync(join(root, "w/ran"), { force: true });

const scene = (root: string, options: SceneOptions): Scene =>
  new Scene(root, { read: ["**"], write: ["w/**"], commands: { git: GIT }, freeArgs: ["git"], ...options });

/** The names of settings with the value of each being the program. */
const setting =
  (...keys: readonly string[]) =>
  ({ git, program }: Hostile): void => {
    for (const key of keys) git("config", key, program);
  };

interface Attack {
  readonly says: string;
  readonly prepare: (repo: Hostile) => void;
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Else `ok` or a failure of git's own. */
  readonly expected?: "E_POLICY_DENIED";
}

const attributes = ({ root }: Hostile, text: string): void => void writeUnder(root, ".gitattributes", text);

const ATTACKS: readonly Attack[] = [
  { says: "core.fsmonitor", prepare: setting("core.fsmonitor"), argv: ["git", "status"] },
  {
    says: "core.hooksPath",
    prepare: ({ root, git }) => {
      writeUnder(root, "hooks/post-checkout", `#!/bin/sh\necho ran >> ${root}/w/ran\n`, 0o755);
      git("config", "core.hooksPath", join(root, "hooks"));
    },
    argv: ["git", "checkout", "-q", "-b", "new"],
  },
  {
    says: "a hook",
    prepare: ({ root }) =>
      void writeUnder(root, ".git/hooks/post-checkout", `#!/bin/sh\necho ran >> ${root}/w/ran\n`, 0o755),
    argv: ["git", "checkout", "-q", "-b", "new"],
  },
  { says: "diff.external", prepare: setting("diff.external"), argv: ["git", "diff"] },
  {
    says: "a diff driver's command",
    prepare: (repo) => {
      attributes(repo, "*.txt diff=evil\n");
      setting("diff.evil.command")(repo);
    },
    argv: ["git", "diff"],
  },
  {
    says: "textconv of the tree's attributes",
    prepare: (repo) => {
      attributes(repo, "*.txt diff=evil\n");
      setting("diff.evil.textconv")(repo);
    },
    argv: ["git", "log", "-p"],
  },
  {
    says: "textconv of the repository's own attributes",
    prepare: (repo) => {
      writeUnder(repo.root, ".git/info/attributes", "*.txt diff=evil\n");
      setting("diff.evil.textconv")(repo);
    },
    argv: ["git", "show"],
  },
  {
    says: "a clean filter",
    prepare: (repo) => {
      attributes(repo, "*.txt filter=evil\n");
      setting("filter.evil.clean")(repo);
    },
    argv: ["git", "diff"],
  },
  {
    says: "a filter process, required",
    prepare: (repo) => {
      attributes(repo, "*.txt filter=evil\n");
      setting("filter.evil.process")(repo);
      repo.git("config", "filter.evil.required", "true");
    },
    argv: ["git", "diff"],
  },
  {
    says: "a smudge filter with dots and capitals in its name",
    prepare: (repo) => {
      attributes(repo, "*.txt filter=e.V_1\n");
      setting("filter.e.V_1.smudge")(repo);
    },
    argv: ["git", "checkout", "-q", "HEAD~1", "--", "f.txt"],
  },
  {
    says: "an alias for a shell command",
    prepare: ({ git, program }) => git("config", "alias.lg", `!${program}`),
    argv: ["git", "lg"],
  },
  {
    says: "an alias, behind options",
    prepare: ({ git, program }) => git("config", "alias.lg", `!${program}`),
    argv: ["git", "--no-pager", "lg"],
  },
  { says: "core.pager", prepare: setting("core.pager"), argv: ["git", "--paginate", "log"] },
  { says: "pager.log", prepare: setting("pager.log"), argv: ["git", "-p", "log"] },
  { says: "core.editor", prepare: setting("core.editor"), argv: ["git", "commit", "--amend", "-a"] },
  { says: "gpg.program", prepare: setting("gpg.program"), argv: ["git", "commit", "-q", "-S", "-a", "-m", "signed"] },
  {
    says: "commit.gpgSign with gpg.ssh.program",
    prepare: ({ git, program }) => {
      git("config", "gpg.format", "ssh");
      git("config", "user.signingKey", program);
      git("config", "commit.gpgSign", "true");
      git("config", "gpg.ssh.program", program);
    },
    argv: ["git", "commit", "-q", "-a", "-m", "signed"],
  },
  { says: "core.sshCommand", prepare: setting("core.sshCommand"), argv: ["git", "ls-remote", "ssh://127.0.0.1:1/x"] },
  { says: "core.gitProxy", prepare: setting("core.gitProxy"), argv: ["git", "ls-remote", "git://127.0.0.1:1/x"] },
  {
    says: "credential.helper",
    prepare: setting("credential.helper"),
    argv: ["git", "credential", "fill"],
    stdin: "protocol=https\nhost=h\n\n",
  },
  {
    says: "a credential helper for one host",
    prepare: setting("credential.https://h.helper"),
    argv: ["git", "credential", "fill"],
    stdin: "protocol=https\nhost=h\n\n",
  },
  {
    says: "core.askPass",
    prepare: setting("core.askPass"),
    argv: ["git", "credential", "fill"],
    stdin: "protocol=https\nhost=h\n\n",
  },
  {
    says: "include.path",
    prepare: ({ root, git, program }) => {
      writeUnder(root, "extra", `[core]\nfsmonitor = ${program}\n[alias]\nlg = !${program}\n`);
      git("config", "include.path", "../extra");
    },
    argv: ["git", "lg"],
  },
  {
    says: "includeIf",
    prepare: ({ root, git, program }) => {
      writeUnder(root, "extra", `[alias]\nlg = !${program}\n`);
      git("config", `includeIf.gitdir:${root}/.path`, join(root, "extra"));
    },
    argv: ["git", "lg"],
  },
  {
    says: "config.worktree",
    prepare: ({ root, git, program }) => {
      git("config", "extensions.worktreeConfig", "true");
      writeUnder(root, ".git/config.worktree", `[core]\nfsmonitor = ${program}\n`);
    },
    argv: ["git", "status"],
  },
  {
    says: "a remote's uploadpack",
    prepare: ({ root, git, program }) => {
      git("config", "remote.evil.url", join(root, ".git"));
      git("config", "remote.evil.uploadpack", program);
    },
    argv: ["git", "fetch", "evil"],
  },
  {
    says: "a remote of `ext::`",
    prepare: ({ git, program }) => git("config", "remote.evil.url", `ext::${program}`),
    argv: ["git", "fetch", "evil"],
  },
  {
    says: "a trailer's command",
    prepare: setting("trailer.evil.command"),
    argv: ["git", "interpret-trailers", "--trailer", "evil"],
    stdin: "subject\n",
  },
  {
    says: "a merge driver",
    prepare: (repo) => {
      const { git, root } = repo;
      git("checkout", "-qf", "-b", "side", "HEAD~1");
      writeUnder(root, "f.txt", "side\n");
      writeUnder(root, ".git/info/attributes", "*.txt merge=evil\n");
      git("commit", "-qam", "side");
      setting("merge.evil.driver")(repo);
    },
    argv: ["git", "merge", "-q", "main"],
  },
  {
    says: "a submodule's fsmonitor",
    prepare: (repo) => submodule(repo, (inner) => gitIn(inner, ["config", "core.fsmonitor", repo.program])),
    argv: ["git", "status"],
    expected: "E_POLICY_DENIED",
  },
  {
    says: "a submodule's fsmonitor, although the operator's repository ignores it",
    prepare: (repo) => submodule(repo, (inner) => gitIn(inner, ["config", "core.fsmonitor", repo.program])),
    argv: ["git", "diff", "--ignore-submodules=none"],
    expected: "E_POLICY_DENIED",
  },
  {
    says: "a submodule's filter, two levels down",
    prepare: (repo) =>
      submodule(repo, (inner) => {
        const deeper = nested(inner, "deep");
        gitIn(deeper, ["config", "core.fsmonitor", repo.program]);
      }),
    argv: ["git", "status"],
    expected: "E_POLICY_DENIED",
  },
];

/** A nested repository that the index names, without a `.gitmodules`. */
function submodule({ root }: Hostile, poison: (inner: string) => void): void {
  poison(nested(root, "sub"));
}

function nested(root: string, name: string): string {
  const inner = join(root, name);
  mkdirSync(inner);
  gitIn(inner, ["init", "-q", "-b", "main"]);
  gitIn(inner, ["config", "user.name", "n"]);
  gitIn(inner, ["config", "user.email", "n@example.org"]);
  writeUnder(inner, "g.txt", "inner");
  gitIn(inner, ["add", "g.txt"]);
  gitIn(inner, ["commit", "-q", "-m", "inner"]);
  gitIn(root, ["add", name]);
  gitIn(root, ["commit", "-q", "-m", `with ${name}`]);
  return inner;
}

/** What must have been tried for the case to mean anything. */
const triedAlone = new Set(["core.pager", "pager.log"]);

describe.each(ATTACKS)("$says", ({ says, prepare, argv, stdin, expected }) => {
  test("runs its program where git is started by hand", () => {
    const repo = repository();
    prepare(repo);
    forget(repo);
    gitIn(repo.root, argv.slice(1), stdin);
    // Without a terminal no pager is started; the setting is overridden all the same.
    expect(ran(repo)).toBe(!triedAlone.has(says));
  });

  test.each(MODES)('runs nothing through subprocess.exec (sandbox = "%s")', async (sandbox) => {
    const repo = repository();
    prepare(repo);
    forget(repo);
    const calls = scene(repo.root, { sandbox });
    const outcome = await calls.perform({
      argv: [...argv],
      ...(stdin === undefined ? {} : { stdin }),
      timeoutMs: 10_000,
    });
    expect(ran(repo)).toBe(false);
    expect(codeOf(outcome)).toBe(expected ?? "ok");
    expect(calls.started).toHaveLength(expected === undefined ? 1 : 0);
  });
});

describe.each(MODES)('an honest repository works (sandbox = "%s")', (sandbox) => {
  const run = async (root: string, ...args: string[]) => scene(root, { sandbox }).run({ argv: ["git", ...args] });
  test("log, status, diff, show, blame, grep, ls-files", async () => {
    const { root } = repository();
    expect((await run(root, "log", "--format=%s")).stdout).toBe("second\nfirst\n");
    expect((await run(root, "status", "--porcelain")).stdout).toContain(" M f.txt\n");
    expect((await run(root, "diff")).stdout).toContain("+three");
    expect((await run(root, "show", "--stat", "HEAD")).stdout).toContain("1 file changed");
    expect((await run(root, "blame", "f.txt")).stdout).toContain("three");
    expect((await run(root, "grep", "two")).stdout).toBe("f.txt:two\n");
    expect((await run(root, "ls-files")).stdout).toBe("f.txt\n");
  });

  test("with a textconv that it declares, as plain text", async () => {
    const repo = repository();
    attributes(repo, "*.txt diff=words\n");
    repo.git("config", "diff.words.textconv", "rev");
    expect((await run(repo.root, "diff")).stdout).toContain("+three");
  });

  test("with a required filter that it declares, as if it had none", async () => {
    const repo = repository();
    attributes(repo, "*.txt filter=lfs\n");
    repo.git("config", "filter.lfs.process", "git-lfs filter-process");
    repo.git("config", "filter.lfs.required", "true");
    expect((await run(repo.root, "diff")).stdout).toContain("+three");
  });

  test("in a linked work tree, and in a directory below", async () => {
    const repo = repository();
    mkdirSync(join(repo.root, "deep"));
    repo.git("worktree", "add", "-q", join(repo.root, "tree"));
    expect((await run(repo.root, "-C", "deep", "log", "--format=%s", "-1")).stdout).toBe("second\n");
    expect((await run(repo.root, "-C", "tree", "log", "--format=%s", "-1")).stdout).toBe("second\n");
  });

  test("with a harmless submodule", async () => {
    const repo = repository();
    nested(repo.root, "sub");
    expect((await run(repo.root, "status", "--porcelain")).exitCode).toBe(0);
  });
});

test("a repository that wants signatures commits without", async () => {
  const repo = repository();
  repo.git("config", "commit.gpgSign", "true");
  const committed = await scene(repo.root, { sandbox: "none" }).run({ argv: ["git", "commit", "-qam", "third"] });
  expect([committed.exitCode, repo.git("log", "-1", "--format=%s")]).toEqual([0, "third\n"]);
});

test("in the jail `.git` cannot be written: no commit, no configuration", async () => {
  const repo = repository();
  const jailed = scene(repo.root, { sandbox: "bwrap", write: ["**"] });
  expect((await jailed.run({ argv: ["git", "config", "core.fsmonitor", "x"] })).exitCode).not.toBe(0);
  expect((await jailed.run({ argv: ["git", "commit", "-qam", "x"] })).exitCode).not.toBe(0);
  expect(repo.git("log", "--format=%s")).toBe("second\nfirst\n");
});

test("the account's own configuration plays no part", async () => {
  const repo = repository();
  const home = makeRoot();
  writeUnder(home, ".gitconfig", `[core]\nfsmonitor = ${repo.program}\n[alias]\nlg = !${repo.program}\n`);
  const options = { environment: { HOME: home }, variables: ["HOME"], sandbox: "none" } as const;
  await scene(repo.root, options).run({ argv: ["git", "status"] });
  await scene(repo.root, options).run({ argv: ["git", "lg"] });
  expect(ran(repo)).toBe(false);
});

describe("a repository of another account", () => {
  const asRoot = process.getuid?.() === 0;
  test("is taken at the root of the policy, and refused by git elsewhere", async () => {
    const repo = repository();
    const other = nested(repo.root, "other");
    if (asRoot)
      for (const path of [repo.root, join(repo.root, ".git"), other, join(other, ".git")])
        chownSync(path, 12_345, 12_345);
    const calls = scene(repo.root, { sandbox: "none" });
    expect((await calls.run({ argv: ["git", "log", "--format=%s", "-1"] })).stdout).toBe("with other\n");
    const inner = await calls.run({ argv: ["git", "-C", "other", "log", "--format=%s"] });
    expect(inner.stderr.includes("dubious ownership")).toBe(asRoot);
  });
});

test("a bare repository among the files is not taken for one", async () => {
  const repo = repository();
  repo.git("init", "-q", "--bare", "innocent");
  writeFileSync(
    join(repo.root, "innocent/config"),
    `[core]\nrepositoryformatversion = 0\nbare = true\n[alias]\nlg = !${repo.program}\n`,
  );
  gitIn(join(repo.root, "innocent"), ["lg"]);
  expect(ran(repo)).toBe(true);
  forget(repo);
  const calls = scene(repo.root, { sandbox: "none" });
  expect((await calls.run({ argv: ["git", "log"], cwd: "innocent" })).stderr).toContain("safe.bareRepository");
  await calls.run({ argv: ["git", "lg"], cwd: "innocent" });
  await calls.run({ argv: ["git", "--bare", "lg"], cwd: "innocent" });
  await calls.run({ argv: ["git", "-C", "innocent", "--bare", "lg"] });
  expect(ran(repo)).toBe(false);
});

describe("every repository that a call may use is looked at", () => {
  const poisoned = (root: string, name: string, program: string): void => {
    const inner = nested(root, name);
    gitIn(inner, ["config", "alias.lg", `!${program}`]);
  };
  /** Shown to be real first: as a user starts it, this runs the program. */
  const held = async (repo: Hostile, ...args: string[]): Promise<void> => {
    gitIn(repo.root, args);
    expect(ran(repo)).toBe(true);
    forget(repo);
    await scene(repo.root, { sandbox: "none" }).perform({ argv: ["git", ...args] });
    expect(ran(repo)).toBe(false);
  };

  test("the one that `-C` leads to, step by step", async () => {
    const repo = repository();
    mkdirSync(join(repo.root, "a"));
    poisoned(join(repo.root, "a"), "b", repo.program);
    await held(repo, "-C", "a", "-C", "b", "lg");
    await held(repo, "-C", "a/b", "lg");
  });

  test("the one that `--git-dir` names", async () => {
    const repo = repository();
    poisoned(repo.root, "b", repo.program);
    await held(repo, "--git-dir=b/.git", "lg");
    await held(repo, "--git-dir", "b/.git", "lg");
  });

  test("the one above, if a `.git` here is none that git takes", async () => {
    const repo = repository();
    repo.git("config", "alias.lg", `!${repo.program}`);
    mkdirSync(join(repo.root, "deep/.git/objects"), { recursive: true });
    mkdirSync(join(repo.root, "deep/.git/refs"));
    writeUnder(repo.root, "deep/.git/HEAD", "nonsense");
    await held(repo, "-C", "deep", "lg");
  });

  test("the one that a `.git` file leads to", async () => {
    const repo = repository();
    poisoned(repo.root, "b", repo.program);
    writeUnder(repo.root, "way/.git", "gitdir: ../b/.git\n");
    await held(repo, "-C", "way", "lg");
  });
});

describe("what cannot be read is not run", () => {
  const spoil = async (text: string | Buffer, file = "config"): Promise<Outcome> => {
    const repo = repository();
    rmSync(join(repo.root, ".git", file), { force: true });
    writeFileSync(join(repo.root, ".git", file), text);
    return scene(repo.root, { sandbox: "none" }).perform({ argv: ["git", "status"] });
  };
  test.each([
    ["a configuration that git cannot read", "[core\n", "config"],
    ["NUL in a configuration", '[core "fsmonitor\0"]\na = x\n', "config"],
    ["an include by `~`", "[include]\npath = ~/x\n", "config"],
    ["an include of itself", "[include]\npath = config\n", "config"],
    [
      "a setting whose name is not UTF-8",
      Buffer.from('[alias "\xff"]\ncommand = x\n[filter "\xff"]\nclean = x\n', "latin1"),
      "config",
    ],
    ["an index of a later version", Buffer.from("DIRC\0\0\0\u0009\0\0\0\u0001\0\0\u00e0\0", "latin1"), "index"],
  ])("%s", async (_, text, file) => {
    expect(await spoil(text, file)).toMatchObject({
      failure: { code: "E_POLICY_DENIED", rule: { id: "builtin.git_configuration" } },
    });
  });

  test("a work tree that leads to files that may not be read", async () => {
    const repo = repository();
    repo.git("config", "core.worktree", "/etc");
    expect(codeOf(await scene(repo.root, { sandbox: "none" }).perform({ argv: ["git", "grep", "x"] }))).toBe(
      "E_POLICY_DENIED",
    );
  });

  test("a configuration that is a pipe does not hold us", async () => {
    const repo = repository();
    rmSync(join(repo.root, ".git/config"));
    execFileSync("mkfifo", [join(repo.root, ".git/config")]);
    expect(codeOf(await scene(repo.root, { sandbox: "none" }).perform({ argv: ["git", "status"] }))).toBe(
      "E_POLICY_DENIED",
    );
  });

  test("a submodule with a hook", async () => {
    const repo = repository();
    const inner = nested(repo.root, "sub");
    writeUnder(inner, ".git/hooks/post-checkout", "#!/bin/sh\n", 0o644);
    const calls = scene(repo.root, { sandbox: "none" });
    expect(codeOf(await calls.perform({ argv: ["git", "status"] }))).toBe("ok");
    chmodSync(join(inner, ".git/hooks/post-checkout"), 0o755);
    expect(codeOf(await calls.perform({ argv: ["git", "status"] }))).toBe("E_POLICY_DENIED");
  });
});

test("where a repository has an external diff, everything else works", async () => {
  const repo = repository();
  repo.git("config", "diff.external", repo.program);
  const calls = scene(repo.root, { sandbox: "none" });
  expect(await calls.run({ argv: ["git", "status", "--short"] })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(" M f.txt"),
  });
  expect(await calls.run({ argv: ["git", "log", "--format=%s"] })).toMatchObject({
    exitCode: 0,
    stdout: "second\nfirst\n",
  });
  expect((await calls.run({ argv: ["git", "diff"] })).stderr).toContain("external diff died");
  expect(await calls.run({ argv: ["git", "diff", "--no-ext-diff", "--stat"] })).toMatchObject({ exitCode: 0 });
  expect(ran(repo)).toBe(false);
});

test("a refusal names the kind of setting, not its value", async () => {
  const repo = repository();
  const name = Buffer.concat([
    Buffer.from('[alias "canary-'),
    Buffer.from([0xff]),
    Buffer.from('"]\n\tcommand = canary-value\n'),
  ]);
  appendFileSync(join(repo.root, ".git/config"), name);
  const outcome = await scene(repo.root, { sandbox: "none" }).perform({ argv: ["git", "status"] });
  expect(outcome).toMatchObject({
    failure: { message: "`git` was not run in this repository: its setting `alias.*.command` starts a program" },
  });
  expect(JSON.stringify(outcome)).not.toContain("canary");
});

test("other commands get nothing of git's", async () => {
  const calls = new Scene(makeRoot(), { commands: { env: realpathSync("/usr/bin/env") } });
  expect((await calls.run({ argv: ["env"] })).stdout).not.toContain("GIT_");
});

test("git by another name is git", async () => {
  const repo = repository();
  symlinkSync(GIT, join(repo.root, "vcs"));
  repo.git("config", "core.fsmonitor", repo.program);
  await scene(repo.root, { commands: { vcs: "vcs" } }).run({ argv: ["vcs", "status"] });
  expect(ran(repo)).toBe(false);
});
