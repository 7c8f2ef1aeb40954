/**
 * The examples of docs/local-only.md and the README's section on it are run: each script under the policy of its page, with
 * what it prints compared to what the page says. Servers and ports are ours; everything else is as it stands there.
 */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { ROOT } from "./sources.ts";

const KEY = "sk_live_q9XvT2mKp7LwZr4BnJ8sD";
const CANARY = "the plan of the canary";

const servers: Server[] = [];
let model = 0;
let stripe = 0;
beforeAll(async () => {
  model = await listening((_request, response) => response.end(JSON.stringify({ response: `- ${CANARY}` })));
  stripe = await listening((request, response) => {
    response.statusCode = request.headers.authorization === `Bearer ${KEY}` ? 200 : 401;
    response.end(JSON.stringify({ data: [{ id: "ch_1" }, { id: "ch_2" }] }));
  });
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function listening(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** The API stands on loopback here, where http and a port are what is meant. */
const placed = (text: string): string =>
  text
    .replaceAll("localhost:11434", `localhost:${model}`)
    .replaceAll('host = "api.stripe.com"', `host = "http://127.0.0.1:${stripe}"`)
    .replaceAll("https://api.stripe.com", `http://127.0.0.1:${stripe}`);

const shown = (text: string): string =>
  text
    .replaceAll(`localhost:${model}`, "localhost:11434")
    .replaceAll(`127.0.0.1:${stripe}`, "api.stripe.com")
    .replace(/\S+\/(runs|sealed)\/[0-9A-Z]{26}\.jsonl/g, "STATE/agent-run/$1/RUN.jsonl");

const fence = (language: string, text: string): string =>
  new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1] ?? "";

async function ran(policy: string, script: string) {
  const place = new Workplace({
    "agent-run.toml": placed(policy),
    "script.js": placed(script),
    "notes/plan.md": `# Plan\n\n${CANARY}\n`,
    "settings.json": JSON.stringify({ region: "eu-west-1", db: { host: "DB" } }),
  });
  try {
    const env = { STRIPE_KEY: KEY, INTERNAL_URL: "https://canary.internal" };
    const ended = await place.run(["--policy", "agent-run.toml", "script.js"], { env });
    const files = ["notes/summary.md", "notes/host.txt"].filter((name) => place.has(name));
    return { ...ended, files: Object.fromEntries(files.map((name) => [name, place.read(name)])) };
  } finally {
    place.remove();
  }
}

describe("docs/local-only.md", () => {
  const page = readFileSync(join(ROOT, "docs/local-only.md"), "utf8");
  const policy = fence("toml", page);
  const scripts = [...page.matchAll(/^```js\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms)];

  test("has examples with what they print", () => {
    expect(scripts.filter(([, , output]) => output !== undefined).length).toBeGreaterThanOrEqual(4);
  });

  for (const [index, [, script = "", output = ""]] of scripts.entries()) {
    test(`script ${index + 1} ends well and prints what the page says`, async () => {
      const { code, stdout, stderr } = await ran(policy, script);
      expect(code, stderr).toBe(0);
      expect(shown(stdout)).toBe(output);
      expect(`${stdout}${stderr}`).not.toMatch(/canary|sk_live/);
    });
  }

  test("its sealed work really happens", async () => {
    const [, summary, computed] = await Promise.all(scripts.slice(0, 3).map(([, script = ""]) => ran(policy, script)));
    expect(summary?.files["notes/summary.md"]).toBe(`- ${CANARY}`);
    expect(computed?.files["notes/host.txt"]).toBe("host=db.internal\n");
  });
});

test("the README's run of local-only values is what a run gives", async () => {
  const [, section = ""] =
    /<!-- local-only -->(.*?)<!-- \/local-only -->/s.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  const { code, stdout, stderr } = await ran(fence("toml", section), fence("js", section));
  expect(code, stderr).toBe(0);
  expect(shown(`${stdout}${stderr}`)).toBe(fence("text", section));
});
