/**
 * Entry of the command `agent-run`. A run's thread takes longest to start, so it starts first; the rest of the command
 * is loaded meanwhile.
 */
import { writeSync } from "node:fs";
import { loadBundle } from "@agent-run/runtime/bundle";
import { startThread } from "@agent-run/runtime/thread";
import type * as Command from "./command.ts";
import type * as Hook from "./hook.ts";

/** First words that need no VM. */
const WITHOUT_VM = new Set([
  "init",
  "install",
  "uninstall",
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
if (first === "hook" && !argv.some((word) => word === "--help" || word === "-h")) answerHost(argv.slice(1));
else startCommand();

/**
 * A host that gets no answer, or an exit code that is neither 0 nor 2, lets the call proceed: so a broken installation and a
 * bug of ours end with 2, too.
 */
function answerHost(words: readonly string[]): void {
  const block = () => {
    try {
      writeSync(2, "agent-run: the hook failed, so the call is denied\n");
    } finally {
      process.exit(2);
    }
  };
  process.once("uncaughtException", block);
  process.exitCode = 2;
  process.once("unhandledRejection", block);
  const { hookLine } = loadBundle("hook.cjs") as typeof Hook;
  // All is written; nothing is left to wait for.
  void hookLine(words).then((code) => process.exit(code), block);
}

function startCommand(): void {
  const thread = first === undefined || WITHOUT_VM.has(first) ? undefined : startThread({ oneShot: true });

  const { commandLine } = loadBundle("command.cjs") as typeof Command;
  void commandLine(argv, thread).then((code) => {
    process.exitCode = code;
  });
}
