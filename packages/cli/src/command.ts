/** The command `agent-run` behind its entry: arguments, commands, failures. */
import type { Worker } from "node:worker_threads";
import { launchWorker, type Supervisor } from "@agent-run/runtime";
import { startThread } from "@agent-run/runtime/thread";
import { programFor } from "./program.ts";
import { reportFailure } from "./report-failure.ts";

/** Runs one command line; gives its exit code. `thread`: a run's thread that was started early. */
export async function commandLine(argv: readonly string[], thread: Worker | undefined): Promise<number> {
  let spare = thread === undefined ? undefined : launchWorker(thread);
  const takeSpare = () => {
    const worker = spare ?? launchWorker(startThread({ oneShot: true }));
    spare = undefined;
    return worker;
  };
  try {
    return await runProgram(argv, takeSpare);
  } finally {
    await spare?.close();
  }
}

async function runProgram(argv: readonly string[], takeSpare: () => Supervisor): Promise<number> {
  let exitCode = 0;
  try {
    const program = programFor(takeSpare, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return reportFailure(error, wantsJson(argv));
  }
}

/** What comes after `--` is the script's; `mcp` has nothing on standard output but its protocol. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return argv[0] !== "mcp" && (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}
