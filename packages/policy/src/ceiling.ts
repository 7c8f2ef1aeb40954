/**
 * A ceiling bounds a policy and grants nothing by itself. Calls are answered by both (layers.ts); here is what is no call:
 * every scalar becomes the stricter of the two at load, so that whoever reads a limit reads one that holds. What this
 * guards: no key of the main policy is wider than the same key of any ceiling, whatever its writer put there. What a
 * ceiling must have agreed to in its own text stands in ceiling-consent.ts.
 */
import { meetRanges } from "./address.ts";
import { narrowedApprovals } from "./approvals.ts";
import { refsOf } from "./budget.ts";
import { canonicalJson } from "./json.ts";
import { LIMITS, type Limits } from "./limits.ts";
import type { ComputeLimits, LocalOnlyData } from "./local-only-data.ts";
import type { Budget, PolicyData } from "./policy-data.ts";
import type { Capability } from "./signatures.ts";
import type { PolicyWorld } from "./world.ts";

/** Of each scalar the values from open to strict. */
const SANDBOXES = ["none", "auto", "bwrap"] as const;
const ISOLATIONS = ["thread", "process"] as const;
const PROFILES = ["relaxed", "default", "strict"] as const;

/** The main policy as its ceilings leave it. Its hash covers theirs: with another ceiling it is another policy. */
export function narrowed(
  main: PolicyData,
  ceilings: readonly PolicyData[],
  { sha256 }: Pick<PolicyWorld, "sha256">,
): PolicyData {
  if (ceilings.length === 0) return main;
  const bounded = ceilings.reduce(narrowedBy, main);
  const hash = sha256(canonicalJson({ policy: main.hash, ceilings: ceilings.map((ceiling) => ceiling.hash) }));
  // Where both hang under the same directory, a relative pattern means the same in both.
  const told = ceilings.filter(({ root }) => root !== main.root).flatMap(({ warnings }) => warnings);
  const warnings = [...new Set([...main.warnings, ...told])];
  return { ...bounded, hash, ceilings: [...main.ceilings, ...ceilings], warnings };
}

function narrowedBy(main: PolicyData, ceiling: PolicyData): PolicyData {
  const subprocess = subprocessOf(main.subprocess, ceiling.subprocess);
  return {
    ...main,
    limits: limitsOf(main.limits, ceiling.limits),
    isolation: stricter(ISOLATIONS, main.isolation, ceiling.isolation),
    network: networkOf(main.network, ceiling.network),
    subprocess,
    sandboxAt: subprocess.sandbox === main.subprocess.sandbox ? main.sandboxAt : ceiling.sandboxAt,
    budget: budgetOf(main.budget, ceiling.budget),
    approvals: narrowedApprovals(main.approvals, ceiling.approvals),
    localOnly: localOnlyOf(main.localOnly, ceiling.localOnly),
  };
}

function limitsOf(main: Limits, ceiling: Limits): Limits {
  const fields = Object.values(LIMITS).map(({ field }) => [field, Math.min(main[field], ceiling[field])] as const);
  return { ...main, ...Object.fromEntries(fields) };
}

function networkOf(main: PolicyData["network"], ceiling: PolicyData["network"]): PolicyData["network"] {
  const hosts = Object.entries(main.privateHosts).flatMap(([host, ranges]) => {
    const shared = meetRanges(ranges, own(ceiling.privateHosts, host) ?? []);
    return shared.length === 0 ? [] : [[host, shared] as const];
  });
  return {
    timeoutSeconds: Math.min(main.timeoutSeconds, ceiling.timeoutSeconds),
    followRedirects: Math.min(main.followRedirects, ceiling.followRedirects),
    privateHosts: Object.fromEntries(hosts),
  };
}

function subprocessOf(main: PolicyData["subprocess"], ceiling: PolicyData["subprocess"]): PolicyData["subprocess"] {
  return {
    ...main,
    sandbox: stricter(SANDBOXES, main.sandbox, ceiling.sandbox),
    timeoutSeconds: Math.min(main.timeoutSeconds, ceiling.timeoutSeconds),
    maxOutputBytes: Math.min(main.maxOutputBytes, ceiling.maxOutputBytes),
    setEnv: main.setEnv.filter((name) => ceiling.setEnv.includes(name)),
    freeArgs: main.freeArgs.filter((name) => ceiling.freeArgs.includes(name)),
  };
}

function budgetOf(main: Budget, ceiling: Budget): Budget {
  const [mine, theirs] = [main.callsPerCapability, ceiling.callsPerCapability];
  const names = Object.keys({ ...mine, ...theirs }) as Capability[];
  const calls = names.map((name) => [name, smaller(own(mine, name) ?? null, own(theirs, name) ?? null)] as const);
  const bounds = {
    calls: smaller(main.calls, ceiling.calls),
    bytesOut: smaller(main.bytesOut, ceiling.bytesOut),
    callsPerCapability: Object.fromEntries(calls.filter(([, most]) => most !== null)),
  };
  return { ...bounds, refs: refsOf(bounds, main, ceiling) };
}

/** Null in the main policy: nothing of it is local-only, so there is nothing to bound. Its mode is one that the ceiling has agreed to. */
function localOnlyOf(main: LocalOnlyData | null, ceiling: LocalOnlyData | null): LocalOnlyData | null {
  if (main === null || ceiling === null) return main;
  return {
    ...main,
    profile: stricter(PROFILES, main.profile, ceiling.profile),
    settleMs: ticksOf(main, ceiling),
    maxWaits: Math.min(main.maxWaits, ceiling.maxWaits),
    compute: computeOf(main.compute, ceiling.compute),
    maxReleaseBitsPerDay: smaller(main.maxReleaseBitsPerDay, ceiling.maxReleaseBitsPerDay),
  };
}

/** Fewer ticks tell less; which of as many there are tells nothing more. `relaxed` has none, and bounds nothing. */
function ticksOf(main: LocalOnlyData, ceiling: LocalOnlyData): readonly number[] {
  if (ceiling.profile === "relaxed") return main.settleMs;
  return ceiling.settleMs.length < main.settleMs.length ? ceiling.settleMs : main.settleMs;
}

const computeOf = (main: ComputeLimits, ceiling: ComputeLimits): ComputeLimits => ({
  fuel: Math.min(main.fuel, ceiling.fuel),
  wallMs: Math.min(main.wallMs, ceiling.wallMs),
  memoryBytes: Math.min(main.memoryBytes, ceiling.memoryBytes),
  outputBytes: Math.min(main.outputBytes, ceiling.outputBytes),
});

function stricter<T extends string>(order: readonly T[], one: T, other: T): T {
  return order.indexOf(other) > order.indexOf(one) ? other : one;
}

/** Null is not bounded. */
function smaller(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** A host called `constructor` finds nothing. */
const own = <T>(record: Readonly<Record<string, T | undefined>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
