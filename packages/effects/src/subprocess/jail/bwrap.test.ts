/** Real commands in real jails. (Longer than other files: a case for each thing that a jail keeps away.) */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { execCommand } from "../exec.ts";
import { codeOf, jail, makeRoot, removeRoots, Scene, type SceneOptions, SH, writeUnder } from "../fixtures/scene.ts";
import { detectJail, isTrustworthy, jailCall, jailWords } from "./bwrap.ts";

afterAll(removeRoots);

const PYTHON = "/usr/bin/python3";

const jailed = (root: string, options: SceneOptions = {}): Scene => new Scene(root, { sandbox: "bwrap", ...options });

/** Standard output of a shell script in the jail of a root that may be read. */
async function shell(root: string, script: string, options: SceneOptions = {}): Promise<string> {
  const scene = jailed(root, { read: ["**"], ...options });
  return (await scene.run({ argv: ["sh"], stdin: script })).stdout;
}

test("a jail works where these tests run", () => {
  expect(jail).toEqual({ ok: true, bwrap: "/usr/bin/bwrap" });
});

test("a jail is looked for at fixed places: PATH makes no difference", () => {
  const root = makeRoot();
  writeUnder(root, "bwrap", "#!/bin/sh\nexit 0\n", 0o755);
  vi.stubEnv("PATH", root);
  expect(detectJail()).toEqual({ ok: true, bwrap: "/usr/bin/bwrap" });
  vi.unstubAllEnvs();
});

test("a bwrap that somebody else may change is not taken", () => {
  const path = writeUnder(makeRoot(), "bwrap", "", 0o755);
  const trusted = process.getuid?.() === 0;
  expect(isTrustworthy(path)).toBe(trusted);
  chmodSync(path, 0o775);
  expect(isTrustworthy(path)).toBe(false);
  expect([isTrustworthy("/usr/bin"), isTrustworthy("/nowhere"), isTrustworthy("/usr/bin/env")]).toEqual([
    false,
    false,
    true,
  ]);
});

test("a bwrap that is not trusted, or does not work, is no jail, and the reason is said", () => {
  const root = makeRoot();
  const open = writeUnder(root, "open", "#!/bin/sh\nexit 0\n", 0o755);
  chmodSync(open, 0o777);
  expect(detectJail([open])).toEqual({ ok: false, reason: `bubblewrap is not installed (looked for ${open})` });
  // A program of root that is no bwrap: it fails on our options.
  expect(detectJail(["/usr/bin/env"])).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/^\/usr\/bin\/env fails \(/),
  });
});

