/**
 * Answers to an agent host's hook, id `hook`: as a process a call beside `node -e 0`, with a policy of a toolchain and
 * with a small one, and by a server that has the policy in memory.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromSources } from "../scripts/from-sources.mjs";
import { inTurn, processOf } from "./measure.mjs";

const COMMAND = fileURLToPath(new URL("../dist/agent-run.cjs", import.meta.url));
const PRESETS = fileURLToPath(new URL("../presets", import.meta.url));
const SHELL = "cd src && git log --oneline | head -3 > ../out/log.txt";
const POLICIES = {
  "a small policy": `version = 1
[filesystem]
read_allow = ["src/**"]
write_allow = ["out/**"]
[subprocess]
allow_commands = ["git", "head"]
`,
  "a toolchain's preset": `version = 1
inherits = ["secure-defaults", "node"]
[subprocess]
allow_commands = ["head"]
`,
};

export async function hooks(playground) {
  const rows = [];
  mkdirSync(join(playground, "src"), { recursive: true });
  const calls = {
    Read: { file_path: join(playground, "src/a.ts") },
    Bash: { command: SHELL },
  };
  const inputOf = (tool) =>
    JSON.stringify({ hook_event_name: "PreToolUse", tool_name: tool, tool_input: calls[tool], cwd: playground });
  for (const [name, text] of Object.entries(POLICIES)) {
    const policy = join(playground, "hook.toml");
    writeFileSync(policy, text);
    const hook = (tool) =>
      processOf([COMMAND, "hook", "claude-code", "--policy", policy], { input: inputOf(tool), stdio: "pipe" });
    const times = await inTurn({ "node -e 0": processOf(["-e", "0"]), Read: hook("Read"), Bash: hook("Bash") }, 31);
    const node = times["node -e 0"].median;
    for (const [tool, time] of Object.entries(times)) {
      const note = `node + ${(time.median - node).toFixed(1)} ms (${(time.median / node).toFixed(2)}x)`;
      rows.push({ id: "hook", what: `a process a call, ${name}`, name: tool, ...time, note });
    }
    const answer = await answered(policy);
    const warm = await inTurn({ Read: () => answer(inputOf("Read")), Bash: () => answer(inputOf("Bash")) }, 200, 20);
    for (const [tool, time] of Object.entries(warm))
      rows.push({ id: "hook", what: `by a server, ${name}`, name: tool, ...time, note: "without its transport" });
  }
  return rows;
}

async function answered(path) {
  const { answerHook, loadPolicy, Policy, policyWorld, resolveCommands } = await fromSources(`
    export { answerHook } from "./packages/hooks/src/index.ts";
    export { policyWorld, resolveCommands } from "./packages/effects/src/index.ts";
    export { loadPolicy, Policy } from "./packages/policy/src/index.ts";`);
  const { data } = loadPolicy(path, policyWorld(PRESETS));
  const policy = Policy.revive(data).withCommands(resolveCommands(Policy.revive(data).widest()).commands);
  return (json) => {
    const { stdout } = answerHook("claude-code", json, policy);
    if (!stdout.includes('"allow"')) throw new Error(stdout);
  };
}
