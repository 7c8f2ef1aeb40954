/** The corpus of hostile scripts (eval/attacks), each in a host that goes on with the next one. */

import { createRuntime, loadPolicy } from "@agent-run/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Attack, attacks, type Host, limitOf, makeHost } from "../../../eval/attacks/corpus.mjs";

const list: readonly Attack[] = attacks();
const hosts = new Map<number, Host>();

beforeAll(async () => {
  for (const limitMs of new Set(list.map(({ family }) => limitOf(family)))) {
    hosts.set(limitMs, await makeHost({ createRuntime, loadPolicy }, limitMs));
  }
});
afterAll(async () => {
  for (const host of hosts.values()) await host.close();
});

test("the corpus is as large as it claims", () => {
  expect(list.length).toBeGreaterThanOrEqual(80);
  expect(list.filter(({ expect: ending }) => ending === undefined)).toEqual([]);
});

describe("each ends as it must, and the next run is pristine", () => {
  for (const attack of list) {
    test(`${attack.name} ends with ${attack.expect}`, async () => {
      const outcome = await hosts.get(limitOf(attack.family))?.attack(attack);
      expect(outcome?.problem).toBeNull();
    });
  }
});

test("memory comes back: a hundred memory bombs leave the host where it was", async () => {
  const [bomb] = list.filter(({ name }) => name === "memory/typed-arrays");
  const host = hosts.get(limitOf("memory"));
  if (bomb === undefined || host === undefined) throw new Error("the bomb is missing");
  const resident: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    expect((await host.attack(bomb)).problem).toBeNull();
    resident.push(process.memoryUsage().rss);
  }
  const early = Math.max(...resident.slice(10, 30));
  const late = Math.min(...resident.slice(-20));
  // A hundred runs of 32 MiB each would be 3 GiB; what stays is noise of the allocator.
  expect(late - early).toBeLessThan(128 * 2 ** 20);
}, 120_000);
