/** `policy import`: a policy of another tool as one of ours. Reads and writes files; what it means is decided in `authoring`. */
import { dirname, resolve } from "node:path";
import type { Imported, ImportFormat } from "@agent-run/authoring";
import { formatProblems } from "@agent-run/policy";
import { homeDirectories } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import { printable, printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { createFile, readText, writeError, writeOut } from "../terminal.ts";

export interface ImportCommandOptions {
  readonly from?: ImportFormat;
  readonly output?: string;
  readonly json?: boolean;
}

export async function importCommand(file: string, options: ImportCommandOptions, style: Style): Promise<number> {
  const text = readText(file, "policy");
  const { importPolicy } = await import("@agent-run/authoring");
  const imported = importPolicy(text, { file, format: options.from, base: baseOf(file) });
  if (!imported.ok) {
    const { line, column } = imported.problem;
    const problem = { ...imported.problem, file, text: text.split("\n")[line - 1] ?? "", column };
    throw new CommandFailure("E_POLICY_INVALID", `\`${file}\` can not be imported`, {
      details: formatProblems([problem], "nothing is imported"),
      problems: [problem],
    });
  }
  if (options.output !== undefined) createFile(options.output, imported.text);
  if (options.json) {
    const { ok, ...rest } = imported;
    writeJson({ ok, exitCode: 0, ...rest, output: options.output ?? null });
  } else {
    if (options.output === undefined) writeOut(printable(imported.text));
    writeError(summaryOf(imported, options.output, style));
  }
  return 0;
}

/** In the user's own settings of Claude Code a leading `/` stands for the directory of that file. */
function baseOf(file: string): string {
  const directory = dirname(resolve(file));
  return homeDirectories().some((home) => directory === `${home}/.claude`) ? "~/.claude" : "";
}

function summaryOf(
  { format, guessed, rules, left, changed }: Imported,
  output: string | undefined,
  style: Style,
): string {
  const say = (sign: string, lines: Imported["left"]) =>
    lines
      .map(({ line, text, why }) => `${sign} line ${line}: ${printableLine(text)}: ${printableLine(why)}\n`)
      .join("");
  const where = output === undefined ? "" : ` in ${printableLine(output)}`;
  return [
    `${style.green("imported")}: ${rules} rules from ${format}${guessed ? " (guessed; --from says it)" : ""}${where}; ${left.length} left out, ${changed.length} not as they were\n`,
    say(style.yellow("left out:"), left),
    say(style.yellow("differs:"), changed),
    "relative patterns hang under the directory of the policy; put it where they are meant\n",
  ].join("");
}
