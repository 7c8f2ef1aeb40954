/** `npm test`: builds, runs every test, and ends with a line of totals that does not depend on the runner. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "agent-run-test-"));
const results = join(folder, "results.json");
const run = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;

if (run(["scripts/build.mjs"]) !== 0) process.exit(1);
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const status = run(["node_modules/vitest/vitest.mjs", "run", ...reporters, ...process.argv.slice(2)]);
const { numPassedTests = 0, numFailedTests = 0, numFailedTestSuites = 0 } = read(results);
rmSync(folder, { recursive: true });
// A file that does not even load has no failed test, but it failed.
const failed = numFailedTests === 0 && status !== 0 ? Math.max(1, numFailedTestSuites) : numFailedTests;
console.log(`${numPassedTests} passed, ${failed} failed`);
process.exitCode = status;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}
