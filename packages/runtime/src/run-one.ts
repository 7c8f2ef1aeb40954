/**
 * One run inside its worker: open the record, parse, verify, run, close the record, report. The order is the point:
 * a script that does not pass the verifier never reaches the VM, and without a record nothing runs.
 */
import { randomBytes } from "node:crypto";
import { createSegmentFile, HeldLines, Segment, sha256 } from "@agent-run/audit";
import { detectJail, learningOperations, operations, toolOperations } from "@agent-run/effects";
import {
  type AnyOperation,
  Budget,
  type CallReport,
  canonicalJson,
  type Errand,
  Gate,
  LearningDecider,
  type OperationContext,
  type ProtectedInode,
  publicView,
  type Result,
} from "@agent-run/gate";
import type { Json, JsonObject, Policy } from "@agent-run/policy";
import { loadTypescript, type Machine, PURE, parseScript, type RunEnd, type ScriptProgram } from "@agent-run/vm";
import { Calls, type PureOperations } from "./calls.ts";
import type { Channel } from "./channel.ts";
import { circumstancesOf } from "./circumstances.ts";
import { errorOf } from "./ended-error.ts";
import type { LoadedEngine } from "./engine.ts";
import { type Exit, exitError, exitRun } from "./exit.ts";
import { judge, sourceError } from "./judge.ts";
import { keepingOf } from "./keeping.ts";
import { Output } from "./output.ts";
import { type Keeper, keeperOf } from "./parking/keeper.ts";
import { type Boot, type StartRun, temporaryPrefix, type WorkerEnd } from "./protocol.ts";
import type { Printer } from "./redaction.ts";
import { exitCodeOf, type RunError } from "./report.ts";

/** What stays the same for all runs of a worker. */
export interface Host {
  readonly boot: Boot;
  readonly policy: Policy;
  readonly machine: { run(...run: Parameters<Machine["run"]>): RunEnd | Promise<RunEnd> };
  readonly channel: Channel;
  readonly engine: LoadedEngine;
  /** Found out at the first call that needs them: a script without files does not pay for it. */
  protectedInodes(): readonly ProtectedInode[];
}

/** Those of agent-run and those of the host program. */
function operationsOf({ boot, policy }: Host): ReadonlyMap<string, AnyOperation> {
  const { tools } = boot.offer;
  if (tools.length === 0) return operationTable;
  return tableOf([...operations, ...toolOperations(tools, (name) => policy.grants(name))]);
}

const tableOf = (list: readonly AnyOperation[]) => new Map(list.map((operation) => [operation.name, operation]));
const operationTable = tableOf(operations);

/** Who answers about calls, and what carries them out. */
interface Wall {
  readonly policy: Policy | LearningDecider;
  readonly operations: ReadonlyMap<string, AnyOperation>;
}

/** In a learning run nothing happens outside of its copy, and what nothing grants is let through into that. */
function wallOf(host: Host, { actor, learning }: StartRun): Wall {
  const { policy: rules, protectedInodes, boot } = host;
  const policy = rules.at(circumstancesOf(actor));
  if (learning === undefined) return { policy, operations: operationsOf(host) };
  const place = { root: policy.data.root, ...learning, protectedInodes };
  return {
    policy: new LearningDecider(policy, learning),
    operations: tableOf(learningOperations(place, boot.offer.tools)),
  };
}

export async function runOne(host: Host, start: StartRun): Promise<WorkerEnd> {
  host.channel.begin(performance.now() + start.maxSeconds * 1000);
  const segment = openSegment(host, start);
  if (start.recordPath !== null && segment === null) return refused(recordUnwritable, []);
  const parsed = await parse(start, host.policy.data.localOnly?.mode === "sealed");
  const wall = wallOf(host, start);
  const problems = parsed.ok
    ? judge(parsed.program, wall.policy, namesOf(host))
    : [sourceError(parsed.error, parsed.source)];
  if (segment?.verified(problems.length === 0, listed(problems)) === false) {
    segment.close();
    return refused(recordUnwritable, []);
  }
  const [first] = problems;
  if (first !== undefined || !parsed.ok || segment === null) return closed(segment, refused(first ?? null, problems));
  const kinds = errandsOf(parsed.program);
  if (kinds.length > 0) host.channel.tell({ kind: "uses", kinds });
  const keeper = openKeeper(host, start, segment);
  if (keeper === null) return closed(segment, refused(answersUnwritable, []));
  return closed(segment, keeper.ended(await runProgram(host, wall, start, parsed.program, { segment, keeper })));
}

