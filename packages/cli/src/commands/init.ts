import { join, resolve } from "node:path";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { createFile, writeOut } from "../terminal.ts";

/** The policy that `init` writes: it can read the project and write below `out/`, and says how to grant more. */
const GENERIC_POLICY = `# What scripts may do here. Nothing else happens: default deny, and deny beats allow.
# Check it with \`agent-run policy validate agent-run.toml\`, read it with \`agent-run policy show agent-run.toml\`.
version  = 1
inherits = ["secure-defaults"]    # credential stores, .env files, secret-looking variables stay closed
name     = "my project"

[filesystem]
read_allow  = ["**"]              # everything below this file's directory
write_allow = ["out/**"]          # reports and other results
# delete_allow = ["out/**"]
# deny = ["private/**"]           # for every action

[environment]
allow_vars = ["LANG", "TZ", "USER"]

# [network]
# http_get_allow = ["api.github.com"]

# [subprocess]                    # jailed with bubblewrap; refused where no jail works
# allow_commands = ["git", "rg"]
# [subprocess.deny_args]
# git = ["push --force", "reset --hard"]

[runtime]
max_seconds = 30
`;

/** Writes agent-run.toml; never over an existing one. */
export function initCommand(directory: string, { json }: OutputOptions, style: Style): number {
  const path = join(directory, "agent-run.toml");
  createFile(path, GENERIC_POLICY);
  if (json) {
    writeJson({ ok: true, exitCode: 0, path: resolve(path) });
    return 0;
  }
  writeOut(`${style.green("wrote")} ${printableLine(path)}\n`);
  writeOut("run a script under it:        agent-run --policy agent-run.toml script.js\n");
  writeOut("or trust it for this place:   agent-run policy trust agent-run.toml\n");
  return 0;
}