describe("what is not granted is not there", () => {
  test("files of the host", async () => {
    const outside = makeRoot({ "canary.txt": "outside" });
    const script = `cat ${outside}/canary.txt /etc/passwd /etc/hostname /root/.bashrc 2>/dev/null; ls ${tmpdir()} /home /root /var /etc/shadow 2>/dev/null; true`;
    const seen = await shell(makeRoot({ a: "a" }), script);
    expect(seen).not.toContain("outside");
    expect(seen).not.toContain("root:");
    expect(seen).not.toContain("shadow");
  });

  test("the root of the policy beside what is granted in it", async () => {
    const root = makeRoot({ "src/a.txt": "alpha", "private/p.txt": "canary" });
    const seen = await shell(root, "cat src/a.txt; cat private/p.txt 2>&1; ls -A", { read: ["src/**"] });
    expect(seen).toContain("alpha");
    expect(seen).not.toContain("canary");
    expect(seen.trim().split("\n").at(-1)).toBe("src");
  });

  test("denied files and directories inside", async () => {
    const root = makeRoot({ ".env": "canary1", "secrets/k": "canary2", "a.txt": "alpha" });
    const script = "cat .env a.txt; cat secrets/k; ls -A secrets; find . -type f; grep -r canary . ; true";
    const seen = await shell(root, script, { deny: ["/**/.env", "/**/secrets/**"] });
    expect(seen).toContain("alpha");
    expect(seen).not.toContain("canary");
    expect(seen).not.toMatch(/\bk$/m);
    // Not empty: not to be opened, for reading or writing.
    expect(await shell(root, "cat .env || echo no; (echo x > .env) || echo no", { deny: ["/**/.env"] })).toBe(
      "no\nno\n",
    );
  });

  test("a denied file by another way to the same directory", async () => {
    const root = makeRoot({ "src/.env": "canary", "src/a": "a" });
    symlinkSync(join(root, "src"), join(root, "way"));
    const seen = await shell(root, "cat way/.env src/../src/.env; cat /proc/self/root/$PWD/src/.env; true", {
      deny: ["/**/.env"],
    });
    expect(seen).not.toContain("canary");
  });

  test("what a link in a shown directory leads to", async () => {
    const outside = makeRoot({ "canary.txt": "canary" });
    const root = makeRoot({ a: "a" });
    symlinkSync(join(outside, "canary.txt"), join(root, "link"));
    expect(await shell(root, "cat link; true")).not.toContain("canary");
  });

  test("a socket in a shown directory", async () => {
    const root = makeRoot({ a: "a" });
    const heard = vi.fn();
    const server = createServer(heard).listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const script = `import socket;s=socket.socket(socket.AF_UNIX)\ntry: s.connect("${root}/socket"); print("connected")\nexcept OSError as e: print("refused")`;
    const scene = jailed(root, { read: ["**"], commands: { python3: PYTHON }, freeArgs: ["python3"] });
    expect((await scene.run({ argv: ["python3", "-c", script] })).stdout).toBe("refused\n");
    expect(heard).not.toHaveBeenCalled();
    server.close();
  });
});

