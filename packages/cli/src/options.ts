/** Options that several commands share, with what they mean once parsed. */
import { actorProblem } from "@agent-run/runtime";
import { type Command, InvalidArgumentError, Option } from "commander";

export interface PolicyOptions {
  readonly policy?: string;
  readonly root?: string;
  readonly ceiling?: readonly string[];
  readonly audit?: string;
  /** A policy whose own tests fail, or of which a `[[never]]` is not proved, does not load. */
  readonly strict?: boolean;
}

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** May be given several times. */
export const withCeiling = (command: Command): Command =>
  command.option(
    "--ceiling <file>",
    "a policy that bounds this one: the stricter answer holds (repeatable)",
    collected,
  );

export const withPolicy = (command: Command): Command =>
  withCeiling(command)
    .addOption(policyOption())
    .addOption(rootOption())
    .option("--audit <dir>", "where the record is kept (default: the user's state directory)");

export const policyOption = (): Option =>
  new Option("--policy <file>", "the policy (default: the nearest agent-run.toml upwards, if it is trusted)");

export const rootOption = (byDefault = "the policy's directory"): Option =>
  new Option("--root <dir>", `where relative patterns and paths begin (default: ${byDefault})`);

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

export const strictOption = (): Option =>
  new Option(
    "--strict",
    "refuse a policy whose [[test]]s fail, those of *.test.toml beside it included, or whose [[never]]s are not proved",
  );

export function percentNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError("must be a number from 0 to 100");
  return value;
}

/** Of an option that may be repeated. */
export const collected = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new InvalidArgumentError("must be a whole number from 0 to 4294967295");
  }
  return value;
}

export const httpOption = (): Option =>
  new Option("--http <port>", "serve Streamable HTTP on 127.0.0.1 instead of stdio; 0: any free port").argParser(
    portNumber,
  );

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError("must be a port, 0 to 65535");
  return Number(text);
}

export const withActor = (command: Command): Command =>
  command.option("--actor <name>", "who acts, for conditions on `actor` and for the record", actorName);

function actorName(text: string): string {
  const problem = actorProblem(text);
  if (problem !== null) throw new InvalidArgumentError(problem.message);
  return text;
}

/** Commander gives `color: undefined` unless one of the two was typed. */
export const colorOf = (options: OutputOptions, command: Command): boolean | undefined =>
  command.getOptionValueSource("color") === "cli" ? options.color : undefined;

/** For the end of a command's help. */
export const example = (...lines: string[]): string => `\nExample:\n${lines.map((line) => `  $ ${line}\n`).join("")}`;

/** Behind the example: what the command ends with, `5` in all of them. */
export function exits(codes: Readonly<Record<number, string>>): string {
  const all = { 5: "a policy that does not load, or options or files that can not be used", ...codes };
  const lines = Object.entries(all).map(([code, says]) => `  ${code}  ${says}\n`);
  return `Exit codes:\n${lines.join("")}`;
}
