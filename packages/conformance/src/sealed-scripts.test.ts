/** Natural mistakes with sealed values: the message of each leads to a script that works (eval/sealed-scripts). */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { judge } from "../../../eval/sealed-scripts/judge.mjs";
import { SCRIPTS } from "../../../eval/sealed-scripts/scripts.mjs";
import { makeWorld, type World } from "../../../eval/sealed-scripts/world.mjs";

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

test.each(SCRIPTS.map((entry) => [entry.name, entry] as const))(
  "%s: is told why, and how to do it",
  async (_, entry) => {
    expect(await judge(world, entry)).toBe(null);
  },
);

test("a judge that is given a message without the fix says so", async () => {
  const [entry] = SCRIPTS;
  const problem = await judge(world, { ...entry, says: [/use a lock/] } as never);
  expect(problem).toMatch(/^wrong script: nothing says \/use a lock\/: line 2:/);
});
