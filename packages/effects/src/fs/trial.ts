/**
 * For tests: real files in a temporary directory, the real gate, and a policy of path prefixes. `root` is what a script
 * may read, write and delete unless a test says otherwise; `outside` is what it must never reach.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type AnyOperation,
  type CanonicalRequest,
  compileGlob,
  type Decision,
  type Effect,
  type Failure,
  Gate,
  type GateAnswer,
  type IntentEntry,
  type Json,
  type OperationContext,
  type ProtectedInode,
  type Target,
} from "@agent-run/gate";

export const CANARY = "canary-7f3a-outside";

export class Trial {
  readonly base: string;
  readonly root: string;
  readonly outside: string;
  /** Prefixes, per role. */
  allowed: Record<"read" | "write" | "delete", string[]>;
  /** Paths that hold one of these texts are denied, whatever is allowed. */
  denied: string[] = ["denied"];
  /** Denied without what lies below. */
  deniedExactly: string[] = [];
  asked: string[] = [];
  variables: string[] = [];
  environment: Record<string, string> = {};
  protectedInodes: ProtectedInode[] = [];
  maxFileBytes = 1_000_000;
  /** What a person answers, and how often one was asked. */
  answer: "allow" | "deny" = "allow";
  questions = 0;
  readonly intents: IntentEntry[] = [];
  /** Runs after the intent was recorded: between check and effect. */
  beforeEffect: () => void = () => {};
  /** Runs before the policy answers about one target: within a check or an effect. */
  beforeDecision: (path: string) => void = () => {};
  readonly #operations: ReadonlyMap<string, AnyOperation>;
  #names = 0;

  /** `root`: that of another trial, in another process. */
  constructor(operations: readonly AnyOperation[], root?: string) {
    this.base = root === undefined ? realpathSync(mkdtempSync(join(tmpdir(), "agent-run-trial-"))) : dirname(root);
    this.root = join(this.base, "root");
    this.outside = join(this.base, "outside");
    this.allowed = { read: [this.root], write: [this.root], delete: [this.root] };
    this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
    if (root !== undefined) return;
    mkdirSync(this.root);
    mkdirSync(this.outside);
    writeFileSync(join(this.outside, "secret"), CANARY);
  }

  /** Absolute path of a name in the root. */
  at(...names: string[]): string {
    return join(this.root, ...names);
  }

  file(name: string, content: string | Uint8Array = name, mode = 0o644): string {
    const path = this.at(name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content, { mode });
    return path;
  }

  text(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }

  names(directory = "."): string[] {
    return readdirSync(this.at(directory)).sort();
  }

  call(name: string, args: Json): GateAnswer {
    const steps = this.#gate().perform(name, args);
    let step = steps.next();
    while (!step.done) {
      this.questions += 1;
      step = steps.next({ ok: true, value: { answer: this.answer, by: "a test" } });
    }
    return step.value;
  }

  value(name: string, args: Json): Json {
    const answer = this.call(name, args);
    if (!("ok" in answer)) throw new Error(`\`${name}\` failed: ${JSON.stringify(answer)}`);
    return answer.ok;
  }

  failure(name: string, args: Json): Failure {
    const answer = this.call(name, args);
    if (!("error" in answer)) throw new Error(`\`${name}\` did not fail: ${JSON.stringify(answer)}`);
    return answer.error;
  }

  code(name: string, args: Json): string {
    return this.failure(name, args).code;
  }

  /** Targets of the last call, as `role path`, root and base shortened. */
  lastTargets(): string[] {
    const targets = this.intents.at(-1)?.request.targets ?? [];
    return targets.map(({ role, value }) => `${role} ${value.replace(this.root, "~").replace(this.base, "^")}`);
  }

  outsideIsUntouched(): boolean {
    const names = readdirSync(this.outside);
    return names.length === 1 && readFileSync(join(this.outside, "secret"), "utf8") === CANARY;
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }

  decide(target: Target): Decision {
    const effect = this.#effect(target);
    const rule = { id: `trial.${effect}` };
    if (effect === "allow") return { effect, code: null, rule, matched: [], layer: "policy" };
    const code = effect === "deny" ? "E_POLICY_DENIED" : "E_APPROVAL_UNAVAILABLE";
    return { effect, code, rule, matched: [], layer: "policy", target };
  }

  context(): OperationContext {
    const limits = { maxCalls: 1_000_000, maxFileBytes: this.maxFileBytes };
    const context: Partial<OperationContext> = {
      policy: { rules: this.variables.map(variableRule) } as unknown as OperationContext["policy"],
      limits: limits as OperationContext["limits"],
      root: this.root,
      home: join(this.base, "home"),
      protectedInodes: this.protectedInodes,
      protectedPaths: [],
      latestTimeMs: null,
      environment: this.environment,
      decide: (target) => {
        this.beforeDecision(target.value);
        return this.decide(target);
      },
      randomName: () => this.#randomName(),
    };
    return context as OperationContext;
  }

  #randomName(): string {
    this.#names += 1;
    return `trial${String(this.#names).padStart(11, "0")}`;
  }

  #gate(): Gate {
    return new Gate({
      policy: { decide: (request) => this.#decideAll(request), grants: () => true, grantHint: () => "" },
      operations: this.#operations,
      context: this.context(),
      recorder: {
        intent: (entry) => {
          this.intents.push(entry);
          this.beforeEffect();
          return true;
        },
        approval: () => true,
        outcome: () => true,
      },
      hash: () => "",
      digest: () => "",
      now: () => 0,
    });
  }

  /** A request about nothing is denied, as the real policy does. */
  #decideAll({ targets }: CanonicalRequest): Decision {
    const nothing = { effect: "deny", code: "E_POLICY_DENIED", rule: { id: "trial.nothing" } } as const;
    if (targets.length === 0) return { ...nothing, matched: [], layer: "policy" };
    const decisions = targets.map((target) => this.decide(target));
    const strict = ["deny", "ask"].map((effect) => decisions.find((decision) => decision.effect === effect));
    const none: Decision = { effect: "allow", code: null, rule: { id: "trial" }, matched: [], layer: "policy" };
    return strict[0] ?? strict[1] ?? none;
  }

  #grantsVariable(name: string): Effect {
    if (this.asked.includes(name)) return "ask";
    const granted = this.variables.some((pattern) => compileGlob(pattern)(name));
    return granted ? "allow" : "deny";
  }

  #effect({ kind, role, value }: Target): Effect {
    if (kind === "variable") return this.#grantsVariable(value);
    const granting = role === "search" ? "read" : role;
    const prefixes = granting === "read" || granting === "write" || granting === "delete" ? this.allowed[granting] : [];
    // As the real policy: a search is allowed wherever something below may be read.
    const covers = (prefix: string) =>
      value === prefix ||
      value.startsWith(`${prefix}/`) ||
      (role === "search" && prefix.startsWith(value === "/" ? "/" : `${value}/`));
    if (!prefixes.some(covers)) return "deny";
    const below = value.slice(this.base.length);
    if (this.denied.some((text) => below.includes(text)) || this.deniedExactly.includes(value)) return "deny";
    return this.asked.some((text) => below.includes(text)) ? "ask" : "allow";
  }
}

const variableRule = (pattern: string) => ({ match: { kind: "variable", patterns: [pattern] } });
