/** How a run keeps its answers, if it may be parked: what differs by that is here. */
import { type Segment, sha256 } from "@agent-run/audit";
import { type Flow, type Json, KeptAnswers, type Recorder } from "@agent-run/gate";
import type { CallOptions, PureOperations } from "../calls.ts";
import type { StartRun, WorkerEnd } from "../protocol.ts";
import { exitCodeOf, type RunError } from "../report.ts";
import { FileStore } from "./answer-store.ts";

export interface Keeper {
  flow(flow: Flow): Flow;
  recorder(recorder: Recorder): Recorder;
  /** `open`: operations that have nothing to do with local-only values. */
  options(options: CallOptions, open: PureOperations): CallOptions;
  /** The run is over. */
  ended(end: WorkerEnd): WorkerEnd;
}

const none: Keeper = {
  flow: (flow) => flow,
  recorder: (recorder) => recorder,
  options: (options) => options,
  ended: (end) => end,
};

/** Throws where the file of answers cannot be made. `keeps`: how the policy keeps local-only values, if it has any. */
export function keeperOf(start: StartRun, segment: Segment, keeps: "sealed" | "redact" | null): Keeper {
  const { answers } = start;
  if (answers === undefined) return none;
  const store = FileStore.open(answers, start);
  const kept = new KeptAnswers({
    store,
    kept: answers.kept,
    hash: sha256,
    recordRepeated: (call) => segment.append("repeated", { call, of: answers.of }),
  });
  if (keeps === "redact") kept.spoil("its policy redacts local-only values, of which nothing is kept");
  return {
    flow: (flow) => kept.flow(flow),
    recorder: (recorder) => kept.recorder(recorder),
    options: (options, open) => ({ ...options, kept, pure: spoiling(options.pure, open, kept) }),
    ended: (end) => {
      const shown = withQuestion(end, kept, store, start.run);
      store.close();
      return shown;
    },
  };
}

/** Whatever makes a sealed value, makes a token that no other run has. */
function spoiling(all: PureOperations, open: PureOperations, kept: KeptAnswers): PureOperations {
  const table = new Map(all);
  for (const [name, operation] of all) {
    if (open.has(name)) continue;
    table.set(name, (args: Json) => {
      kept.spoil("it has local-only values, of which nothing is kept");
      return operation(args);
    });
  }
  return table;
}

function withQuestion(end: WorkerEnd, kept: KeptAnswers, store: FileStore, run: string): WorkerEnd {
  if (kept.failure !== null) return { ...end, value: null, error: kept.failure, exitCode: exitCodeOf(kept.failure) };
  if (end.error?.code !== "E_PARKED" || kept.parked === null) return end;
  const { seq, capability, target, rule } = kept.parked;
  if (kept.isSpoiled || !store.park(kept.parked))
    return { ...end, error: unparkable, exitCode: exitCodeOf(unparkable) };
  const error: RunError = {
    code: "E_PARKED",
    message: `the run waits for an answer about \`${capability}\` of \`${target}\``,
    capability,
    target,
    hint: `answer it with \`agent-run resume ${run}\``,
  };
  return { ...end, error, parked: { seq, capability, target, rule } };
}

const unparkable: RunError = {
  code: "E_AUDIT",
  message: "the answers of this run could not be kept, so it cannot be resumed",
  hint: "look whether there is room on the disk of the record, and run it again",
};
