/**
 * `policy fmt`: policies and files of tests in their one layout. All files are read and laid out before the first is
 * written, so that one that is no TOML leaves the others as they are.
 */
import { dirname, join } from "node:path";
import { formatProblems } from "@agent-run/policy";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printable, printableLine } from "../printable.ts";
import { fileToRead } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { isTerminal, namesIn, readExactText, rewriteFile, writeError, writeOut } from "../terminal.ts";
import { isTestFile } from "../tests-of-policy.ts";
import { unifiedDiff } from "../unified-diff.ts";

export interface FmtOptions extends OutputOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
}

interface LaidOut {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

export async function fmtCommand(named: readonly string[], options: FmtOptions, style: Style): Promise<number> {
  const files = await laidOut(named.length === 0 ? filesHere() : named);
  const changed = files.filter(({ before, after }) => before !== after);
  const writes = !options.check && !options.diff;
  const exitCode = options.check && changed.length > 0 ? 1 : 0;
  const isStream = files.length === 1 && files[0]?.file === STREAM;
  if (writes && !isStream) for (const { file, after } of changed) rewriteFile(file, after);
  const endsTrust = writes && changed.some(({ file }) => file !== STREAM && !isTestFile(file));
  const note = endsTrust ? { note: TRUST } : {};
  if (options.json) writeJson({ ...report(files, exitCode, writes && !isStream, options), ...note });
  else if (options.diff) for (const one of changed) writeOut(shown(diffOf(one), style));
  else if (isStream && writes) writeOut(isTerminal(1) ? printable(files[0]?.after ?? "") : (files[0]?.after ?? ""));
  else for (const { file } of changed) writeOut(`${printableLine(file)}\n`);
  if (endsTrust && !options.quiet && !options.json) writeError(`${style.yellow("note:")} ${TRUST}\n`);
  return exitCode;
}

const STREAM = "-";
const TRUST =
  "trust is bound to the text of a policy: one that was trusted, with all that it inherits, must be trusted again (`agent-run policy trust FILE`)";

/** The nearest policy, and the files of tests beside it. */
function filesHere(): readonly string[] {
  const policy = fileToRead(undefined, "fmt");
  const directory = dirname(policy);
  const tests = namesIn(directory).filter(isTestFile);
  return [policy, ...tests.map((name) => join(directory, name))];
}

async function laidOut(names: readonly string[]): Promise<readonly LaidOut[]> {
  const files = [...new Set(names)];
  if (files.length > 1 && files.includes(STREAM)) {
    throw new CommandFailure("E_CONFIG", "`-` stands for standard input, and for no file beside it", {
      hint: "lay out the files by themselves",
    });
  }
  const { formatPolicy } = await import("@agent-run/authoring");
  const texts = files.map((file) => ({ file, before: readExactText(file, "policy") }));
  const all = texts.map((one) => ({ ...one, formatted: formatPolicy(one.before, one.file) }));
  const problems = all.flatMap(({ formatted }) => (formatted.ok ? [] : formatted.problems));
  const [first] = problems;
  if (first !== undefined) {
    throw new CommandFailure("E_POLICY_INVALID", `\`${first.file}\` can not be laid out: ${first.message}`, {
      details: formatProblems(problems, "nothing is written"),
      problems,
    });
  }
  return all.map(({ file, before, formatted }) => ({ file, before, after: formatted.ok ? formatted.text : before }));
}

function report(files: readonly LaidOut[], exitCode: number, writes: boolean, options: FmtOptions): object {
  return {
    ok: exitCode === 0,
    exitCode,
    files: files.map((one) => {
      const isChanged = one.before !== one.after;
      return {
        file: one.file,
        changed: isChanged,
        written: writes && isChanged,
        ...(options.diff ? { diff: diffOf(one) } : {}),
        ...(one.file === STREAM ? { text: one.after } : {}),
      };
    }),
  };
}

const diffOf = ({ file, before, after }: LaidOut): string => unifiedDiff(file, before, after);

/** In a pipe it is for `patch`, and so as it is. */
function shown(diff: string, style: Style): string {
  if (!isTerminal(1)) return diff;
  const line = (text: string): string =>
    text.startsWith("+") ? style.green(text) : text.startsWith("-") ? style.red(text) : text;
  return printable(diff).split("\n").map(line).join("\n");
}
