/**
 * Records for learning: named files, and all of a directory. Each chain is verified before a word of it is believed. One
 * that was altered stops the command, since nobody knows what else was; one without its end is left out, and told.
 */
import { join } from "node:path";
import { walkSegment } from "@agent-run/audit";
import type { RecordedRun } from "@agent-run/authoring";
import { CommandFailure } from "./exit.ts";
import { isDirectory, namesIn, readBytes } from "./terminal.ts";

export interface RecordedRuns {
  readonly runs: readonly RecordedRun[];
  readonly leftOut: readonly { readonly file: string; readonly why: string }[];
}

export async function readRecordedRuns(names: readonly string[]): Promise<RecordedRuns> {
  const { readRecordedRun } = await import("@agent-run/authoring");
  const runs = new Map<string, RecordedRun>();
  const leftOut: { file: string; why: string }[] = [];
  for (const file of names.flatMap(filesOf)) {
    const { state, stored, problems, run } = walkSegment(readBytes(file, "the record"));
    const [problem] = problems;
    if (state === "broken") {
      const where = problem === undefined ? "" : `: record ${problem.seq} ${problem.message}`;
      const hint = "`agent-run audit verify` shows what is wrong; leave the file out if you know why";
      throw new CommandFailure("E_CONFIG", `the record \`${file}\` was altered${where}`, { hint });
    }
    if (state === "unfinished") leftOut.push({ file, why: "it has no end: the run goes on, crashed, or was cut off" });
    // The same run twice would be counted twice.
    else if (run !== null) runs.set(run, readRecordedRun(stored));
  }
  if (runs.size === 0 && leftOut.length === 0)
    throw new CommandFailure("E_CONFIG", "there are no records to learn from", {
      hint: "name record files, or the directory that --audit named",
    });
  return { runs: [...runs.values()], leftOut };
}

/** A directory stands for its records, and for those of its `runs/`. */
function filesOf(name: string): readonly string[] {
  const runs = join(name, "runs");
  if (!isDirectory(name)) return [name];
  const directory = isDirectory(runs) ? runs : name;
  return namesIn(directory)
    .filter((one) => /^[0-9A-Z]{26}\.jsonl$/.test(one))
    .map((one) => join(directory, one));
}
