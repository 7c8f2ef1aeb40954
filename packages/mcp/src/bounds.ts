/**
 * How large a result may get. Clients drop the whole connection at a message of more than about ten megabytes, and a
 * script can print, return and throw more than that; what is cut says so.
 */
import type { RunReport } from "@agent-run/runtime";
import type { Problem } from "./problem.ts";

/** Bytes of JSON that the output, and that the value, may take; each is told twice, as data and as text. */
export const MOST_BYTES = 1024 * 1024;
/** Characters of a message, a hint or a target. */
const MOST_CHARACTERS = 4000;
/** Calls that are listed, of maybe millions; and problems of the verifier. */
const MOST_CALLS = 200;
const MOST_PROBLEMS = 50;

export type Bounded = Omit<RunReport, "record" | "sealedLog" | "task"> & {
  readonly moreCalls?: number;
  readonly task_id?: string;
};

/** A report that a client can take. A value that is too large makes it a failure: nobody should go on without it. */
export function bounded({ record: _operators, sealedLog: _too, task, ...report }: RunReport): Bounded {
  const stdout = cutOutput(report.stdout);
  const calls = report.calls.slice(0, MOST_CALLS).map((call) => ({ ...call, target: cut(call.target) }));
  const more = report.calls.length - calls.length;
  const small = {
    ...report,
    stdout,
    truncated: report.truncated || stdout.length < report.stdout.length,
    error: report.error === null ? null : boundedProblem(report.error),
    problems: boundedProblems(report.problems),
    calls,
    ...(more > 0 ? { moreCalls: more } : {}),
    ...(task === undefined ? {} : { task_id: task }),
  };
  const bytes = jsonBytes(report.value);
  return bytes <= MOST_BYTES ? small : { ...small, ok: false, exitCode: 1, value: null, error: tooLarge(bytes) };
}

function boundedProblem(problem: Problem): Problem {
  const entries = Object.entries(problem).map(([key, value]) => [key, typeof value === "string" ? cut(value) : value]);
  return Object.fromEntries(entries) as Problem;
}

export const boundedProblems = (problems: readonly Problem[]): readonly Problem[] =>
  problems.slice(0, MOST_PROBLEMS).map(boundedProblem);

export const cut = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length - MOST_CHARACTERS} more)` : text;

/** As much of the beginning as fits; a control character takes six bytes. */
function cutOutput(text: string): string {
  let kept = text;
  for (let bytes = jsonBytes(kept); bytes > MOST_BYTES; bytes = jsonBytes(kept)) {
    kept = kept.slice(0, Math.floor((kept.length * MOST_BYTES * 0.99) / bytes));
  }
  return kept;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const tooLarge = (bytes: number): Problem => ({
  code: "E_TOO_LARGE",
  message: `the script ended well, but its value takes ${bytes} bytes and a result may have ${MOST_BYTES}`,
  hint: "return less, or write it to a file",
});
