/** Options that several commands share, with what they mean once parsed. */
import { actorProblem } from "@agent-run/runtime";
import { type Command, InvalidArgumentError } from "commander";

export interface PolicyOptions {
  readonly policy?: string;
  readonly root?: string;
  readonly audit?: string;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

export const withPolicy = (command: Command): Command =>
  command
    .option("--policy <file>", "the policy (default: the nearest agent-run.toml upwards, if it is trusted)")
    .option("--root <dir>", "what the policy's relative patterns and the script's relative paths are relative to")
    .option("--audit <dir>", "where the record is kept (default: the user's state directory)");

export const withJson = (command: Command): Command =>
  command.option("--json", "print one JSON report on standard output");

export const withOutput = (command: Command): Command =>
  withJson(command)
    .option("--quiet", "no banners and no closing line on standard error")
    .option("--color", "colours even in a pipe")
    .option("--no-color", "no colours, not even on a terminal");

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("must be a number above 0");
  return value;
}

export function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new InvalidArgumentError("must be a whole number from 0 to 4294967295");
  }
  return value;
}

export const withActor = (command: Command): Command =>
  command.option("--actor <name>", "who acts, for rules that ask and for the record", actorName);

function actorName(text: string): string {
  const problem = actorProblem(text);
  if (problem !== null) throw new InvalidArgumentError(problem.message);
  return text;
}

/** Commander gives `color: undefined` unless one of the two was typed. */
export const colorOf = (options: OutputOptions, command: Command): boolean | undefined =>
  command.getOptionValueSource("color") === "cli" ? options.color : undefined;
