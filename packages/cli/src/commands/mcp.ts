import { totalmem } from "node:os";
import { CODES, type Failure } from "@agent-run/policy";
import { Runtime, stateDirectory, version } from "@agent-run/runtime";
import { secondTerminal } from "../ask.ts";
import { CommandFailure } from "../exit.ts";
import type { PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { type SelectedPolicy, selectPolicy } from "../select-policy.ts";
import { holdToItself } from "../strict.ts";
import { styleFor } from "../style.ts";
import { isTerminal, writeError } from "../terminal.ts";
import { plaintextStays, showBanners } from "./run.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Of one line about the protocol; a client's own text may be in it. */
const MOST_CHARACTERS = 500;
/** Runs at the same time: as many as an eighth of the memory holds, since some only wait. */
const WORKERS = { least: 16, most: 128, bytesEach: 24 * 1024 * 1024 };

interface McpCommandOptions extends PolicyOptions {
  readonly actor?: string;
  readonly ask?: "wait" | "deny";
  /** A port; absent: standard input and output. */
  readonly http?: number;
}

/** Serves until the client of standard input goes away (exit 0) or a signal comes (exit 130); both end every run first. */
export async function mcpCommand(options: McpCommandOptions): Promise<number> {
  const policy = selectPolicy(options);
  await holdToItself(policy, options);
  showBanners(policy, styleFor(2, undefined));
  return options.http === undefined ? serveInput(policy, options) : serveHttp(policy, options, options.http);
}

async function serveInput(policy: SelectedPolicy, options: McpCommandOptions): Promise<number> {
  if (isTerminal(0)) writeError("agent-run mcp: waiting for an MCP client on standard input; Ctrl-C ends it\n");
  const { serveMcp } = await import("@agent-run/mcp");
  await using runtime = runtimeOf(policy, options, []);
  const asksClients = options.ask !== "deny";
  const server = serveMcp(runtime, { version, asksClients, input: process.stdin, output: process.stdout, onError });
  const interrupted = await interruptedBefore(server.gone);
  await server.close();
  return interrupted ? CODES.E_INTERRUPTED.exit : 0;
}

async function serveHttp(policy: SelectedPolicy, options: McpCommandOptions, port: number): Promise<number> {
  const { openListener, makeTokenFile, serveMcpHttp } = await import("@agent-run/mcp");
  // Before the runtime, which must know the port to keep scripts away from it.
  const opened = await openListener(port);
  if (!opened.ok) throw failureOf(opened.failure);
  const listener = opened.value;
  const file = makeTokenFile(stateDirectory(), listener.port);
  if (!file.ok) {
    await listener.close(0);
    throw failureOf(file.failure);
  }
  const { token, path, remove } = file.value;
  await using runtime = runtimeOf(policy, options, [listener.port]);
  const server = serveMcpHttp(runtime, { version, asksClients: options.ask !== "deny", listener, token, onError });
  const interrupted = interruptedBefore(new Promise(() => undefined));
  writeError(`agent-run mcp: serving http://127.0.0.1:${listener.port}/mcp; its bearer token is in ${path}\n`);
  await interrupted;
  // While the port is still ours: the next server on it writes a token of its own there.
  remove();
  await server.close();
  return CODES.E_INTERRUPTED.exit;
}

function runtimeOf(policy: SelectedPolicy, options: McpCommandOptions, listeners: readonly number[]): Runtime {
  const runtime = new Runtime({
    policy: policy.data,
    audit: options.audit ?? stateDirectory(),
    ownsProcess: true,
    budgets: "runtime",
    maxWorkers: workersFor(Math.min(totalmem(), process.constrainedMemory() || totalmem())),
    listeners,
    channels: options.ask === "deny" ? [] : secondTerminal(policy.data, options.ask === "wait"),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
  });
  if (runtime.plaintextStays) writeError(plaintextStays(styleFor(2, undefined)));
  return runtime;
}

/** `bytes`: what this process may use. */
function workersFor(bytes: number): number {
  const { least, most, bytesEach } = WORKERS;
  return Math.max(least, Math.min(most, Math.floor(bytes / 8 / bytesEach)));
}

const onError = (message: string): void =>
  writeError(`agent-run mcp: ${printableLine(message.slice(0, MOST_CHARACTERS))}\n`);

const failureOf = ({ code, message, hint }: Failure) =>
  new CommandFailure(code, message, hint === undefined ? {} : { hint: String(hint) });

/** The first signal is ours; a second one ends the process as it does without us. */
async function interruptedBefore(gone: Promise<void>): Promise<boolean> {
  let interrupt: () => void = () => undefined;
  const signal = new Promise<true>((resolve) => {
    interrupt = () => resolve(true);
  });
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await Promise.race([gone.then(() => false), signal]);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