describe("writing", () => {
  const files = { "src/a.txt": "a", "out/o.txt": "o", ".git/config": "[core]\n", "agent-run.toml": "version = 1\n" };
  const grants = { read: ["**"], write: ["out/**"] };
  const grantAll = { read: ["**"], write: ["**"] };
  test("works below what may be written, and only there", async () => {
    const root = makeRoot(files);
    const script =
      "echo new > out/n.txt; echo x > src/a.txt; echo x > src/n; rm src/a.txt; mv src s; chmod 777 src; echo x > /usr/x; echo x > x; true";
    await shell(root, script, grants);
    expect(readFileSync(join(root, "out/n.txt"), "utf8")).toBe("new\n");
    expect(readFileSync(join(root, "src/a.txt"), "utf8")).toBe("a");
    expect([existsSync(join(root, "src/n")), existsSync(join(root, "x")), existsSync("/usr/x")]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("never reaches `.git` and policies, though everything may be written", async () => {
    const root = makeRoot({ ...files, "sub/.git/hooks/x": "" });
    const script =
      "echo evil >> .git/config; echo evil > .git/hooks; echo evil > sub/.git/hooks/post-commit; echo evil > agent-run.toml; rm -rf .git agent-run.toml sub/.git; mv .git g; mv agent-run.toml b.toml; echo fine > src/a.txt; true";
    await shell(root, script, grantAll);
    expect(readFileSync(join(root, ".git/config"), "utf8")).toBe("[core]\n");
    expect(readFileSync(join(root, "agent-run.toml"), "utf8")).toBe("version = 1\n");
    expect([existsSync(join(root, ".git/hooks")), existsSync(join(root, "sub/.git/hooks/post-commit"))]).toEqual([
      false,
      false,
    ]);
    expect(readFileSync(join(root, "src/a.txt"), "utf8")).toBe("fine\n");
  });

  test("never reaches `.git` by moving a directory above it", async () => {
    const root = makeRoot({ "top/sub/.git/config": "[core]\n", "top/sub/.git/x/.env": "", "top/sub/a": "a" });
    const script =
      "mv top/sub top/moved; mv top moved; rm -rf top; for d in top/moved moved/sub top/sub; do echo evil > $d/.git/config; echo evil > $d/.git/hooks; done; echo fine > top/sub/b; true";
    await shell(root, script, { ...grantAll, deny: ["/**/.env"] });
    expect(readFileSync(join(root, "top/sub/.git/config"), "utf8")).toBe("[core]\n");
    expect(readdirSync(join(root, "top/sub")).sort()).toEqual([".git", "b"]);
    expect(existsSync(join(root, "top/sub/.git/hooks"))).toBe(false);
  });

  test("never replaces a denied file: it stays what it is", async () => {
    const root = makeRoot({ "w/.env": "canary", "w/secrets/k": "canary" });
    await shell(root, "echo x > w/.env; rm -rf w/.env w/secrets; mv w/.env w/e; echo x > w/secrets/n; true", {
      write: ["**"],
      deny: ["/**/.env", "/**/secrets/**"],
    });
    expect(readFileSync(join(root, "w/.env"), "utf8")).toBe("canary");
    expect(readFileSync(join(root, "w/secrets/k"), "utf8")).toBe("canary");
    expect(existsSync(join(root, "w/secrets/n"))).toBe(false);
  });

  test("of a single file works for that file", async () => {
    const root = makeRoot({ "a.txt": "a", "b.txt": "b" });
    await shell(root, "echo 1 > a.txt; echo 2 > b.txt; true", { write: ["a.txt"] });
    expect([readFileSync(join(root, "a.txt"), "utf8"), readFileSync(join(root, "b.txt"), "utf8")]).toEqual([
      "1\n",
      "b",
    ]);
  });

  test("works nowhere else, not even where it would be lost", async () => {
    const root = makeRoot({ "src/a": "a" });
    const places = ["/x", "/etc/x", "/run/x", "/usr/x", `${root}/src/x`];
    const script = places.map((path) => `(echo x > ${path}) 2>/dev/null && echo wrote ${path}`).join("; ");
    expect(await shell(root, `${script}; true`, { read: ["src/**"] })).toBe("");
  });

  test("to the private /tmp leaves nothing on the host", async () => {
    const name = `canary-${process.pid}`;
    expect(await shell(makeRoot(), `echo hi > /tmp/${name}; cat /tmp/${name}; echo ~`)).toBe("hi\n/tmp\n");
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });
});

describe("a name that did not exist and that nothing may write", () => {
  const deny = ["/**/.git", "/**/agent-run*.toml", "/**/*.lock"];
  const grants = { read: ["**"], write: ["**"], deny };
  const asideIn = (directory: string) => readdirSync(directory).filter((name) => /\.denied-[0-9a-f]{8}$/.test(name));

  test("is moved aside when the command has ended, and the call fails", async () => {
    const root = makeRoot({ "src/a": "a" });
    const script = "mkdir -p new/.git/hooks; echo evil > new/.git/hooks/post-commit; echo fine > new/b; exit 3";
    const outcome = await jailed(root, grants).perform({ argv: ["sh"], stdin: script });
    expect(outcome).toMatchObject({
      failure: {
        code: "E_POLICY_DENIED",
        capability: "subprocess.exec",
        rule: { id: "filesystem.deny[0]" },
        message: expect.stringMatching(/^`sh` made `new\/\.git`, .* as `\.git\.denied-[0-9a-f]{8}`$/),
      },
    });
    const [aside = ""] = asideIn(join(root, "new"));
    expect(readdirSync(join(root, "new")).sort()).toEqual([aside, "b"]);
    expect(readFileSync(join(root, "new", aside, "hooks/post-commit"), "utf8")).toBe("evil\n");
  });

  test("is found as a link, a link to a directory, many at once, and deep down", async () => {
    const root = makeRoot({ a: "a" });
    const script =
      "ln -s /tmp .git; ln -s a agent-run.toml; mkdir -p d/e/f; : > d/e/f/agent-run.x.toml; for i in 1 2 3; do : > d/$i.lock; done";
    const outcome = await jailed(root, grants).perform({ argv: ["sh"], stdin: script });
    expect(outcome).toMatchObject({ failure: { message: expect.stringContaining("(and 5 more)") } });
    expect([root, join(root, "d"), join(root, "d/e/f")].map((at) => asideIn(at).length)).toEqual([2, 3, 1]);
  });

  test("is found after a time-out and after the end of the run", async () => {
    const root = makeRoot({ a: "a" });
    const scene = jailed(root, grants);
    const slow = "mkdir .git; sleep 60";
    expect(codeOf(await scene.perform({ argv: ["sh"], stdin: slow, timeoutMs: 500 }))).toBe("E_POLICY_DENIED");
    const controller = new AbortController();
    const running = scene.perform({ argv: ["sh"], stdin: "mkdir -p w/.git; sleep 60" }, controller.signal);
    await vi.waitFor(() => expect(existsSync(join(root, "w/.git"))).toBe(true));
    controller.abort();
    expect(codeOf(await running)).toBe("E_POLICY_DENIED");
    expect([asideIn(root).length, asideIn(join(root, "w")).length]).toEqual([1, 1]);
  });

  test("that is a link stays as it was; one that the child removes or replaces fails the call", async () => {
    const links = { ".git": "shared", "agent-run.toml": "shared/policy", "d/a.lock": "../shared/lock" };
    const made = () => {
      const root = makeRoot({ "shared/env": "e", "d/b": "" });
      for (const [name, text] of Object.entries(links)) symlinkSync(text, join(root, name));
      return root;
    };
    const quiet = made();
    expect((await jailed(quiet, grants).run({ argv: ["sh"], stdin: "echo x > c" })).exitCode).toBe(0);
    expect(Object.keys(links).map((name) => readlinkSync(join(quiet, name)))).toEqual(Object.values(links));
    expect(await jailed(made(), grants).perform({ argv: ["sh"], stdin: "rm .git" })).toMatchObject({
      failure: {
        code: "E_POLICY_DENIED",
        message: "`sh` removed or changed the link `.git`, which the policy does not let be written",
      },
    });
    expect(codeOf(await jailed(made(), grants).perform({ argv: ["sh"], stdin: "mv d/a.lock d/x" }))).toBe(
      "E_POLICY_DENIED",
    );
    const replaced = made();
    expect(
      await jailed(replaced, grants).perform({ argv: ["sh"], stdin: "rm .git; mkdir -p .git/hooks" }),
    ).toMatchObject({
      failure: { message: expect.stringMatching(/^`sh` made `\.git`/) },
    });
    expect(existsSync(join(replaced, ".git"))).toBe(false);
  });

  test("below a name that is not UTF-8 fails the call, and what is there before is no jail", async () => {
    const root = makeRoot({ a: "" });
    const script = 'd=$(printf "x\\377"); mkdir -p "$d/.git"; echo evil > "$d/.git/config"';
    const scene = jailed(root, grants);
    expect(await scene.perform({ argv: ["sh"], stdin: script })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", message: expect.stringContaining("which cannot be looked into") },
    });
    expect(await scene.perform({ argv: ["sh"], stdin: "true" })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", message: expect.stringContaining("not UTF-8") },
    });
  });

  test("that is a link and not UTF-8 is no jail", async () => {
    const root = makeRoot({ a: "" });
    symlinkSync("a", Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff]), Buffer.from(".lock")]));
    expect(await jailed(root, grants).perform({ argv: ["sh"], stdin: "echo x > b" })).toMatchObject({
      failure: { code: "E_POLICY_DENIED", message: expect.stringContaining("not UTF-8") },
    });
    expect(existsSync(join(root, "b"))).toBe(false);
  });

  test("is left alone where it was before, and where the command may not write", async () => {
    const root = makeRoot({ ".git/config": "[core]\n", "a.lock": "", "ro/a": "a" });
    const outcome = await jailed(root, { ...grants, read: ["**"] }).perform({ argv: ["sh"], stdin: "echo x > b" });
    expect(outcome).toMatchObject({ ok: true, value: { exitCode: 0 } });
    const narrow = jailed(root, { ...grants, write: ["ro/**"] });
    writeUnder(root, "agent-run.toml", "version = 1\n");
    expect(await narrow.run({ argv: ["sh", "-c", ": > ro/b"] })).toMatchObject({ exitCode: 0 });
    expect([...asideIn(root), ...asideIn(join(root, "ro"))]).toEqual([]);
  });
});

