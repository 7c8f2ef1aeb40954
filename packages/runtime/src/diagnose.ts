/** What this machine can do, found out by doing it: a run in the VM, a command in the jail, a record on disk. */
import { detectJail, discoverPolicy, isTrusted } from "@agent-run/effects";
import { openCeilings } from "./ceilings.ts";
import { loadEngine } from "./engine.ts";
import { type OpenPolicyOptions, openPolicy, ownWorld } from "./open-policy.ts";
import { stateDirectory, trustStore } from "./places.ts";
import { Runtime } from "./runtime.ts";
import { weakSecrets } from "./weak-secrets.ts";

export interface Diagnosis {
  readonly state: "ok" | "warn" | "fail";
  readonly what: string;
  readonly detail: string;
  readonly hint?: string;
}

type Place = Pick<OpenPolicyOptions, "cwd" | "ceilings">;

/** Never throws; a check that throws is a failed check. */
export async function diagnose(cwd: string, ceilings: readonly string[] = []): Promise<Diagnosis[]> {
  const place = { cwd, ceilings };
  const checks: [string, () => Diagnosis | Promise<Diagnosis>][] = [
    ["node", nodeVersion],
    ["engine", engineIsWhole],
    ["run", () => aRun(place)],
    ["jail", jailWorks],
    ["policy", () => policyHere(place)],
    ["ceilings", () => ceilingsHere(ceilings)],
  ];
  const findings: Diagnosis[] = [];
  for (const [what, check] of checks) findings.push(await attempt(what, check));
  return [...findings, ...secretsHere(place)];
}

async function attempt(what: string, check: () => Diagnosis | Promise<Diagnosis>): Promise<Diagnosis> {
  try {
    return await check();
  } catch (error) {
    return { state: "fail", what, detail: error instanceof Error ? error.message : String(error) };
  }
}

function nodeVersion(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const supported = major > 20 || (major === 20 && minor >= 18);
  const detail = `${process.version} on ${process.platform} ${process.arch}`;
  return {
    state: supported ? "ok" : "fail",
    what: "node",
    detail,
    ...(supported ? {} : { hint: "agent-run needs Node 20.18 or later" }),
  };
}

function engineIsWhole(): Diagnosis {
  const { hashes } = loadEngine();
  return {
    state: "ok",
    what: "engine",
    detail: `wasm ${hashes.wasm.slice(0, 12)}, image ${hashes.image.slice(0, 12)}, as built`,
  };
}

/** A real run with a real record in the state directory. */
async function aRun(place: Place): Promise<Diagnosis> {
  const audit = stateDirectory();
  const opened = openPolicy(place);
  if (!opened.ok)
    return { state: "fail", what: "run", detail: opened.problems[0]?.message ?? "the policy does not load" };
  await using runtime = new Runtime({ policy: opened.data, audit });
  const report = await runtime.run("return 6 * 7");
  if (report.value === 42)
    return { state: "ok", what: "run", detail: `in ${report.durationMs} ms, recorded below ${audit}` };
  return {
    state: "fail",
    what: "run",
    detail: report.error?.message ?? "gave a wrong answer",
    hint: report.error?.hint ?? "",
  };
}

function jailWorks(): Diagnosis {
  const jail = detectJail();
  if (jail.ok) return { state: "ok", what: "jail", detail: `bubblewrap works (${jail.bwrap})` };
  const hint = 'commands are refused unless the policy says `sandbox = "none"`, which leaves them open';
  return { state: "warn", what: "jail", detail: jail.reason, hint };
}

function policyHere(place: Place): Diagnosis {
  const { cwd } = place;
  const found = discoverPolicy(cwd);
  if (found === null)
    return { state: "warn", what: "policy", detail: "none here or above; without --policy everything is denied" };
  const opened = openPolicy({ ...place, path: found });
  if (!opened.ok)
    return {
      state: "fail",
      what: "policy",
      detail: `${found} does not load`,
      hint: `agent-run policy validate ${found}`,
    };
  const trusted = isTrusted(trustStore(), opened.data);
  if (trusted) return { state: "ok", what: "policy", detail: `${found}, trusted` };
  return { state: "warn", what: "policy", detail: `${found} is not trusted`, hint: `agent-run policy trust ${found}` };
}

/** The machine's, and those that were named. */
function ceilingsHere(paths: readonly string[]): Diagnosis {
  const opened = openCeilings(paths, ownWorld());
  if (opened.ok) {
    const names = opened.ceilings.flatMap(({ files }) => files.slice(0, 1)).map(({ path }) => path);
    return { state: "ok", what: "ceilings", detail: names.length === 0 ? "none" : names.join(", ") };
  }
  const [problem] = opened.problems;
  const detail = problem === undefined ? "a ceiling does not load" : `${problem.file}: ${problem.message}`;
  return { state: "fail", what: "ceilings", detail, ...(problem?.hint === undefined ? {} : { hint: problem.hint }) };
}

/** Nothing where no policy here has secrets with public answers, or none of them could be guessed. */
function secretsHere(place: Place): Diagnosis[] {
  const found = discoverPolicy(place.cwd);
  const opened = found === null ? null : openPolicy({ ...place, path: found });
  if (opened?.ok !== true) return [];
  return weakSecrets(opened.data).map((detail) => ({ state: "warn", what: "secret", detail }));
}
