/**
 * For tests: the real gate over a real policy and the real flow rules, with operations that only count, and a vault that
 * only takes down what it is told. So a test sees of each call what was done here, and what the vault was ordered to do.
 * (Longer than other files: one scene for all tests of the folder.)
 */
import {
  type Capability,
  canonicalPath,
  canonicalUrl,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  loadPolicyText,
  ok,
  Policy,
  type PolicyWorld,
  type Result,
  type Target,
} from "@agent-run/policy";
import { Budget } from "../budget.ts";
import { type Errand, type ErrandAnswer, errand, type Steps } from "../errand.ts";
import { Gate } from "../gate.ts";
import { type AnyOperation, type Checked, type Done, defineOperation, type OperationContext } from "../operation.ts";
import type { GateAnswer, SealedFace } from "../ports.ts";
import { Handles } from "./handles.ts";
import { PublicFlow } from "./public-flow.ts";
import { SealedWrites } from "./sealed-writes.ts";
import { SettleState } from "./settle.ts";
import type { VaultLine } from "./vault-line.ts";
import type { ToVault } from "./vault-message.ts";

const ROOT = "/work";

export const POLICY = `version = 1
[local_only]
max_waits = 1
[filesystem]
read_allow = ["src/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
local_only_read = ["notes/**", "app.json", "diary/**"]
local_only_write = ["notes/**", "diary/**"]
[environment]
allow_vars = ["LANG"]
local_only_vars = ["INTERNAL_URL", "UNSET"]
[network]
http_get_allow = ["docs.example.com"]
http_post_allow = ["docs.example.com"]
local_only_hosts = ["localhost:11434"]
[subprocess]
allow_commands = ["cat"]
local_only_commands = ["sort"]
[[label]]
name = "diary"
sources = ["file:/work/diary/**"]
sinks = ["file:/work/diary/**"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "api.stripe.com"
methods = ["GET"]
paths = ["/v1/charges/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[secret.use]]
host = "pay.example.com"
methods = ["POST"]
paths = ["/**"]
slot = "header:x-key"
response = "sealed"
outcome = "ok"
per_run = 2
[[secret.use]]
host = "kept.example.com"
methods = ["POST"]
paths = ["/**"]
slot = "query:key"
response = "sealed"
[[secret]]
name = "other"
env = "OTHER_KEY"
[[secret.use]]
host = "api.other.example.com"
methods = ["GET"]
paths = ["/**"]
slot = "header:authorization"
format = "Basic {basic}"
response = "public"
[[secret]]
name = "github"
env = "GITHUB_TOKEN"
[[secret.use]]
command = ["gh", "*"]
slot = "env:GH_TOKEN"
response = "sealed"
[[secret.use]]
command = ["glab", "*"]
slot = "stdin"
response = "public"
`;

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: () => "0".repeat(64),
};

export function policyOf(text = POLICY): Policy {
  const place = { path: `${ROOT}/agent-run.toml`, realPath: `${ROOT}/agent-run.toml` };
  const loaded = loadPolicyText(text, place, world);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return Policy.revive(loaded.data);
}

/** What a brokered request or command answers, and every other errand. */
export type Answers = Partial<{ readonly [K in Errand["kind"]]: ErrandAnswer }>;

class ToldLine implements VaultLine {
  readonly run = "r";
  readonly #told: ToVault[];
  isFull = false;

  constructor(told: ToVault[]) {
    this.#told = told;
  }

  tell(message: ToVault): void {
    this.#told.push(message);
  }
}

export class Scene {
  readonly policy: Policy;
  readonly handles: Handles;
  readonly settle: SettleState;
  readonly told: ToVault[] = [];
  readonly vault: ToldLine;
  readonly errands: Errand[] = [];
  readonly intents: string[] = [];
  /** Names of the operations that were carried out on this side. */
  readonly effects: string[] = [];
  readonly environment: Record<string, string> = {
    LANG: "C",
    INTERNAL_URL: "",
    STRIPE_KEY: "",
    OTHER_KEY: "",
    GITHUB_TOKEN: "",
  };
  /** Where links lead: a typed path to its real one. */
  readonly writes = new SealedWrites();
  readonly links = new Map<string, string>();
  readonly addresses = new Map<string, string>();
  answers: Answers = {};
  readonly #gate: Gate;
  #tokens = 0;

