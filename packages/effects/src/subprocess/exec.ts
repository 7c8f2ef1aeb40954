/**
 * Runs one checked command in the main thread. It decides nothing: program, words, variables, directory and jail come
 * frozen from the permit. Every call ends: by the child, by its time, by too much output, or by the signal of its run,
 * and what the child started in its group ends with it (KILLABLE).
 *
 * CHECKED-IS-USED: device and inode of program and interpreter are compared once more right before the start. They are
 * started by path, so a few hundred microseconds remain, of use only to somebody who may replace the program anyway:
 * no script may write it, and a jailed child sees it read-only.
 */
import { statSync } from "node:fs";
import { constants } from "node:os";
import { type ErrandAnswer, type ExecAnswer, type Failure, fail, ok, type PinnedCommand } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { type Child, type Ended, startChild } from "./child.ts";
import { changed, isUnchanged, partsOf } from "./command.ts";
import { addGroup, endGroup, signalGroup } from "./process-group.ts";

/** Between asking a child to end and killing it. */
const GRACE_MS = 500;
/** What an orphan without our group may hold the output open after its leader has ended. */
const DRAIN_MS = 250;
/** A process that the kernel cannot end (a dead disk) is not waited for. */
const STUCK_MS = 2_000;

export async function execCommand(command: PinnedCommand, signal: AbortSignal): Promise<ErrandAnswer<"exec">> {
  const [typed = command.path] = command.argv;
  if (signal.aborted) return fail(interrupted(typed));
  const cwd = attempt(() => statSync(command.cwd));
  if (!cwd.ok || !cwd.value.isDirectory()) return fail(noDirectory(typed));
  if (!partsOf(command).every(isUnchanged)) return fail(changed(typed));
  const started = await startChild(command);
  return started.ok ? new Watch(started.child, command, signal).result : fail(notStarted(typed, started.reason));
}

/** One running child, from its start to its answer. */
class Watch {
  readonly result: Promise<ErrandAnswer<"exec">>;
  readonly #child: Child;
  readonly #command: PinnedCommand;
  readonly #output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  readonly #timers = new Set<NodeJS.Timeout>();
  #end: (answer: ErrandAnswer<"exec">) => void = () => undefined;
  #bytes = 0;
  #failure: Failure | null = null;
  /** From then on nothing is left to signal. */
  #killed = false;

  constructor(child: Child, command: PinnedCommand, signal: AbortSignal) {
    this.#child = child;
    this.#command = command;
    const [typed = command.path] = command.argv;
    const interrupt = (): void => this.#stop(interrupted(typed), "SIGKILL");
    this.result = new Promise((resolve) => {
      this.#end = (answer): void => {
        this.#clearTimers();
        signal.removeEventListener("abort", interrupt);
        resolve(answer);
      };
    });
    void child.ended.then((ended) => this.#end(this.#answer(ended)));
    child.onExit(() => this.#leaderGone());
    addGroup(child.pid);
    this.#read("stdout");
    this.#read("stderr");
    this.#after(command.timeoutMs, () => this.#stop(timedOut(typed, command.timeoutMs), "SIGTERM"));
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
  }

  #read(name: "stdout" | "stderr"): void {
    this.#child[name].on("data", (chunk: Buffer) => this.#take(name, chunk));
  }

  #take(name: "stdout" | "stderr", chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes <= this.#command.maxOutputBytes) this.#output[name].push(chunk);
    else this.#stop(tooMuch(this.#command), "SIGKILL");
  }

  /** The first reason counts; a later one may only be harder. */
  #stop(failure: Failure, signal: "SIGTERM" | "SIGKILL"): void {
    this.#failure ??= failure;
    const first = this.#failure;
    if (this.#killed) return;
    this.#killed = signal === "SIGKILL";
    signalGroup(this.#child.pid, signal);
    if (signal === "SIGTERM") this.#after(GRACE_MS, () => this.#stop(failure, "SIGKILL"));
    else this.#after(STUCK_MS, () => this.#end(fail(first)));
  }

  /** What the leader left in its group ends now; who left the group may hold the output open no longer. */
  #leaderGone(): void {
    this.#killed = true;
    this.#clearTimers();
    endGroup(this.#child.pid);
    this.#after(DRAIN_MS, () => this.#child.closeStreams());
  }

  #after(ms: number, act: () => void): void {
    // Node turns a delay above 2^31-1 into 1 ms.
    this.#timers.add(setTimeout(act, Math.min(ms, 2 ** 31 - 1)));
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #answer({ exitCode, signal, status }: Ended): ErrandAnswer<"exec"> {
    if (this.#failure !== null) return fail(this.#failure);
    const code = status === null ? (exitCode ?? signalExitCode(signal)) : jailedExitCode(status);
    const { stdout, stderr } = this.#output;
    if (code === null) return fail(notJailed(this.#command, Buffer.concat(stderr)));
    const answer: ExecAnswer = {
      exitCode: code,
      signal: status === null ? signal : null,
      stdout: Uint8Array.from(Buffer.concat(stdout)),
      stderr: Uint8Array.from(Buffer.concat(stderr)),
    };
    return ok(answer);
  }
}

/** As shells tell it. */
const signalExitCode = (signal: NodeJS.Signals | null): number =>
  128 + (signal === null ? 0 : constants.signals[signal]);

/** bwrap tells a code only if the command itself was started; its own failures would look like exit code 1. */
function jailedExitCode(status: string): number | null {
  const code = /"exit-code":\s*(\d+)/.exec(status)?.[1];
  return code === undefined ? null : Number(code);
}

const about = (code: Failure["code"], target: string, message: string): Failure => ({
  code,
  message,
  capability: "subprocess.exec",
  target,
});

const interrupted = (typed: string): Failure =>
  about("E_INTERRUPTED", typed, `\`${typed}\` was stopped because the run ended`);

const noDirectory = (typed: string): Failure =>
  about("E_NOT_FOUND", typed, `the working directory of \`${typed}\` does not exist`);

const timedOut = (typed: string, ms: number): Failure => ({
  ...about("E_TIMEOUT", typed, `\`${typed}\` took longer than ${ms} ms and was stopped`),
  hint: "the policy's `[subprocess] timeout_seconds` is the longest that a script can ask for with `timeoutMs`",
});

const tooMuch = ({ argv, path, maxOutputBytes }: PinnedCommand): Failure => ({
  ...about(
    "E_TOO_LARGE",
    argv[0] ?? path,
    `\`${argv[0] ?? path}\` printed more than ${maxOutputBytes} bytes and was stopped`,
  ),
  hint: "ask the command for less, or raise `[subprocess] max_output`",
});

const notStarted = (typed: string, reason: string): Failure =>
  about(reason === "ENOENT" ? "E_NOT_FOUND" : "E_EXEC", typed, `\`${typed}\` could not be started (${reason})`);

/** bwrap's own words may name paths that the script did not type; only what it says of the command is passed on. */
function notJailed({ argv, path }: PinnedCommand, stderr: Buffer): Failure {
  const [typed = path] = argv;
  const reason = /^bwrap: execvp .*: ([^:\n]+)$/m.exec(stderr.toString("utf8"))?.[1];
  const why = reason === undefined ? "a path that it would see is gone or changed" : reason.toLowerCase();
  return about("E_EXEC", typed, `\`${typed}\` could not be started in its jail: ${why}`);
}
