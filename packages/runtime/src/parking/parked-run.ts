/**
 * Guards what may be resumed: a run whose answers are ours, whole as far as its record says, of a script that is the one on
 * the record, and of which nothing is in doubt. Whatever else is there is refused with its reason, and stays as it is.
 */
import { join } from "node:path";
import {
  type AnswerLine,
  answersKey,
  answersPath,
  isAlive,
  isRunName,
  openAnswersDirectory,
  openRecordDirectory,
  readAnswers,
  readSegmentFile,
  recoverSegment,
  removeAnswers,
  runsWithAnswers,
  type StoredRecord,
  segmentPath,
  sha256,
  takeAnswers,
  walkSegment,
} from "@agent-run/audit";
import {
  type CanonicalRequest,
  type Failure,
  fail,
  isJsonObject,
  isRead,
  type Json,
  type KeptAnswer,
  ok,
  type Result,
} from "@agent-run/gate";
import type { PolicyData } from "@agent-run/policy";
import { answersKeyFile } from "../places.ts";
import type { AnswersOfRun, StartRun, WorkerEnd } from "../protocol.ts";
import type { RunReport } from "../report.ts";
import { isWritable } from "../saved-approvals.ts";

type Line<K extends AnswerLine["kind"]> = Extract<AnswerLine, { kind: K }>;
type ReadLines = Extract<NonNullable<ReturnType<typeof readAnswers>>, { ok: true }>["value"];

/** A run that can be resumed, by whoever takes it first. */
export interface ParkedRun {
  readonly run: string;
  readonly directory: string;
  readonly head: Line<"head">;
  readonly kept: readonly KeptAnswer[];
  readonly read: ReadLines;
  readonly key: Uint8Array;
}

/** How a run keeps its answers. `parks`: a question that nobody answers ends it, and it waits. */
export interface Parking {
  readonly parks: boolean;
  /** The run that it goes on with; null: a new one. */
  readonly resumes: string | null;
  readonly facts: Partial<Pick<StartRun, "startMs" | "tokenSeed">>;
  answersOf(run: string, directory: string): Result<AnswersOfRun>;
}

/** An interrupted run is as good as a killed one: what it did is known, or in doubt. */
export const isResumable = ({ error }: WorkerEnd): boolean =>
  error?.code === "E_PARKED" || error?.code === "E_INTERRUPTED";

export const parkedOf = ({ parked }: WorkerEnd, run: string): Pick<RunReport, "parked"> =>
  parked === undefined ? {} : { parked: { ...parked, resume: `agent-run resume ${run}` } };

/** Where answers of a new run go. */
export function newAnswers(policy: PolicyData, directory: string, run: string, note: Json): Result<AnswersOfRun> {
  if (isWritable(policy, join(directory, "answers"))) return fail(writable);
  const place = openAnswersDirectory(directory);
  if (!place.ok) return place;
  const key = answersKey(answersKeyFile());
  if (!key.ok) return key;
  return ok({ path: answersPath(directory, run), key: key.value, previous: null, kept: [], of: null, note });
}

const writable: Failure = {
  code: "E_CONFIG",
  message: "the policy lets scripts write where answers would be kept, so the run cannot be parked",
  hint: "narrow `write_allow`, or keep the record elsewhere with --audit",
};

export function findParked(audit: string, run: string): Result<ParkedRun> {
  if (!isRunName(run))
    return fail(
      notResumable(`\`${run}\` is not the name of a run`, "it is in the report, and the file name of the record"),
    );
  const place = openRecordDirectory(audit);
  if (!place.ok) return place;
  const directory = place.value;
  const answers = openAnswersDirectory(directory);
  if (!answers.ok) return answers;
  const key = answersKey(answersKeyFile());
  if (!key.ok) return key;
  const read = readAnswers(answersPath(directory, run), key.value);
  if (read === null) return fail(notThere(directory, run, key.value));
  if (!read.ok) return read;
  const [head] = read.value.lines;
  if (head?.kind !== "head") return fail(notResumable(`the answers of run ${run} have no beginning`));
  const objection = objectionTo(run, directory, head, read.value.lines);
  if (objection !== null) return fail(objection);
  const kept = linesOf(read.value.lines, "answer");
  return ok({ run, directory, head, kept, read: read.value, key: key.value });
}

/** Once: the answers go on as those of the run `to`. */
export function takeParked({ run, directory, head, kept, read, key }: ParkedRun, to: string): Result<AnswersOfRun> {
  const previous = takeAnswers(directory, run, to, read, key);
  if (previous === null) return fail(notResumable(`run ${run} was resumed by another process just now`));
  // What a kill cut off is closed, so that the record says how that run ended.
  recoverSegment(
    segmentPath(directory, run),
    { now: () => Date.now() },
    { exit: 130, code: "E_INTERRUPTED", killed: true },
  );
  return ok({ path: answersPath(directory, to), key, previous, kept, of: run, note: head.note });
}

