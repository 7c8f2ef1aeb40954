/** What has to be arranged outside before, or during, a technique's run. */
import { createHmac } from "node:crypto";
import { linkSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
  /** Row 36: the local-only server ends the vault where the secret's bit is set. */
  "crash-on-a-bit"(world) {
    world.crash = (bit) => {
      if (bit === 1) for (const pid of vaultsBelow(world.running)) process.kill(pid, "SIGKILL");
    };
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
  return [...parents.keys()].filter((pid) => pid !== root && isBelow(pid) && /vault/.test(read(pid, "cmdline")));
}

const parentOf = (pid) => Number(/\) \S (\d+)/.exec(read(pid, "stat"))?.[1] ?? 0);

function read(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
