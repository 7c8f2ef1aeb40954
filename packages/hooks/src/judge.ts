/**
 * THE judgement of a host's call: each call of the policy that it was read as is decided by `Policy.decide`, and the
 * strictest answer is the answer. What a host's own tools cannot keep (a count, a seal, a secret's slot) is no grant here.
 */
import type { CanonicalRequest, Decision, JsonObject, Policy, Target } from "@agent-run/policy";
import type { HostWorld } from "@agent-run/runtime/host-calls";
import type { HostVerdict, JudgedCall } from "./host-call.ts";
import { beginsRepository } from "./repository.ts";

type FileCapability = "fs.read" | "fs.write" | "fs.delete";

/** Calls that are kept for the answer; all are decided. */
const MAX_KEPT = 50;

export class Judge {
  #policy: Policy;
  readonly world: HostWorld;
  readonly #refused: JudgedCall[] = [];
  readonly #allowed: JudgedCall[] = [];

  constructor(policy: Policy, world: HostWorld) {
    const circumstances = () => ({ now: world.now(), actor: null });
    this.#policy = policy.at(circumstances);
    this.world = world;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Before programs of these names are decided. */
  findCommands(names: readonly string[]): void {
    this.#policy = this.world.findCommands(this.#policy, names);
  }

  /** `call`: as a person writes it. */
  decide(call: string, request: CanonicalRequest): Decision {
    const decision = kept(this.policy.decide(request), request.on);
    this.#add({ call, decision });
    return decision;
  }

  /** A denial that needs no rule. `rule`: without `builtin.`. */
  deny(call: string, rule: string, hint: string): void {
    this.#add({ call, decision: denial(`builtin.${rule}`, hint) });
  }

  /** A file by its path as typed, made absolute, and where that leads now: each must be allowed. */
  file(on: FileCapability, path: string, attrs: JsonObject = {}): void {
    if (isDevice(path)) return;
    if (on === "fs.write" && beginsRepository(path))
      this.deny(
        `${on} ${path}`,
        "repository",
        "a directory with such a file is a repository to git: call it something else",
      );
    const targets = this.fileTargets(on, path);
    if (targets === null) this.deny(`${on} ${path}`, "path", "write a path that a file can have");
    else this.decide(`${on} ${lexical(path)}`, { v: 1, on, targets, attrs, labels: [] });
  }

  /** Null: no file has such a path. */
  fileTargets(on: FileCapability, path: string, role: Target["role"] = roleOf(on)): readonly Target[] | null {
    if (path.includes("\0") || path.length > 4096) return null;
    const places = [...new Set([lexical(path), this.world.whereItLeads(path)])];
    return places.map((value) => ({ on, role, kind: "path", value: value.normalize("NFC") }));
  }

  verdict(): HostVerdict {
    const decisions = [...this.#refused, ...this.#allowed].slice(0, MAX_KEPT);
    const isDenied = this.#refused.some(({ decision }) => decision.effect === "deny");
    const effect = isDenied ? "deny" : this.#refused.length > 0 ? "ask" : "allow";
    return { effect, reason: reasonFor(effect, this.#refused, this.#allowed), decisions };
  }

  #add(one: JudgedCall): void {
    if (one.decision.effect === "allow") this.#allowed.push(one);
    else this.#refused.push(one);
  }
}

const roleOf = (on: FileCapability): "read" | "write" | "delete" =>
  on === "fs.read" ? "read" : on === "fs.write" ? "write" : "delete";

/** Nothing is kept there, and each process has its own. */
const isDevice = (path: string): boolean => /^\/dev\/(?:null|stdin|stdout|stderr|fd\/\d{1,3})$/.test(path);

export function lexical(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function kept(decision: Decision, on: string): Decision {
  if (decision.effect === "deny") return decision;
  if (decision.sealed !== undefined) return denial("builtin.local_only", LOCAL_ONLY);
  if (decision.use !== undefined && !on.startsWith("fs."))
    return denial(
      "builtin.secret_use",
      "the host would not put the secret in: make this call in a script of agent-run",
    );
  if (decision.limited !== undefined)
    return denial(
      decision.limited[0] ?? "builtin.limit",
      "the rule counts calls, and a hook cannot: use agent-run's `run` tool",
    );
  return decision;
}

export const LOCAL_ONLY =
  "it is local-only: the host would show it to the model; use agent-run's `run` tool, which gives a sealed value";

export const denial = (id: string, hint: string): Decision => ({
  effect: "deny",
  code: "E_POLICY_DENIED",
  rule: { id },
  matched: [id],
  layer: "policy",
  hint,
});

/** Refusals that are told; the rest is counted. */
const MAX_TOLD = 4;
const MAX_CALL = 160;

function reasonFor(
  effect: HostVerdict["effect"],
  refused: readonly JudgedCall[],
  allowed: readonly JudgedCall[],
): string {
  if (effect === "allow") {
    const rules = [...new Set(allowed.map(({ decision }) => decision.rule.id))].slice(0, MAX_TOLD);
    return rules.length === 0 ? "agent-run: it touches nothing" : `agent-run: allowed by ${rules.join(", ")}`;
  }
  const strictest = refused.filter(({ decision }) => decision.effect === effect);
  const told = strictest.slice(0, MAX_TOLD).map(tell);
  const more = strictest.length > MAX_TOLD ? [`and ${strictest.length - MAX_TOLD} more`] : [];
  const what = effect === "deny" ? "denied by the policy" : "a person has to approve this";
  const advice = effect === "deny" ? [DECISION] : [];
  return [`agent-run: ${what}`, ...told, ...more, ...advice].join("\n");
}

/** Models take a refusal for a broken tool, and try another way round. */
const DECISION = "This is a decision, not an error: do not try another way to the same effect.";

function tell({ call, decision: { rule, hint, layer } }: JudgedCall): string {
  const place = rule.file === undefined ? "" : ` (${rule.file}${rule.line === undefined ? "" : `:${rule.line}`})`;
  const whose = layer === "policy" ? "" : ` of ${layer}`;
  return `- ${oneLine(call)}: by rule ${rule.id}${place}${whose}${hint === undefined ? "" : `; ${oneLine(hint, 400)}`}`;
}

function oneLine(text: string, most = MAX_CALL): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}\p{Bidi_Control}]/gu, (one) =>
    one === "\n" ? "⏎" : `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