export const dropAnswers = ({ path }: AnswersOfRun): void => removeAnswers(path);

const linesOf = <K extends AnswerLine["kind"]>(lines: readonly AnswerLine[], kind: K): readonly Line<K>[] =>
  lines.filter((line): line is Line<K> => line.kind === kind);

const AGAIN = "run the script anew; what it did before is in its record";

const notResumable = (message: string, hint = AGAIN): Failure => ({ code: "E_CONFIG", message, hint });

function notThere(directory: string, run: string, key: Uint8Array): Failure {
  for (const other of runsWithAnswers(directory)) {
    const read = readAnswers(answersPath(directory, other), key);
    const owners = read?.ok ? linesOf(read.value.lines, "owner") : [];
    if (owners.some((owner) => owner.run === run))
      return notResumable(
        `run ${run} was resumed, and goes on as run ${other}`,
        `resume that one: \`agent-run resume ${other}\``,
      );
  }
  return notResumable(
    `no answers are kept of run ${run}: it was not parked, or is over`,
    "only runs with `--ask park` can be resumed, from the record directory that they were run with",
  );
}

function objectionTo(run: string, directory: string, head: Line<"head">, lines: readonly AnswerLine[]): Failure | null {
  const owners = linesOf(lines, "owner");
  const owner = owners.at(-1);
  if (owner?.run !== run) return notResumable(`the answers in the place of run ${run} are another run's`);
  const last = lines.at(-1);
  if (last?.kind !== "parked" && isAlive(owner))
    return notResumable(`run ${run} is under way, in process ${owner.pid}`, "wait for its end");
  if (last?.kind === "parked" && Date.now() > last.expiresMs) {
    const message = `the question of run ${run} expired on ${new Date(last.expiresMs).toISOString()}`;
    return { code: "E_APPROVAL_TIMEOUT", message, hint: AGAIN };
  }
  const answered = new Set(linesOf(lines, "answer").map(({ place }) => place));
  const doubt = linesOf(lines, "begun").find(({ place }) => !answered.has(place));
  if (doubt !== undefined) return inDoubt(doubt.call, doubt.run);
  for (const { run: name } of owners) {
    const objection = objectionToRecord(name, directory, head, lines);
    if (objection !== null) return objection;
  }
  return null;
}

const inDoubt = (call: number, run: string): Failure =>
  notResumable(
    `call ${call} of run ${run} had begun when it was cut off, and may have happened or not, so the run is not resumed`,
    "look at what that call did; then run the script anew",
  );

/** The record is what the answers are held against: their file alone does not show that its end was cut off. */
function objectionToRecord(
  run: string,
  directory: string,
  { script }: Line<"head">,
  lines: readonly AnswerLine[],
): Failure | null {
  let walk: ReturnType<typeof walkSegment>;
  try {
    walk = walkSegment(readSegmentFile(segmentPath(directory, run)));
  } catch {
    return notResumable(`the record of run ${run} is not there`, "resume it where its record is");
  }
  if (walk.state === "broken")
    return notResumable(`the record of run ${run} was changed: ${walk.problems[0]?.message ?? ""}`);
  const [start] = walk.stored;
  const recorded = isJsonObject(start?.script) ? start.script.sha256 : null;
  if (walk.run !== run || recorded !== sha256(script.text))
    return notResumable(`the script that was kept is not the one on the record of run ${run}`);
  const known = new Set([
    ...linesOf(lines, "answer").flatMap((line) => (line.run === run ? line.calls : [])),
    ...linesOf(lines, "repeated").flatMap((line) => (line.run === run ? [line.call] : [])),
  ]);
  const lost = changes(walk.stored).find((call) => !known.has(call));
  return lost === undefined ? null : inDoubt(lost, run);
}

/** Calls on the record that changed something, or may have. */
function changes(stored: readonly StoredRecord[]): readonly number[] {
  const refused = new Set(
    stored
      .filter(({ kind, event, answer }) => kind === "approval" && event === undefined && answer !== "allow")
      .map(({ call }) => call),
  );
  return stored.flatMap(({ kind, call, decision, request }) => {
    if (kind !== "intent" || typeof call !== "number" || decision === "deny" || refused.has(call)) return [];
    // The chain says that the gate wrote it.
    return isJsonObject(request) && isRead(request as never as CanonicalRequest) ? [] : [call];
  });
}
