import { type SegmentVerdict, verifySegment } from "@agent-run/audit";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { readBytes, writeOut } from "../terminal.ts";

/** Verifies the chain of record files. 0: all complete, whatever a crash left behind them; 5: one is altered or has no end. */
export function auditVerifyCommand(files: readonly string[], options: OutputOptions, style: Style): number {
  const verdicts = files.map((file) => ({ file, ...verifySegment(readBytes(file, "the record")) }));
  const ok = verdicts.every(isComplete);
  const exitCode = ok ? 0 : 5;
  if (options.json) writeJson({ ok, exitCode, files: verdicts });
  else writeOut(verdicts.map((verdict) => show(verdict, style)).join("") + (verdicts.some(isComplete) ? PROOF : ""));
  return exitCode;
}

const isComplete = ({ state }: SegmentVerdict): boolean => state === "complete";

const PROOF =
  "complete: no record was changed, dropped, inserted or moved; that a file was replaced as a whole shows only beside a copy of its last hash\n";

function show(verdict: SegmentVerdict & { file: string }, style: Style): string {
  const { file, state, records, problems, residueBytes, inDoubt } = verdict;
  const paint = state === "complete" ? style.green : state === "broken" ? style.red : style.yellow;
  const lines = [`${paint(state)}: ${printableLine(file)} (${records} records)`];
  for (const { seq, message } of problems) lines.push(`  record ${seq} ${message}`);
  if (state === "unfinished")
    lines.push(
      "  the chain is intact so far, but it has no run.end: the run is going on, crashed, or its end was cut off",
    );
  if (residueBytes > 0) lines.push(`  ${residueText(state, residueBytes)}`);
  if (inDoubt.length > 0) lines.push(`  in doubt (allowed, but no outcome): call ${inDoubt.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

function residueText(state: SegmentVerdict["state"], count: number): string {
  const bytes = `${count} ${count === 1 ? "byte" : "bytes"} of crash residue`;
  if (state === "complete") return `the record is whole; ${bytes} follow its end and are no part of it`;
  return `${bytes} follow the last whole record: a line that was torn, not tampering`;
}