function openKeeper({ policy }: Host, start: StartRun, segment: Segment): Keeper | null {
  try {
    return keeperOf(start, segment, policy.data.localOnly?.mode ?? null);
  } catch {
    return null;
  }
}

/** `guard`: branching on a sealed value is an error of its own, where there are any. */
async function parse({ script }: StartRun, guard: boolean) {
  if (script.typescript) await loadTypescript();
  return parseScript(script.text, { name: script.name, typescript: script.typescript, guard });
}

async function runProgram(
  host: Host,
  wall: Wall,
  start: StartRun,
  program: ScriptProgram,
  { segment, keeper }: { readonly segment: Segment; readonly keeper: Keeper },
): Promise<WorkerEnd> {
  const { policy, machine, channel } = host;
  const { limits } = policy.data;
  const keeping = keepingOf({
    // A learning run uses nothing local-only, so there is nothing to keep.
    policy: start.learning === undefined ? policy.data : { ...policy.data, localOnly: null },
    start,
    program,
    tell: (message) => channel.tell({ kind: "order", message }),
    recordRelease: (rule, ok) => segment.append("release", { rule, ok }),
  });
  const { consults, told } = host.boot.offer;
  const shown = (text: string) => keeping.shownText(text);
  const tell = (line: CallReport) => channel.tell({ kind: "called", line: { ...line, target: shown(line.target) } });
  const written = keeper.recorder(keeping.recorder(segment));
  channel.takeNotes(start.run, (entry) => written.approval(entry));
  const gate = new Gate({
    ...wall,
    ...(consults ? { consults: { shown } } : {}),
    ...(told ? { told: tell } : {}),
    flow: keeper.flow(keeping.flow),
    ...(start.budget === null ? {} : { budget: new Budget(policy.data, start.budget) }),
    context: contextOf(host, wall, start),
    recorder: written,
    shown,
    // A path or URL may hold a local-only value, too.
    hash: (request) => keeping.digest(Buffer.from(canonicalJson(JSON.parse(JSON.stringify(request)) as Json))),
    digest: (bytes) => keeping.digest(bytes),
    // Times that a run shows are ticks, while anything is sealed.
    now: keeping.seals ? () => 0 : () => performance.now(),
  });
  const output = new Output(limits.maxOutputBytes, (text) => channel.tell({ kind: "output", text }));
  const exit: Exit = { code: null };
  const pure = pureOperations(keeping.printer(output), exit);
  const calls = new Calls(gate, channel, keeper.options(keeping.callOptions(pure), pure), limits);
  const { args, input, seed, startMs } = start;
  const setup = {
    args: [...args],
    input,
    seed,
    startMs,
    root: policy.data.root,
    localOnly: keeping.seals,
    tools: namesOf(host),
  };
  const ended = await machine.run(program, setup, {
    call: (text) => calls.call(text),
    nextSettlement: () => calls.nextSettlement(),
    stop: () => calls.stop(),
  });
  if (calls.stop() === "E_PARKED") calls.finishStarted();
  calls.abandon();
  channel.drain();
  channel.takeNotes(start.run, null);
  keeping.finish(calls);
  const error = gate.closed ? recordLost : exit.code === null ? errorOf(ended, calls.stop(), program) : exitError(exit);
  const value = error === null && ended.kind === "value" ? (JSON.parse(ended.json) as Json) : null;
  return keeping.shown({
    value,
    error,
    exitCode: exitCodeOf(error),
    truncated: output.truncated,
    calls: gate.calls,
    problems: [],
    reusable: ended.reusable,
  });
}

const namesOf = ({ boot }: Host): readonly string[] => boot.offer.tools.map(({ name }) => name);

