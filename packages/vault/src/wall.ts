/**
 * The vault's own wall (ONE-WALL): the same gate, operations and effects as on the public side, over the same policy,
 * with a record of its own that only the operator sees. Every answer stays in this process.
 */
import { createHash, randomBytes } from "node:crypto";
import { detectJail, operations, protectedInodes } from "@agent-run/effects";
import type { Errands } from "@agent-run/effects/errands";
import {
  canonicalJson,
  type Flow,
  Gate,
  type GateAnswer,
  type Json,
  type OperationContext,
  type ProtectedInode,
  type Recorder,
  type VaultOpen,
} from "@agent-run/gate";
import { Policy } from "@agent-run/policy";

const table = new Map(operations.map((operation) => [operation.name, operation]));

export class Wall {
  readonly policy: Policy;
  readonly context: OperationContext;
  readonly #errands: Errands;
  readonly #recorder: Recorder;

  /** `actor`: who acts in the run. */
  constructor(open: VaultOpen, errands: Errands, recorder: Recorder, actor: string | null) {
    this.policy = Policy.revive(open.policy).at(() => ({ now: Date.now(), actor }));
    this.#errands = errands;
    this.#recorder = recorder;
    this.context = contextOf(open, this.policy);
  }

  /** Ends when the call has: by itself, by its own clock, or by the signal. `seq`: of the public call that ordered it. */
  async perform({ op, args, seq }: SealedCall, flow: Flow, signal: AbortSignal): Promise<GateAnswer> {
    const { policy, context } = this;
    const recorder = under(seq, this.#recorder);
    const digest = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");
    const hash = (request: unknown) => digest(canonicalJson(JSON.parse(JSON.stringify(request)) as Json));
    const ports = {
      policy,
      context,
      operations: table,
      recorder,
      hash,
      digest,
      flow,
      now: () => performance.now(),
    };
    const steps = new Gate(ports).perform(op, args);
    let step = steps.next();
    while (!step.done) step = steps.next(await this.#errands.perform(step.value, signal, this.context.decide));
    return step.value;
  }
}

export interface SealedCall {
  readonly op: string;
  readonly args: Json;
  readonly seq: number;
}

/** Each call has a gate of its own, which numbers it from one; the log has the number of the agent's record. */
const under = (seq: number, recorder: Recorder): Recorder => ({
  intent: (entry, durable) => recorder.intent({ ...entry, seq }, durable),
  approval: (entry) => recorder.approval({ ...entry, seq }),
  outcome: (entry, mayWait) => recorder.outcome({ ...entry, seq }, mayWait),
});

function contextOf(open: VaultOpen, policy: Policy): OperationContext {
  const { home, protectedPaths, environment } = open;
  let jail: OperationContext["jail"] | undefined;
  let inodes: readonly ProtectedInode[] | undefined;
  const policyFiles = [open.policy, ...open.policy.ceilings].flatMap(({ files }) =>
    files.map(({ path }) => ({ path, access: "all" as const, what: "the policy of this run" })),
  );
  return {
    policy: policy.data,
    limits: policy.data.limits,
    root: policy.data.root,
    home,
    get protectedInodes() {
      inodes ??= protectedInodes([...protectedPaths, ...policyFiles]);
      return inodes;
    },
    protectedPaths,
    environment,
    latestTimeMs: null,
    decide: (target) => policy.decideTarget(target),
    get jail() {
      jail ??= detectJail();
      return jail;
    },
    randomName: () => randomBytes(8).toString("hex"),
  };
}
