/** The words of `[approvals]`. */

/** Ways to a person. What each of them is: docs/approvals.md. */
export const APPROVAL_CHANNELS = ["terminal", "command", "key", "callback", "elicitation"] as const;
export type ApprovalChannel = (typeof APPROVAL_CHANNELS)[number];

/** A client or a hook of it can answer an elicitation by itself, so it is a person only where the policy says so. */
export const DEFAULT_CHANNELS: readonly ApprovalChannel[] = ["terminal", "command", "key", "callback"];
/** Those again, and a key of its own: that more count as a person never widens who answers for what cannot be taken back. */
export const IRREVERSIBLE_CHANNELS: readonly ApprovalChannel[] = [...DEFAULT_CHANNELS];

/** From narrow to wide. */
export const REMEMBER = ["never", "run", "save"] as const;
export type Remember = (typeof REMEMBER)[number];
