/**
 * The plugin for opencode, as a text of its own: it asks `agent-run hook opencode` before each call of a tool, and throws
 * unless the answer is a clear yes. Whatever fails on the way (no such program, a signal, no JSON, no time) is a no.
 */

/** In two pieces: it is a line of the plugin, not an import of this file. */
const IMPORT = ["import { spawn }", 'from "node:child_process";'].join(" ");

/** `command`: the words that start the hook, all absolute: `["/usr/bin/node", "/.../agent-run.cjs", "hook", "opencode", ...]`. */
export const opencodePlugin = (
  command: readonly string[],
): string => `// Written by agent-run. Asks its policy before each call of a tool.
${IMPORT}

const [program, ...words] = ${JSON.stringify(command)};
const LONGEST = 15_000;

const no = (reason) => ({ effect: "deny", reason: "agent-run: " + reason });

const ask = (call) =>
  new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece) => (text += piece));
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(no("the hook could not be started, so the call is denied")));
    child.on("close", (code) => {
      clearTimeout(timer);
      try {
        const answer = JSON.parse(text);
        const isYes = code === 0 && answer.effect === "allow";
        resolve(isYes ? answer : no(String(answer.reason ?? "denied").replace(/^agent-run: /, "")));
      } catch {
        resolve(no("the hook gave no answer, so the call is denied"));
      }
    });
    child.stdin.end(JSON.stringify(call));
  });

export const AgentRun = async ({ directory }) => ({
  "tool.execute.before": async ({ tool }, { args }) => {
    const call = { hook_event_name: "tool.execute.before", tool_name: tool, tool_input: args ?? {}, cwd: directory };
    const { effect, reason } = await ask(call);
    if (effect !== "allow") throw new Error(reason);
  },
});
`;
