import type {
  CanonicalRequest,
  Capability,
  Decision,
  Failure,
  Json,
  Limits,
  PolicyData,
  ProtectedPath,
  Result,
  Signature,
  Target,
} from "@agent-run/policy";
import type { Steps } from "./errand.ts";
import type { Permit } from "./permit.ts";
import type { SealedFace } from "./ports.ts";
import type { Preview } from "./preview.ts";

/**
 * One thing a script can ask for (`fs.copy`), in the four steps that `Gate.perform` calls. Each step narrows:
 * JSON of a script -> arguments -> canonical request -> checked plan -> effect. Only `execute` changes the world,
 * and it needs a permit.
 */
export interface Operation<Args, Plan> {
  /** Name in the script API, and the `op` on the wire: `fs.copy`. */
  readonly name: string;
  /** What the operation can be counted and reported under; the request's `on` is one of them. */
  readonly capabilities: readonly Capability[];
  /**
   * Only of tools whose definition stands elsewhere: what its schema makes of the arguments, which is what every further
   * step is given. `isOpen`: they hold nothing sealed; else no schema is asked.
   */
  readonly validate?: (args: Json, isOpen: boolean) => Steps<Result<Json>>;
  /** Only of tools: what the policy does not know of them. */
  readonly class?: Signature["class"];
  /**
   * Validates the decoded JSON. Unknown members are `E_ARGUMENT`. `hops` is 0 for what a script sent; above 0, `args`
   * is the `next` of this operation's own answer, a redirect that the gate follows.
   */
  parse(args: Json, hops: number): Result<Args>;
  /** Lexical: makes the canonical request without touching the disk or the network. */
  canonicalize(args: Args, context: OperationContext): Result<CanonicalRequest>;
  /**
   * What the call brings along and its request names by size only; null: nothing. Who says yes says it to these bytes.
   * Pure, and of the arguments alone, so that it is the same before and after the check.
   */
  carries?(args: Args): Carried | null;
  /**
   * Makes checked values (descriptors, real paths, addresses), after the typed request was allowed. The request it
   * returns holds what it added; the gate decides that, too. May open read-only, resolve and stat; changes nothing.
   */
  check(args: Args, typed: CanonicalRequest, context: OperationContext): Steps<Result<Checked<Plan>>>;
  /** Does it. The plan is in the permit, so what is used is what was checked. */
  execute(permit: Permit<Plan>, context: OperationContext): Steps<Result<Done>>;
}

export interface Carried {
  /** What becomes of the bytes. */
  readonly as: "written" | "appended" | "body" | "headers and body" | "stdin";
  readonly bytes: Uint8Array;
}

/** An operation as the table holds it, argument and plan types forgotten. */
export type AnyOperation = Operation<unknown, unknown>;

/**
 * Forgets the types of an operation, for the table. Sound because the gate hands each step only what the step before
 * it of the same operation returned. The one such cast of the product.
 */
export const defineOperation = <Args, Plan>(operation: Operation<Args, Plan>): AnyOperation =>
  operation as unknown as AnyOperation;

export interface Checked<Plan> {
  readonly request: CanonicalRequest;
  readonly plan: Plan;
  /** A guard of the check denies the call (`E_POLICY_DENIED`); told after the targets were decided, nothing is done. */
  readonly denied?: Failure;
  /** What it would do, for who is asked. Reads what the check holds and changes nothing; null: there is nothing to show. */
  preview?(): Preview | null;
  /** Closes what `check` opened. Called exactly once, whatever happens. */
  release(): void;
}

/** What an effect leaves: the script's value, public size for the record, and a follow-up that is a new question. */
export interface Done {
  readonly value: Json;
  /** Instead of a value: a handle of one that this side never sees. */
  readonly sealed?: SealedFace;
  /** Bytes moved, for the outcome record. */
  readonly bytes?: number;
  /** A redirect to follow: arguments for the same operation, performed as a call of its own. */
  readonly next?: Json;
}

/** What operations may know. One object a run. */
export interface OperationContext {
  readonly policy: PolicyData;
  readonly limits: Limits;
  /** Real path that relative paths hang under. */
  readonly root: string;
  /** What `~` stands for in a script's path. */
  readonly home: string;
  /** Inodes that no path may reach, whatever its name (hard links to policies, the record, our installation). */
  readonly protectedInodes: readonly ProtectedInode[];
  readonly protectedPaths: readonly ProtectedPath[];
  /** The environment that `env.read` and children see, before the policy; ours is already taken out. */
  readonly environment: Readonly<Record<string, string>>;
  /** Times of files that are later are shown as this one, in whole seconds; null: as they are. */
  readonly latestTimeMs: number | null;
  /** Asks the policy about one more target (entries of a listing, descendants of a tree). Same decider as the gate. */
  decide(target: Target): Decision;
  /** How a bwrap jail is started here, or why there is none. */
  readonly jail: { readonly ok: true; readonly bwrap: string } | { readonly ok: false; readonly reason: string };
  /** Public random text for temporary names, `[a-z0-9]{16}`. */
  randomName(): string;
}

export interface ProtectedInode {
  readonly dev: number;
  readonly ino: number;
  readonly access: "all" | "write";
  readonly what: string;
}

/** What the guards of a check denied, as a member of its answer. */
export const deniedBy = (plan: Result<unknown>): { readonly denied?: Failure } =>
  plan.ok || plan.failure.code !== "E_POLICY_DENIED" ? {} : { denied: plan.failure };
