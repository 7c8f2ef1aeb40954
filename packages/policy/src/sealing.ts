/**
 * What a decided call means for what is sealed: the labels of what comes back, the labels that may be sent, the use of a
 * secret. And the rule that keeps the two sides apart: a call that touches what is local-only acts on nothing else, so a
 * private file is copied to no public place.
 */
import type { Decision } from "./decision.ts";
import { labelsGiven, labelsTaken } from "./label.ts";
import type { Role } from "./request.ts";
import type { RuleBook } from "./rule-book.ts";
import type { Door, Verdict } from "./verdict.ts";

export const LOCAL_ONLY = "builtin.local_only";

export const NO_DOOR: Door = { way: "open", grants: [], local: [], use: null, offered: [] };

const ACTING: ReadonlySet<Role> = new Set(["write", "delete", "connect", "execute"]);

const isLocal = ({ door }: Verdict): boolean => door.local.length > 0;

/** The target that a call with something local-only acts on in the open, as a denial. */
export function openEnd(verdicts: readonly Verdict[]): Verdict | null {
  if (!verdicts.some(isLocal)) return null;
  const open = verdicts.find((verdict) => ACTING.has(verdict.target.role) && !isLocal(verdict));
  if (open === undefined) return null;
  const reason = "a call that touches what is local-only acts on what is local-only, too, and on nothing public";
  return { ...open, effect: "deny", ref: { id: LOCAL_ONLY }, reason };
}

/** For a call that is not denied. An address has the labels of its URL. */
export function sealingOf(book: RuleBook, verdicts: readonly Verdict[]): Pick<Decision, "sealed" | "use"> {
  if (!verdicts.some((verdict) => isLocal(verdict) || verdict.door.use !== null)) return NOTHING;
  const ref = verdicts.find(({ door }) => door.use !== null)?.door.use ?? null;
  const used = ref === null ? null : book.localOnly.use(ref);
  const isSealed = (verdict: Verdict) =>
    verdict.target.kind !== "address" &&
    (isLocal(verdict) || (verdict.door.use !== null && used?.use.response === "sealed"));
  const sealed = verdicts.filter(isSealed);
  const use = ref === null ? {} : { use: ref };
  if (sealed.length === 0) return use;
  const label = new Set(sealed.flatMap(({ subject }) => (subject === null ? [] : labelsGiven(book.data, subject))));
  const own = used?.use.kind === "request" ? [`secret:${used.secret.name}`] : [];
  return { sealed: { label: [...label].sort(), accepts: [...acceptsOf(book, verdicts), ...own].sort() }, ...use };
}

const NOTHING = {};

/** What all that the call acts on takes; addresses are those of its URL. */
function acceptsOf(book: RuleBook, verdicts: readonly Verdict[]): readonly string[] {
  const acting = verdicts.filter(({ target }) => ACTING.has(target.role) && target.kind !== "address");
  const [first, ...others] = acting.map((verdict) =>
    verdict.subject === null || !isLocal(verdict) ? [] : labelsTaken(book.data, verdict.subject),
  );
  return first?.filter((label) => others.every((labels) => labels.includes(label))) ?? [];
}
