/** Natural mistakes with sealed values: the message of each leads to a script that works (eval/sealed-scripts). */
import { expect, test, vi } from "vitest";
import { judge } from "../../../eval/sealed-scripts/judge.mjs";
import { SCRIPTS } from "../../../eval/sealed-scripts/scripts.mjs";
import { makeWorld } from "../../../eval/sealed-scripts/world.mjs";
import { lanes } from "./lanes.fixture.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Runs wait for their ticks: some do at the same time. */
const worlds = lanes(3, makeWorld);

test.concurrent.each(SCRIPTS.map((entry) => [entry.name, entry] as const))(
  "%s: is told why, and how to do it",
  async (_, entry) => {
    expect(await worlds.with((world) => judge(world, entry))).toBe(null);
  },
);

test("a judge that is given a message without the fix says so", async () => {
  const [entry] = SCRIPTS;
  const problem = await worlds.with((world) => judge(world, { ...entry, says: [/use a lock/] } as never));
  expect(problem).toMatch(/^wrong script: nothing says \/use a lock\/: line 2:/);
});
