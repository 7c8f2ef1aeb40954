/**
 * Answers that are kept: for a run here, beyond it as saved rules, those up to a time among them. A grant's clock begins with the yes; how long a question waited is
 * no part of it. Nothing is kept of what cannot be taken back, nor wider than `remember` says.
 */
import type { Remember } from "@agent-run/policy";
import type { Vote } from "./reply.ts";
import { contentText, type Scope, type Ticket } from "./ticket.ts";

/** Whatever a yes says; for longer, there are saved rules. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

export interface Kept {
  readonly by: string;
  readonly channel: Vote["channel"];
  readonly scope: Scope;
  readonly untilMs?: number;
  /** The ticket that was answered. */
  readonly ticket: string;
  /** Of what is saved. */
  readonly covers?: "request" | "place";
}

/** How long this yes may be kept: the narrowest of what was said, what the policy allows and what the request bears. */
export function scopeOf(
  ticket: Ticket,
  votes: readonly Vote[],
  remember: Remember,
  nowMs: number,
): Pick<Kept, "scope" | "untilMs"> {
  const width = (scope: Scope) => ORDER.indexOf(scope);
  const said = votes.reduce<Scope>((least, { scope }) => (width(scope) < width(least) ? scope : least), "save");
  if (ticket.irreversible || remember === "never" || said === "once") return { scope: "once" };
  const times = votes.flatMap(({ untilMs }) => untilMs ?? []);
  if (said === "save" && remember === "save")
    return times.length === 0 ? { scope: "save" } : { scope: "save", untilMs: Math.min(...times) };
  if (said !== "until") return { scope: "run" };
  const untilMs = Math.min(nowMs + LONGEST_MS, ...times);
  return times.length === 0 || untilMs <= nowMs ? { scope: "once" } : { scope: "until", untilMs };
}

const ORDER: readonly Scope[] = ["once", "run", "until", "save"];

/** The same question: the same request with the same content, under the same rules of the same policy. */
export const questionKey = (ticket: Ticket): string => {
  const { policyHash, layer, matched, rule, requestHash } = ticket;
  return JSON.stringify([policyHash, layer, rule, matched, requestHash, contentText(ticket)]);
};

export class Grants {
  readonly #ofRuns = new Map<string, Map<string, Kept>>();

  find(ticket: Ticket, nowMs: number): Kept | null {
    if (ticket.irreversible) return null;
    const kept = this.#ofRuns.get(ticket.run)?.get(questionKey(ticket));
    return kept !== undefined && nowMs < (kept.untilMs ?? Number.POSITIVE_INFINITY) ? kept : null;
  }

  keep(ticket: Ticket, kept: Kept): void {
    if (kept.scope === "once") return;
    const ofRun = this.#ofRuns.get(ticket.run) ?? new Map<string, Kept>();
    this.#ofRuns.set(ticket.run, ofRun.set(questionKey(ticket), kept));
  }

  end(run: string): void {
    this.#ofRuns.delete(run);
  }
}
