/** A whole agent: a chat model that writes scripts, a loop, and a capability of this program behind the policy's wall. */
import { defineCapability } from "agent-run";
import { z } from "zod";

/** The effect that the policy guards; a real one would call the payment provider, and pass `signal` on. */
export const refund = (ledger) =>
  defineCapability("payments.refund", {
    class: "irreversible",
    description: "gives the price of an order back, in cents",
    input: z.object({ order: z.string().max(20), cents: z.number().int().positive() }),
    target: ({ order, cents }) => `order ${order}, ${(cents / 100).toFixed(2)} EUR`,
    effect: async ({ order, cents }) => {
      ledger.push({ order, cents });
      return { refunded: cents };
    },
  });

const TOOL = {
  type: "function",
  function: {
    name: "run",
    description: "Runs a JavaScript script by the operator's policy.",
    parameters: { type: "object", properties: { script: { type: "string" } }, required: ["script"] },
  },
};

/** Asks the model, runs what it writes, tells it what came of it, until it answers in words. */
export async function converse(runtime, url, question, say) {
  const messages = [
    { role: "system", content: `Use the tool \`run\`. Scripts can call:\n${runtime.declarations()}` },
    { role: "user", content: question },
  ];
  for (let turn = 0; turn < 10; turn += 1) {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "local", messages, tools: [TOOL] }),
    });
    const { message } = (await response.json()).choices[0];
    messages.push(message);
    if (!message.tool_calls?.length) return message.content;
    for (const { id, function: call } of message.tool_calls) {
      const { script } = JSON.parse(call.arguments);
      const { ok, value, stdout, error } = await runtime.run(script);
      const told = ok ? { value, stdout } : { stdout, code: error.code, message: error.message, hint: error.hint };
      say(script, told);
      messages.push({ role: "tool", tool_call_id: id, content: JSON.stringify(told) });
    }
  }
  return "too many turns";
}
