/** Runs each natural mistake and its correction through the built command, one line each. Exit 1 if one fails. */
import { judge } from "./judge.mjs";
import { SCRIPTS } from "./scripts.mjs";
import { makeWorld } from "./world.mjs";

const world = await makeWorld();
let failed = 0;
for (const entry of SCRIPTS) {
  const problem = await judge(world, entry);
  if (problem !== null) failed += 1;
  console.log(problem === null ? `pass ${entry.name}: ${entry.code ?? "no error"}` : `FAIL ${entry.name}: ${problem}`);
}
await world.close();
console.log(`${SCRIPTS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
