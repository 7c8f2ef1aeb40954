/**
 * The library's runtime: one policy, one record, a pool of workers. It composes the packages and holds no rule of its
 * own: every effect of a script is decided by the gate in that script's worker. Long because what a run is given and
 * what comes of it are told together.
 */
import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { type Channel, Desk, type IdleAnswer, type Reply, type Ticket, ticketOf } from "@agent-run/approvals";
import { openRecordDirectory, segmentPath, ulid } from "@agent-run/audit";
import { forgetVariables, operatorEnvironment } from "@agent-run/effects";
import { Budget, type Json, publicView } from "@agent-run/gate";
import {
  CODES,
  type Decision,
  type Failure,
  type JsonObject,
  Policy,
  type PolicyData,
  type ProtectedPath,
  plainDecision,
  type Result,
  requestOf,
} from "@agent-run/policy";
import { callbackOf } from "./callback-channel.ts";
import { actorProblem, circumstancesOf, taskProblem } from "./circumstances.ts";
import type { Approver, RunPorts } from "./current-run.ts";
import { divideEnvironment } from "./divide-environment.ts";
import { type Errands, lazyErrands } from "./errands.ts";
import { heapMb } from "./heap.ts";
import { killedEnd } from "./killed.ts";
import { inCopy } from "./learning-run.ts";
import { withLimit } from "./limit-hint.ts";
import { ownPaths } from "./own-paths.ts";
import { ParkedQuestion } from "./parking/parked-question.ts";
import {
  dropAnswers,
  isResumable,
  newAnswers,
  type ParkedRun,
  type Parking,
  parkedOf,
  takeParked,
} from "./parking/parked-run.ts";
import { hostFacts, launchWorker } from "./parts.ts";
import { homeDirectory } from "./places.ts";
import { Pool } from "./pool.ts";
import type { HostFacts, StartRun, WorkerEnd } from "./protocol.ts";
import type { CheckReport, RunReport } from "./report.ts";
import { savedFor } from "./saved-approvals.ts";
import type { Supervisor } from "./supervisor.ts";
import { startThread } from "./thread.ts";
import { Vault } from "./vault/vault.ts";

export interface RuntimeOptions {
  readonly policy: PolicyData;
  /** Directory of the record; one file a run below `runs/`. */
  readonly audit: string;
  /**
   * Answers calls that the policy asks about, as its channel `callback`. `signal`: it was answered elsewhere, its time is
   * over, or the run ended. A rejection means that nobody was there; anything but a clear yes is a no.
   */
  readonly approve?: (ticket: Ticket, signal: AbortSignal) => Promise<"allow" | "deny" | Approval>;
  /** Who `approve` speaks for where its answer does not say it, for the record. */
  readonly approver?: string;
  /** Further ways to people. */
  readonly channels?: readonly Channel[];
  /** What `env.read` and children start from, before the policy; default: this process's, without our own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs at the same time; more wait. Default 16. A host with long runs and short ones at once wants more. */
  readonly maxWorkers?: number;
  /** This process is ours: what is local-only leaves its environment for good, once the vault has it. */
  readonly ownsProcess?: boolean;
  /** Who acts in runs that do not say it themselves. */
  readonly actor?: string;
  /** What budgets and limits of rules are counted over: each run by itself (default), or all runs of this runtime. */
  readonly budgets?: "run" | "runtime";
  /** PEM of an additional authority for TLS, besides the system's. */
  readonly ca?: string;
  /** Ports of this machine on which this program serves agents; no script reaches them, whatever the policy grants. */
  readonly listeners?: readonly number[];
  /**
   * Runs are learning runs: files are changed in a copy that is thrown away, what nothing grants is let through into it, and
   * requests and commands are refused, all of it on the record. `network`: GET and HEAD are sent.
   */
  readonly learn?: { readonly network: boolean };
  /** A worker that was started before the policy was read; from `launchWorker`. */
  readonly spare?: SpareWorker;
}

/** An answer to a ticket, with who gave it, for how long it holds (default: once) and what they say to it. */
export type Approval = Omit<Reply, "by" | "signature"> & { readonly by?: string };

/** A started worker without a policy. */
export type SpareWorker = ReturnType<typeof launchWorker>;

export interface RunOptions {
  /** File name shown in errors; a `.ts` name means TypeScript. */
  readonly name?: string;
  readonly typescript?: boolean;
  readonly args?: readonly string[];
  readonly input?: Json;
  /** Fixes `Math.random`; default: random, and on the record. */
  readonly seed?: number;
  /** Lowers the policy's `max_seconds`. */
  readonly maxSeconds?: number;
  /** Who acts, for rules that ask (`actor`) and for the record, as you assert it; default: the runtime's. */
  readonly actor?: string;
  /**
   * Where nobody answers what the policy asks, the run is parked: it ends with `E_PARKED`, and its answers so far are kept
   * for `resume`. `note`: whatever you need then; it is given back.
   */
  readonly park?: { readonly note: Json };
  /** Groups runs, in the report and on the record; whoever gave it, it is believed by nothing. */
  readonly task?: string;
  readonly signal?: AbortSignal;
  /** Ways to people for this run alone, such as the client that asked for it. */
  readonly channels?: readonly Channel[];
  onOutput?(text: string): void;
  /** The run has a worker and begins; until then it waited for its turn. */
  onBegin?(run: string): void;
}

