import type { Failure, Json } from "@agent-run/policy";
import type { Carried } from "./operation.ts";
import type { Preview } from "./preview.ts";
import type { BrokeredWork } from "./sealing/vault-message.ts";

/**
 * An errand is the part of a step that the supervisor (the main thread) must do: network, processes, asking people.
 * It decides nothing: what it carries was checked and decided where its permit was minted, is frozen, and survives
 * structured clone.
 */
export type Errand =
  | { readonly kind: "resolve"; readonly host: string; readonly timeoutMs: number }
  | { readonly kind: "http"; readonly request: PinnedRequest }
  | { readonly kind: "exec"; readonly command: PinnedCommand }
  | { readonly kind: "approve"; readonly ticket: ApprovalTicket }
  /** The host program may still say no to a call that was decided. */
  | { readonly kind: "consult"; readonly call: ConsultedCall }
  /** What a script gave to a tool of the host program, as JSON text: the definition's schema reads it. */
  | { readonly kind: "validate"; readonly tool: string; readonly args: string }
  /** The effect of such a tool, with the very JSON text that was decided. */
  | { readonly kind: "invoke"; readonly tool: string; readonly args: string; readonly maxBytes: number }
  /** Waits for a tick of the settle clock; `durationMs`: for exactly that long. `joins`: for the one that is waited for. */
  | { readonly kind: "settle"; readonly durationMs: number | null; readonly joins: boolean }
  /** A value that the policy releases, at a tick. */
  | { readonly kind: "release"; readonly rule: string; readonly handle: number }
  /** A credential at its slot. `handle`: the answer is sealed as this one, and one boolean is told. */
  | {
      readonly kind: "broker";
      readonly secret: string;
      readonly use: number;
      readonly work: BrokeredWork;
      readonly handle: { readonly id: number; readonly token: string } | null;
    };

/** What each errand answers; a failure is an answer, too. */
export interface ErrandAnswers {
  readonly resolve: { readonly addresses: readonly string[] };
  readonly http: HttpAnswer;
  readonly exec: ExecAnswer;
  readonly approve: ApprovalAnswer;
  /** Null: no objection. */
  readonly consult: { readonly refused: { readonly reason: string | null } | null };
  /** What the schema made of it, and what the call is about, in the definition's words. */
  readonly validate: { readonly args: string; readonly target: string | null };
  readonly invoke: { readonly value: string };
  /** Milliseconds of the settle clock: which tick it was. */
  readonly settle: { readonly waitedMs: number };
  readonly release: { readonly value: Json; readonly waitedMs: number };
  readonly broker: BrokerAnswer;
}

/** Of a request an `HttpAnswer`; of a command its `value`; of what stays sealed its `outcome`. */
export type BrokerAnswer = Partial<HttpAnswer> & { readonly value?: Json; readonly outcome?: boolean };

export type ErrandAnswer<K extends Errand["kind"] = Errand["kind"]> =
  | { readonly ok: true; readonly value: ErrandAnswers[K] }
  | { readonly ok: false; readonly failure: Failure };

/** A request whose addresses are decided: the connection goes to one of them, with `Host` and SNI of the URL. */
export interface PinnedRequest {
  readonly method: string;
  /** Canonical URL. */
  readonly url: string;
  readonly addresses: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array | null;
  /** From connecting to the last byte, in milliseconds. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; repeated fields joined by ", " but for `set-cookie`, which stays apart. */
  readonly headers: readonly (readonly [string, string])[];
  /** After content decoding. */
  readonly body: Uint8Array;
}

/** A command whose identity is checked: `path` is executed, `argv[0]` stays what was asked for. */
export interface PinnedCommand {
  readonly path: string;
  readonly dev: number;
  readonly ino: number;
  /** The program that `#!` names; checked again like the command itself. */
  readonly interpreter?: { readonly path: string; readonly dev: number; readonly ino: number };
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array | null;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** Null: open, as the policy says (`sandbox = "none"`). */
  readonly jail: JailPlan | null;
}

/** What a jailed child may see; everything else is not there. */
export interface JailPlan {
  /** The program that builds the jail; found at a fixed place of the system, never by PATH. */
  readonly bwrap: string;
  readonly readOnly: readonly string[];
  readonly readWrite: readonly string[];
  /** Paths inside the ones above that stay hidden. */
  readonly hidden: readonly { readonly path: string; readonly kind: "file" | "directory" }[];
  /** Links with denied names where the child may write: no mount can guard a link, so they are looked at afterwards. */
  readonly links: readonly { readonly path: string; readonly text: string }[];
  readonly network: boolean;
  /** Absent: `public`. */
  readonly clearance?: Clearance;
}

/** Whose data a command may see and where it may write, if something is local-only; see the effects' `clearance.ts`. */
export type Clearance = "public" | "credential" | "cleared";

export interface ExecAnswer {
  readonly exitCode: number;
  /** Signal that ended the child, or null. */
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** A call as the host program is told of it before it happens: what its line of the report will say. */
export interface ConsultedCall {
  readonly seq: number;
  readonly capability: string;
  readonly target: string;
  readonly rule: string;
}

/** What a person is shown and answers. One canonical request, one use. */
export interface ApprovalTicket {
  readonly seq: number;
  readonly capability: string;
  readonly target: string;
  readonly requestHash: string;
  readonly rule: string;
  /** Where the rule stands, as `FILE:LINE`; null: in no file. */
  readonly place: string | null;
  /** Whose question it is: `policy`, or `ceiling:FILE`. */
  readonly layer: string;
  /** Rules that match the call, of every layer: each of them that asks has a say in who answers. */
  readonly matched: readonly string[];
  /** What the call does cannot be taken back. */
  readonly irreversible: boolean;
  /** The canonical request as JSON text; shown escaped. */
  readonly request: string;
  /** What the call writes or sends, which the request names by size only; null: nothing. */
  readonly content: CarriedDigest | null;
  /** For the operator's terminal only. */
  readonly preview: Preview | null;
}

export interface CarriedDigest {
  readonly as: Carried["as"];
  /** SHA-256 in hex of the bytes. */
  readonly sha256: string;
}

/** What became of a ticket. Anything but `allow` is a no. */
export interface ApprovalAnswer {
  readonly answer: "allow" | "deny" | "timeout" | "unavailable" | "parked";
  /** Who gave it; `nobody`. */
  readonly by: string;
  /** The way by which it came. */
  readonly channel?: string;
  /** How long it is kept: `once`, `run`, `until`, `save`. */
  readonly scope?: string;
  /** Of `until`: milliseconds since 1970. */
  readonly untilMs?: number;
  /** What the approver wrote to it. */
  readonly comment?: string;
  /** The ticket that was answered: one answer may be for several calls that ask the same. */
  readonly ticket?: string;
  /** What to do, where nobody was asked. */
  readonly hint?: string;
}

/**
 * A piece of work that may need errands. Written once; the run's worker drives it either to its end, blocking
 * (synchronous calls), or interleaved with others (`fetch`).
 */
export type Steps<T> = Generator<Errand, T, ErrandAnswer>;

/** Yields one errand and narrows its answer. */
export function* errand<K extends Errand["kind"]>(work: Extract<Errand, { kind: K }>): Steps<ErrandAnswer<K>> {
  return (yield work) as ErrandAnswer<K>;
}
