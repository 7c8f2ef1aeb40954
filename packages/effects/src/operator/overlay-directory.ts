/** The directory of a learning run's copy: ours alone, and gone with the run. */
import { chmodSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, type Result } from "@agent-run/gate";

/** Its real path. The whole machine is no root that could be copied. */
export function makeOverlay(root: string): Result<string> {
  if (root === "/") {
    const hint = "name a directory below it with --root";
    return fail({ code: "E_CONFIG", message: "a learning run needs another root than `/`", hint });
  }
  try {
    return ok(mkdtempSync(join(realpathSync(tmpdir()), "agent-run-learn-")));
  } catch {
    const hint = "name one with TMPDIR";
    return fail({ code: "E_IO", message: "no temporary directory can be made for the learning run", hint });
  }
}

/** What cannot be removed is ours alone and stays. */
export function removeOverlay(path: string): void {
  try {
    openDirectories(path);
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It lies in the system's temporary directory, where somebody sweeps.
  }
}

/** A script may have copied directories that their owner may not write. */
function openDirectories(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isDirectory()) openDirectories(join(path, entry.name));
}