/** What operations may know of this run. The jail is looked for only when a command needs it. */
function contextOf(host: Host, wall: Wall, { run, startMs }: StartRun): OperationContext {
  const { boot, policy } = host;
  const { facts } = boot;
  let jail: OperationContext["jail"] | undefined;
  return {
    policy: policy.data,
    limits: policy.data.limits,
    root: policy.data.root,
    home: facts.home,
    get protectedInodes() {
      return host.protectedInodes();
    },
    protectedPaths: facts.protectedPaths,
    environment: facts.environment,
    latestTimeMs: policy.data.localOnly === null ? null : startMs,
    decide: (target) => publicView(wall.policy.decideTarget(target)),
    get jail() {
      const found = jail ?? detectJail();
      jail = found;
      return found;
    },
    randomName: () => temporaryPrefix(run) + randomBytes(4).toString("hex"),
  };
}

function pureOperations(output: Printer, exit: Exit): PureOperations {
  const table = new Map<string, (args: Json) => ReturnType<Output["print"]>>();
  for (const [name, operation] of PURE) table.set(name, (args) => answerOf(operation(args)));
  return table.set("print", (args) => output.print(args)).set("exit", (args) => exitRun(args, exit));
}

const answerOf = (result: Result<Json>) => (result.ok ? { ok: result.value } : { error: result.failure });

function openSegment(host: Host, start: StartRun): Segment | null {
  if (start.recordPath === null) return null;
  try {
    const held = new HeldLines(host.boot.held);
    const storage = createSegmentFile(start.recordPath);
    const segment = new Segment(start.run, storage, { now: () => Date.now() }, { held });
    if (segment.start(startFacts(host, start))) return segment;
    segment.close();
    return null;
  } catch {
    return null;
  }
}

/** What a run was made of, as hashes; arguments and input are the operator's own and public. */
const startFacts = ({ boot, policy, engine }: Host, start: StartRun): JsonObject => ({
  script: { name: start.script.name, sha256: sha256(start.script.text), typescript: start.script.typescript },
  policy: {
    sha256: policy.data.hash,
    files: [policy.data, ...policy.data.ceilings].flatMap(({ files }) =>
      files.map(({ path, sha256 }) => ({ path, sha256 })),
    ),
  },
  engine: { version: boot.facts.version, ...engine.hashes },
  args: [...start.args],
  input: sha256(canonicalJson(start.input)),
  seed: start.seed,
  start_ms: start.startMs,
  ...(start.actor === null ? {} : { actor: start.actor }),
  ...(typeof start.answers?.of === "string" ? { resumes: start.answers.of } : {}),
  ...(start.task === null ? {} : { task: start.task }),
  ...(start.learning === undefined ? {} : { mode: "learn", network: start.learning.network ? "read" : "none" }),
});

/** Ends the record; if that fails, the run's answer is that it failed. */
function closed(segment: Segment | null, end: WorkerEnd): WorkerEnd {
  if (segment === null) return end;
  const code = end.error?.code ?? null;
  const written = segment.end({ exit: end.exitCode, code, calls: end.calls.length });
  return written ? end : { ...end, ...refused(recordLost, end.problems), calls: end.calls, reusable: end.reusable };
}

const refused = (error: RunError | null, problems: readonly RunError[]): WorkerEnd => ({
  value: null,
  error,
  exitCode: exitCodeOf(error, true),
  truncated: false,
  calls: [],
  problems,
  reusable: true,
});

const recordUnwritable: RunError = {
  code: "E_AUDIT",
  message: "the record of this run cannot be written, so nothing ran",
  hint: "name a directory that can be written with --audit",
};

const answersUnwritable: RunError = {
  code: "E_AUDIT",
  message: "the answers of this run cannot be kept, so nothing ran",
  hint: "name a directory that can be written with --audit, or run it without `--ask park`",
};

const recordLost: RunError = { code: "E_AUDIT", message: "the record of this run could not be written to its end" };

const listed = (problems: readonly RunError[]): Json =>
  problems.map(({ code, message, line = 0, column = 0 }) => ({ code, message, line, column }));

/** What the main thread can load while the VM starts. */
function errandsOf({ uses }: ScriptProgram): Errand["kind"][] {
  const kinds: Errand["kind"][] = [];
  if (uses.some(({ capability }) => capability.startsWith("net."))) kinds.push("http");
  if (uses.some(({ capability }) => capability === "subprocess.exec")) kinds.push("exec");
  return kinds;
}
