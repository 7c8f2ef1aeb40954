/** Timing: medians with spread, the contestants of a row taken in turn (A B A B), so that noise hits all alike. */
import { spawnSync } from "node:child_process";

/** Environment without what makes every Node start slower (a CA file) or different. */
export const quietEnvironment = () => {
  const { NODE_EXTRA_CA_CERTS: _ca, NODE_OPTIONS: _options, ...rest } = process.env;
  return rest;
};

/** `contestants`: name to a function that does the work once. Returns name to {median, min, max} in milliseconds. */
export async function inTurn(contestants, rounds, warmup = 3) {
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(contestants)) {
      const start = performance.now();
      await work();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, summary(list)]));
}

/**
 * As `inTurn`, warm, for work of microseconds on a machine whose processor others use, too: a fixed piece of work is timed
 * before and after, and what was measured while that took a fifth longer than at its best is left out, of all
 * contestants alike. Goes on until each has `rounds` that were quiet, for `most` rounds at the utmost; then all count.
 */
export async function inQuietTurns(contestants, rounds, most = rounds * 12) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  const quiet = (name) => times[name].filter(([before, , after]) => Math.max(before, after) <= best * 1.2);
  for (let round = -3; round < most; round += 1) {
    for (const name of names) {
      await contestants[name]();
      const before = fixedWork();
      const start = performance.now();
      await contestants[name]();
      const time = performance.now() - start;
      if (round >= 0) times[name].push([before, time, fixedWork()]);
    }
    if (round >= rounds && names.every((name) => quiet(name).length >= rounds)) break;
  }
  const counted = (name) => (quiet(name).length >= rounds ? quiet(name) : times[name]);
  return Object.fromEntries(names.map((name) => [name, summary(counted(name).map(([, time]) => time))]));
}

const TEXTS = Array.from({ length: 64 }, (_, at) => JSON.parse(`"/some/path/of/${at}/letters.ts"`));
const PLACES = new Map(TEXTS.map((text, at) => [text, { at }]));
let best = Number.POSITIVE_INFINITY;
let sum = 0;

/** Letters, numbers, look-ups and small objects, as decisions are made of. Milliseconds. */
function fixedWork() {
  const start = performance.now();
  for (let time = 0; time < 8; time += 1) {
    for (const text of TEXTS) {
      let hash = 0;
      for (let at = 0; at < text.length; at += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
      const made = { hash, text, list: [hash] };
      sum += made.list.length + PLACES.get(text).at;
    }
  }
  const took = performance.now() - start;
  if (sum > 0 && took < best) best = took;
  return took;
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
