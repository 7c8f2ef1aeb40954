import type { Json } from "@agent-run/policy";
import { type RunReport, Runtime, type Supervisor, stateDirectory } from "@agent-run/runtime";
import { terminalApprover } from "../ask.ts";
import { closingLine } from "../closing-line.ts";
import { CommandFailure } from "../exit.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { type SelectedPolicy, selectPolicy } from "../select-policy.ts";
import { showRunError } from "../show-error.ts";
import type { Style } from "../style.ts";
import { isTerminal, readText, writeError, writeOut } from "../terminal.ts";

export interface RunCommandOptions extends PolicyOptions, OutputOptions {
  readonly input?: string;
  readonly ask?: "tty" | "deny";
  readonly yes?: boolean;
  readonly maxSeconds?: number;
  readonly seed?: number;
  readonly ts?: boolean;
}

/** Runs one script and says how it ended; the exit code is the report's. */
export async function runCommand(
  script: string,
  args: readonly string[],
  options: RunCommandOptions,
  style: Style,
  spare: Supervisor,
): Promise<number> {
  if (options.yes && options.policy === undefined) {
    throw new CommandFailure("E_CONFIG", "--yes needs an explicit --policy", {
      hint: "name the policy whose asks it answers",
    });
  }
  const text = readText(script, "the script");
  const input = readInput(options.input);
  const policy = selectPolicy(options);
  if (!options.quiet && !options.json) showBanners(policy, style);
  const approve = approverFor(options, style);
  const audit = options.audit ?? stateDirectory();
  await using runtime = new Runtime({ policy: policy.data, audit, spare, ...approve });
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  const report = await runtime.run(text, {
    name: script === "-" ? "stdin" : script,
    args,
    input,
    signal: interrupt.signal,
    ...(options.json ? {} : { onOutput: writeOut }),
    ...(options.ts ? { typescript: true } : {}),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.maxSeconds === undefined ? {} : { maxSeconds: options.maxSeconds }),
  });
  show(report, script, options, style);
  return report.exitCode;
}

function readInput(input: string | undefined): Json {
  if (input === undefined) return null;
  const text = input.startsWith("@") ? readText(input.slice(1), "the input") : input;
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const hint = "--input takes JSON, or @FILE with JSON in it";
    throw new CommandFailure("E_CONFIG", `--input is not JSON: ${(error as Error).message}`, { hint });
  }
}

export function showBanners({ data, banner }: SelectedPolicy, style: Style): void {
  for (const text of [...banner, ...data.banners]) writeError(`${style.yellow("agent-run:")} ${printableLine(text)}\n`);
  for (const text of data.warnings) writeError(`${style.yellow("warning:")} ${printableLine(text)}\n`);
}

function approverFor(options: RunCommandOptions, style: Style) {
  if (options.yes) return { approve: async () => "allow" as const, approver: "--yes" };
  const ask = options.ask ?? (isTerminal(0) && isTerminal(2) ? "tty" : "deny");
  return ask === "tty" ? { approve: terminalApprover(style), approver: "terminal" } : {};
}

function show(report: RunReport, script: string, options: RunCommandOptions, style: Style): void {
  if (options.json) {
    writeOut(`${JSON.stringify(report)}\n`);
    return;
  }
  const name = script === "-" ? "stdin" : script;
  const problems = report.problems.length > 0 ? report.problems : report.error === null ? [] : [report.error];
  for (const problem of problems) writeError(showRunError(problem, name, style));
  if (!options.quiet) writeError(`${style.dim(closingLine(report))}\n`);
}
