/** What a model is told of sealed values over MCP: before a run by the description, after it by the result. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS, type Session } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
[filesystem]
local_only_read = ["notes/**"]
local_only_write = ["notes/**"]
[local_only]
settle = ["3s"]
profile = "strict"
[[secret]]
name = "tint"
env = "COLOUR"
[[secret.use]]
host = "api.example.com"
methods = ["GET"]
paths = ["/v1/**"]
slot = "header:x-tint"
response = "public"
`;

let place: Workplace;
let session: Session;
beforeAll(async () => {
  place = new Workplace({ "agent-run.toml": POLICY, "notes/plan.md": "the canary's plan" });
  const [first] = GENERATIONS;
  if (first === undefined) throw new Error("there is no client");
  session = await first[1](place);
});
afterAll(async () => {
  await session.close();
  place.remove();
});

test("the description says what is sealed and where the secret stands, and not that a variable has a value", async () => {
  const [run] = await session.tools();
  const text = JSON.stringify(run);
  expect(text).toContain("files read sealed");
  expect(text).toContain("secret tint: GET");
  expect(text).not.toContain("green");
});

test("a result counts sealed operations, in ticks of time, and tells nothing of what came of them", async () => {
  const answer = await session.call("run", {
    script:
      'const plan = fs.read("notes/plan.md"); fs.write("notes/copy.md", plan); print(plan); return env.read("COLOUR")',
  });
  expect(answer.data).toMatchObject({ ok: true, sealed: 2, durationMs: 3000, value: "[sealed secret:tint]" });
  expect(JSON.stringify(answer)).not.toMatch(/canary|green|sealedLog|agent-run\/sealed/);
  expect(place.read("notes/copy.md")).toBe("the canary's plan");
});

test("`explain` says that a call is sealed", async () => {
  const { data } = await session.call("explain", { call: "fs.read notes/plan.md" });
  expect(data).toMatchObject({ decision: "allow", sealed: { label: ["local"] } });
});
