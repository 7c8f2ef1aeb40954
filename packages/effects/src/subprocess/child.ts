/**
 * Starts a child with exactly the words, variables and descriptors of a checked command: no shell, an environment made
 * from nothing, a process group of its own, standard input that is given or empty, and nothing else that is open here.
 */
import type { ChildProcess } from "node:child_process";
import type { PinnedCommand } from "@agent-run/gate";
import { inheritedFds } from "./inherited-fds.ts";
import { jailCall } from "./jail/bwrap.ts";

export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** What bwrap says on its status descriptor, once the child has ended; null: not jailed. */
  status(): string | null;
}

/** `reason`: the system's code, as `EACCES`. */
export type Started = { readonly ok: true; readonly child: Child } | { readonly ok: false; readonly reason: string };

type Extra = "ignore" | "pipe" | Uint8Array;
type Stdio = readonly [stdin: "ignore" | Uint8Array, stdout: "pipe", stderr: "pipe", ...extra: readonly Extra[]];

/** execa costs 35 ms to load, so it is loaded with the first command. */
export async function startChild(command: PinnedCommand): Promise<Started> {
  const { execa } = await import("execa");
  const { file, words, argv0, stdio } = startOf(command);
  const process = execa(file, words, {
    ...(argv0 === undefined ? {} : { argv0 }),
    cwd: command.jail === null ? command.cwd : "/",
    env: command.env,
    extendEnv: false,
    // A group of its own; we end it ourselves, the grandchildren included.
    detached: true,
    cleanup: false,
    stdio: withoutInherited(stdio),
    // Output is counted as it comes, not collected without end.
    buffer: false,
    encoding: "buffer",
    reject: false,
  });
  const { pid } = process;
  if (pid === undefined) return { ok: false, reason: (await process).code ?? "unknown" };
  // Everything is taken from the events of the process; the promise must not be left unhandled.
  void process.catch(() => undefined);
  const status = command.jail === null ? null : collect(process);
  return { ok: true, child: { pid, process, status: () => status?.text ?? null } };
}

interface Start {
  readonly file: string;
  readonly words: readonly string[];
  readonly argv0?: string;
  readonly stdio: Stdio;
}

function startOf(command: PinnedCommand): Start {
  const { path, argv, jail, stdin } = command;
  const streams: Stdio = [stdin ?? "ignore", "pipe", "pipe"];
  if (jail === null) return { file: path, words: argv.slice(1), argv0: argv[0] ?? path, stdio: streams };
  const { words, options } = jailCall(jail, command);
  return { file: jail.bwrap, words, stdio: [...streams, options, "pipe"] };
}

/** /dev/null in the place of every descriptor that would be passed on. */
function withoutInherited([stdin, stdout, stderr, ...extra]: Stdio): Stdio {
  const count = Math.max(extra.length, ...inheritedFds().map((fd) => fd - 2));
  return [stdin, stdout, stderr, ...Array.from({ length: count }, (_, at) => extra[at] ?? "ignore")];
}

function collect(process: ChildProcess): { text: string } {
  const status = { text: "" };
  const [, , , , stream] = process.stdio;
  // bwrap writes two short lines.
  stream?.on("data", (chunk: Buffer) => {
    if (status.text.length < 4096) status.text += chunk.toString("latin1");
  });
  stream?.on("error", () => undefined);
  return status;
}
