/** For tests: runs a script that imports our sources in a process of its own, which may be killed or have few rights. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

export interface Circumstances {
  /** Where the bundled program is put; must be readable for everybody. */
  readonly directory: string;
  /** Without the rights of root. */
  readonly unprivileged?: boolean;
  /** Descriptors that the process may have. */
  readonly maxOpen?: number;
}

/** `script` is a module; its imports are relative to this directory. */
export function runProgram(script: string, circumstances: Circumstances): SpawnSyncReturns<string> {
  const { directory, unprivileged = false, maxOpen } = circumstances;
  const program = join(directory, "program.mjs");
  const stdin = { contents: script, resolveDir: import.meta.dirname, loader: "ts" } as const;
  buildSync({ stdin, bundle: true, platform: "node", format: "esm", outfile: program });
  chmodSync(program, 0o644);
  const drop = unprivileged && process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const options = { encoding: "utf8", ...drop } as const;
  if (maxOpen === undefined) return spawnSync(process.execPath, [program], options);
  return spawnSync("sh", ["-c", `ulimit -n ${maxOpen}; exec "$0" "$1"`, process.execPath, program], options);
}
