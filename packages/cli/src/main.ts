/**
 * Entry of the command `agent-run`. A run's thread takes longest to start, so it starts first; the rest of the command
 * is loaded meanwhile.
 */
import { startThread } from "@agent-run/runtime/thread";

/** First words that need no VM. */
const WITHOUT_VM = new Set([
  "init",
  "policy",
  "audit",
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

void import("@agent-run/cli/command")
  .then(({ commandLine }) => commandLine(argv, thread))
  .then((code) => {
    process.exitCode = code;
  });
