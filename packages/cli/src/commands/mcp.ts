import { CODES } from "@agent-run/policy";
import { Runtime, stateDirectory, version } from "@agent-run/runtime";
import { secondTerminal } from "../ask.ts";
import type { PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy } from "../select-policy.ts";
import { holdToItself } from "../strict.ts";
import { styleFor } from "../style.ts";
import { isTerminal, writeError } from "../terminal.ts";
import { plaintextStays, showBanners } from "./run.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Of one line about the protocol; a client's own text may be in it. */
const MOST_CHARACTERS = 500;

interface McpCommandOptions extends PolicyOptions {
  readonly actor?: string;
  readonly ask?: "wait" | "deny";
}

/** Serves over stdio until the client goes away (exit 0) or a signal comes (exit 130); both end every run first. */
export async function mcpCommand(options: McpCommandOptions): Promise<number> {
  const policy = selectPolicy(options);
  await holdToItself(policy, options);
  showBanners(policy, styleFor(2, undefined));
  if (isTerminal(0)) writeError("agent-run mcp: waiting for an MCP client on standard input; Ctrl-C ends it\n");
  const { serveMcp } = await import("@agent-run/mcp");
  await using runtime = new Runtime({
    policy: policy.data,
    audit: options.audit ?? stateDirectory(),
    ownsProcess: true,
    budgets: "runtime",
    channels: options.ask === "wait" ? secondTerminal(policy.data, true) : [],
    ...(options.actor === undefined ? {} : { actor: options.actor }),
  });
  if (runtime.plaintextStays) writeError(plaintextStays(styleFor(2, undefined)));
  const server = serveMcp(runtime, {
    version,
    input: process.stdin,
    output: process.stdout,
    onError: (message) => writeError(`agent-run mcp: ${printableLine(message.slice(0, MOST_CHARACTERS))}\n`),
  });
  const interrupted = await interruptedBefore(server.gone);
  await server.close();
  return interrupted ? CODES.E_INTERRUPTED.exit : 0;
}

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
