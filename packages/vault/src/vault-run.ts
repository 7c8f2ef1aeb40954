/**
 * One run in the vault: its values, and its lane, in which sealed effects happen one after another in the order of the
 * script. Nothing that happens here can be told but by the four messages (NO-PLAINTEXT).
 */
import { existsSync } from "node:fs";
import type { Errands } from "@agent-run/effects/errands";
import type { FromVault, GateAnswer, Json, LocalOnlyData, PolicyData, ToVault, VaultOpen } from "@agent-run/gate";
import { answerOf, isGood, isResponse } from "./answer.ts";
import { baseDirectories } from "./base-directory.ts";
import type { Compartments } from "./compartment/compartments.ts";
import { Credentials } from "./credentials.ts";
import { computedValue } from "./definition.ts";
import { filled } from "./filled.ts";
import { Lane, type Step } from "./lane.ts";
import { operatorCommand } from "./operator-command.ts";
import { type Attempt, done, failed, type Plain, plainText } from "./plain.ts";
import { selectAndCheck } from "./release.ts";
import { baseFlow, blockFlow, orderedFlow } from "./sealed-flow.ts";
import { SealedLog } from "./sealed-log.ts";
import { Secrets } from "./secrets.ts";
import { exchangeToken } from "./token-exchange.ts";
import { Values } from "./values.ts";
import { Wall } from "./wall.ts";

type Order<K extends ToVault["kind"]> = Extract<ToVault, { kind: K }>;

export interface VaultRunPorts {
  readonly open: VaultOpen;
  readonly localOnly: LocalOnlyData;
  readonly errands: Errands;
  readonly compartments: Compartments;
  say(message: FromVault): void;
}

export class VaultRun {
  readonly #ports: VaultRunPorts;
  readonly #run: Order<"run">;
  readonly #values = new Values();
  readonly #log: SealedLog;
  readonly #wall: Wall;
  readonly #secrets: Secrets;
  readonly #credentials: Credentials;
  readonly #lane = new Lane();
  /** Ends with the run, not with a tick: brokered answers are public, and so is how long they take. */
  readonly #ended = new AbortController();

