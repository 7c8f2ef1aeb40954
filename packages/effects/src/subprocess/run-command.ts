/** One command from its start to the moment when nothing of it is left: not its processes, not what it must not make. */
import { type ErrandAnswer, fail, type OperationContext, type PinnedCommand } from "@agent-run/gate";
import { execCommand } from "./exec.ts";
import { asideFailure } from "./jail/aside.ts";

/** `decide`: the policy that the command ran under. */
export async function runCommand(
  command: PinnedCommand,
  signal: AbortSignal,
  decide: OperationContext["decide"],
): Promise<ErrandAnswer<"exec">> {
  const answer = await execCommand(command, signal);
  const denied = await asideFailure(command, decide);
  return denied === null ? answer : fail(denied);
}
