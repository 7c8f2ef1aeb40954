/**
 * The jail of an ordinary user, who owns what the child does: a child may open and close directories of its owner. Where
 * these tests run as root, the command runs as `nobody` on a copy of its own.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const POLICY = `version = 1
[filesystem]
read_allow = ["w/**"]
write_allow = ["w/**"]
[subprocess]
allow_commands = ["sh"]
[subprocess.commands.sh]
args = "free"
`;
const NOBODY = 65534;
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Some machines let only root make namespaces, or keep this Node from other users: then there is nothing to test. */
const works = [
  ["/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/", "/", "/usr/bin/true"],
  [process.execPath, "-e", "0"],
].every(([file = "", ...words]) => spawnSync(file, words, { cwd: "/", ...user }).status === 0);

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-owner-")));
  cpSync(join(ROOT, "dist"), join(base, "dist"), { recursive: true });
  write("p.toml", POLICY);
  write("w/a", "");
});
afterEach(() => {
  chmodSync(join(base, "w"), 0o755);
  rmSync(base, { recursive: true, force: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(base, name)), { recursive: true });
  writeFileSync(join(base, name), text);
}

/** What the run of a shell script ended with: the error's code, or null, and what the shell printed. */
function shell(script: string) {
  write("s.js", `const { stdout } = subprocess.exec(["sh"], { stdin: ${JSON.stringify(script)} }); print(stdout)`);
  if ("uid" in user) spawnSync("chown", ["-R", `${NOBODY}:${NOBODY}`, base]);
  const args = [join(base, "dist/agent-run.cjs"), "--policy", "p.toml", "--audit", "record", "--json", "s.js"];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: base,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: base, XDG_STATE_HOME: join(base, "state") },
    ...user,
  });
  if (stdout === "") throw new Error(stderr);
  const report = JSON.parse(stdout);
  return { code: report.error?.code ?? null, said: report.stdout };
}

const asideIn = (directory: string) =>
  readdirSync(join(base, directory)).filter((name) => /\.denied-[0-9a-f]{8}$/.test(name));

test.skipIf(!works)("what a child plants and closes is found", () => {
  const planted =
    "mkdir -p w/.git/hooks w/n w/m; : > w/n/agent-run.toml; : > w/m/.env; chmod 311 w/n; chmod 500 w/m; chmod 111 w";
  expect(shell(planted).code).toBe("E_POLICY_DENIED");
  for (const directory of ["w", "w/n", "w/m"]) chmodSync(join(base, directory), 0o755);
  expect([asideIn("w").length, asideIn("w/n").length, asideIn("w/m").length]).toEqual([1, 1, 1]);
});

test.skipIf(!works)("a directory that its owner may list and not enter is not opened either", () => {
  write("w/ro/a", "");
  linkSync(join(base, "p.toml"), join(base, "w/ro/other"));
  chmodSync(join(base, "w/ro"), 0o444);
  expect(shell("chmod 755 w/ro; cat w/ro/other; true").said).not.toContain("allow_commands");
});

test.skipIf(!works)("what its owner closed before is neither opened nor moved", () => {
  write("w/locked/.env", "secret");
  write("w/locked/.git/config", "[core]");
  chmodSync(join(base, "w/locked"), 0o000);
  const opened = "chmod 755 w/locked; cat w/locked/.env; echo evil >> w/locked/.env; ls -a w/locked; true";
  expect(shell(opened)).toMatchObject({ code: null, said: expect.not.stringContaining("secret") });
  chmodSync(join(base, "w/locked"), 0o755);
  expect(readFileSync(join(base, "w/locked/.env"), "utf8")).toBe("secret");
  expect([existsSync(join(base, "w/locked/.git/config")), asideIn("w/locked")]).toEqual([true, []]);
});
