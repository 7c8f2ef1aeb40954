/**
 * Runs a command of a `[[secret.use]]` with the secret at its slot and nowhere else. The command is checked anew, like
 * any other; the script's part of it is public, and only behind the check does the secret come in. In its jail it sees
 * what public commands see, writes nothing but a private temporary directory, and has no network: for `askpass` one way
 * to one remote, for `env` and `stdin` none, since what such a program sends where cannot be held to a list of hosts.
 */
import {
  canonicalRequest,
  check,
  credentialSight,
  type ExecArguments,
  isNeverForChildren,
  parseArguments,
  runCommand,
} from "@agent-run/effects/commands";
import {
  type CommandUse,
  type ErrandAnswer,
  type Failure,
  fail,
  type Json,
  type OperationContext,
  ok,
  type PinnedCommand,
  type Result,
} from "@agent-run/gate";
import { runAskpass } from "./askpass.ts";

export interface CredentialCall {
  readonly context: OperationContext;
  readonly use: CommandUse;
  /** Plaintext. */
  readonly secret: string;
  /** Of `subprocess.exec`, as the script sent them; they were decided before. */
  readonly args: Json;
  /** PEM certificates that are trusted beside the system's. */
  readonly ca: string | null;
}

/** Never throws; `E_SLOT` where the call is not one that the use is for. */
export async function runCredentialCommand(call: CredentialCall, signal: AbortSignal): Promise<ErrandAnswer<"exec">> {
  const { context, use, secret, ca } = call;
  const args = parseArguments(call.args);
  if (!args.ok) return args;
  if (!matches(args.value.argv, use.argv)) return fail(misused(use, "its words are not those of the use"));
  const command = checkedCommand(args.value, context);
  if (!command.ok) return command;
  const { slot } = use;
  if (slot.kind === "askpass") {
    if (args.value.env.length > 0) return fail(misused(use, "with `askpass` a command takes no variables"));
    return runAskpass({ command: command.value, context, use, remote: slot.remote, secret, ca }, signal);
  }
  const filled =
    slot.kind === "env" ? withVariable(command.value, args.value, slot.name, call) : withInput(command.value, call);
  return filled.ok ? runCommand(filled.value, signal, context.decide) : filled;
}

/** Words; `*` stands for any one, `**` at the end for any more of them. */
function matches(argv: readonly string[], pattern: readonly string[]): boolean {
  const open = pattern.at(-1) === "**";
  const fixed = open ? pattern.slice(0, -1) : pattern;
  if (open ? argv.length < fixed.length : argv.length !== fixed.length) return false;
  return fixed.every((word, at) => word === "*" || word === argv[at]);
}

function checkedCommand(args: ExecArguments, context: OperationContext): Result<PinnedCommand> {
  const typed = canonicalRequest(args, context);
  if (!typed.ok) return typed;
  const checked = check(args, typed.value, context, credentialSight);
  if (!checked.ok) return checked;
  const { request, plan, release } = checked.value;
  release();
  // Decided before, on the public side; links may have changed since.
  const barred = request.targets.find((target) => target.kind === "path" && context.decide(target).effect === "deny");
  return barred === undefined ? plan : fail(barredPath(args.argv[0]));
}

function withVariable(
  command: PinnedCommand,
  { env }: ExecArguments,
  name: string,
  { use, secret }: CredentialCall,
): Result<PinnedCommand> {
  if (env.some(([one]) => one === name)) return fail(misused(use, `\`env.${name}\` is the secret's place`));
  if (isNeverForChildren(name)) return fail(misused(use, `\`${name}\` can make a program run other code`));
  if (secret.includes("\0")) return fail(misused(use, "the secret is not a text that a variable can hold"));
  return ok({ ...command, env: { ...command.env, [name]: secret } });
}

function withInput(command: PinnedCommand, { use, secret }: CredentialCall): Result<PinnedCommand> {
  if (command.stdin !== null) return fail(misused(use, "`stdin` is the secret's place"));
  return ok({ ...command, stdin: new TextEncoder().encode(secret) });
}

const misused = (use: CommandUse, why: string): Failure => ({
  code: "E_SLOT",
  message: `the secret is not used for this command: ${why}`,
  capability: "subprocess.exec",
  rule: use.ref,
  hint: `the policy's use is \`${use.argv.join(" ")}\``,
});

const barredPath = (typed: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `the policy does not allow a path that the arguments of \`${typed}\` name`,
  capability: "subprocess.exec",
  target: typed,
});
