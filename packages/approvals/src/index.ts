export type * from "./channel.ts";
export type * from "./ticket.ts";