describe("isolation", () => {
  test("settings of the kernel cannot be written, not even by root", async () => {
    const script =
      "(echo x > /proc/self/comm) 2>&1; (cat /proc/sys/kernel/core_uses_pid > /proc/sys/kernel/core_uses_pid) 2>&1; grep ' /proc ' /proc/self/mountinfo";
    const { stdout } = await jailed(makeRoot(), { read: ["**"] }).run({ argv: ["sh"], stdin: `${script}; true` });
    expect(stdout.match(/Read-only file system/g)).toHaveLength(2);
    expect(stdout).toMatch(/ \/proc ro,/);
  });

  test("no network: not even to this machine", async () => {
    const heard = vi.fn();
    const server = createServer(heard).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const script = `import socket\ntry: socket.create_connection(("127.0.0.1", ${port}), 5); print("connected")\nexcept OSError as e: print("refused")`;
    const argv = ["python3", "-c", script];
    const commands = { commands: { python3: PYTHON }, freeArgs: ["python3"] };
    expect((await jailed(makeRoot(), commands).run({ argv })).stdout).toBe("refused\n");
    expect((await new Scene(makeRoot(), { ...commands, sandbox: "none" }).run({ argv })).stdout).toBe("connected\n");
    expect(heard).toHaveBeenCalledTimes(1);
    server.close();
  });

  test("own processes only, and none of ours can be signalled", async () => {
    const script = `ls -d /proc/[0-9]* | wc -l; kill -0 ${process.pid} 2>/dev/null && echo reached; cat /proc/${process.pid}/environ 2>/dev/null; echo end`;
    const [count = "", ...rest] = (await shell(makeRoot(), script)).trim().split("\n");
    expect(Number(count)).toBeLessThan(6);
    expect(rest).toEqual(["end"]);
  });

  test("no capabilities, no new privileges", async () => {
    const status = await shell(makeRoot(), "grep -E '^(Cap(Eff|Bnd|Prm)|NoNewPrivs)' /proc/self/status");
    expect(status.replace(/\s+/g, " ").trim()).toBe(
      "CapPrm: 0000000000000000 CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1",
    );
  });

  test("a session of its own: no terminal of ours can be typed into", async () => {
    expect(await shell(makeRoot(), "(echo x > /dev/tty) 2>&1; true")).toContain("/dev/tty");
  });

  test("no options on the command line, for others to read or the child", async () => {
    const root = makeRoot({ ".env": "s" });
    const seen = await shell(root, "cat /proc/1/cmdline | tr '\\0' ' '", { deny: ["/**/.env"] });
    expect(seen).toContain("bwrap");
    expect(seen).not.toContain(".env");
    expect(seen).not.toContain(root);
  });

  test("three descriptors, bwrap's own closed", async () => {
    const open = (await shell(makeRoot(), "exec ls -l /proc/self/fd"))
      .split("\n")
      .flatMap((line) => / (\d+) -> (.*)$/.exec(line)?.slice(1, 3).join(" ") ?? []);
    expect(open.filter((line) => Number.parseInt(line, 10) > 2 && !/\/dev\/null$|\/proc\/\d+\/fd$/.test(line))).toEqual(
      [],
    );
  });

  test("variables are the same as outside but for the home", async () => {
    const options = { environment: { A: "1", SECRET_TOKEN: "s" }, variables: ["*"] };
    const seen = await shell(makeRoot(), "env", options);
    expect(seen).toMatch(/^A=1$/m);
    expect(seen).toMatch(/^HOME=\/tmp$/m);
    expect(seen).not.toContain("SECRET");
  });
});

