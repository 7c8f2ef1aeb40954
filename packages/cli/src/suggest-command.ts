/**
 * The first word that is no command is a script (`run` may be left out), so a mistyped command ends as a script that is
 * not there. This finds the command that was meant.
 */
import { nearest } from "@agent-run/policy";
import type { Command } from "commander";

/** A hint, if the word is no path and near a command. */
export function suggestCommand(word: string, commands: readonly Command[]): string | undefined {
  if (/[./\\]/.test(word)) return undefined;
  const names = commands.map((command) => command.name());
  const meant = nearest(word, names);
  return meant === null ? undefined : `did you mean \`agent-run ${meant}\`?`;
}
