/**
 * Guards what is a yes: a whole word and nothing near it. What cannot be taken back takes a word of the request itself, so
 * that who types it has looked at it, and a habit answers nothing.
 */
import type { Reply, Scope, Ticket } from "@agent-run/approvals";
import { isJsonArray, isJsonObject, type Json } from "@agent-run/policy";

const YES = "yes";

/** What everybody can type, and nobody types by habit. */
const TYPEABLE = /^(?!(?:y|yes|no?|ok)$)[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/i;

/** The word that allows it. */
export function wordFor({
  irreversible,
  request,
  requestHash,
}: Pick<Ticket, "irreversible" | "request" | "requestHash">): string {
  if (!irreversible) return YES;
  const name = nameIn(request);
  return name !== null && TYPEABLE.test(name) ? name : requestHash.slice(0, 8);
}

/** Of its first target: a file's or a command's own name, a host. */
function nameIn(request: string): string | null {
  const parsed = JSON.parse(request) as Json;
  const first = isJsonObject(parsed) && isJsonArray(parsed.targets) ? parsed.targets[0] : undefined;
  if (!isJsonObject(first) || typeof first.value !== "string") return null;
  if (first.kind !== "url") return first.value.slice(first.value.lastIndexOf("/") + 1);
  try {
    return new URL(first.value).hostname;
  } catch {
    return null;
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Null: no yes. */
export function readYes(
  line: string,
  ticket: Ticket,
  scopes: readonly Scope[],
  nowMs: number,
): Omit<Reply, "by"> | null {
  const word = wordFor(ticket);
  if (line === word) return { answer: "allow", scope: "once" };
  const [first, kept = "", ...more] = line.split(" ");
  if (first !== word || more.length > 0) return null;
  if ((kept === "run" || kept === "save") && scopes.includes(kept)) return { answer: "allow", scope: kept };
  const [, count, unit = ""] = /^([1-9]\d{0,3})([smh])$/.exec(kept) ?? [];
  if (count === undefined || !scopes.includes("until")) return null;
  return { answer: "allow", scope: "until", untilMs: nowMs + Number(count) * (UNITS[unit] ?? 0) };
}
