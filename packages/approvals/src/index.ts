export type * from "./channel.ts";
export { Desk, type DeskOptions, type SavedAnswers } from "./desk.ts";
export { type Scope, type Ticket, ticketOf } from "./ticket.ts";
