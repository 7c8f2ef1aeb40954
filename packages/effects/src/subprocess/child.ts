/**
 * Starts a child with exactly the words, variables and descriptors of a checked command: no shell, an environment made
 * from nothing, a process group of its own, standard input that is given or empty, and nothing else that is open here.
 * execa does it. Everything that it would do on its own is switched off: what it adds to the environment and to PATH,
 * its time-outs and kills (they reach one process, never the group), its cut of the output (a limit for each stream,
 * never for both), the line end that it takes off, its own log.
 */
import type { Readable } from "node:stream";
import type { PinnedCommand } from "@agent-run/gate";
import type { Options } from "execa";
import { coverings } from "./inherited-fds.ts";
import { jailCall, STATUS_FD } from "./jail/bwrap.ts";

export interface Child {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Once the child and all its streams have ended. Never rejects. */
  readonly ended: Promise<Ended>;
  /** When the child itself has ended; others may still hold its streams. */
  onExit(act: () => void): void;
  closeStreams(): void;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What bwrap said on its status descriptor; null: not jailed. */
  readonly status: string | null;
}

/** `reason`: the system's code, as `EACCES`. */
export type Started = { readonly ok: true; readonly child: Child } | { readonly ok: false; readonly reason: string };

/** bwrap writes two short lines. */
const MAX_STATUS_BYTES = 4096;

const OPTIONS = {
  extendEnv: false,
  preferLocal: false,
  shell: false,
  // A group of its own, which is ended as a whole, by us.
  detached: true,
  cleanup: false,
  reject: false,
  encoding: "buffer",
  stripFinalNewline: false,
  // Only what bwrap says is kept; the child's output is counted and kept by who reads it.
  buffer: { stdout: false, stderr: false },
  maxBuffer: MAX_STATUS_BYTES,
  // The default follows NODE_DEBUG, and would print the arguments of every command.
  verbose: "none",
} as const satisfies Options;

/** Loaded with the first command: it is large, and the vault of a run without commands has no use for it. */
export const loadExeca = () => import("execa");

export async function startChild(command: PinnedCommand): Promise<Started> {
  const { execa } = await loadExeca();
  const { file, words, argv0, cwd, pipes } = startOf(command);
  const stdio = [command.stdin ?? "ignore", "pipe", "pipe", ...pipes, ...coverings(pipes.length)] as const;
  const subprocess = execa(file, words, { ...OPTIONS, argv0, cwd, env: command.env, stdio });
  const { pid, stdout, stderr } = subprocess;
  if (pid === undefined) return { ok: false, reason: (await subprocess).code ?? "unknown" };
  const ended = subprocess.then(({ exitCode, signal, stdio: kept }) => ({
    exitCode: exitCode ?? null,
    signal: signal ?? null,
    status: command.jail === null ? null : statusText(kept),
  }));
  const closeStreams = (): void => {
    for (const stream of subprocess.stdio) stream?.destroy();
  };
  return {
    ok: true,
    child: { pid, stdout, stderr, ended, onExit: (act) => subprocess.once("exit", act), closeStreams },
  };
}

interface Start {
  readonly file: string;
  readonly words: readonly string[];
  readonly argv0: string;
  readonly cwd: string;
  /** Descriptors from 3 on: bytes that the child reads, or a pipe that it writes to. */
  readonly pipes: readonly (Uint8Array | "pipe")[];
}

function startOf(command: PinnedCommand): Start {
  const { path, argv, cwd, jail } = command;
  if (jail === null) return { file: path, words: argv.slice(1), argv0: argv[0] ?? path, cwd, pipes: [] };
  const { words, options } = jailCall(jail, command);
  // Descriptors 3 and 4, as `jailCall` says it to bwrap, which goes to the directory of the command inside the jail.
  return { file: jail.bwrap, words, argv0: jail.bwrap, cwd: "/", pipes: [options, "pipe"] };
}

function statusText({ [STATUS_FD]: kept }: readonly unknown[]): string {
  return kept instanceof Uint8Array ? Buffer.from(kept).toString("latin1") : "";
}
