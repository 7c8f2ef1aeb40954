/**
 * What is left of a run whose worker was killed: its record is finished from outside, and the calls of its report are
 * read from there, since the worker can no longer tell.
 */
import { dirname } from "node:path";
import { recoverSegment, type StoredRecord } from "@agent-run/audit";
import { sweepTemporaries } from "@agent-run/effects";
import { type CallReport, CODES, type Code, isJsonArray, isJsonObject, type Json, refusalCode } from "@agent-run/gate";
import { CAPABILITIES, type Capability, readTool } from "@agent-run/policy";
import type { Ending } from "./current-run.ts";
import { type StartRun, temporaryPrefix, type WorkerEnd } from "./protocol.ts";
import { exitCodeOf, type RunError } from "./report.ts";

/** Finishes the record and says how the run ended. A worker stuck in a system call may still write: left in doubt. */
export function killedEnd(ending: Extract<Ending, { kind: "killed" }>, start: StartRun, heldLines: string): WorkerEnd {
  const error = errorOf(ending);
  const end = { exit: exitCodeOf(error), code: error.code, killed: true };
  const clock = { now: () => Date.now() };
  const recoverable = start.recordPath !== null && !ending.stalled;
  const recovery = recoverable ? recoverSegment(start.recordPath, clock, end, heldLines) : { ok: true, stored: [] };
  sweepLeftovers(start.run, recovery.stored);
  const calls = callsOf(recovery.stored);
  const base = { value: null, truncated: false, calls, problems: [], reusable: false };
  if (recovery.ok) return { ...base, error, exitCode: exitCodeOf(error) };
  const lost: RunError = { code: "E_AUDIT", message: `${error.message}; its record could not be finished` };
  return { ...base, error: lost, exitCode: exitCodeOf(lost) };
}

/** A write that was killed in the middle leaves its temporary file; the target itself is the old or the new one. */
function sweepLeftovers(run: string, stored: readonly StoredRecord[]): void {
  const finished = new Set(stored.filter(({ kind }) => kind === "outcome").map(({ call }) => call));
  const open = stored.filter(({ kind, call }) => kind === "intent" && !finished.has(call));
  sweepTemporaries(temporaryPrefix(run), open.flatMap(writtenDirectories));
}

const writtenDirectories = ({ request }: StoredRecord): string[] => {
  const targets = isJsonObject(request) && isJsonArray(request.targets) ? request.targets : [];
  return targets.flatMap((target) =>
    isJsonObject(target) && target.on === "fs.write" && typeof target.value === "string" ? [dirname(target.value)] : [],
  );
};

function errorOf({ code, message }: Extract<Ending, { kind: "killed" }>): RunError {
  if (code !== null) return { code, message: CODES[code].says };
  return {
    code: "E_CONFIG",
    message: `the run's thread failed: ${message}`,
    hint: "this is a bug of agent-run, please report it",
  };
}

/** The report's lines from the record; `target` is the canonical one, which is what the record holds. */
function callsOf(stored: readonly StoredRecord[]): CallReport[] {
  const outcomes = lastOf(stored, "outcome");
  const approvals = lastOf(
    stored.filter(({ event }) => event === undefined),
    "approval",
  );
  return stored.flatMap((record) => {
    const { kind, call, decision, rule, request } = record;
    if (kind !== "intent" || typeof call !== "number" || !isJsonObject(request) || !isJsonObject(rule)) return [];
    const capability = capabilityNamed(request.on);
    const effect = (["allow", "ask", "deny"] as const).find((name) => name === decision);
    if (capability === undefined || effect === undefined) return [];
    const code = codeOf(record, approvals.get(call), outcomes.get(call));
    const target = firstTarget(request.targets);
    return [{ seq: call, capability, target, decision: effect, rule: String(rule.id), code }];
  });
}

const capabilityNamed = (on: Json | undefined): Capability | undefined =>
  CAPABILITIES.find((name) => name === on) ?? (typeof on === "string" ? readTool(on) : undefined);

const lastOf = (stored: readonly StoredRecord[], wanted: StoredRecord["kind"]) =>
  new Map(stored.filter(({ kind }) => kind === wanted).map((record) => [record.call, record]));

/** A call that has neither an outcome nor a refusal was cut off with its run. */
function codeOf(intent: StoredRecord, approval: StoredRecord | undefined, outcome: StoredRecord | undefined) {
  if (outcome !== undefined) return known(outcome.code);
  if (approval !== undefined && approval.answer !== "allow") return refusalCode(String(approval.answer));
  return intent.decision === "deny" ? known(intent.code) : "E_INTERRUPTED";
}

const known = (code: Json | undefined): Code | null =>
  typeof code === "string" && Object.hasOwn(CODES, code) ? (code as Code) : null;

function firstTarget(targets: Json | undefined): string {
  const first = isJsonArray(targets) ? targets[0] : undefined;
  return isJsonObject(first) && typeof first.value === "string" ? first.value : "";
}
