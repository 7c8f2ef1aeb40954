/**
 * The frame of every file operation. What the disk added to the typed path is always decided, also where the operation
 * is bound to fail, so that a refusal is the same for what exists and what does not; only then is the failure told.
 * File operations run to their end in the run's own thread: they ask the main thread for nothing.
 */
import {
  type AnyOperation,
  type CanonicalRequest,
  type Capability,
  type Carried,
  type Done,
  defineOperation,
  deniedBy,
  fail,
  type Json,
  type OperationContext,
  ok,
  type Preview,
  type Result,
  type Target,
} from "@agent-run/gate";
import { Holding } from "./descriptor.ts";
import { pathTarget, withTargets } from "./target.ts";

export interface FileOperation<Args, Plan> {
  readonly name: string;
  readonly capabilities: readonly Capability[];
  parse(args: Json): Result<Args>;
  canonicalize(args: Args, context: OperationContext): Result<CanonicalRequest>;
  carries?(args: Args): Carried | null;
  /** Resolves and holds; changes nothing, reads no content. */
  look(args: Args, typed: CanonicalRequest, context: OperationContext, holding: Holding): Look<Plan>;
  act(plan: Plan, context: OperationContext): Result<Done>;
  /** What it would do to a file, for who is asked; reads through what `look` holds. */
  preview?(plan: Plan, context: OperationContext): Preview | null;
}

export interface Look<Plan> {
  /** Real paths, descendants, missing parents: everything the disk added. */
  readonly targets: readonly Target[];
  /** What is known only now of the size of a write. */
  readonly bytes?: number;
  /** A failure is told after the targets were decided. */
  readonly plan: Result<Plan>;
}

export function fileOperation<Args, Plan>(operation: FileOperation<Args, Plan>): AnyOperation {
  return defineOperation<Args, Result<Plan>>({
    name: operation.name,
    capabilities: operation.capabilities,
    parse: (args) => about(operation, operation.parse(args)),
    canonicalize: (args, context) => about(operation, operation.canonicalize(args, context)),
    carries: (args) => operation.carries?.(args) ?? null,
    *check(args, typed, context) {
      const holding = new Holding();
      const look = holding.guard(() => operation.look(args, typed, context, holding));
      const request = withTargets(typed, [...look.targets, ...localOnlyWay(holding, context)], look.bytes);
      const plan = about(operation, look.plan);
      const preview = () => (plan.ok ? (operation.preview?.(plan.value, context) ?? null) : null);
      return ok({ request, plan, ...deniedBy(plan), preview, release: () => holding.release() });
    },
    *execute(permit, context) {
      const plan = permit.spend();
      return plan.ok ? about(operation, operation.act(plan.value, context)) : plan;
    },
  });
}

/** What links lead through is read like their end where it is local-only; elsewhere it tells nothing that is guarded. */
const localOnlyWay = ({ way }: Holding, { decide }: OperationContext): readonly Target[] =>
  way.map((path) => pathTarget("read", path)).filter((target) => decide(target).sealed !== undefined);

/** A failure names the capability that it is about. */
function about<T>(
  { capabilities: [capability] }: { capabilities: readonly Capability[] },
  result: Result<T>,
): Result<T> {
  if (result.ok || capability === undefined) return result;
  return fail({ capability, ...result.failure });
}
