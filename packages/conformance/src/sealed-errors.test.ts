/** The examples on the pages of the codes about sealed values give these codes, under one policy that fits them all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

const POLICY = `version = 1
[filesystem]
write_allow = ["out/**"]
local_only_read = ["notes/**"]
local_only_write = ["notes/**"]
[network]
http_post_allow = ["api.example.com"]
local_only_hosts = ["localhost:11434", "status.internal"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[local_only]
settle = ["1s"]
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "api.stripe.com"
methods = ["GET"]
paths = ["/v1/charges/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
[[release]]
name = "deploy_state"
from = "GET https://status.internal/deploys/latest"
select = "$.state"
type = "bool"
`;

let place: Workplace;
beforeAll(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "notes/plan.md": "plan", "out/0": "" });
});
afterAll(() => place.remove());

test.each([
  ...["E_SINK", "E_SLOT", "E_NOT_ORIGINAL", "E_SEALED_BRANCH", "E_SEALED_METHOD", "E_CAPTURE", "E_FN"],
  ...["E_TOKEN_BROKEN", "E_USE_ONLY", "E_RELEASE", "E_WAITS"],
])("the example of %s gives that code, uncaught with exit code 2", async (code) => {
  const page = readFileSync(join(ROOT, `docs/errors/${code}.md`), "utf8");
  const [, script = ""] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];
  const env = { STRIPE_KEY: "q9XvT2mKp7LwZr4BnJ8sD", INTERNAL_URL: "https://a.example" };
  const report = await place.report(script, [], { env });
  expect(report).toMatchObject({ exitCode: 2, error: { code } });
  expect(report.error?.message).not.toBe("");
});
