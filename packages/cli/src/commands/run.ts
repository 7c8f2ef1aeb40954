import { resolve } from "node:path";
import type { Channel } from "@agent-run/approvals";
import type { Json, PolicyData } from "@agent-run/policy";
import { type RunOptions, type RunReport, Runtime, type Supervisor, stateDirectory } from "@agent-run/runtime";
import { secondTerminal, TerminalChannel } from "../ask.ts";
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

/** What happens where the policy asks. */
export type Ask = "tty" | "wait" | "deny" | "park";

export interface RunCommandOptions extends PolicyOptions, OutputOptions {
  readonly input?: string;
  readonly ask?: Ask;
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
  if (options.learn && options.ask === "park") {
    throw new CommandFailure("E_CONFIG", "a learning run asks nobody, so it is not parked", {
      hint: "leave out --ask",
    });
  }
  const text = readText(script, "the script", options.hintIfAbsent);
  const input = readInput(options.input);
  const policy = selectPolicy(options);
  await holdToItself(policy, options);
  if (!options.quiet) showBanners(policy, style);
  if (!options.quiet && options.seed !== undefined && policy.data.localOnly !== null) writeError(fixedTokens(style));
  const learn = options.learn ? { learn: { network: options.learnNetwork === true } } : {};
  if (!options.quiet && options.learn) writeError(learningBanner(options, style));
  const stage = stageFor(options, policy.data, style);
  const audit = options.audit ?? stateDirectory();
  const { channels } = stage;
  await using runtime = new Runtime({ policy: policy.data, audit, spare, ownsProcess: true, channels, ...learn });
  if (runtime.plaintextStays) writeError(plaintextStays(style));
  const report = await runtime.run(text, {
    name: nameOf(script),
    args,
    input,
    ...stage.ports,
    ...(options.ask === "park" ? { park: { note: noteOf(options) } } : {}),
    ...(options.ts ? { typescript: true } : {}),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.maxSeconds === undefined ? {} : { maxSeconds: options.maxSeconds }),
  });
  return showEnd(report, { script: nameOf(script), output: stage.output, policy, options, style });
}

interface Shown {
  readonly script: string;
  readonly output: ScriptOutput;
  readonly policy: SelectedPolicy;
  readonly options: Pick<RunCommandOptions, "json" | "quiet" | "learn">;
  readonly style: Style;
}

/** Tells how a run ended; gives its exit code. */
export function showEnd(report: RunReport, { script, output, policy, options, style }: Shown): number {
  // An interruption that output was the reason for is told by that reason.
  if (output.failure === null) showErrors(report, script, style);
  if (!options.quiet) for (const line of endOf(report)) writeError(`${style.dim(line)}\n`);
  if (output.failure !== null) throw output.failure;
  if (options.json) writeJson({ ...report, ...(options.learn ? { mode: "learn" } : {}), policy: policyFacts(policy) });
  return report.exitCode;
}

/** What a run that is parked needs to find its policy again: names that do not depend on where it is resumed. */
const noteOf = ({ policy, root, ceiling = [] }: RunCommandOptions): Json => ({
  cwd: process.cwd(),
  policy: policy === undefined ? null : resolve(policy),
  root: root === undefined ? null : resolve(root),
  ceiling: ceiling.map((path) => resolve(path)),
});

interface Stage {
  readonly output: ScriptOutput;
  readonly ports: Pick<RunOptions, "signal" | "onOutput">;
  readonly channels: readonly Channel[];
}

/** Output, interruption and ways to people of a run of this process. */
export function stageFor(options: RunCommandOptions, policy: PolicyData, style: Style): Stage {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort();
  const output = new ScriptOutput(stop);
  process.once("SIGINT", stop).once("SIGTERM", stop).once("SIGHUP", stop);
  const ports = { signal: interrupt.signal, ...(options.json ? {} : { onOutput: output.print }) };
  return { output, ports, channels: channelsFor(options, policy, style, output) };
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
  { ask = isTerminal(0) && isTerminal(2) ? "tty" : "deny", yes, quiet }: RunCommandOptions,
  policy: PolicyData,
  style: Style,
  output: ScriptOutput,
): readonly Channel[] {
  const { remember, maxPrompts } = policy.approvals;
  const terminal = ask === "tty" ? [new TerminalChannel({ style, output, remember, maxPrompts })] : [];
  if (!quiet && mayAsk(policy)) for (const channel of terminal) channel.announce();
  const elsewhere = ask === "tty" || ask === "wait" ? secondTerminal(policy, ask === "wait") : [];
  return [...(yes ? [YES] : []), ...terminal, ...elsewhere];
}

const mayAsk = (policy: PolicyData): boolean =>
  [policy, ...policy.ceilings].some(({ rules }) => rules.some(({ effect }) => effect === "ask"));

/** The operator's yes is for what the policy that was named asks; the desk lets it answer nothing else. */
const YES: Channel = { name: "option", ask: async () => ({ answer: "allow", by: "--yes" }) };

function showErrors({ problems, error }: RunReport, name: string, style: Style): void {
  const shown = problems.length > 0 ? problems : error === null ? [] : [error];
  for (const problem of shown) writeError(showRunError(problem, name, style));
}
