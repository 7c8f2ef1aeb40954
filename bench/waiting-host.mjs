/** A host for B8: idle, then with N runs (128 at most) that wait for an approval, then idle again. Prints its memory as JSON. */
import { setTimeout as sleep } from "node:timers/promises";
import { createRuntime, loadPolicy } from "../dist/index.js";

const [policyFile, audit, count] = process.argv.slice(2);
/** Megabytes that are resident in this process: all its threads are in it. */
const resident = () => Math.round(process.memoryUsage.rss() / 2 ** 20);

let asked = 0;
let answer = () => undefined;
const answered = new Promise((resolve) => {
  answer = () => resolve("allow");
});
const approve = () => {
  asked += 1;
  return answered;
};
const runtime = await createRuntime({ policy: await loadPolicy(policyFile), audit, approve });
const first = await runtime.run("return 1");
if (first.value !== 1) throw new Error(JSON.stringify(first.error));
await sleep(500);
const idle = resident();
const runs = Array.from({ length: Number(count) }, (_, index) =>
  runtime.run(`fs.write("asked/${index}", "x"); return ${index}`),
);
while (asked < Number(count)) await sleep(20);
await sleep(500);
const waiting = resident();
const since = performance.now();
const beside = await runtime.run("return 2");
const besideMs = Math.round(performance.now() - since);
answer();
const reports = await Promise.all(runs);
const wrong = [beside, ...reports].find(({ ok }) => !ok);
if (wrong !== undefined) throw new Error(JSON.stringify(wrong.error));
await runtime.close();
await sleep(500);
process.stdout.write(JSON.stringify({ idle, waiting, besideMs, afterwards: resident() }));
