/** Milliseconds. A question that nobody has answered by then is none any more. */
export const PARKED_MS = 7 * 24 * 60 * 60 * 1000;
