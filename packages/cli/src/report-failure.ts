/**
 * An end of the command that is not a script's, told: as text on standard error, and with `--json` as a report of the
 * same shape as a run's on standard output. What is no failure of a known kind is a bug of ours and says so.
 */
import { NoStateDirectory } from "@agent-run/runtime";
import { CommanderError } from "commander";
import { CommandFailure, UnwritableOutput } from "./exit.ts";
import { writeJson } from "./json-output.ts";
import { showFailure } from "./show-error.ts";
import { styleFor } from "./style.ts";
import { writeError } from "./terminal.ts";

/** Gives the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const failure = failureOf(error);
  // Commander has shown its own, with the help that it adds.
  if (!(error instanceof CommanderError)) show(failure);
  else if (error.code === HELP_ALONE) writeError(`error: ${failure.message}\n`);
  if (json && !(failure instanceof UnwritableOutput)) {
    try {
      writeJson(reportOf(failure));
    } catch (unwritable) {
      show(failureOf(unwritable));
    }
  }
  return failure.exitCode;
}

const show = (failure: CommandFailure): void => writeError(showFailure(failure, styleFor(2, undefined)));

function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof CommanderError) return new CommandFailure("E_CONFIG", usageText(error));
  if (error instanceof NoStateDirectory) return new CommandFailure(error.code, error.message, { hint: error.hint });
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CommandFailure("E_CONFIG", `agent-run failed: ${text}`, { hint: "this is a bug, please report it" });
}

/** `error: unknown option '--polcy'` and, on a line of its own, its suggestion. */
const usageText = ({ code, message }: CommanderError): string =>
  code === HELP_ALONE ? "one of these commands is missing" : message.replace(/^error: /, "").replaceAll("\n", " ");

/** Of a command that only has commands, as `agent-run policy`: its help was shown, and nothing was done. */
const HELP_ALONE = "commander.help";

/** The shape of a run's report, so that a reader of `--json` needs only one. */
const reportOf = ({ code, message, hint, problems = [], exitCode }: CommandFailure) => ({
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
  policy: null,
});
