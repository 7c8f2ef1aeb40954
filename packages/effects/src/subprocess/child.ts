/**
 * Starts a child with exactly the words, variables and descriptors of a checked command: no shell, an environment made
 * from nothing, a process group of its own, standard input that is given or empty, and nothing else that is open here.
 * Node's own spawn does all of it. A library on top costs 30 ms to load, and 80 ms a call where descriptors with high
 * numbers must be covered.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import type { PinnedCommand } from "@agent-run/gate";
import { attempt } from "../fs/attempt.ts";
import { inheritedFds } from "./inherited-fds.ts";
import { jailCall, OPTIONS_FD, STATUS_FD } from "./jail/bwrap.ts";

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** What bwrap says on its status descriptor, once the child has ended; null: not jailed. */
  status(): string | null;
}

/** `reason`: the system's code, as `EACCES`. */
export type Started = { readonly ok: true; readonly child: Child } | { readonly ok: false; readonly reason: string };

export async function startChild(command: PinnedCommand): Promise<Started> {
  const { file, words, argv0, pipes } = startOf(command);
  const spawned = attempt(() =>
    spawn(file, words, {
      argv0,
      // bwrap itself goes to the directory of the command, inside the jail.
      cwd: command.jail === null ? command.cwd : "/",
      env: command.env,
      shell: false,
      // A group of its own, which is ended as a whole.
      detached: true,
      stdio: descriptors(command.stdin !== null, pipes),
    }),
  );
  if (!spawned.ok) return { ok: false, reason: spawned.refusal.code };
  const process = spawned.value;
  const { pid } = process;
  if (pid === undefined) return { ok: false, reason: await failureOf(process) };
  // Later errors are of signals that came too late; they must not end our process.
  process.on("error", () => undefined);
  feed(process, 0, command.stdin);
  if (command.jail === null) return { ok: true, child: { pid, process, status: () => null } };
  feed(process, OPTIONS_FD, pipes[0]?.bytes ?? null);
  const status = collect(process);
  return { ok: true, child: { pid, process, status: () => status.text } };
}

interface Start {
  readonly file: string;
  readonly words: readonly string[];
  readonly argv0: string;
  /** Descriptors from 3 on; with bytes: written to the child. */
  readonly pipes: readonly { readonly bytes: Uint8Array | null }[];
}

function startOf(command: PinnedCommand): Start {
  const { path, argv, jail } = command;
  if (jail === null) return { file: path, words: argv.slice(1), argv0: argv[0] ?? path, pipes: [] };
  const { words, options } = jailCall(jail, command);
  return { file: jail.bwrap, words, argv0: jail.bwrap, pipes: [{ bytes: options }, { bytes: null }] };
}

/** /dev/null in the place of every descriptor that would be passed on: for numbers from 3 on, "ignore" leaves it. */
function descriptors(hasInput: boolean, pipes: Start["pipes"]): ("ignore" | "pipe" | number)[] {
  const inherited = inheritedFds();
  const count = Math.max(pipes.length, ...inherited.map((fd) => fd - 2));
  const further = Array.from({ length: count }, (_, at) => {
    if (at < pipes.length) return "pipe";
    return inherited.includes(at + 3) ? nullDevice() : "ignore";
  });
  return [hasInput ? "pipe" : "ignore", "pipe", "pipe", ...further];
}

let openNull: number | null = null;

/** Stays open: most hosts hand nothing down and never need it. */
function nullDevice(): number {
  openNull ??= openSync("/dev/null", "r+");
  return openNull;
}

const failureOf = (process: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    process.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
  });

/** A child need not read what it is given: a broken pipe (EPIPE) is its choice. */
function feed(process: ChildProcess, fd: number, bytes: Uint8Array | null): void {
  const stream = process.stdio[fd];
  if (bytes === null || !stream || !("end" in stream)) return;
  stream.on("error", () => undefined);
  stream.end(bytes);
}

function collect(process: ChildProcess): { text: string } {
  const status = { text: "" };
  const stream = process.stdio[STATUS_FD];
  // bwrap writes two short lines.
  stream?.on("data", (chunk: Buffer) => {
    if (status.text.length < 4096) status.text += chunk.toString("latin1");
  });
  stream?.on("error", () => undefined);
  return status;
}
