/**
 * Everything an agent, a public host or a public command can see of a technique's runs, as named sections of raw text.
 * Only three things are normalised, because they differ between any two runs: the run's id, times, and what is hashed
 * over them. A file's time is rounded to ticks since the start of the run, which is all that G says of it.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { credentialOf, spellingsOf } from "./secrets.mjs";

const RUN_ID = /\b0[0-9A-HJKMNP-TV-Z]{25}\b/g;
const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const SEED = /"seed":\d+/g;
/** Also with a space after each character, as a script may write one for a later run. */
const TOKEN = /s ?e ?a ?l ?e ?d ?0(?: ?[0-9a-f]){32}/g;
/** What holds a run's time, or is computed over it; values are kept in shape only. */
const OF_TIMES = /"(start_ms)":\d+|"(prev|hash)":"[0-9a-f]{64}"/g;

const DURATION = /("durationMs":)[\d.]+/g;
const DURATIONS = "durations that are shown";
const FILE_TIMES = "times of public files";
const GAPS = "gaps between public requests";

/** Sections that hold nothing but times; apart from the others, so that a late machine blurs only these. */
export const isOfTimes = (section) => [DURATIONS, FILE_TIMES, GAPS].some((name) => section.endsWith(name));

/** `runs`: what `launch` gave, in order. */
export function transcriptOf(world, runs, { via, tickMs }) {
  const sections = {};
  for (const [index, { exit, stdout, stderr }] of runs.entries()) {
    const name = (part) => (runs.length === 1 ? part : `run ${index + 1}: ${part}`);
    sections[name("exit code")] = String(exit);
    sections[name(via === "mcp" ? "frames" : "stdout")] = normalised(stdout, via).replace(DURATION, '$1"TICKS"');
    sections[name(DURATIONS)] = (stdout.match(DURATION) ?? []).join(" ");
    sections[name("stderr")] = normalised(stderr, via);
  }
  const records = recordsOf(world.record);
  for (const [index, text] of records.entries()) {
    sections[`record ${index + 1}`] = normalised(recordText(text, tickMs), via);
  }
  const startMs = Number(/"start_ms":(\d+)/.exec(records[0] ?? "")?.[1] ?? runs[0]?.startMs);
  const files = publicFiles(world);
  const listed = files.map(({ line, content }) => `${line}\n${content}`).join("\n");
  sections["public files"] = normalised(listed, via);
  sections[FILE_TIMES] = files.map((file) => timeOf(file, { startMs, tickMs })).join("\n");
  sections["public requests"] = normalised(world.log.map(({ text }) => text).join("\n\n"), via);
  sections[GAPS] = gapsOf(world.log, tickMs);
  sections["public commands"] = world.commands().join("\n");
  return sections;
}

/** Tokens and chance are fixed by `--seed`, which an MCP server does not have. */
function normalised(text, via) {
  const plain = text.replace(RUN_ID, "RUN").replace(INSTANT, "TIME");
  return via === "mcp" ? plain.replace(TOKEN, "TOKEN").replace(SEED, '"seed":"SEED"') : plain;
}

/** Records of runs, oldest first; what else is there is the operator's. */
function recordsOf(folder) {
  const runs = join(folder, "runs");
  if (!existsSync(runs)) return [];
  const names = readdirSync(runs).filter((name) => /^[0-9A-Z]{26}\.jsonl$/.test(name));
  return names.sort().map((name) => readFileSync(join(runs, name), "utf8"));
}

/** Latencies of public calls are times and go; those of calls on local-only things stay, in ticks. */
function recordText(text, tickMs) {
  const sealed = new Set();
  const lines = text.split("\n").map((line) => {
    const call = /"call":(\d+)/.exec(line)?.[1];
    if (line.includes('"kind":"intent"') && /"labels":\[[^\]]/.test(line)) sealed.add(call);
    const latency = (_, ms) => `"ms":${sealed.has(call) ? `"${Math.round(Number(ms) / tickMs)} ticks"` : '"MS"'}`;
    return line.replace(/"ms":([1-9]\d*)/g, latency);
  });
  return lines.join("\n").replace(OF_TIMES, (_, time, hash) => `"${time ?? hash}":"${time ? "MS" : "HASH"}"`);
}

/** The project and the home without what the policy makes private there. */
function publicFiles({ base, project, home, hidden }) {
  const paths = new Set(hidden);
  return [project, home].flatMap((folder) => filesBelow(base, folder, paths));
}

function filesBelow(base, folder, hidden) {
  const names = readdirSync(folder).sort();
  const paths = names.map((name) => join(folder, name)).filter((path) => !hidden.has(path));
  return paths.flatMap((path) => {
    const entry = lstatSync(path);
    const { mode, nlink, size, mtimeMs } = entry;
    const name = relative(base, path);
    const line = `${name} mode ${mode.toString(8)} links ${nlink}`;
    if (entry.isSymbolicLink()) return [{ name, mtimeMs, line, content: readlinkSync(path) }];
    if (entry.isDirectory()) return [{ name, mtimeMs, line, content: "" }, ...filesBelow(base, path, hidden)];
    // Another name of a private file is there from the start; what it holds is no news of the run.
    if (nlink > 1) return [{ name, mtimeMs, line, content: "(a second name)" }];
    return [{ name, mtimeMs, line: `${line} size ${size}`, content: readFileSync(path, "latin1") }];
  });
}

export function timeOf({ name, mtimeMs }, { startMs, tickMs }) {
  return `${name} ${mtimeMs < startMs - 50 ? "before" : `at tick ${Math.round((mtimeMs - startMs) / tickMs)}`}`;
}

/**
 * Whether each request came a tick after the one before. Later than a tick may be the machine; earlier cannot be, so a
 * request that followed sealed work and comes early says how long that work took.
 */
export function gapsOf(log, tickMs) {
  const isLater = ({ at }, index) => index > 0 && at - log[index - 1].at >= tickMs * 0.85;
  return log.map((request, index) => (isLater(request, index) ? "a tick later" : "at once")).join(", ");
}

/** Where a section of two transcripts differs first, with what is around it. */
export function differenceIn(section, one, other) {
  const [a, b] = [one[section] ?? "(none)", other[section] ?? "(none)"];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const around = (text) => text.slice(Math.max(0, at - 30), at + 50);
  return { section, at, one: around(a), other: around(b) };
}

/** Null, or which spelling of a secret is where; only spellings that cannot be there by chance are looked for. */
export function canaryIn(transcript, raw) {
  if (raw.length < 16) return null;
  const spellings = [...spellingsOf(raw), ...spellingsOf(credentialOf(raw))];
  for (const [section, text] of Object.entries(transcript)) {
    const found = spellings.find(([, spelling]) => text.includes(spelling));
    if (found !== undefined) return { section, spelling: found[0] };
  }
  return null;
}