  constructor(ports: VaultRunPorts, run: Order<"run">) {
    const { open, localOnly, errands } = ports;
    this.#ports = ports;
    this.#run = run;
    this.#log = new SealedLog(run.sealedLog, run.run, open.policy.hash);
    this.#wall = new Wall(open, errands, this.#log, run.actor);
    const timeoutMs = open.policy.network.timeoutSeconds * 1000;
    const { signal } = this.#ended;
    this.#secrets = new Secrets({
      secrets: localOnly.secrets,
      variables: open.plaintext,
      command: (argv) => operatorCommand(argv, open, errands, signal),
      exchange: (url, secret) => exchangeToken(url, secret, timeoutMs, errands, signal),
    });
    const own = { values: this.#values, secrets: this.#secrets, log: this.#log, context: this.#wall.context };
    this.#credentials = new Credentials({ ...own, localOnly, errands, ca: open.ca }, signal);
  }

  /** Before anything that depends on a value. File operations ask nobody, so all is done when this returns. */
  makeBases(): void {
    const { signal } = this.#lane;
    for (const path of baseDirectories(this.#wall.context)) {
      if (existsSync(path)) continue;
      void this.#wall.perform({ op: "fs.mkdir", args: { path }, seq: 0 }, baseFlow, signal);
    }
  }

  hear(order: ToVault): void {
    switch (order.kind) {
      case "define":
        this.#define(order);
        break;
      case "effect":
        this.#effect(order);
        break;
      case "block":
        this.#block(order);
        break;
      case "settle":
        this.#answer(async () => this.#say({ kind: "settled", run: order.run, id: order.id }));
        break;
      case "release":
        this.#answer(() => this.#release(order));
        break;
      case "broker":
        this.#broker(order);
        break;
      case "drop":
        this.#lane.drop();
        break;
    }
  }

  /** Handles die with their run; what is under way ends. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#lane.end();
    this.#values.clear();
    this.#log.end();
  }

  #define({ handle, token, as }: Order<"define">): void {
    const variables = this.#ports.open.plaintext;
    // A thread takes a while to start; the value is needed later.
    if (as.kind === "compute") this.#ports.compartments.warm(this.#ports.localOnly.compute.memoryBytes);
    const isComponent = as.kind === "encode" && (as.how === "uriComponent" || as.how === "uri");
    const source = () =>
      computedValue(handle, as, {
        values: this.#values,
        secret: (name) => this.#secrets.get(name),
        variable: (name) => (Object.hasOwn(variables, name) ? done(variables[name]) : failed(`\`${name}\` is not set`)),
        compute: (source, inputs, args) => this.#compute(source, inputs, args),
      });
    this.#values.define(handle, token, source, isComponent);
  }

  #effect({ handle, token, op, args, seq, deferrable }: Order<"effect">): void {
    const perform = async () => this.#noted(op, await this.#perform(handle, op, args, seq));
    this.#values.define(handle, token, perform);
    if (deferrable) this.#lane.defer(this.#step(handle));
    else this.#lane.add(this.#step(handle));
  }

  #block({ handle, token, inputs, source, args, accepts, seq }: Order<"block">): void {
    this.#values.define(handle, token, async () => {
      const { signal } = this.#lane;
      const values = await this.#inputs(inputs);
      if (!values.ok) return values;
      // Its inputs took until the last tick.
      if (signal.aborted) return failed("it was not done by the last tick");
      const { compute: limits } = this.#ports.localOnly;
      const job = { source, inputs: values.value, args, limits, startMs: this.#run.startMs };
      const io = async (op: string, given: Json) =>
        openAnswer(
          await this.#wall.perform(
            { op, args: given, seq },
            blockFlow(accepts, namedHosts(this.#ports.open.policy)),
            signal,
          ),
        );
      return this.#noted("seal.run", await this.#ports.compartments.block(job, io));
    });
    this.#lane.add(this.#step(handle));
  }

  /** Its value is computed; dropped, it has none, and whoever needs it later fails. */
  #step(handle: number): Step {
    return { act: () => this.#values.get(handle), drop: () => this.#values.drop(handle) };
  }

  #answer(act: () => Promise<unknown>): void {
    this.#lane.addAnswer({ act, drop: () => undefined });
  }

  async #perform(handle: number, op: string, args: Json, seq: number): Promise<Attempt<Plain>> {
    const { signal } = this.#lane;
    const ready = await filled(op, args, this.#values, handle);
    if (!ready.ok) return ready;
    return answerOf(op, await this.#wall.perform({ op, args: ready.value, seq }, orderedFlow, signal));
  }

  async #compute(source: string, inputs: readonly Plain[], args: readonly Json[]): Promise<Attempt<Plain>> {
    // What is left of a run that is over would keep the compartments of others waiting.
    if (this.#ended.signal.aborted) return failed("the run is over");
    const job = { source, inputs, args, limits: this.#ports.localOnly.compute, startMs: this.#run.startMs };
    return this.#noted("seal.compute", await this.#ports.compartments.compute(job));
  }

  async #release({ id, rule, handle, run }: Order<"release">): Promise<void> {
    const data = this.#ports.localOnly.releases.find(({ name }) => name === rule);
    if (data === undefined) return;
    const value = await this.#values.get(handle);
    const content =
      value.ok && isResponse(value.value)
        ? jsonOrText(value.value.body)
        : value.ok
          ? jsonOrText(value.value)
          : undefined;
    this.#say({ kind: "released", run, id, rule, value: value.ok ? selectAndCheck(content, data) : data.otherwise });
  }

  #broker(order: Order<"broker">): void {
    const { handle, token, run, id } = order;
    if (handle === null || token === null) {
      void this.#credentials
        .tell(order)
        .catch((error: unknown) => this.#credentials.broken(order, error))
        .then((answer) => {
          if (answer !== null) this.#say({ kind: "brokered", run, id, answer });
        });
      return;
    }
    const what = `use of ${order.secret}`;
    this.#values.define(handle, token, async () => this.#noted(what, await this.#credentials.keep(order)));
    // One of the lane's effects, unless one boolean of it is waited for.
    if (!order.outcome) this.#lane.add(this.#step(handle));
    else {
      void this.#values
        .get(handle)
        .then((value) => this.#say({ kind: "outcome", run, id, ok: value.ok && isGood(value.value) }));
    }
  }

  async #inputs(handles: readonly number[]): Promise<Attempt<readonly Plain[]>> {
    const inputs: Plain[] = [];
    for (const handle of handles) {
      const value = await this.#values.get(handle);
      if (!value.ok) return value;
      inputs.push(value.value);
    }
    return done(inputs);
  }

  #noted(order: string, value: Attempt<Plain>): Attempt<Plain> {
    if (!value.ok) this.#log.failed(order, value.why);
    return value;
  }

  #say(message: FromVault): void {
    this.#ports.say(message);
  }
}

const namedHosts = ({ rules }: PolicyData): string[] =>
  rules.flatMap(({ sealed, match }) =>
    sealed === true && match.kind === "host" ? match.patterns.map(({ host }) => host) : [],
  );

const openAnswer = (answer: GateAnswer) => {
  if ("ok" in answer) return { ok: answer.ok };
  if ("error" in answer) return { error: answer.error };
  return { error: { code: "E_INTERRUPTED", message: "the run ended before the call did" } as const };
};

function jsonOrText(value: Plain): Plain {
  const text = plainText(value);
  if (typeof value !== "string" || !text.ok) return value;
  try {
    return JSON.parse(text.value) as Json;
  } catch {
    return value;
  }
}
