/** Runs the scripts that clients send, each by the policy of this service. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

/** @param {import("agent-run").Runtime} runtime */
export function appFor(runtime) {
  const app = new Hono();
  app.post("/run", bodyLimit({ maxSize: 64 * 1024 }), async (c) => {
    const { script, input = null } = await c.req.json().catch(() => ({}));
    if (typeof script !== "string") return c.json({ error: "`script` must be a string" }, 400);
    // A client that goes away ends its run.
    const report = await runtime.run(script, { input, signal: c.req.raw.signal });
    // Where the record lies is the operator's business.
    const { record: _record, sealedLog: _sealedLog, ...answer } = report;
    return c.json(answer, report.ok ? 200 : 422);
  });
  return app;
}
