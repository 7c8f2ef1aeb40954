/**
 * Worlds that are made alike, for tests that run at the same time: each test has one to itself, and the next test in it
 * finds what the last one left, as if they had come one after another. A test that waits for a clock then holds up no other.
 */
import { afterAll, beforeAll } from "vitest";

export interface Lanes<T> {
  /** Does the work with a world that nobody else has meanwhile. */
  with<R>(work: (world: T) => R | Promise<R>): Promise<R>;
}

/** Made before the tests of the file or block, closed after them. As many as there may be tests at the same time. */
export function lanes<T extends { close(): unknown }>(count: number, make: () => Promise<T>): Lanes<T> {
  const all: T[] = [];
  const free: T[] = [];
  const waiting: ((world: T) => void)[] = [];
  beforeAll(async () => {
    all.push(...(await Promise.all(Array.from({ length: count }, make))));
    free.push(...all);
  });
  afterAll(async () => {
    await Promise.all(all.map((world) => world.close()));
  });
  return {
    async with(work) {
      const world = free.pop() ?? (await new Promise<T>((resolve) => waiting.push(resolve)));
      try {
        return await work(world);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(world);
        else next(world);
      }
    },
  };
}