/** Of a run that goes on: the rest is kept. `park`: false: where nobody answers, the run ends with that. */
export type ResumeOptions = Pick<RunOptions, "signal" | "onOutput"> & { readonly park?: boolean };

export class Runtime implements AsyncDisposable {
  readonly policy: Policy;
  readonly #options: RuntimeOptions;
  readonly #ownPaths: readonly ProtectedPath[];
  readonly #pool: Pool;
  readonly #errands: Errands;
  readonly #desk: Desk;
  /** The worker of each run under way. */
  readonly #workers = new Map<string, Supervisor>();
  readonly #startVault: () => Vault | null;
  /** Undefined: not started yet, as nothing has run. */
  #vault: Vault | null | undefined;
  /** Values of local-only variables could not be taken out of this process's environment: children may read them there. */
  readonly plaintextStays: boolean;
  readonly #environment: Readonly<Record<string, string>>;
  #spare: Supervisor | undefined;
  /** Shared by all runs; null: each has its own, or the policy bounds nothing. */
  readonly #budget: SharedArrayBuffer | null;

  constructor(options: RuntimeOptions) {
    const secretFiles = Policy.revive(options.policy).secretFiles();
    this.#ownPaths = [...ownPaths(options.audit), ...secretFiles];
    const policy = Policy.revive(options.policy).protecting(this.#ownPaths);
    this.policy = policy.at(circumstancesOf(options.actor ?? null));
    this.#options = options;
    this.#spare = options.spare;
    const channels = [...(options.channels ?? []), ...callbackOf(options)];
    this.#desk = new Desk({
      policy: this.policy.data,
      channels,
      ...savedFor(options.policy),
      onIdle: (idle) => this.#noteIdle(idle),
    });
    this.#budget = options.budgets === "runtime" ? Budget.counters(options.policy) : null;
    const { open, shut } = divideEnvironment(this.policy, options.environment ?? operatorEnvironment());
    this.#environment = open;
    // Handed over once, and kept nowhere here (NO-PLAINTEXT).
    let plaintext: Readonly<Record<string, string>> | null = shut;
    this.#startVault = () => {
      // No secret's command runs, and nothing sealed happens, where nothing may happen.
      if (options.learn !== undefined) return null;
      const vault = Vault.start(this.policy.data, this.#facts, plaintext ?? {}, options.ca);
      plaintext = null;
      return vault;
    };
    const { ca, listeners = [] } = options;
    this.#errands = lazyErrands(ca === undefined ? { listeners } : { listeners, ca });
    this.#pool = new Pool(() => this.#startWorker(), options.maxWorkers ?? 16, options.spare === undefined);
    this.#pool.warm();
    // After the worker has what it needs: to make a process takes this thread longer than to post a message.
    const names = options.ownsProcess === true ? Object.keys(shut) : [];
    if (options.ownsProcess === true) this.#vault = this.#startVault();
    this.plaintextStays = !forgetVariables(names);
  }

  /** Runs a script to its end. Never rejects for what a script does: that is in the report. */
  async run(script: string, options: RunOptions = {}): Promise<RunReport> {
    const { park } = options;
    if (park === undefined) return this.#run(script, options, null);
    const answersOf = (run: string, at: string) => newAnswers(this.#options.policy, at, run, park.note);
    return this.#run(script, options, { parks: true, facts: {}, resumes: null, answersOf });
  }

  /**
   * Runs a parked run again, as a run with a name and a record of its own: every call is decided anew, what was answered
   * before is answered so again and does not happen again, and the question that it waited for is asked. Its answers are
   * taken by the first who resumes it, and deleted when it is over.
   */
  async resume(parked: ParkedRun, { park = true, ...options }: ResumeOptions = {}): Promise<RunReport> {
    const { script, args, input, seed, startMs, maxSeconds, actor, task } = parked.head;
    const { text, ...named } = script;
    const kept = {
      ...named,
      args,
      input,
      seed,
      maxSeconds,
      ...(actor === null ? {} : { actor }),
      ...(task === null ? {} : { task }),
    };
    const facts = { startMs, tokenSeed: null };
    const parking = { parks: park, facts, resumes: parked.run, answersOf: (run: string) => takeParked(parked, run) };
    return { ...(await this.#run(text, { ...options, ...kept }, parking)), resumes: parked.run };
  }

  async #run(script: string, options: RunOptions, parking: Parking | null): Promise<RunReport> {
    const since = performance.now();
    const run = ulid(Date.now());
    const place = openRecordDirectory(this.#options.audit);
    // Told as it was named, written where that leads.
    const record = place.ok ? segmentPath(resolve(this.#options.audit), run) : null;
    const output: string[] = [];
    const onOutput = (text: string) => {
      output.push(text);
      options.onOutput?.(text);
    };
    const path = place.ok ? segmentPath(place.value, run) : null;
    const answers = place.ok ? (parking?.answersOf(run, place.value) ?? null) : null;
    const facts = { ...parking?.facts, ...(answers?.ok ? { answers: answers.value } : {}) };
    const start = { ...this.#startOf(run, path, script, options), ...facts };
    this.#vault ??= this.#startVault();
    const vault = this.#vault?.begin(start) ?? null;
    const question = parking === null ? null : this.#parkedQuestion(parking);
    const ports = { onOutput, question, parks: parking?.parks === true, ...(vault === null ? {} : { vault }) };
    const kept = answers?.ok === false ? answers : place;
    const perform = (begin: StartRun) => this.#ended(kept, begin, ports, options);
    const { learn } = this.#options;
    const learning = learn === undefined ? null : { ...learn, root: this.policy.data.root, failed: failedEnd };
    const end = await (learning === null ? perform(start) : inCopy(learning, start, perform));
    question?.end(end.parked !== undefined);
    if (answers?.ok && !isResumable(end)) dropAnswers(answers.value);
    const { value, exitCode, truncated, calls, problems } = end;
    const error = withLimit(end.error, { ...this.policy.data.limits, maxSeconds: start.maxSeconds });
    const durationMs = vault === null ? Math.round(performance.now() - since) : vault.waitedMs;
    const stdout = output.join("");
    const sealed = vault === null ? {} : { sealed: vault.orders, sealedLog: vault.log };
    const base = { ok: error === null, exitCode, value, stdout, truncated, error, problems, calls, run, record };
    const task = start.task === null || taskProblem(start.task) !== null ? {} : { task: start.task };
    return { ...base, ...task, durationMs, ...sealed, ...parkedOf(end, run) };
  }

  /** Whatever becomes of the run, the vault is told that it is over. */
  async #ended(place: Result<string>, start: StartRun, ports: PortsOfRun, options: RunOptions): Promise<WorkerEnd> {
    try {
      if (!place.ok) return failedEnd(place.failure);
      if (!isWithin(start.input, MAX_INPUT_DEPTH)) return inputTooDeep;
      const nameless = start.actor === null ? null : actorProblem(start.actor);
      if (nameless !== null) return failedEnd(nameless);
      const unfit = start.task === null ? null : taskProblem(start.task);
      if (unfit !== null) return failedEnd(unfit);
      return await this.#perform(start, ports, options);
    } finally {
      ports.vault?.end();
    }
  }

  /** Parses and verifies a script; runs nothing and records nothing. */
  async check(script: string, options: Pick<RunOptions, "name" | "typescript" | "signal"> = {}): Promise<CheckReport> {
    const start = this.#startOf(ulid(Date.now()), null, script, options);
    const end = await this.#perform(start, { onOutput: () => undefined }, options);
    const problems = end.problems.length > 0 || end.error === null ? end.problems : [end.error];
    return { ok: end.exitCode === 0, exitCode: end.exitCode, problems };
  }

  /**
   * What the policy says to a call: `{ on: "fs.write", path: "out/a" }`, `{ on: "net.http_get", url }`, `{ on:
   * "subprocess.exec", argv }`, `{ on: "env.read", name }`, now, for this `actor`. Nothing happens, nothing is resolved and
   * nothing is counted. Throws a TypeError for what is no call.
   */
  evaluate(call: JsonObject, { actor = this.#actor }: { readonly actor?: string | null } = {}): Decision {
    const request = requestOf(call, this.policy.data, { home: homeDirectory() ?? "/" });
    if (request.ok) return plainDecision(this.policy.at(circumstancesOf(actor)).decide(request.value));
    throw new TypeError(request.failure.message);
  }

  /** Ends every run and every worker. */
  async close(): Promise<void> {
    await this.#pool.close();
    await this.#spare?.close();
    await this.#errands.close();
    await this.#vault?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #perform(
    start: StartRun,
    { parks = false, question = null, ...given }: PortsOfRun,
    options: PerformOptions,
  ): Promise<WorkerEnd> {
    const { signal, channels = [] } = options;
    const worker = await this.#pool.take(signal);
    if (worker === null) return signal?.aborted ? interruptedEnd : closedEnd;
    const { run } = start;
    this.#workers.set(run, worker);
    try {
      if (signal?.aborted) return interruptedEnd;
      options.onBegin?.(run);
      const policy = this.policy.at(circumstancesOf(start.actor));
      const decide: RunPorts["decide"] = (target) => publicView(policy.decideTarget(target));
      const approve = this.#approverFor(run, worker, { parks, question, channels });
      const ports = { errands: this.#errands, decide, approve, ...given };
      const ending = await worker.run(start, ports, signal);
      return ending.kind === "ended" ? ending.end : killedEnd(ending, start, worker.heldLines);
    } finally {
      this.#workers.delete(run);
      this.#desk.end(run);
      this.#pool.give(worker);
    }
  }

  /** A run that waits for a person holds up no other. `parks`: a question that nobody answers is not over, the run is. */
  #approverFor(run: string, worker: Supervisor, { parks, question, channels }: WaysOfRun): Approver {
    const settle = async (ticket: Ticket, signal: AbortSignal) =>
      (await question?.answered(ticket, signal)) ?? this.#desk.settle(ticket, signal, channels);
    return async (asked, signal) => {
      const ticket = ticketOf(asked, run, this.policy.data, Date.now());
      const settled = await this.#pool.aside(worker, () => settle(ticket, signal));
      const isOpen = settled.answer === "unavailable" || settled.answer === "timeout";
      if (!parks || !isOpen || signal.aborted) return settled;
      question?.park(ticket);
      return { answer: "parked", by: "nobody" };
    };
  }

  #parkedQuestion({ resumes }: Parking): ParkedQuestion {
    const { policy } = this.#options;
    const desk = { policy: this.policy.data, ...savedFor(policy), onIdle: (idle: IdleAnswer) => this.#noteIdle(idle) };
    return new ParkedQuestion(policy, desk, resumes);
  }

  /** Answers that changed nothing, on the record of the run that they are about, while there is one. */
  #noteIdle({ event, ticket, channel, answer, by }: IdleAnswer): void {
    const { run, seq, requestHash, nonce } = ticket;
    this.#workers.get(run)?.note(run, { event, seq, requestHash, channel, answer, by, ticket: nonce });
  }

  #startWorker(): Supervisor {
    const worker = this.#spare ?? launchWorker(startThread({ oneShot: false }, heapMb(this.policy.data.limits)));
    this.#spare = undefined;
    worker.boot({ policy: this.policy.data, facts: this.#facts });
    return worker;
  }

  get #actor(): string | null {
    return this.#options.actor ?? null;
  }

  get #facts(): HostFacts {
    return hostFacts(this.#ownPaths, this.#environment, this.#options.listeners);
  }

  #startOf(run: string, recordPath: string | null, text: string, options: RunOptions): StartRun {
    const { name = "script.js", args = [], input = null, seed = randomInt(2 ** 32), actor = this.#actor } = options;
    const typescript = options.typescript ?? /\.[mc]?ts$/.test(name);
    const { maxSeconds } = this.policy.data.limits;
    return {
      kind: "run",
      run,
      recordPath,
      script: { text, name, typescript },
      args,
      input,
      seed,
      tokenSeed: options.seed ?? null,
      startMs: Date.now(),
      maxSeconds: Math.min(options.maxSeconds ?? maxSeconds, maxSeconds),
      actor,
      task: options.task ?? null,
      budget: this.#budget ?? Budget.counters(this.policy.data),
    };
  }
}

interface ParkingPorts {
  readonly parks?: boolean;
  readonly question?: ParkedQuestion | null;
}
type PortsOfRun = Pick<RunPorts, "onOutput" | "vault"> & ParkingPorts;
type PerformOptions = Pick<RunOptions, "signal" | "onBegin" | "channels">;
type WaysOfRun = Required<ParkingPorts & Pick<RunOptions, "channels">>;

/** As deep as a result may be; a deeper one cannot be hashed or copied to a worker. */
const MAX_INPUT_DEPTH = 1000;

const isWithin = (value: Json, depth: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  (depth > 0 && Object.values(value).every((member) => isWithin(member, depth - 1)));

const failedEnd = (error: Failure): WorkerEnd => ({
  value: null,
  error,
  exitCode: CODES[error.code].exit,
  truncated: false,
  calls: [],
  problems: [],
  reusable: false,
});

const inputTooDeep = failedEnd({
  code: "E_ARGUMENT",
  message: "`input` is nested more than 1000 levels deep",
  hint: "pass it as text and parse it in the script",
});
const closedEnd = failedEnd({
  code: "E_INTERRUPTED",
  message: "the runtime was closed before the run began",
  hint: "create a new runtime",
});
const interruptedEnd = failedEnd({
  code: "E_INTERRUPTED",
  message: "the run was interrupted before it began",
  hint: "run it again",
});