describe("the end", () => {
  test("orphans die with the command: setsid, double fork and all", async () => {
    const root = makeRoot();
    const script =
      "(setsid sh -c 'while :; do echo x >> out/beat; sleep 0.02; done' >/dev/null 2>&1 &) ; while ! [ -s out/beat ]; do sleep 0.02; done; echo done";
    expect(await shell(root, `mkdir -p out; ${script}`, { write: ["**"] })).toBe("done\n");
    const size = statSync(join(root, "out/beat")).size;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(statSync(join(root, "out/beat")).size).toBe(size);
  });

  test("by time ends everything in the jail", async () => {
    const root = makeRoot();
    const script =
      "trap '' TERM; (setsid sh -c 'while :; do echo x >> beat; sleep 0.02; done' >/dev/null 2>&1 &); while :; do sleep 0.05; done";
    const scene = jailed(root, { read: ["**"], write: ["**"] });
    expect(codeOf(await scene.perform({ argv: ["sh"], stdin: script, timeoutMs: 600 }))).toBe("E_TIMEOUT");
    const size = statSync(join(root, "beat")).size;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(statSync(join(root, "beat")).size).toBe(size);
  });

  test("by too much output, and by the end of the run", async () => {
    const scene = jailed(makeRoot(), { maxOutputBytes: 1000 });
    expect(codeOf(await scene.perform({ argv: ["sh"], stdin: "exec cat < /dev/zero" }))).toBe("E_TOO_LARGE");
    const controller = new AbortController();
    const running = scene.perform({ argv: ["sh", "-c", "sleep 66"] }, controller.signal);
    await vi.waitFor(() => expect(scene.started).toHaveLength(2));
    controller.abort();
    expect(codeOf(await running)).toBe("E_INTERRUPTED");
  });

  test("exit codes come through, those of signals as shells tell them", async () => {
    const scene = jailed(makeRoot());
    expect(await scene.run({ argv: ["sh", "-c", "exit 9"] })).toEqual({ exitCode: 9, stdout: "", stderr: "" });
    expect(await scene.run({ argv: ["sh", "-c", "kill -SEGV $$"] })).toMatchObject({ exitCode: 139 });
  });
});

