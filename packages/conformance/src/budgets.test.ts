/** Budgets as who starts a run meets them: the built command, and an MCP server with several runs. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS } from "./mcp-client.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
[filesystem]
read_allow = ["data/**"]
[budget]
calls = 30
`;

let place: Workplace;
beforeAll(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha\n" });
});
afterAll(() => place.remove());

/** The first line of each record, oldest first. */
const actors = (): unknown[] =>
  place
    .records()
    .map((file) => (JSON.parse(readFileSync(file, "utf8").split("\n")[0] ?? "") as { actor?: unknown }).actor);

const READS = (count: number): string =>
  `let refused = 0; for (let i = 0; i < ${count}; i += 1) { try { fs.read("data/a.txt"); } catch (error) { if (error.code !== "E_BUDGET") throw error; refused += 1; } } return refused;`;

describe("the command", () => {
  test("ends with 6 where a budget is used up and nobody catches it, names the line, and leaves a record that verifies", async () => {
    const script = "for (;;) fs.read('data/a.txt')";
    const ended = await place.run(["--policy", "agent-run.toml", "--actor", "release-bot", "-"], { stdin: script });
    expect(ended).toMatchObject({ code: 6, stdout: "" });
    expect(ended.stderr).toContain(
      "error[E_BUDGET]: `fs.read` of `data/a.txt` is beyond the budget `budget.calls`: 30 of 30 calls are used\n",
    );
    expect(ended.stderr).toContain("rule: budget.calls (agent-run.toml:5)\n");
    expect(ended.stderr).toContain("hint: do with fewer calls, or have `budget.calls` raised\n");
    const [record = ""] = place.records();
    expect(actors()).toEqual(["release-bot"]);
    expect(await place.run(["audit", "verify", record])).toMatchObject({ code: 0 });
  });

  test("takes no actor that could not be shown, and runs nothing", async () => {
    const before = place.records().length;
    const ended = await place.run(["--policy", "agent-run.toml", "--actor", "a\nb", "-"], { stdin: "1" });
    expect(ended).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("an actor is a name of 1 to 256 characters"),
    });
    expect(place.records().length).toBe(before);
  });
});

describe("an MCP server", () => {
  test("has one budget for all its runs: two at the same time cannot overspend it, nor what comes after", async () => {
    const [, connect] = GENERATIONS[0] ?? expect.unreachable("there is no client");
    const session = await connect(place, {}, ["--actor", "agent"]);
    try {
      const run = async (count: number) => (await session.call("run", { script: READS(count) })).data;
      const both = await Promise.all([run(20), run(20)]);
      expect(both.map(({ ok }) => ok)).toEqual([true, true]);
      expect(both.reduce((sum, { value }) => sum + Number(value), 0)).toBe(10);
      await session.call("explain", { call: "fs.read data/a.txt" });
      expect((await run(5)).value).toBe(5);
      const uncaught = await session.call("run", { script: "fs.read('data/a.txt')" });
      expect(uncaught).toMatchObject({ isError: true, data: { exitCode: 6, error: { code: "E_BUDGET" } } });
      expect(uncaught.text).toContain("budget.calls");
      expect(actors().slice(-4)).toEqual(["agent", "agent", "agent", "agent"]);
    } finally {
      await session.close();
    }
  });
});
