/**
 * Runs the operator's own command that prints a secret: no script has a say in it, so it runs as the operator would run
 * it, without a jail, with the public environment. Its identity was found when the policy was loaded, like that of every
 * command.
 */
import type { Errands } from "@agent-run/effects/errands";
import type { ExecAnswer, PinnedCommand, VaultOpen } from "@agent-run/gate";
import { type Attempt, done, failed } from "./plain.ts";

const MAX_OUTPUT = 1024 * 1024;

export async function operatorCommand(
  argv: readonly string[],
  { policy, environment, home }: VaultOpen,
  errands: Errands,
  signal: AbortSignal,
): Promise<Attempt<string>> {
  const [name = ""] = argv;
  const found = policy.subprocess.commands.find((command) => command.name === name);
  if (found === undefined) return failed(`\`${name}\` was not found`);
  const { path, dev, ino, interpreter } = found;
  const command: PinnedCommand = {
    path,
    dev,
    ino,
    ...(interpreter === undefined ? {} : { interpreter }),
    argv,
    cwd: policy.root,
    env: { ...environment, HOME: home },
    stdin: null,
    timeoutMs: policy.subprocess.timeoutSeconds * 1000,
    maxOutputBytes: MAX_OUTPUT,
    jail: null,
  };
  const answer = await errands.perform({ kind: "exec", command }, signal);
  if (!answer.ok) return failed(answer.failure.message);
  const { exitCode, stdout } = answer.value as ExecAnswer;
  if (exitCode !== 0) return failed(`\`${name}\` ended with exit code ${exitCode}`);
  return done(Buffer.from(stdout).toString("utf8"));
}
