/**
 * Makes the tokens of sealed values: from a generator of their own, apart from `Math.random` and from what a run shows.
 * `--seed` fixes them, for tests and replay; whoever knows the seed can then name them, which the banner says.
 */
import { createHmac, randomBytes } from "node:crypto";

const BYTES = 16;

export function tokenSource(seed: number | null): () => string {
  if (seed === null) return () => `sealed0${randomBytes(BYTES).toString("hex")}`;
  let count = 0;
  return () => {
    count += 1;
    const digest = createHmac("sha256", "agent-run sealed tokens").update(`${seed}:${count}`).digest("hex");
    return `sealed0${digest.slice(0, 2 * BYTES)}`;
  };
}
