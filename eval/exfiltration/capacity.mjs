/**
 * How much the settle clock tells: many secrets against the worst script for it, a local-only server that answers when
 * it likes (0 to 2 s by the secret), once before a public request and once before the end. With m ticks and w waits
 * there are m^(w+1) ways to see it, whatever the number of secrets.
 */
import { launch } from "./launch.mjs";
import { ticksMs } from "./policies.mjs";
import { manySecrets } from "./secrets.mjs";
import { inWorlds } from "./suite.mjs";
import { transcriptOf } from "./transcript.mjs";

const SCRIPT = `
net.httpGet("$PUBLIC/start");
net.httpPost("$LOCAL/long/0", env.read("API_KEY"));
net.httpGet("$PUBLIC/middle");
net.httpPost("$LOCAL/long/1", env.read("API_KEY"));
print("end");
`;
const TECHNIQUE = { policy: "capacity", secrets: "all", setup: null, cancelAfterMs: null };
const WAITS = 2;

export async function measureCapacity({ secrets, jobs, command }) {
  const list = manySecrets(Number.isFinite(secrets) ? secrets : 256);
  const ticks = ticksMs(TECHNIQUE.policy);
  const seen = new Set();
  let late = 0;
  await inWorlds(jobs, list, async (world, { raw }) => {
    world.reset({ raw, technique: TECHNIQUE, mode: "sealed" });
    const [run] = await launch(world, [world.fill(SCRIPT)], { via: "cli", technique: TECHNIQUE, command });
    if (run.exit !== 0) throw new Error(`the run ended with ${run.exit}: ${run.stdout}${run.stderr}`.slice(0, 500));
    // Paths and ports are a world's; the clock is what is counted.
    const gap = world.log[1].at - world.log[0].at;
    const tick = nearest(ticks, gap);
    late = Math.max(late, Math.round(gap - tick));
    const transcript = transcriptOf(world, [run], { via: "cli", tickMs: ticks[0] });
    seen.add(JSON.stringify([tick, reportOf(run), Object.keys(transcript)]));
  });
  return { secrets: list.length, transcripts: seen.size, bound: ticks.length ** WAITS, late };
}

const nearest = (ticks, gap) =>
  ticks.reduce((best, tick) => (Math.abs(tick - gap) < Math.abs(best - gap) ? tick : best));

/** The report without the run's name and places. */
function reportOf({ stdout, stderr }) {
  const { run, record, sealedLog, policy, calls, ...report } = JSON.parse(stdout);
  return {
    ...report,
    calls: calls.map(({ capability, decision, code }) => [capability, decision, code]),
    stderr: stderr.length,
  };
}
