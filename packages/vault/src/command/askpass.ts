/**
 * `slot = "askpass"`: git works with a remote that asks for a credential, and git is never given it. Between git and the
 * remote stands a door of ours (see `door.ts` of the effects), which adds the credential to the requests that the call is
 * for; git itself runs on a configuration of ours, in a jail without a network whose only way out is that door. An
 * askpass program would hand the secret to git, hence to whatever a repository, a redirect or a bug makes of git.
 *
 * Without a jail (`sandbox = "none"`) the door listens on a port of loopback, where other processes may knock too; they
 * lack its key, unless they can read our private files or memory, as any process of this user can.
 */
import {
  inPrivateDirectory,
  JAIL_PORT,
  lazySecureContext,
  makeGitDirectory,
  openDoor,
  repositoryPath,
  runCommand,
  throughForwarder,
} from "@agent-run/effects/commands";
import {
  type CommandUse,
  type ErrandAnswer,
  type ExecAnswer,
  type Failure,
  fail,
  type OperationContext,
  ok,
  type PinnedCommand,
} from "@agent-run/gate";
import { type GitCall, gitCall } from "./git-words.ts";

/** What services that take tokens expect; a policy's `remote` holds no name. */
const USER = "x-access-token";

export interface AskpassCall {
  /** Checked, jailed by the sight of a credential. */
  readonly command: PinnedCommand;
  readonly context: OperationContext;
  readonly use: CommandUse;
  readonly remote: string;
  readonly secret: string;
  /** PEM; see `lazySecureContext`. */
  readonly ca: string | null;
}

export async function runAskpass(call: AskpassCall, signal: AbortSignal): Promise<ErrandAnswer<"exec">> {
  const remote = remoteUrl(call.remote);
  if (remote === null) return fail(noRemote(call));
  const git = gitCall(call.command.argv, call.use);
  if (!git.ok) return git;
  return inPrivateDirectory((directory) => behindDoor(call, remote, git.value, directory, signal));
}

async function behindDoor(
  call: AskpassCall,
  remote: URL,
  { service, words }: GitCall,
  directory: string,
  signal: AbortSignal,
): Promise<ErrandAnswer<"exec">> {
  const { command, context, secret, ca } = call;
  const socket = command.jail === null ? null : `${directory}/door`;
  const secureContext = lazySecureContext(ca ?? undefined);
  const opened = await openDoor({ remote, service, user: USER, secret, secureContext }, socket);
  if (!opened.ok) return opened;
  const door = opened.value;
  try {
    const env = makeGitDirectory(command.cwd, directory, door.key, context);
    if (!env.ok) return env;
    const url = `http://127.0.0.1:${socket === null ? door.port : JAIL_PORT}${repositoryPath(remote)}`;
    const { PATH = "" } = command.env;
    const home = command.jail === null ? directory : "/tmp";
    const git: PinnedCommand = {
      ...command,
      argv: ["git", ...words.map((word) => word ?? url)],
      env: { PATH, HOME: home, LANG: "C.UTF-8", TERM: "dumb", ...env.value },
      stdin: null,
    };
    const started = socket === null ? ok(git) : throughForwarder(git, directory, socket);
    if (!started.ok) return started;
    const answer = await runCommand(started.value, signal, context.decide);
    return answer.ok ? ok(told(answer.value, url, remote)) : answer;
  } finally {
    await door.close();
  }
}

/** What git says of its remote, by the name that the policy has for it. */
function told(answer: ExecAnswer, url: string, remote: URL): ExecAnswer {
  const shown = `${remote.origin}${repositoryPath(remote)}`;
  const named = (bytes: Uint8Array): Uint8Array =>
    Uint8Array.from(Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll(url, shown), "latin1"));
  return { ...answer, stdout: named(answer.stdout), stderr: named(answer.stderr) };
}

/** Null: not a literal https URL, or http on loopback, of a repository. */
function remoteUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain = url.href === `${url.origin}${url.pathname}` && repositoryPath(url) !== "";
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname));
  return isPlain && isSafe ? url : null;
}

const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

const noRemote = ({ use }: AskpassCall): Failure => ({
  code: "E_SLOT",
  message: "the policy's `remote` is not an https URL of a repository, so the secret goes nowhere",
  capability: "subprocess.exec",
  rule: use.ref,
  hint: 'write it out, as `remote = "https://github.com/owner/repository.git"`',
});
