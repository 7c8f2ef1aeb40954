/**
 * The command `agent-run`. The worker starts first, because it takes longest; then arguments are parsed and only what
 * the command needs is loaded.
 */
import { launchWorker, type Supervisor } from "@agent-run/runtime";
import { CommanderError } from "commander";
import { CommandFailure } from "./exit.ts";
import { programFor } from "./program.ts";
import { showFailure } from "./show-error.ts";
import { styleFor } from "./style.ts";
import { writeError, writeOut } from "./terminal.ts";

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

async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  let spare: Supervisor | undefined =
    first === undefined || WITHOUT_VM.has(first) ? undefined : launchWorker({ oneShot: true });
  const takeSpare = () => {
    const worker = spare ?? launchWorker({ oneShot: true });
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

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
