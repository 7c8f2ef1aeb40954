/**
 * Runs one technique with all its secrets and says what came out: `identical`, `LEAK` (what is seen depends on the
 * secret), `NOISE` (it differs without that), `UNEXPECTED` (it did not get to where it was to be stopped, so that being
 * identical proves nothing).
 */
import { launch } from "./launch.mjs";
import { firstTickMs } from "./policies.mjs";
import { HEADER_SAFE, SECRETS, withoutNul } from "./secrets.mjs";
import { canaryIn, differenceIn, isOfTimes, transcriptOf } from "./transcript.mjs";

/**
 * `retries`: how often a difference is looked at again. A leak is there each time; a machine that is late is not.
 * `thorough`: what is unexpected is compared all the same, as it may leak besides.
 * `{ verdict, ending, problem?, difference?, unsteady }`.
 */
export async function judge(world, technique, options) {
  const { via, mode = "sealed", command, retries = 2, count = Infinity, thorough = false } = options;
  const seenWith = async ({ raw }) => transcribe(world, technique, { raw, via, mode, command });
  const [first, ...others] = (technique.secrets === "header-safe" ? HEADER_SAFE : SECRETS).slice(0, count);
  const baseline = [await seenWith(first)];
  const problem =
    problemOf(baseline[0], mode === "sealed" ? technique : LOADED, via) ??
    (mode === "sealed" ? absenceOf(world, technique, first) : null);
  const ending = endingOf(baseline[0]);
  const unexpected = { verdict: "UNEXPECTED", ending, problem, unsteady: false };
  if (problem !== null && !thorough) return unexpected;
  /** Sections that say nothing, as they differ without a cause. */
  const blurred = new Set();
  for (const secret of [first, ...others]) {
    const seen = [await seenWith(secret)];
    const missing = world.missing();
    if (missing !== null) return { ...unexpected, problem: missing };
    const canary = canaryIn(seen[0], secret.raw);
    if (canary !== null)
      return { verdict: "LEAK", ending, difference: { ...canary, secret: secret.name }, unsteady: false };
    for (let turn = 0; turn < retries && apart(baseline, seen).length > 0; turn += 1) {
      seen.push(await seenWith(secret));
      if (apart(baseline, seen).length > 0) baseline.push(await seenWith(first));
    }
    const sections = apart(baseline, seen).filter((section) => !blurred.has(section));
    if (sections.length === 0) continue;
    if (thorough && secret === first) {
      for (const section of sections) blurred.add(section);
      continue;
    }
    const steady = sections.find((section) => isSteady(baseline, section) && isSteady(seen, section));
    const section = steady ?? sections[0];
    const difference = { ...differenceIn(section, baseline[0], seen[0]), secret: secret.name };
    const isLeak = secret !== first && steady !== undefined;
    if (!isLeak && problem !== null) return unexpected;
    return { verdict: isLeak ? "LEAK" : "NOISE", ending, difference, unsteady: !isLeak };
  }
  return problem === null ? { verdict: "identical", ending, unsteady: baseline.length > 1 } : unexpected;
}

/** Sections that no transcript of the one side has in common with one of the other. */
function apart(some, others) {
  const names = new Set([...some, ...others].flatMap((transcript) => Object.keys(transcript)));
  return [...names].filter((name) => !some.some((one) => others.some((other) => one[name] === other[name])));
}

const isSteady = (transcripts, section) => new Set(transcripts.map((transcript) => transcript[section])).size === 1;

async function transcribe(world, technique, { raw, via, mode, command }) {
  world.reset({ raw, technique, mode });
  const scripts = technique.scripts.map((script) => world.fill(script));
  const runs = await launch(world, scripts, { via, technique, command });
  const transcript = transcriptOf(world, runs, { via, tickMs: firstTickMs(technique.policy) });
  // Only sealed values promise anything about time.
  const sections = Object.entries(transcript).filter(([section]) => mode === "sealed" || !isOfTimes(section));
  return Object.fromEntries(sections);
}

/** In the other modes a script may end as it likes; the policy must have loaded all the same. */
const LOADED = {
  expect: ["E_SYNTAX", "E_SUBSET", "E_CAPABILITY", "ReferenceError"],
  never: [],
  gaps: null,
  isOpen: true,
};

/** Why what was seen is not the attempt that the technique describes, or null. */
function problemOf(transcript, { expect, never, gaps, isOpen = false }, via) {
  const seen = Object.entries(transcript)
    .filter(([section]) => /stdout|stderr|frames|durations/.test(section))
    .map(([, text]) => text)
    .join("\n");
  const missing = isOpen ? undefined : expect.find((word) => word !== "value" && !seen.includes(word));
  if (missing !== undefined) return `no ${missing}: ${tail(seen)}`;
  const shown = never.find((text) => Object.values(transcript).some((section) => section.includes(text)));
  if (shown !== undefined) return `it shows ${shown}`;
  const between = transcript["gaps between public requests"];
  if (gaps !== null && between !== gaps) return `the public host was asked ${between}, and not ${gaps}`;
  if (expect.includes("value") && !endedWell(transcript, seen, via)) return `did not end well: ${tail(seen)}`;
  // Nothing ran, or the script itself is wrong: the same for all secrets, and no evidence.
  const idle = ["E_POLICY_INVALID", "E_CONFIG", "E_SYNTAX", "E_SUBSET", "E_CAPABILITY", "ReferenceError"];
  const why = idle.find((word) => !expect.includes(word) && seen.includes(word));
  return why === undefined ? null : `${why}: ${tail(seen)}`;
}

/** Sealed work is invisible; that it was done shows at the servers that the agent does not see. Or null. */
function absenceOf({ reached }, { reaches }, { raw }) {
  const wanted = reaches.map((text) => text.replace("$SECRET", withoutNul(raw)));
  const missing = wanted.find((text) => !reached.some((request) => request.includes(text)));
  return missing === undefined ? null : `no request with ${missing}: ${tail(reached.join(" "))}`;
}

/** What stopped the first run: a code, an error's name, or nothing (`value`). */
function endingOf(transcript) {
  const [, shown = ""] = Object.entries(transcript).find(([section]) => /stdout|stderr|frames/.test(section)) ?? [];
  const [, code, name] = /"error":\{"code":(?:"(\w+)"|null)(?:.*?"name":"(\w+)")?/.exec(shown) ?? [];
  return code ?? name ?? (/"ok":true/.test(shown) ? "value" : `exit ${transcript["exit code"]}`);
}

function endedWell(transcript, seen, via) {
  if (via === "mcp") return seen.includes('"exitCode":0');
  return Object.entries(transcript).every(([section, text]) => !section.includes("exit code") || text === "0");
}

const tail = (text) => text.slice(0, 300).replaceAll("\n", " ");
