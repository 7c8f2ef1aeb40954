import type { Channel } from "@agent-run/approvals";
import type { Json, PolicyData } from "@agent-run/policy";
import { type RunReport, Runtime, type Supervisor, stateDirectory } from "@agent-run/runtime";
import { secondTerminal, terminalChannel } from "../ask.ts";
import { closingLine, sealedLine } from "../closing-line.ts";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { ScriptOutput } from "../script-output.ts";
import { type SelectedPolicy, selectPolicy } from "../select-policy.ts";
import { showRunError } from "../show-error.ts";
import { holdToItself } from "../strict.ts";
import type { Style } from "../style.ts";
import { isTerminal, readText, writeError } from "../terminal.ts";

export interface RunCommandOptions extends PolicyOptions, OutputOptions {
  readonly input?: string;
  readonly ask?: "tty" | "wait" | "deny";
  readonly yes?: boolean;
  readonly maxSeconds?: number;
  readonly seed?: number;
  readonly actor?: string;
  readonly ts?: boolean;
  readonly learn?: boolean;
  readonly learnNetwork?: boolean;
  /** What else the word may have meant, where there is no such script. */
  readonly hintIfAbsent?: string;
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
  if (options.learnNetwork && !options.learn) {
    throw new CommandFailure("E_CONFIG", "--learn-network is for learning runs", { hint: "add --learn" });
  }
  const text = readText(script, "the script", options.hintIfAbsent);
  const input = readInput(options.input);
  const policy = selectPolicy(options);
  await holdToItself(policy, options);
  if (!options.quiet) showBanners(policy, style);
  if (!options.quiet && options.seed !== undefined && policy.data.localOnly !== null) writeError(fixedTokens(style));
  const learn = options.learn ? { learn: { network: options.learnNetwork === true } } : {};
  if (!options.quiet && options.learn) writeError(learningBanner(options, style));
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  const output = new ScriptOutput(stop);
  const channels = channelsFor(options, policy.data, style, output);
  const audit = options.audit ?? stateDirectory();
  await using runtime = new Runtime({ policy: policy.data, audit, spare, ownsProcess: true, channels, ...learn });
  if (runtime.plaintextStays) writeError(plaintextStays(style));
  process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  const report = await runtime.run(text, {
    name: nameOf(script),
    args,
    input,
    signal: interrupt.signal,
    ...(options.json ? {} : { onOutput: output.print }),
    ...(options.ts ? { typescript: true } : {}),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.maxSeconds === undefined ? {} : { maxSeconds: options.maxSeconds }),
  });
  // An interruption that output was the reason for is told by that reason.
  if (output.failure === null) showErrors(report, nameOf(script), style);
  if (!options.quiet) for (const line of endOf(report)) writeError(`${style.dim(line)}\n`);
  if (output.failure !== null) throw output.failure;
  if (options.json) writeJson({ ...report, ...(options.learn ? { mode: "learn" } : {}), policy: policyFacts(policy) });
  return report.exitCode;
}

function endOf(report: RunReport): readonly string[] {
  const sealed = sealedLine(report);
  return sealed === null ? [closingLine(report)] : [closingLine(report), sealed];
}

/** So that nobody takes what such a run says for something that happened. */
const learningBanner = ({ learnNetwork }: RunCommandOptions, style: Style): string =>
  `${style.yellow("agent-run:")} a learning run: files are changed in a copy that is thrown away, what the policy does not mention is let through into it, ${learnNetwork ? "GET and HEAD are really sent to any public host, other requests" : "requests"} and commands are refused, and all of it is on the record\n`;

const fixedTokens = (style: Style): string =>
  `${style.yellow("agent-run:")} --seed fixes the placeholders of sealed values, so that who knows it can name them: for tests and replay only\n`;

/** The same for every value: only where the environment could not be overwritten. */
export const plaintextStays = (style: Style): string =>
  `${style.yellow("agent-run:")} local-only variables stay in this process's environment, as it cannot be overwritten here: programs of the same user can read them\n`;

const nameOf = (script: string): string => (script === "-" ? "stdin" : script);

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

/** Which policy applied, and what its banners say of it, for who only reads the report. */
function policyFacts({ data, banner }: SelectedPolicy): object {
  const { files, hash, banners, warnings } = data;
  const ceilings = data.ceilings.map((ceiling) => ceiling.files[0]?.path ?? null);
  return { file: files[0]?.path ?? null, ceilings, hash, banners: [...banner, ...banners], warnings };
}

function channelsFor(
  options: RunCommandOptions,
  policy: PolicyData,
  style: Style,
  output: ScriptOutput,
): readonly Channel[] {
  const ask = options.ask ?? (isTerminal(0) && isTerminal(2) ? "tty" : "deny");
  return [
    ...(options.yes ? [YES] : []),
    ...(ask === "tty" ? [terminalChannel(style, output)] : []),
    ...(ask === "deny" ? [] : secondTerminal(policy, ask === "wait")),
  ];
}

/** The operator's yes is for what the policy that was named asks; the desk lets it answer nothing else. */
const YES: Channel = { name: "option", ask: async () => ({ answer: "allow", by: "--yes" }) };

function showErrors({ problems, error }: RunReport, name: string, style: Style): void {
  const shown = problems.length > 0 ? problems : error === null ? [] : [error];
  for (const problem of shown) writeError(showRunError(problem, name, style));
}
