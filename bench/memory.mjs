/** B8: memory of a host that is idle, and of one in which many runs wait for an approval, each in a process of its own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quietEnvironment } from "./measure.mjs";

const HOST = fileURLToPath(new URL("waiting-host.mjs", import.meta.url));
const POLICY = `version = 1
requires_approval = ["fs.write"]
[filesystem]
write_allow = ["asked/**"]
`;

/** Rows of the table, in MB. */
export function memory({ playground, audit }) {
  mkdirSync(join(playground, "asked"));
  const policy = join(playground, "asked.toml");
  writeFileSync(policy, POLICY);
  return [1, 100].map((count) => {
    const args = [HOST, policy, audit, String(count)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env: quietEnvironment(), encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    const { idle, waiting, besideMs, afterwards } = JSON.parse(stdout);
    const note = `MB resident, not ms; idle: ${idle}; after all ended: ${afterwards}; a run beside them: ${besideMs} ms`;
    const name = `${count} waiting for an approval`;
    return { id: "B8", what: "memory of the process", name, median: waiting, min: waiting, max: waiting, note };
  });
}
