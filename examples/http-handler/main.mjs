import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, loadPolicy } from "agent-run";
import { appFor } from "./app.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const runtime = await createRuntime({ policy: await loadPolicy(join(here, "policy.toml")) });
const app = appFor(runtime);

const post = async (script) => {
  const headers = { "content-type": "application/json" };
  const response = await app.request("/run", { method: "POST", headers, body: JSON.stringify({ script }) });
  const { value, error } = await response.json();
  console.log(response.status, value, error?.code ?? "", error?.hint ?? "");
};

await post(
  'const [, ...rows] = fs.read("data/sales.csv").trim().split("\\n"); return rows.map((row) => row.split(",")[1])',
);
await post('fs.write("data/sales.csv", "")');
await post("for (;;);");
await runtime.close();
