/**
 * Entry of the command `agent-run`. A run's thread takes longest to start, so it starts first; the rest of the command
 * is loaded meanwhile.
 */
import { loadBundle } from "@agent-run/runtime/bundle";
import { startThread } from "@agent-run/runtime/thread";
import type * as Command from "./command.ts";

/** First words that need no VM. */
const WITHOUT_VM = new Set([
  "init",
  "policy",
  "audit",
  "approvals",
  "keys",
  "evaluate",
  "simulate",
  "doctor",
  "demo",
  "mcp",
  "help",
  "--help",
  "-h",
  "--version",
  "-V",
]);

const argv = process.argv.slice(2);
const [first] = argv;
const thread = first === undefined || WITHOUT_VM.has(first) ? undefined : startThread({ oneShot: true });

const { commandLine } = loadBundle("command.cjs") as typeof Command;
void commandLine(argv, thread).then((code) => {
  process.exitCode = code;
});
