import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: { "fast-check": fileURLToPath(new URL("scripts/seeded-fast-check.mjs", import.meta.url)) },
  },
  test: {
    include: ["packages/*/src/**/*.test.ts"],
    // Many tests wait for processes and clocks, so a file for each processor, not one fewer.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