  constructor(text = POLICY) {
    this.policy = policyOf(text);
    this.handles = new Handles(() => `sealed0${(++this.#tokens).toString(16).padStart(32, "a")}`);
    this.settle = new SettleState(this.policy.data.localOnly?.maxWaits ?? 0);
    const vault = new ToldLine(this.told);
    this.vault = vault;
    const flow = new PublicFlow({
      policy: this.policy.data,
      handles: this.handles,
      settle: this.settle,
      vault,
      writes: this.writes,
    });
    const { environment } = this;
    const context = { limits: { maxCalls: 1000 }, root: ROOT, home: "/home/me", environment, policy: this.policy.data };
    const counters = Budget.counters(this.policy.data);
    this.#gate = new Gate({
      ...(counters === null ? {} : { budget: new Budget(this.policy.data, counters) }),
      policy: this.policy,
      operations: new Map(this.#operations().map((operation) => [operation.name, operation])),
      context: context as unknown as OperationContext,
      recorder: {
        intent: ({ decision }) => this.intents.push(decision.effect) > 0,
        approval: () => true,
        outcome: () => true,
      },
      flow,
      hash: () => "hash",
      digest: () => "digest",
      now: () => 0,
    });
  }

  perform(op: string, args: Json): GateAnswer {
    return this.drive(this.#gate.perform(op, args));
  }

  drive<T>(steps: Steps<T>): T {
    let step = steps.next();
    while (!step.done) {
      this.errands.push(step.value);
      step = steps.next(this.#answer(step.value));
    }
    return step.value;
  }

  /** The handle that a call answers; throws where it is refused. */
  sealed(op: string, args: Json): SealedFace {
    const answer = this.perform(op, args);
    if (!("sealed" in answer)) throw new Error(`${op} is not sealed: ${JSON.stringify(answer)}`);
    return answer.sealed;
  }

  /** `env.read` of a variable or a secret. */
  read(name: string): string {
    return this.sealed("env.read", { name }).token;
  }

  file(path: string): string {
    return this.sealed("fs.read", { path }).token;
  }

  /** How often this side waited for a tick. */
  get waits(): number {
    return this.errands.filter(({ kind }) => kind === "settle").length;
  }

  /** The call is refused with this code: nothing is done on this side, and the vault is told nothing. */
  refusal(op: string, args: Json): { readonly code: string; readonly message: string; readonly hint: string } {
    const before = [this.effects.length, this.told.length, this.errands.length];
    const answer = this.perform(op, args);
    if (!("error" in answer)) throw new Error(`${op} was not refused: ${JSON.stringify(answer)}`);
    const after = [this.effects.length, this.told.length, this.errands.length];
    if (after.join() !== before.join()) throw new Error(`a refused ${op} did something: ${before} ${after}`);
    const { code, message, hint = "" } = answer.error;
    return { code, message, hint };
  }

  /** The gate's steps of a call, for a test that drives them itself. */
  start(op: string, args: Json): Steps<GateAnswer> {
    return this.#gate.perform(op, args);
  }

  #answer({ kind, ...work }: Errand): ErrandAnswer {
    const given = this.answers[kind];
    if (given !== undefined) return given;
    if (kind === "resolve")
      return ok({ addresses: [this.addresses.get("host" in work ? work.host : "") ?? "93.184.216.34"] });
    if (kind === "settle") return ok({ waitedMs: 1000 });
    if (kind === "approve") return ok({ answer: "allow", by: "test" });
    return ok({ status: 200, headers: [], body: Buffer.from("answer"), outcome: true, value: { exitCode: 0 } });
  }

  #operations(): readonly AnyOperation[] {
    const paths = (args: JsonObject, ...on: readonly [Capability, Target["role"], string][]): Result<Target[]> => {
      const targets: Target[] = [];
      for (const [capability, role, member] of on) {
        const path = canonicalPath(String(args[member]), { root: ROOT, home: "/home/me" });
        if (!path.ok) return path;
        targets.push({ on: capability, role, kind: "path", value: path.value });
      }
      return ok(targets);
    };
    const variable = ({ name = "" }: JsonObject): Result<Target[]> =>
      ok([{ on: "env.read", role: "read", kind: "variable", value: String(name) }]);
    return [
      this.#operation("fs.read", (args) => paths(args, ["fs.read", "read", "path"])),
      this.#operation("fs.stat", (args) => paths(args, ["fs.read", "read", "path"])),
      this.#operation("fs.write", (args) => paths(args, ["fs.write", "write", "path"])),
      this.#operation("fs.delete", (args) => paths(args, ["fs.delete", "delete", "path"])),
      this.#operation("fs.copy", (args) => paths(args, ["fs.read", "read", "from"], ["fs.write", "write", "to"])),
      this.#operation("env.read", variable),
      this.#operation("env.has", variable),
      this.#operation("net.request", requestTargets, requestAttrs),
      this.#operation("subprocess.exec", commandTargets, commandAttrs),
    ];
  }

  #operation(
    name: string,
    targetsOf: (args: JsonObject) => Result<Target[]>,
    attrsOf: (args: JsonObject) => { readonly [name: string]: Json } = () => ({}),
  ): AnyOperation {
    return defineOperation<JsonObject, JsonObject>({
      name,
      capabilities: [],
      parse: (args) => ok(isJsonObject(args) ? args : {}),
      canonicalize: (args) => {
        const targets = targetsOf(args);
        if (!targets.ok) return targets;
        const [target] = targets.value;
        return ok({
          v: 1,
          on: targets.value.at(-1)?.on ?? target?.on ?? "fs.read",
          targets: targets.value,
          attrs: attrsOf(args),
          labels: [],
        });
      },
      check: (args, typed) => this.#check(args, typed),
      execute: (permit) => this.#execute(name, permit.spend()),
    });
  }

  *#check(args: JsonObject, typed: Parameters<AnyOperation["check"]>[1]): Steps<Result<Checked<JsonObject>>> {
    const added: Target[] = [];
    for (const target of typed.targets) {
      const real = this.links.get(target.value);
      if (real !== undefined) added.push({ ...target, value: real });
      if (target.kind !== "url") continue;
      const found = yield* errand<"resolve">({ kind: "resolve", host: String(typed.attrs.host), timeoutMs: 1 });
      if (!found.ok) return found;
      for (const value of found.value.addresses) added.push({ ...target, kind: "address", value });
    }
    return ok({ request: { ...typed, targets: [...typed.targets, ...added] }, plan: args, release: () => undefined });
  }

  *#execute(name: string, args: JsonObject): Steps<Result<Done>> {
    if (name !== "net.request") {
      this.effects.push(name);
      return ok({ value: "done" });
    }
    const { url = "", method = "GET", body } = args;
    const request = {
      method: String(method),
      url: String(url),
      addresses: ["93.184.216.34"],
      headers: [],
      body: typeof body === "string" ? Buffer.from(body) : null,
      timeoutMs: 1,
      maxResponseBytes: 1,
    };
    const answer = yield* errand<"http">({ kind: "http", request });
    if (!answer.ok) return answer;
    if (this.errands.at(-1)?.kind === "http") this.effects.push(name);
    return ok({ value: Buffer.from(answer.value.body).toString(), bytes: 6 });
  }
}

function requestTargets({ url = "", method = "GET" }: JsonObject): Result<Target[]> {
  const read = canonicalUrl(String(url));
  if (!read.ok) return read;
  const on = method === "GET" ? "net.http_get" : "net.http_post";
  return ok([{ on, role: "connect", kind: "url", value: read.value.url }]);
}

function requestAttrs({ url = "", method = "GET", body }: JsonObject): { readonly [name: string]: Json } {
  const read = canonicalUrl(String(url));
  if (!read.ok) return {};
  const { scheme, host, port, path } = read.value;
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : 0;
  return { host, port, scheme, method, url_path: path, bytes };
}

const wordsOf = (argv: Json): readonly Json[] => (isJsonArray(argv) ? argv : []);

const commandTargets = ({ argv = [] }: JsonObject): Result<Target[]> =>
  ok([{ on: "subprocess.exec", role: "execute", kind: "command", value: String(wordsOf(argv)[0]) }]);

const commandAttrs = ({ argv = [] }: JsonObject): { readonly [name: string]: Json } => ({
  command: String(wordsOf(argv)[0]),
  argv,
});
