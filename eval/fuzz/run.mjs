/**
 * Broken and hostile input of everything that reads policies, in numbers: `npm run eval:fuzz -- --count 100000 --seed 1`.
 * Each input is a policy that answers calls and that the tools take, or problems with their places. Prints what fails
 * first, made as small as can be, and keeps it beside this file as `failed-SEED.json`. Exit 1 if anything fails.
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allOf, fromSources } from "../../scripts/from-sources.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Milliseconds of the processor. An input that takes longer is a failure. */
const MOST_TIME = 20_000;

const { values } = parseArgs({ options: { count: { type: "string" }, seed: { type: "string" } } });
const [count, seed] = [Number(values.count ?? 100_000), Number(values.seed ?? Date.now() % 1_000_000)];
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed) || count < 1) {
  console.error("usage: run.mjs [--count N] [--seed S], whole numbers");
  process.exit(5);
}

const { fc, hostileTexts, hostileTests, hostileRequests, hostileCircumstances, realPolicies, ...judge } =
  await fromSources(
    [
      allOf(
        ["hostile-texts", "hostile-calls", "never-throws", "real-policies"].map(
          (name) => `packages/policy/src/testing/${name}.ts`,
        ),
      ),
      allOf(["packages/authoring/src/hostile.fixture.ts"]),
      'export { default as fc } from "fast-check";',
    ].join("\n"),
  );
const { presets, texts, testFiles } = realPolicies(ROOT);
const world = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => (path.startsWith("/") ? path : "/w"),
  homes: ["/home/me"],
  presets,
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};
const calls = fc.array(fc.tuple(hostileRequests, hostileCircumstances), { maxLength: 3 });
let done = 0;
let loads = 0;
let slowest = 0;

const policies = fc.property(hostileTexts(texts), calls, (text, asked) => {
  timed(() => none(judge.flawOfPolicy(text, world, asked) ?? judge.flawOfLayout(text)));
  const loaded = judge.loaded(text, world);
  if (!loaded.ok) return;
  loads++;
  if (loads % 20 === 0) timed(() => none(judge.flawOfTools(loaded)));
});
const tests = fc.property(hostileTests(testFiles), (text) => timed(() => none(judge.flawOfTestFile(text))));
const imports = fc.property(judge.hostileSources, ([format, text]) =>
  timed(() => none(judge.flawOfImport(format, text))),
);

for (const [name, property, share] of [
  ["policies", policies, 0.8],
  ["files of tests", tests, 0.1],
  ["policies of other tools", imports, 0.1],
]) {
  const numRuns = Math.max(1, Math.round(count * share));
  const { failed, counterexample, errorInstance } = fc.check(property, { numRuns, seed });
  if (!failed) continue;
  const file = fileURLToPath(new URL(`failed-${seed}.json`, import.meta.url));
  writeFileSync(file, `${JSON.stringify(counterexample)}\n`);
  console.error(`\n${name}: ${errorInstance?.stack ?? "failed"}\n${JSON.stringify(counterexample)}\nkept as ${file}`);
  process.exitCode = 1;
}
console.log(
  `${done} inputs with the seed ${seed}, ${loads} policies loaded, the slowest took ${Math.round(slowest)} ms`,
);

function timed(act) {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  const took = (user + system) / 1000;
  slowest = Math.max(slowest, took);
  if (process.stderr.isTTY && ++done % 100 === 0) process.stderr.write(`\r${done} of about ${count}`);
  else if (!process.stderr.isTTY) done++;
  if (took > MOST_TIME) throw new Error(`it took ${Math.round(took)} ms`);
}

function none(flaw) {
  if (flaw !== null) throw new Error(flaw);
}
