/** While a run goes on, a client that asked for progress hears of it; many clients give up on silent calls. */
import type { ServerContext } from "@modelcontextprotocol/server";

/** Milliseconds between two notifications; clients that wait for one wait for ten seconds or more. */
const EVERY_MS = 2000;

/** Returns what stops it. */
export function reportProgress({ mcpReq }: ServerContext): () => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  const since = performance.now();
  const timer = setInterval(() => {
    const progress = Math.round((performance.now() - since) / 1000);
    const params = { progressToken, progress, message: `the script has been running for ${progress} s` };
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  }, EVERY_MS);
  return () => clearInterval(timer);
}
