/** `policy migrate`: an older policy in the newest version of the language, printed or in place of the file. */
import { dirname, resolve } from "node:path";
import { formatProblems, type PolicyProblem } from "@agent-run/policy";
import { loadText } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import { printable, printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { createFile, readText, rewriteFile, writeError, writeOut } from "../terminal.ts";

export interface MigrateCommandOptions {
  readonly write?: boolean;
  readonly json?: boolean;
}

export async function migrateCommand(
  file: string,
  { write, json }: MigrateCommandOptions,
  style: Style,
): Promise<number> {
  const text = readText(file, "policy");
  const { migratePolicy } = await import("@agent-run/authoring");
  const migrated = migratePolicy(text, file);
  if (migrated.kind === "unknown") throw invalid(`\`${file}\` can not be migrated`, migrated.problems);
  if (migrated.kind === "current") {
    if (json) writeJson({ ok: true, exitCode: 0, current: true, text: null, notes: [] });
    else writeOut(`${style.green("current")}: ${printableLine(file)} is in the newest version, 1\n`);
    return 0;
  }
  refuseOther(text, migrated.text, file);
  if (write) {
    createFile(`${file}.bak`, text);
    rewriteFile(file, migrated.text);
  }
  if (json) writeJson({ ok: true, exitCode: 0, current: false, ...migrated, written: write === true });
  else {
    if (!write) writeOut(printable(migrated.text));
    for (const { line, message } of migrated.notes) {
      writeError(`${style.yellow("note:")} line ${line}: ${printableLine(message)}\n`);
    }
    if (write)
      writeOut(`${style.green("migrated")}: ${printableLine(file)}; the old one is ${printableLine(file)}.bak\n`);
  }
  return 0;
}

/** Both are loaded, and the hash over all that decides must be the same. */
function refuseOther(before: string, after: string, file: string): void {
  const path = resolve(file);
  const [old, rewritten] = [before, after].map((text) => loadText(text, path, dirname(path)));
  if (old?.ok !== true) throw invalid(`\`${file}\` does not load`, old?.problems ?? []);
  if (rewritten?.ok !== true)
    throw invalid(`\`${file}\` would not load when it is rewritten`, rewritten?.problems ?? []);
  if (old.data.hash !== rewritten.data.hash) {
    throw new CommandFailure(
      "E_CONFIG",
      `\`${file}\` would mean something else when it is rewritten, so it was left as it is`,
    );
  }
}

const invalid = (message: string, problems: readonly PolicyProblem[]): CommandFailure =>
  new CommandFailure("E_POLICY_INVALID", message, { details: formatProblems(problems), problems });
