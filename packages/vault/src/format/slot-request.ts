/** What of a pinned request a slot can be in, or a signature covers. */
import type { PinnedRequest } from "@agent-run/gate";

export type SlotRequest = Pick<PinnedRequest, "method" | "url" | "headers" | "body">;
export type HeaderFields = PinnedRequest["headers"];