describe("starting", () => {
  test("standard input of 10 MB arrives whole", async () => {
    const scene = jailed(makeRoot());
    expect((await scene.run({ argv: ["sh", "-c", "wc -c"], stdin: "x".repeat(10_000_000) })).stdout.trim()).toBe(
      "10000000",
    );
  });

  test("a command outside the system's directories runs, its neighbours are not there", async () => {
    const root = makeRoot({ "tools/data": "canary" });
    writeUnder(root, "tools/run", "#!/bin/sh\ncd $(dirname $0); ls -A; cat data\n", 0o755);
    const scene = jailed(root, { commands: { run: "tools/run" } });
    expect((await scene.run({ argv: ["run"] })).stdout).toBe("run\n");
  });

  test("a program of another name is called by the name that was typed", async () => {
    const root = makeRoot();
    copyFileSync(SH, join(root, "multi"));
    chmodSync(join(root, "multi"), 0o755);
    symlinkSync(join(root, "multi"), join(root, "applet"));
    const scene = jailed(root, { commands: { applet: "applet" } });
    expect((await scene.run({ argv: ["applet"], stdin: "basename $0" })).stdout).toBe("applet\n");
  });

  test("the directory of a call is there even where nothing of it is granted", async () => {
    const root = makeRoot({ canary: "c" });
    expect(await shell(root, "pwd; ls -A", { read: [] })).toBe(`${root}\n`);
  });

  test("a command that the jail cannot start is E_EXEC, not an exit code of bwrap", async () => {
    const root = makeRoot();
    writeUnder(root, "plain", "text");
    const scene = jailed(root, { commands: { plain: "plain" } });
    expect(await scene.perform({ argv: ["plain"] })).toMatchObject({
      failure: { code: "E_EXEC", message: "`plain` could not be started in its jail: permission denied" },
    });
  });

  test("a shown path that is gone stops the command, and names no path", async () => {
    const root = makeRoot({ "gone/canary": "c" });
    const scene = jailed(root, { read: ["gone/**"] });
    await scene.run({ argv: ["sh", "-c", "true"] });
    const [command] = scene.started;
    if (command?.jail == null) throw new Error("no jail");
    const broken = { ...command, jail: { ...command.jail, readOnly: [join(root, "not-there")] } };
    expect(await execCommand(broken, new AbortController().signal)).toMatchObject({
      failure: {
        code: "E_EXEC",
        message: "`sh` could not be started in its jail: a path that it would see is gone or changed",
      },
    });
  });

  test("a hidden path that vanished is not made on the host again", async () => {
    const root = makeRoot({ "w/a": "a" });
    const scene = jailed(root, { read: ["w/**"], write: [] });
    await scene.run({ argv: ["sh", "-c", "true"] });
    const [command] = scene.started;
    if (command?.jail == null) throw new Error("no jail");
    const hidden = [{ path: join(root, "w/gone"), kind: "file" as const }];
    const answer = await execCommand({ ...command, jail: { ...command.jail, hidden } }, new AbortController().signal);
    expect(answer.ok).toBe(false);
    expect(existsSync(join(root, "w/gone"))).toBe(false);
  });

  test.each(["auto", "bwrap"] as const)('without a jail that works, `sandbox = "%s"` runs nothing', async (sandbox) => {
    const scene = new Scene(makeRoot(), { sandbox, jail: { ok: false, reason: "for the test" } });
    expect(await scene.perform({ argv: ["sh", "-c", "true"] })).toMatchObject({
      failure: {
        code: "E_POLICY_DENIED",
        rule: { id: "subprocess.sandbox" },
        hint: expect.stringContaining("install bubblewrap"),
      },
    });
    expect(scene.started).toEqual([]);
  });

  test('`sandbox = "none"` is open, as it says', async () => {
    const scene = new Scene(makeRoot(), { sandbox: "none" });
    await scene.run({ argv: ["sh", "-c", "true"] });
    expect(scene.started[0]?.jail).toBeNull();
  });
});

