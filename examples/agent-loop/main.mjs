import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, loadPolicy } from "agent-run";
import { converse, refund } from "./agent.mjs";
import { startModel } from "./model.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const ledger = [];
const runtime = await createRuntime({
  policy: await loadPolicy(join(here, "policy.toml")),
  capabilities: [refund(ledger)],
  // A real program would ask somebody, and show `ticket.request`.
  approve: async (ticket) => {
    console.log(`asked: ${ticket.target} (${ticket.rule})`);
    return "deny";
  },
});
const model = await startModel();

const answer = await converse(runtime, model.url, "Refund the orders 17 and 18.", (_script, told) =>
  console.log(`told: ${JSON.stringify(told)}`),
);
console.log(answer);
console.log("paid out:", JSON.stringify(ledger));

model.close();
await runtime.close();
