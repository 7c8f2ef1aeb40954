import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CORPUS, FILES, POLICIES } from "./corpus.fixture.ts";
import { judgeHostCall } from "./judge-host.ts";
import { makeProject, policyUnder, removeProjects, sceneWorld } from "./scene.fixture.ts";

afterAll(removeProjects);

test("the table has at least 150 commands, each once in its place", () => {
  const rows = CORPUS.flatMap(({ policy, cwd = "", rows }) => rows.map(([command]) => `${policy} ${cwd} ${command}`));
  expect(rows.length).toBeGreaterThanOrEqual(150);
  expect(new Set(rows).size).toBe(rows.length);
});

for (const { about, policy, cwd = "", rows } of CORPUS) {
  describe(about, () => {
    const root = makeProject(FILES);
    const loaded = policyUnder(root, POLICIES[policy]);
    for (const [command, effect, why] of rows) {
      test(`${effect}: ${JSON.stringify(command)} (${why})`, () => {
        const call = { host: "claude-code", tool: "Bash", input: { command }, cwd: join(root, cwd) } as const;
        const verdict = judgeHostCall(call, loaded, sceneWorld());
        expect(verdict.effect, verdict.reason).toBe(effect);
      });
    }
  });
}
