import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FILES, POLICIES } from "./corpus.fixture.ts";
import { EVASIONS } from "./evasions.fixture.ts";
import { judgeHostCall } from "./judge-host.ts";
import { makeProject, policyUnder, removeProjects, sceneWorld } from "./scene.fixture.ts";

afterAll(removeProjects);

const root = makeProject([...FILES, "out/bare/HEAD", "out/bare/config", "out/bare/objects/x", "out/bare/refs/x"]);
const policy = policyUnder(root, POLICIES.work);
const judged = (command: string, world = sceneWorld()) =>
  judgeHostCall({ host: "claude-code", tool: "Bash", input: { command }, cwd: root }, policy, world);

test("the list has at least 60, each once", () => {
  expect(new Set(EVASIONS.map(([command]) => command)).size).toBe(EVASIONS.length);
  expect(EVASIONS.length).toBeGreaterThanOrEqual(60);
});

for (const [command, how] of EVASIONS) {
  test(`${how}: ${JSON.stringify(command.slice(0, 80))}`, () => {
    const verdict = judged(command);
    expect(verdict.effect, verdict.reason).toBe("deny");
    // By a rule or for what it is, never for a failure of ours.
    expect(verdict.decisions.map(({ decision }) => decision.rule.id)).not.toContain("builtin.error");
  });
}

test("what is denied is said on lines of its own, without letters that nobody sees", () => {
  const { reason } = judged("git status\nwho\u200bami");
  expect(reason).toMatch(/U\+200B/);
  expect(reason).not.toMatch(/\u200b/);
});

test("`pushd` without a word goes back, and not to the home", () => {
  const world = sceneWorld({ home: join(root, "out") });
  expect(judged("cd src && pushd ../out && echo x > new", world).effect).toBe("allow");
  expect(judged("cd src && pushd ../out && pushd && echo x > new", world).effect).toBe("deny");
});

test("an option behind `-c` is not read as the script", () =>
  expect(judged("bash -c -e 'git status'").reason).toMatch(/only `-c` and a script/));
