/** agent-run as a tool of the AI SDK: what a model writes runs by the policy, and what it is told holds no secret. */
import { tool } from "ai";
import { z } from "zod";

/** @param {import("agent-run").Runtime} runtime */
export const runScript = (runtime) =>
  tool({
    description: `Runs a JavaScript script and returns what it printed and returned. It can call:\n${runtime.declarations()}`,
    inputSchema: z.object({ script: z.string().describe("the whole script") }),
    execute: async ({ script }, { abortSignal }) => {
      const { ok, value, stdout, error } = await runtime.run(
        script,
        abortSignal === undefined ? {} : { signal: abortSignal },
      );
      return ok
        ? { value, stdout }
        : { stdout, error: { code: error?.code, message: error?.message, hint: error?.hint } };
    },
  });
