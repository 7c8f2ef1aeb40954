/**
 * The corpus of hostile scripts (eval/attacks), each in a host that goes on with the next one. Most end with their time,
 * so a few hosts are attacked at the same time.
 */

import { createRuntime, loadPolicy } from "@agent-run/runtime";
import { describe, expect, test, vi } from "vitest";
import { type Attack, attacks, makeHost } from "../../../eval/attacks/corpus.mjs";
import { lanes } from "./lanes.fixture.ts";

/** The machine may be busy; each attack has a limit of its own. */
vi.setConfig({ testTimeout: 300_000 });

const list: readonly Attack[] = attacks();
const hosts = lanes(4, () => makeHost({ createRuntime, loadPolicy }));

test("the corpus is as large as it claims", () => {
  expect(list.length).toBeGreaterThanOrEqual(80);
  expect(list.filter(({ expect: ending }) => ending === undefined)).toEqual([]);
});

describe.concurrent("each ends as it must, and the next run is pristine", () => {
  for (const attack of list) {
    test(`${attack.name} ends with ${attack.expect}`, async () => {
      expect(await hosts.with(async (host) => (await host.attack(attack)).problem)).toBeNull();
    });
  }
});

test("memory comes back: a hundred memory bombs leave the host where it was", async () => {
  const [bomb] = list.filter(({ name }) => name === "memory/typed-arrays");
  if (bomb === undefined) throw new Error("the bomb is missing");
  const resident: number[] = [];
  await hosts.with(async (host) => {
    for (let round = 0; round < 100; round += 1) {
      expect((await host.attack(bomb)).problem).toBeNull();
      resident.push(process.memoryUsage().rss);
    }
  });
  const early = Math.max(...resident.slice(10, 30));
  const late = Math.min(...resident.slice(-20));
  // A hundred runs of 32 MiB each would be 3 GiB; what stays is noise of the allocator.
  expect(late - early).toBeLessThan(128 * 2 ** 20);
});
