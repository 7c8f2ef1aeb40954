/**
 * `hook HOST`: one call of a host's tool on standard input, the answer in the host's form on standard output. Fail closed
 * as the host means it: whatever goes wrong ends with its denial and exit code 2, since every other code but 0 lets the
 * call proceed. It is a process a call, so nothing is loaded here that an answer does not need.
 */
import { answerHook, failure, HOSTS, type HookAnswer, type HostName, MAX_INPUT } from "@agent-run/hooks";
import { openPolicy, policyForHost } from "@agent-run/runtime/host-calls";
import { inputWithin, writeError, writeOut } from "./hook-streams.ts";

export interface HookOptions {
  readonly policy?: string;
  readonly root?: string;
  readonly ceiling?: readonly string[];
}

/** Milliseconds in which the host's JSON must be there; hosts write it at once. */
const MAX_WAIT = 10_000;

/** Answers one call and gives the exit code. Never throws. */
export async function hookCommand(host: string, options: HookOptions): Promise<number> {
  const known = HOSTS.find((name) => name === host);
  // An unknown host is answered in the form that most of them read.
  if (known === undefined)
    return say(failure("claude-code", `there is no host \`${host}\`; there are ${HOSTS.join(", ")}`));
  try {
    const input = await inputWithin(MAX_WAIT, MAX_INPUT);
    return say(input.ok ? answered(known, input.text, options) : failure(known, input.problem));
  } catch {
    return say(failure(known, "the call could not be judged, so it is denied"));
  }
}

/** For words that are no use of this command. */
export const badUse = (host: string | undefined, problem: string): number =>
  say(failure(HOSTS.find((name) => name === host) ?? "claude-code", problem));

function answered(host: HostName, json: string, { policy, root, ceiling = [] }: HookOptions): HookAnswer {
  const cwd = process.cwd();
  const named = { ...(policy === undefined ? {} : { path: policy }), ...(root === undefined ? {} : { root }) };
  const opened = openPolicy({ ...named, cwd, ceilings: ceiling, forOneCall: true });
  if (opened.ok) return answerHook(host, json, policyForHost(opened.data));
  const [problem] = opened.problems;
  // The line itself may hold what is the operator's; the model is told where to send him.
  const place = problem === undefined ? "" : ` (${problem.file}:${problem.line})`;
  return failure(host, `the policy does not load${place}: run \`agent-run policy validate\``);
}

function say({ stdout, stderr, exitCode }: HookAnswer): number {
  if (stderr !== "") writeError(stderr);
  // An answer that does not arrive is none, and none is a yes to some hosts.
  return writeOut(stdout) ? exitCode : 2;
}
