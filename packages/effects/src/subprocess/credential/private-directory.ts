/** A directory of one call that only its owner can enter; it and all that is in it is gone when the call has ended. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Failure, fail, type Result } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";

export async function inPrivateDirectory<T>(work: (path: string) => Promise<Result<T>>): Promise<Result<T>> {
  // mkdtemp(3): mode 0700.
  const made = attempt(() => mkdtempSync(join(realpathSync(tmpdir()), "agent-run-")));
  if (!made.ok) return fail(noDirectory(made.refusal.says));
  try {
    return await work(made.value);
  } finally {
    rmSync(made.value, { recursive: true, force: true });
  }
}

const noDirectory = (says: string): Failure => ({
  code: "E_IO",
  message: `no private directory could be made for the command: ${says}`,
  capability: "subprocess.exec",
  hint: "see that the directory for temporary files can be written",
});
