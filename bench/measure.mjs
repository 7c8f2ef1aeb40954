/** Timing: medians with spread, the contestants of a row taken in turn (A B A B), so that noise hits all alike. */
import { spawnSync } from "node:child_process";

/** Environment without what makes every Node start slower (a CA file) or different. */
export const quietEnvironment = () => {
  const { NODE_EXTRA_CA_CERTS: _ca, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
};

/** `contestants`: name to a function that does the work once. Returns name to {median, min, max} in milliseconds. `isWarm`: each runs once, untimed, before. */
export async function inTurn(contestants, rounds, warmup = 3, isWarm = false) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(contestants)) {
      // What the others did has emptied the caches of the processor.
      if (isWarm) await work();
      const start = performance.now();
      await work();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]));
}

/** A whole process, from spawn to exit. */
export const processOf =
  (args, options = {}) =>
  () => {
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: quietEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    if (status !== 0) throw new Error(`${args.join(" ")} exited with ${status}: ${stderr}`);
  };

export function summary(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { median: at(0.5), min: sorted[0], max: sorted.at(-1), p95: at(0.95) };
}
