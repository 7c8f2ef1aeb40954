/** A directory of one call that only its owner can enter; it and all that is in it is gone when the call has ended. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function inPrivateDirectory<T>(work: (path: string) => Promise<T>): Promise<T> {
  // mkdtemp(3): mode 0700.
  const path = mkdtempSync(join(realpathSync(tmpdir()), "agent-run-"));
  try {
    return await work(path);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
