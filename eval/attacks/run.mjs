/** `npm run eval:attacks`: every attack, its ending, its time; exit 1 if one got through, was late, or memory stayed. */
import { createRuntime, loadPolicy } from "../../dist/index.js";
import { attacks, GRACE_MS, limitOf, makeHost } from "./corpus.mjs";

const host = await makeHost({ createRuntime, loadPolicy });
let failed = 0;
let latest = { name: "none", ms: 0 };
const list = attacks().filter(
  ({ name }) => process.argv.length < 3 || process.argv.slice(2).some((part) => name.includes(part)),
);
for (const attack of list) {
  const limitMs = limitOf(attack);
  const { ms, report, problem } = await host.attack(attack);
  const late = ms > limitMs + GRACE_MS ? `took ${Math.round(ms)} ms` : null;
  const wrong = problem ?? late;
  if (wrong !== null) failed += 1;
  if (ms - limitMs > latest.ms) latest = { name: attack.name, ms: ms - limitMs };
  const ending =
    report.error === null ? `value ${JSON.stringify(report.value)}` : (report.error.code ?? report.error.name);
  console.log(`${wrong === null ? "held" : "FAIL"} ${attack.name}: ${wrong ?? ending} (${Math.round(ms)} ms)`);
}
await host.close();
globalThis.gc?.();
const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
console.log(
  `latest: ${latest.name}, ${Math.round(latest.ms)} ms after its limit (at most ${GRACE_MS}); ${rss} MiB resident at the end`,
);
console.log(`${list.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
