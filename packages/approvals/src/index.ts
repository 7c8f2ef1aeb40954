export {
  type ApproverKey,
  isKeyName,
  keysIn,
  newKey,
  readKey,
  signerName,
} from "./approver-keys.ts";
export type * from "./channel.ts";
export { Desk, type DeskOptions, type SavedAnswers } from "./desk.ts";
export { UnsafePlace } from "./own-files.ts";
export {
  answerPending,
  commandChannel,
  parkedChannel,
  parkedTicket,
  parkTicket,
  pendingTickets,
  unparkTicket,
} from "./pending.ts";
export { revoke, savedAnswers, savedFiles } from "./saved.ts";
export { signReply } from "./signature.ts";
export { contentText, type Scope, type Ticket, ticketOf } from "./ticket.ts";
