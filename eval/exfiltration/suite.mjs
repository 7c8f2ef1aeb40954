/** Judges many techniques, several worlds at once. */
import { judge } from "./judge.mjs";
import { World } from "./world.mjs";

/** One entry for each technique and way in; `onResult` is called as they come. Results are in the order of the list. */
export async function judgeAll(
  list,
  { mode, via, over, command, retries, secrets, jobs, thorough, onResult = () => {} },
) {
  const entries = list
    .flatMap((technique) => (over === undefined ? technique.via : [over]).map((way) => ({ technique, via: way })))
    .filter((entry) => via === undefined || entry.via === via);
  const results = new Array(entries.length);
  await inWorlds(jobs, entries, async (world, { technique, via: way }, index) => {
    const verdict = await judge(world, technique, { via: way, mode, command, retries, count: secrets, thorough });
    results[index] = { id: technique.id, title: technique.title, rows: technique.rows, via: way, mode, ...verdict };
    onResult(results[index]);
  });
  return results;
}

/** Each item in one of `jobs` worlds; a world has one item at a time. */
export async function inWorlds(jobs, items, work) {
  let next = 0;
  const lane = async () => {
    const world = await new World().start();
    try {
      while (next < items.length) {
        const index = next++;
        await work(world, items[index], index);
      }
    } finally {
      await world.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, lane));
}

export function totalsOf(results) {
  const count = (verdict) => results.filter((result) => result.verdict === verdict).length;
  const words = [
    `${results.length} techniques`,
    `${count("identical")} identical`,
    `${count("LEAK")} leaks`,
    `${count("NOISE")} noise`,
  ];
  return [...words, ...(count("UNEXPECTED") > 0 ? [`${count("UNEXPECTED")} unexpected`] : [])].join(", ");
}
