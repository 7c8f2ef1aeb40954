/** The words of `[approvals]`. */

/** Ways to a person. What each of them is: docs/approvals.md. */
export const APPROVAL_CHANNELS = ["terminal", "command", "key", "callback", "elicitation"] as const;
export type ApprovalChannel = (typeof APPROVAL_CHANNELS)[number];

/** A client or a hook of it can answer an elicitation by itself, so it is a person only where the policy says so. */
export const DEFAULT_CHANNELS: readonly ApprovalChannel[] = ["terminal", "command", "key", "callback"];
/** What cannot be taken back is answered where no program of a host answers by itself. */
export const IRREVERSIBLE_CHANNELS: readonly ApprovalChannel[] = ["terminal", "command", "key"];

/** From narrow to wide. */
export const REMEMBER = ["never", "run", "save"] as const;
export type Remember = (typeof REMEMBER)[number];
