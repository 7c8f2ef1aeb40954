/**
 * What the public side sees of a target that is local-only, when a listing, a tree or a child's jail asks: as denied. Such
 * a thing is reached by its own name only, as an order to the vault; a public walk neither shows nor enters it.
 */
import { changed, type Decision } from "@agent-run/policy";

export const publicView = (decision: Decision): Decision =>
  decision.sealed === undefined || decision.effect === "deny"
    ? decision
    : changed(decision, { effect: "deny", code: "E_POLICY_DENIED" });
