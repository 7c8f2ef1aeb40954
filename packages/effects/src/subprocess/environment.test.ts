import { realpathSync } from "node:fs";
import type { Target } from "@agent-run/gate";
import { afterAll, describe, expect, test } from "vitest";
import { isNeverForChildren } from "./child-names.ts";
import { childEnvironment } from "./environment.ts";
import { makeRoot, removeRoots, Scene, type SceneOptions, writeUnder } from "./fixtures/scene.ts";

afterAll(removeRoots);

const ENV = realpathSync("/usr/bin/env");
const root = makeRoot();

/** What a child of this policy sees. */
async function childVariables(options: SceneOptions, env?: Readonly<Record<string, string>>) {
  const scene = new Scene(root, { commands: { env: ENV }, ...options });
  const { stdout } = await scene.run({ argv: ["env"], ...(env === undefined ? {} : { env }) });
  return Object.fromEntries(
    stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
}

test("a child gets granted variables, a pinned PATH and nothing else", async () => {
  const environment = { LANG: "de_DE.UTF-8", GREETING: "hi", OTHER: "no", SECRET_TOKEN: "s3cret", HOME: "/home/me" };
  const seen = await childVariables({ environment, variables: ["LANG", "GREETING"] });
  expect(Object.keys(seen).sort()).toEqual(["GREETING", "LANG", "PATH", "TERM"]);
  expect(seen).toMatchObject({ GREETING: "hi", LANG: "de_DE.UTF-8", TERM: "dumb" });
});

test("a denied variable does not reach a child although everything is granted", async () => {
  const seen = await childVariables({ environment: { SECRET_TOKEN: "s3cret", A: "1" }, variables: ["*"] });
  expect(seen).not.toHaveProperty("SECRET_TOKEN");
  expect(seen).toHaveProperty("A", "1");
});

test("a local-only variable and the variable of a secret do not reach a child although everything is granted", () => {
  const environment = { INTERNAL_URL: "canary", STRIPE_KEY: "canary", A: "1" };
  const source = { kind: "env", name: "STRIPE_KEY", field: null } as const;
  const secrets = [{ name: "stripe", source, data: false, uses: [], ref: { id: "secret.stripe" } }];
  const { context } = new Scene(root, { environment, variables: ["*"], secrets });
  const decide = (target: Target) => {
    const sealed = target.value === "INTERNAL_URL" ? { sealed: { label: ["local"], accepts: ["local"] } } : {};
    return { ...context.decide(target), ...sealed };
  };
  const given = childEnvironment([], { ...context, decide }, true);
  expect(given).toHaveProperty("A", "1");
  expect(Object.values(given)).not.toContain("canary");
});

test("our own environment does not reach a child", async () => {
  process.env.AGENT_TEST_CANARY = "leaked";
  try {
    expect(await childVariables({ variables: ["*"] })).not.toHaveProperty("AGENT_TEST_CANARY");
  } finally {
    delete process.env.AGENT_TEST_CANARY;
  }
});

describe("names that make programs load or start other code are never passed on, even if granted", () => {
  const names = [
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "GIT_SSH_COMMAND",
    "GIT_DIR",
    "NODE_OPTIONS",
    "PYTHONSTARTUP",
    "PERL5LIB",
    "PERL5OPT",
    "RUBYOPT",
    "BASH_ENV",
    "BASH_FUNC_ls%%",
    "ENV",
    "IFS",
    "PS4",
    "PAGER",
    "MANPAGER",
    "EDITOR",
    "GIT_EDITOR",
    "VISUAL",
    "LESSOPEN",
    "SSH_ASKPASS",
    "RIPGREP_CONFIG_PATH",
    "TAR_OPTIONS",
    "GLIBC_TUNABLES",
    "JAVA_TOOL_OPTIONS",
    "AGENT_RUN_POLICY",
  ];
  test.each(names)("%s", async (name) => {
    expect(isNeverForChildren(name)).toBe(true);
    expect(await childVariables({ environment: { [name]: "/evil" }, variables: ["*"] })).not.toHaveProperty([name]);
  });
  const others = [
    "GCONV_PATH",
    "GETCONF_DIR",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "LOCPATH",
    "MALLOC_CHECK_",
    "NLSPATH",
    "RESOLV_HOST_CONF",
    "RES_OPTIONS",
    "BASHOPTS",
    "BASH_LOADABLES_PATH",
    "CDPATH",
    "FPATH",
    "GLOBIGNORE",
    "KSH_ENV",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "ZDOTDIR",
    "DOTNET_STARTUP_HOOKS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "LUA_CPATH_5_4",
    "LUA_INIT",
    "LUA_PATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "PERLLIB",
    "PERL_UNICODE",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "RUBYLIB",
    "BROWSER",
    "SUDO_EDITOR",
    "LESSCLOSE",
    "RSYNC_RSH",
    "CVS_RSH",
    "GREP_OPTIONS",
    "LESS",
    "PATH",
  ];
  test.each(others)("%s, by name alone", (name) => expect(isNeverForChildren(name)).toBe(true));
  test("case makes no difference", () => {
    expect(isNeverForChildren("ld_preload")).toBe(true);
  });
  test.each(["HOME", "LANG", "PYTHIA", "GITHUB_REPOSITORY", "EDITORIAL", "NODE_ENV"])("%s is none of them", (name) => {
    expect(isNeverForChildren(name)).toBe(false);
  });
});

test("PATH is ours, whatever is granted", async () => {
  const seen = await childVariables({ environment: { PATH: "/evil:." }, variables: ["PATH"] });
  expect(seen.PATH).toBe("/usr/bin:/usr/local/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
});

test("PATH leaves out directories below the root and directories that the script may write", async () => {
  const other = makeRoot();
  writeUnder(root, "tools/x", "#!/bin/sh\n", 0o755);
  writeUnder(other, "bin/y", "#!/bin/sh\n", 0o755);
  writeUnder(other, "sbin/z", "#!/bin/sh\n", 0o755);
  // Two entries in the variable, the second of them relative.
  writeUnder(other, "a:b/w", "#!/bin/sh\n", 0o755);
  const commands = { env: ENV, w: `${other}/a:b/w`, x: "tools/x", y: `${other}/bin/y`, z: `${other}/sbin/z` };
  const { PATH = "" } = await childVariables({ commands, write: [`${other}/bin/**`] });
  expect(PATH.split(":")).toContain(`${other}/sbin`);
  expect(PATH.split(":")).not.toContain("b");
  expect(PATH).not.toContain(`${other}/bin`);
  expect(PATH).not.toContain(root);
});

test("the locale is UTF-8 if none is granted", async () => {
  expect(await childVariables({})).toMatchObject({ LANG: "C.UTF-8" });
});

test("HOME is the granted one, else none", async () => {
  expect(await childVariables({ environment: { HOME: "/home/me" } })).not.toHaveProperty("HOME");
  expect(await childVariables({ environment: { HOME: "/home/me" }, variables: ["HOME"] })).toHaveProperty(
    "HOME",
    "/home/me",
  );
});

describe("what a script sets", () => {
  test("arrives if `set_env` names it, and wins over a granted value", async () => {
    const options = { setEnv: ["MODE"], environment: { MODE: "slow" }, variables: ["MODE"] };
    expect(await childVariables(options, { MODE: "fast" })).toHaveProperty("MODE", "fast");
  });

  test("is refused with the key to add otherwise, and nothing runs", async () => {
    const scene = new Scene(root, { commands: { env: ENV } });
    const outcome = await scene.perform({ argv: ["env"], env: { MODE: "fast" } });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: "E_POLICY_DENIED", hint: 'to allow it, the policy needs: [subprocess] set_env = ["MODE"]' },
    });
    expect(scene.started).toEqual([]);
  });

  test.each(["LD_PRELOAD", "PATH", "GIT_DIR", "BASH_ENV"])("%s is refused even if `set_env` names it", async (name) => {
    const scene = new Scene(root, { commands: { env: ENV }, setEnv: [name] });
    const outcome = await scene.perform({ argv: ["env"], env: { [name]: "x" } });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { code: "E_POLICY_DENIED", rule: { id: "builtin.child_environment" } },
    });
    expect(scene.started).toEqual([]);
  });

  test("is part of the request that is recorded", async () => {
    const scene = new Scene(root, { commands: { env: ENV }, setEnv: ["A"] });
    await scene.run({ argv: ["env"], env: { A: "1" }, stdin: "ab" });
    expect(scene.decided.at(-1)?.attrs).toEqual({ command: "env", argv: ["env"], env: ["A=1"], stdin_bytes: 2 });
  });
});

test("a variable that a person would be asked about does not reach a child", () => {
  const { context } = new Scene(root, { environment: { ASKED: "1" }, variables: ["ASKED"] });
  const asking = { ...context, decide: (target: Target) => ({ ...context.decide(target), effect: "ask" as const }) };
  expect(childEnvironment([], context, false)).toHaveProperty("ASKED");
  expect(childEnvironment([], asking, false)).not.toHaveProperty("ASKED");
});
