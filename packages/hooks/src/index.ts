export type * from "./host-call.ts";
