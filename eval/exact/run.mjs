/**
 * `npm run eval:exact -- --count 2000 --seed 1`: what the analysis claims about generated policies against what the engine
 * answers (`--seconds` ends it sooner; `--about commands`: policies about commands and their arguments alone). Prints how much was looked at and the smallest policies that break a claim, and stores these beside this file.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allOf, fromSources } from "../../scripts/from-sources.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    calls: { type: "string", default: "60" },
    seconds: { type: "string", default: "3600" },
    most: { type: "string", default: "5" },
    about: { type: "string", default: "all" },
  },
});
const { caseOf, emptyTally, failureOf, smaller, textOf } = await fromSources(
  allOf(["exact-claims", "exact-policies"].map((name) => `packages/authoring/src/analysis/${name}.fixture.ts`)),
);

const tally = emptyTally();
const first = Number(values.seed);
const last = first + Number(values.count);
const failures = [];
let tried = 0;
let slowest = { seed: first, ms: 0 };
const end = performance.now() + 1000 * Number(values.seconds);
for (let seed = first; seed < last && failures.length < Number(values.most) && performance.now() < end; seed++) {
  tried += 1;
  const given = caseOf(seed, Number(values.calls), values.about);
  const start = performance.now();
  const failure = attempt(given, tally);
  const ms = performance.now() - start;
  if (ms > slowest.ms) slowest = { seed, ms };
  if (failure === null) continue;
  const least = smaller(given, failure.claim);
  const told = attempt(least) ?? failure;
  failures.push({ seed, ...told, one: textOf(least.one), other: textOf(least.other), ceiling: least.ceiling, least });
  console.log(
    `FAIL seed ${seed}: ${told.claim}: ${told.says}\n--- one\n${textOf(least.one)}\n--- other\n${textOf(least.other)}\n`,
  );
}

function attempt(given, counted) {
  try {
    return failureOf(given, counted);
  } catch (error) {
    return { claim: `throws ${error}`, says: String(error.stack).split("\n").slice(0, 6).join(" | ") };
  }
}

if (failures.length > 0) {
  const file = fileURLToPath(new URL("failures.json", import.meta.url));
  writeFileSync(file, `${JSON.stringify(failures, null, 2)}\n`);
  console.log(`stored in ${file}`);
}
const said = Object.entries(tally).map(([what, number]) => `${number} ${what}`);
console.log(
  `${tried} seeds from ${first} on: ${said.join(", ")}; slowest: seed ${slowest.seed}, ${Math.round(slowest.ms)} ms`,
);
console.log(`${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
