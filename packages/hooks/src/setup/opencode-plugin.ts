/** The text of our plugin for opencode. It runs inside opencode's own process and imports nothing but Node's modules. */

export const PLUGIN_MARK =
  "// agent-run: written by `agent-run install opencode`, taken away by `agent-run uninstall opencode`";

/** `words`: the command that is asked, each word by itself. */
export const pluginText = (words: readonly string[]): string => `${PLUGIN_MARK}
import { spawn } from "node:child_process";

const WORDS = ${JSON.stringify(words)};
// Milliseconds; a person may be asked meanwhile.
const PATIENCE = 600_000;

export const AgentRun = async ({ directory }) => ({
  // Denies every tool while nobody asks; whoever can read this line asks.
  config: async (config) => {
    if (config.permission?.["**"] === "deny") delete config.permission["**"];
  },
  "tool.execute.before": async ({ tool }, { args }) => {
    const call = { hook_event_name: "tool.execute.before", cwd: directory, tool_name: tool, tool_input: args };
    const refusal = await refusalOf(JSON.stringify(call), directory);
    if (refusal !== null) throw new Error(refusal);
  },
});

// Null only if the command ended well and said so; whatever else happens is a refusal.
function refusalOf(call, cwd) {
  return new Promise((resolve) => {
    const failed = (why) => resolve(\`agent-run: the hook failed, so the call is refused (\${why})\`);
    const child = spawn(WORDS[0], WORDS.slice(1), { cwd, stdio: ["pipe", "pipe", "pipe"] });
    const clock = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
    child.stdin.on("error", () => {});
    child.on("error", (error) => failed(error.message));
    child.on("close", (code) => {
      clearTimeout(clock);
      const answer = parsed(out);
      if (answer?.effect === "allow" && code === 0) resolve(null);
      else if (typeof answer?.reason === "string" && answer.reason !== "") resolve(answer.reason);
      else failed(err.trim().slice(0, 500) || \`exit \${code}\`);
    });
    child.stdin.end(call);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
`;
