/**
 * Makes the next question out of a redirect. Nothing is followed here: the gate performs the arguments as a call of its
 * own, so a server can send a script nowhere that the policy does not allow. Where a redirect is not one to follow, the
 * script gets the 3xx as an ordinary response.
 */
import { canonicalUrl, type HttpAnswer, type Json } from "@agent-run/gate";
import type { RequestArguments } from "./arguments.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Methods without a body and without an effect: asking again, elsewhere, repeats nothing. */
const FOLLOWED: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** `maxHops` is the policy's `follow_redirects`; `from` is the canonical URL that answered. */
export function nextArguments(
  args: RequestArguments,
  from: string,
  answer: HttpAnswer,
  maxHops: number,
): Json | undefined {
  if (args.hops >= maxHops || !REDIRECTS.has(answer.status) || !FOLLOWED.has(args.method)) return undefined;
  const location = answer.headers.find(([name]) => name === "location")?.[1];
  const to = location === undefined ? null : resolveLocation(location, from);
  if (to === null || isDowngrade(from, to)) return undefined;
  const timeout = args.timeoutMs === null ? {} : { timeoutMs: args.timeoutMs };
  // A header of a script may be a key for the first server; another origin does not get it.
  const headers = new URL(from).origin === new URL(to).origin ? args.headers : [];
  return { method: args.method, url: to, headers, ...timeout };
}

/** Servers send raw UTF-8 in `location`; header bytes come as Latin-1. Two of them, joined, are no place to go. */
function resolveLocation(location: string, from: string): string | null {
  if (location.includes(", ")) return null;
  try {
    const target = new URL(Buffer.from(location, "latin1").toString("utf8"), from);
    const canonical = canonicalUrl(target.href);
    return canonical.ok ? canonical.value.url : null;
  } catch {
    return null;
  }
}

const isDowngrade = (from: string, to: string): boolean => from.startsWith("https:") && !to.startsWith("https:");
