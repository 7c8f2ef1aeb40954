/** The command `agent-run` behind its entry: arguments, commands, failures. */
import type { Worker } from "node:worker_threads";
import { launchWorker, type Supervisor } from "@agent-run/runtime";
import { startThread } from "@agent-run/runtime/thread";
import { CommanderError } from "commander";
import { CommandFailure } from "./exit.ts";
import { programFor } from "./program.ts";
import { showFailure } from "./show-error.ts";
import { styleFor } from "./style.ts";
import { writeError, writeOut } from "./terminal.ts";

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
  const program = programFor(takeSpare, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    return failed(error, argv.includes("--json"));
  }
}

/** Usage errors and failures of the command itself; anything else is a bug of ours and says so. */
function failed(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 5;
  const failure = error instanceof CommandFailure ? error : bug(error);
  if (json) writeOut(`${JSON.stringify(failureReport(failure))}\n`);
  else writeError(showFailure(failure, styleFor(2, undefined)));
  return failure.exitCode;
}

const bug = (error: unknown): CommandFailure =>
  new CommandFailure(
    "E_CONFIG",
    `agent-run failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    {
      hint: "this is a bug, please report it",
    },
  );

/** The shape of a run's report, so that a reader of `--json` needs only one. */
const failureReport = ({ code, message, hint, problems = [], exitCode }: CommandFailure) => ({
  ok: false,
  exitCode,
  value: null,
  stdout: "",
  truncated: false,
  error: { code, message, ...(hint === undefined ? {} : { hint }) },
  problems,
  calls: [],
  run: null,
  record: null,
  durationMs: 0,
});
