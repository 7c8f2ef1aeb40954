import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, loadPolicy } from "agent-run";
import { generateText, stepCountIs } from "ai";
import { MockLanguageModelV3 } from "ai/test";
import { runScript } from "./run-script.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const policy = await loadPolicy(join(here, "policy.toml"));
const runtime = await createRuntime({ policy, environment: { CRM_URL: "https://crm.internal/ada" } });

/** Stands in for a model: writes these scripts one after the other, then says what it was told. */
const SCRIPTS = [
  'return fs.read("notes/today.txt").split("\\n")[0]',
  'print("the CRM is at", env.read("CRM_URL"))',
  'fs.write("notes/today.txt", "")',
];
let step = 0;
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};
const model = new MockLanguageModelV3({
  doGenerate: async ({ prompt }) => {
    const script = SCRIPTS[step++];
    if (script === undefined) {
      const told = prompt.filter(({ role }) => role === "tool").map(({ content }) => content[0].output.value);
      return {
        content: [{ type: "text", text: told.map((one) => JSON.stringify(one)).join("\n") }],
        finishReason: { unified: "stop", raw: "stop" },
        usage,
        warnings: [],
      };
    }
    const call = { type: "tool-call", toolCallId: `${step}`, toolName: "runScript", input: JSON.stringify({ script }) };
    return { content: [call], finishReason: { unified: "tool-calls", raw: "tool_calls" }, usage, warnings: [] };
  },
});

const { text } = await generateText({
  model,
  tools: { runScript: runScript(runtime) },
  stopWhen: stepCountIs(5),
  prompt: "Who is to be called first?",
});
console.log(text);
await runtime.close();