test("every jail is asked for in full", () => {
  const plan = { bwrap: "/usr/bin/bwrap", readOnly: [], readWrite: [], hidden: [], links: [], network: false };
  const words = jailWords(plan, "/").join(" ");
  for (const part of [
    "--unshare-all",
    "--die-with-parent",
    "--new-session",
    "--cap-drop ALL",
    "--proc /proc",
    "--remount-ro /",
  ]) {
    expect(words).toContain(part);
  }
});

test("the network is shared only if the plan says so, which no policy can say now", () => {
  const plan = { bwrap: "/usr/bin/bwrap", readOnly: [], readWrite: [], hidden: [], links: [], network: false };
  expect(jailWords(plan, "/")).not.toContain("--share-net");
  expect(jailWords({ ...plan, network: true }, "/")).toContain("--share-net");
});

test("mounts come outer first, so that an inner one lies over an outer one", () => {
  const plan = {
    bwrap: "/usr/bin/bwrap",
    readOnly: ["/r", "/r/w/.git"],
    readWrite: ["/r/w"],
    hidden: [{ path: "/r/w/s", kind: "directory" as const }],
    links: [],
    network: false,
  };
  const words = jailWords(plan, "/r").join(" ");
  const order = ["--ro-bind /r /r", "--bind /r/w /r/w", "--ro-bind /r/w/.git", "--tmpfs /r/w/s", "--remount-ro /r/w/s"];
  expect(order.map((part) => words.indexOf(part))).toEqual(
    order.map((part) => words.indexOf(part)).sort((a, b) => a - b),
  );
  expect(order.every((part) => words.includes(part))).toBe(true);
});

test("options go to bwrap by descriptor: a path that looks like an option stays a path", () => {
  const { words, options } = jailCall(
    { bwrap: "/usr/bin/bwrap", readOnly: ["/--bind"], readWrite: [], hidden: [], links: [], network: false },
    { path: "/bin/ls", argv: ["ls", "--share-net"], cwd: "/" },
  );
  expect(words).toEqual(["--args", "3", "--json-status-fd", "4", "--", "/bin/ls", "--share-net"]);
  expect(new TextDecoder().decode(options)).toContain("--ro-bind\0/--bind\0/--bind\0");
});
