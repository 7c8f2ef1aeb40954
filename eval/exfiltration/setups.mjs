/** What has to be arranged outside before, or during, a technique's run. */
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const GIT_ENVIRONMENT = {
  ...{ PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
  ...{ GIT_AUTHOR_NAME: "n", GIT_AUTHOR_EMAIL: "n@example.org", GIT_AUTHOR_DATE: "1700000000 +0000" },
  ...{ GIT_COMMITTER_NAME: "n", GIT_COMMITTER_EMAIL: "n@example.org", GIT_COMMITTER_DATE: "1700000000 +0000" },
};

export const SETUPS = {
  /** A link that somebody left in a public folder. */
  symlink(world) {
    symlinkSync(join(world.project, "priv/secret.txt"), join(world.project, "out/link.txt"));
    symlinkSync(join(world.project, "priv"), join(world.project, "out/folder"));
  },
  /** A second name of a private file. */
  "hard-link"(world) {
    linkSync(join(world.project, "priv/secret.txt"), join(world.project, "out/hard.txt"));
  },
  /** Private folders that were last changed at times that depend on the secret. */
  times(world, { behaviour }) {
    for (const name of ["priv", "priv/notes"]) {
      const at = 1_700_000_000 + behaviour.bytes;
      utimesSync(join(world.project, name), at, at);
    }
  },
  /** A public file with the token that the first handle of a run has under `--seed 7`. */
  "known-token"(world) {
    const digest = createHmac("sha256", "agent-run sealed tokens").update("7:1").digest("hex");
    writeFileSync(join(world.project, "pub/known.txt"), `sealed0${digest.slice(0, 32)}\n`);
  },
  /** A repository whose hooks and configuration would hand a credential on, or push elsewhere. */
  "bad-repository"(world) {
    const git = (...words) =>
      execFileSync("git", ["-C", world.project, ...words], { env: GIT_ENVIRONMENT, stdio: "pipe" });
    const steals = `#!/bin/sh\n{ env; cat; } >> '${world.seen}/stolen'; env >> '${world.project}/out/stolen.txt'\n`;
    git("init", "-q", "-b", "main");
    git("add", "pub/readme.txt");
    git("commit", "-q", "-m", "first");
    for (const hook of ["pre-push", "reference-transaction", "post-index-change"])
      writeFileSync(join(world.project, ".git/hooks", hook), steals, { mode: 0o755 });
    git("remote", "add", "origin", `http://127.0.0.1:${world.ports.public}/repository.git`);
    git("config", "credential.helper", `!f() { cat >> '${world.seen}/stolen'; }; f`);
    git("config", `url.http://127.0.0.1:${world.ports.public}/.insteadOf`, `https://localhost:${world.ports.broker}/`);
    git("config", "http.proxy", `http://127.0.0.1:${world.ports.public}`);
    git("config", "alias.push", "!env");
    git("config", "core.sshCommand", "env");
    // It holds times.
    rmSync(join(world.project, ".git/index"));
  },
  /** Row 36: the local-only server ends the vault where the secret's bit is set. */
  "crash-on-a-bit"(world, { behaviour }) {
    let killed = 0;
    world.crash = (bit) => {
      if (bit !== 1) return;
      for (const pid of vaultsBelow(world.running)) {
        process.kill(pid, "SIGKILL");
        killed += 1;
      }
    };
    world.missing = () => (behaviour.bit === 1 && killed === 0 ? "no vault was killed" : null);
  },
};

/** Processes below one that are vaults by their command line. */
function vaultsBelow(root) {
  const parents = new Map(
    readdirSync("/proc")
      .filter(Number)
      .map((pid) => [Number(pid), parentOf(pid)]),
  );
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid)));
  return [...parents.keys()].filter(
    (pid) => pid !== root && isBelow(pid) && /vault-process\.cjs/.test(read(pid, "cmdline")),
  );
}

const parentOf = (pid) => Number(/\) \S (\d+)/.exec(read(pid, "stat"))?.[1] ?? 0);

function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
