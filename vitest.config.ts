/**
 * How the tests run: a file for each processor at a time, as many wait for processes and clocks, the longest first. Where
 * nothing is changed but a test's own things, files share a process: one of its own takes half a second to load.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.mjs";
import { ownTemporary } from "./scripts/own-temporary.mjs";

/** Of packages that start no process and keep nothing for all runs: no disk, no network, no environment. */
const SHARING = "packages/{policy,authoring,gate,audit,vm}/src/**/*.test.ts";

const common = {
  resolve: {
    alias: { "fast-check": fileURLToPath(new URL("scripts/seeded-fast-check.mjs", import.meta.url)) },
  },
};
const times = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    projects: [
      { ...common, test: { ...times, name: "own", include: ["packages/*/src/**/*.test.ts"], exclude: [SHARING] } },
      {
        ...common,
        test: {
          ...times,
          name: "sharing",
          include: [SHARING],
          isolate: false,
          restoreMocks: true,
          unstubEnvs: true,
          env: { TMPDIR: ownTemporary },
          globalSetup: "./scripts/own-temporary.mjs",
        },
      },
    ],
  },
});
