/**
 * What a learning run may do: everything that its policy lets it, and what the policy denies for no other reason than
 * that nothing grants it, as far as that can be done in a copy of the root. Still one policy that answers and one wall
 * that asks it: the answer is that of the same policy with one more grant, so denials, ceilings, protections and
 * local-only entries beat it as they beat any grant. What cannot be done in a copy (requests, commands, changes outside
 * of the root) is denied, and on the record as wanted.
 */
import {
  type CanonicalRequest,
  type Capability,
  type Decision,
  escapeGlob,
  isTool,
  LEARNING,
  type Policy,
  type ProtectedPath,
  type RuleData,
  type Target,
} from "@agent-run/policy";
import type { Decider } from "../ports.ts";

export interface LearningOptions {
  /** GET and HEAD are really sent. */
  readonly network: boolean;
  /** The copy: no script may name it. */
  readonly overlay: string;
}

export class LearningDecider implements Decider {
  readonly #policy: Policy;
  readonly #widened: Policy;
  /** Says what is refused for this being a learning run only. */
  readonly #unbounded: Policy;
  readonly #network: boolean;

  constructor(policy: Policy, { network, overlay }: LearningOptions) {
    const own: readonly ProtectedPath[] = [{ path: overlay, access: "all", what: "the copy of this learning run" }];
    const guarded = policy.protecting(own);
    const { root } = policy.data;
    const below = root === "/" ? "/**" : `${escapeGlob(root)}/**`;
    const reachable = network ? [everyHost(["net.http_get"])] : [];
    this.#policy = guarded;
    this.#widened = guarded.granting([everyPath(below), everyVariable, ...reachable]);
    this.#unbounded = guarded.granting([everyPath("/**"), everyVariable, everyHost(REQUESTS)]);
    this.#network = network;
  }

  decide(request: CanonicalRequest, typed: CanonicalRequest = request): Decision {
    if (request.targets.some((target) => !this.#isReversible(target))) return this.#wanted(request, typed);
    const strict = this.#policy.decide(request, typed);
    if (strict.effect !== "deny") return isSealed(strict) ? sealedDenial(request) : strict;
    const wide = this.#widened.decide(request, typed);
    if (isSealed(wide)) return sealedDenial(request);
    if (wide.effect === "deny") return isDefault(wide) ? strict : wide;
    return { ...wide, ...(wide.effect === "allow" ? { rule: { id: LEARNING } } : {}), learned: true };
  }

  /** About an entry of a listing; a command is never asked about, as none runs. */
  decideTarget(target: Target): Decision {
    const strict = this.#policy.decideTarget(target);
    return strict.effect === "deny" && isDefault(strict) ? this.#widened.decideTarget(target) : strict;
  }

  /** A script is not refused for what it wants: that is what a learning run is there to see. */
  grants(capability: Capability): boolean {
    return capability === "subprocess.exec" || isTool(capability) || this.#unbounded.grants(capability);
  }

  withheldBy(capability: Capability): string | null {
    return this.#unbounded.withheldBy(capability);
  }

  grantHint(capability: Capability, target?: string, role?: Target["role"]): string {
    return this.#policy.grantHint(capability, target, role);
  }

  #isReversible({ on, value }: Target): boolean {
    if (on === "fs.read" || on === "env.read") return true;
    if (on === "net.http_get") return this.#network;
    if (on !== "fs.write" && on !== "fs.delete") return false;
    const { root } = this.#policy.data;
    return value === root || value.startsWith(root === "/" ? "/" : `${root}/`);
  }

  /** The policy's own denial where there is one, else that of the learning run. */
  #wanted(request: CanonicalRequest, typed: CanonicalRequest): Decision {
    const commands = request.targets.filter(({ kind }) => kind === "command");
    const others = request.targets.filter(({ kind }) => kind !== "command");
    const parts = [
      ...commands.map((target) => this.#policy.decide({ ...request, targets: [target] }, typed)),
      ...(others.length === 0 ? [] : [this.#unbounded.decide({ ...request, targets: others }, typed)]),
    ];
    if (parts.some(isSealed)) return sealedDenial(request);
    const denied = parts.find((part) => part.effect === "deny" && !isDefault(part));
    return denied ?? denial(request, LEARNING, NOT_DONE);
  }
}

const NOT_DONE =
  "this is a learning run: requests, commands and changes outside of the root are put on the record as wanted and not done";

const SEALED = "this is a learning run, in which nothing local-only is used";

const REQUESTS: readonly Capability[] = [
  "net.http_get",
  "net.http_post",
  "net.http_put",
  "net.http_patch",
  "net.http_delete",
];

const everyPath = (pattern: string): RuleData => ({
  ref: { id: LEARNING },
  effect: "allow",
  on: ["fs.read", "fs.write", "fs.delete"],
  match: { kind: "path", patterns: [pattern], below: false },
});

const everyVariable: RuleData = {
  ref: { id: LEARNING },
  effect: "allow",
  on: ["env.read"],
  match: { kind: "variable", patterns: ["*"] },
};

/** Addresses of special ranges stay closed: this names none of them. */
const everyHost = (on: readonly Capability[]): RuleData => ({
  ref: { id: LEARNING },
  effect: "allow",
  on,
  match: { kind: "host", patterns: [{ scheme: "*", host: "*", port: "*", path: null }] },
});

/** Nothing grants it; that a ceiling does not either is the ceiling's denial. */
const isDefault = ({ rule, layer }: Decision): boolean => rule.id === "default" && layer === "policy";

const isSealed = ({ sealed, use }: Decision): boolean => sealed !== undefined || use !== undefined;

const sealedDenial = (request: CanonicalRequest): Decision => denial(request, `${LEARNING}.local_only`, SEALED);

function denial({ targets: [target] }: CanonicalRequest, id: string, hint: string): Decision {
  const denied = {
    effect: "deny",
    code: "E_POLICY_DENIED",
    rule: { id },
    matched: [id],
    layer: "policy",
    hint,
  } as const;
  return target === undefined ? denied : { ...denied, target };
}
