/** The approval step of the wall: one ticket for one canonical request; anything but a clear yes is a no. */
import type { CanonicalRequest, Code, Decision, Failure } from "@agent-run/policy";
import { canonicalJson } from "@agent-run/policy";
import type { Call } from "./call.ts";
import { type ApprovalAnswer, type ApprovalTicket, errand, type Steps } from "./errand.ts";
import type { Checked } from "./operation.ts";
import type { GatePorts } from "./ports.ts";
import type { Preview } from "./preview.ts";
import { isIrreversible } from "./recorder.ts";
import { targetText } from "./refusal.ts";

const CODE_OF: Record<string, Code> = {
  deny: "E_APPROVAL_DENIED",
  timeout: "E_APPROVAL_TIMEOUT",
  parked: "E_PARKED",
};

/** What an answer that is no yes ends the call with. */
export const refusalCode = (answer: string): Code => CODE_OF[answer] ?? "E_APPROVAL_UNAVAILABLE";

const SAYS: Record<string, string> = {
  deny: "a person denied",
  timeout: "nobody answered in time about",
  parked: "the run waits for an answer about",
};

interface Asked {
  readonly seq: number;
  readonly request: CanonicalRequest;
  readonly call: Pick<Call, "typed" | "operation" | "parsed">;
  readonly decision: Decision;
  /** Absent where it is asked before the check. */
  readonly checked: Checked<unknown> | undefined;
}

/** Asks, records who answered, and returns null for yes, else the refusal. */
export function* askPerson(ports: GatePorts, asked: Asked): Steps<Failure | null> {
  const { seq, request, call, decision } = asked;
  const { typed, operation } = call;
  const capability = decision.target?.on ?? typed.on;
  const target = targetText(typed, decision, ports.context.root);
  const requestHash = ports.hash(request);
  const shown = (text: string): string => ports.shown?.(text) ?? text;
  const ticket: ApprovalTicket = {
    seq,
    capability,
    target: shown(target),
    requestHash,
    rule: decision.rule.id,
    place: placeOf(decision),
    layer: decision.layer,
    matched: decision.matched,
    irreversible: isIrreversible(request, operation),
    request: shown(canonicalJson(asJson(request))),
    content: contentOf(ports, call),
    preview: previewOf(asked.checked),
  };
  const { recorder } = ports;
  if (!recorder.approval({ event: "asked", seq, answer: "none", by: "policy", requestHash })) return unrecorded;
  const reply = yield* errand({ kind: "approve", ticket });
  const { hint: advice, ...settled }: ApprovalAnswer = reply.ok ? reply.value : NOBODY;
  if (!recorder.approval({ seq, ...settled, requestHash })) return unrecorded;
  const { answer, comment } = settled;
  if (answer === "allow") return null;
  const code = refusalCode(answer);
  const says = SAYS[answer] ?? "nobody can be asked about";
  const hint = advice ?? (code === "E_APPROVAL_UNAVAILABLE" ? howToAnswer(decision) : undefined);
  return {
    code,
    message: `${says} \`${capability}\` of \`${target}\`${comment === undefined ? "" : `: ${comment}`}`,
    capability,
    target,
    rule: decision.rule,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** A yes to one content is none to another of the same size. */
function contentOf({ digest }: GatePorts, { operation, parsed }: Pick<Call, "operation" | "parsed">) {
  const carried = operation.carries?.(parsed) ?? null;
  return carried === null ? null : { as: carried.as, sha256: digest(carried.bytes) };
}

/** Nobody is asked about less because what is there cannot be shown. */
function previewOf(checked: Checked<unknown> | undefined): Preview | null {
  try {
    return checked?.preview?.() ?? null;
  } catch {
    return null;
  }
}

const placeOf = ({ rule: { file, line } }: Decision): string | null =>
  file === undefined ? null : `${file}${line === undefined ? "" : `:${line}`}`;
const NOBODY: ApprovalAnswer = { answer: "unavailable", by: "nobody" };

const unrecorded: Failure = {
  code: "E_AUDIT",
  message: "the question or its answer cannot be recorded, so the call does not happen",
};

/** What a ceiling asks is answered by a person and by no option. */
const howToAnswer = ({ layer }: Decision): string =>
  layer === "policy"
    ? "run it on a terminal, with `--ask wait` or `--ask park`, or with --yes and an explicit --policy"
    : `run it on a terminal: it is asked by the ${layer.replace(":", " ")}, and --yes does not answer for it`;

/** A canonical request is JSON by construction; this says so to the compiler. */
const asJson = (request: CanonicalRequest) => ({
  v: request.v,
  on: request.on,
  targets: request.targets.map(({ on, role, kind, value }) => ({ on, role, kind, value })),
  attrs: request.attrs,
  labels: request.labels,
});
