/** What two policies say besides rules: bounds, places of commands, secrets and releases; and which way each goes. */
import { type PolicyData, REMEMBER } from "@agent-run/policy";
import { meaningOf } from "./layers.ts";

export interface ScalarChange {
  /** As a policy writes it. */
  readonly key: string;
  readonly old: string;
  readonly new: string;
  readonly way: "wider" | "narrower" | "changed";
}

type Read = (policy: PolicyData) => Scalar;
type Scalar = number | string | null;

/** More is wider; null is not bounded. */
const BOUNDS: Readonly<Record<string, Read>> = {
  "runtime.max_seconds": ({ limits }) => limits.maxSeconds,
  "runtime.max_memory": ({ limits }) => limits.maxMemoryBytes,
  "runtime.max_stack": ({ limits }) => limits.maxStackBytes,
  "runtime.max_output": ({ limits }) => limits.maxOutputBytes,
  "runtime.max_calls": ({ limits }) => limits.maxCalls,
  "runtime.max_concurrency": ({ limits }) => limits.maxConcurrency,
  "runtime.max_response": ({ limits }) => limits.maxResponseBytes,
  "runtime.max_file": ({ limits }) => limits.maxFileBytes,
  "network.timeout_seconds": ({ network }) => network.timeoutSeconds,
  "network.follow_redirects": ({ network }) => network.followRedirects,
  "subprocess.timeout_seconds": ({ subprocess }) => subprocess.timeoutSeconds,
  "subprocess.max_output": ({ subprocess }) => subprocess.maxOutputBytes,
  "budget.calls": ({ budget }) => budget.calls,
  "budget.bytes_out": ({ budget }) => budget.bytesOut,
  "approvals.timeout": ({ approvals }) => approvals.timeoutMs,
  "approvals.max_prompts": ({ approvals }) => approvals.maxPrompts,
  "approvals.max_prompts_per_session": ({ approvals }) => approvals.maxPromptsPerSession,
  "local_only.max_waits": ({ localOnly }) => localOnly?.maxWaits ?? 0,
  "local_only.max_release_bits_per_day": ({ localOnly }) => (localOnly === null ? 0 : localOnly.maxReleaseBitsPerDay),
};

/** In the order from narrow to wide. */
const STEPS: Readonly<Record<string, { readonly read: Read; readonly order: readonly Scalar[] }>> = {
  "runtime.isolation": { read: ({ isolation }) => isolation, order: ["process", "thread"] },
  "subprocess.sandbox": { read: ({ subprocess }) => subprocess.sandbox, order: ["bwrap", "auto", "none"] },
  "approvals.remember": { read: ({ approvals }) => approvals.remember, order: REMEMBER },
  "approvals.quorum": {
    read: ({ approvals }) => approvals.quorum,
    order: [...Array(16).keys()].map((at) => 16 - at),
  },
  "local_only.mode": { read: ({ localOnly }) => localOnly?.mode ?? "sealed", order: ["sealed", "redact"] },
  "local_only.profile": {
    read: ({ localOnly }) => localOnly?.profile ?? "default",
    order: ["strict", "default", "relaxed"],
  },
};

/** Lists: each more is wider. */
const LISTS: Readonly<Record<string, (policy: PolicyData) => readonly string[]>> = {
  "subprocess.set_env": ({ subprocess }) => subprocess.setEnv,
  "subprocess.commands.NAME.args": ({ subprocess }) => subprocess.freeArgs,
  "network.private_hosts": ({ network }) =>
    Object.entries(network.privateHosts).flatMap(([host, ranges]) => ranges.map((range) => `${host} ${range}`)),
  "approvals.channels": ({ approvals }) => approvals.channels,
  "approvals.irreversible_channels": ({ approvals }) => approvals.irreversibleChannels,
  "approvals.approvers": ({ approvals }) => Object.entries(approvals.approvers).map(([name, key]) => `${name} ${key}`),
  secret: ({ localOnly }) =>
    (localOnly?.secrets ?? []).map(({ ref: _, uses, ...secret }) =>
      JSON.stringify([secret, uses.map(({ ref: __, ...use }) => use)]),
    ),
  label: ({ localOnly }) => (localOnly?.labels ?? []).map((label) => JSON.stringify(label)),
  release: ({ localOnly }) => (localOnly?.releases ?? []).map(({ ref: _, ...release }) => JSON.stringify(release)),
};

/** What counts only where something is local-only. */
function sealedChanges({ localOnly: a }: PolicyData, { localOnly: b }: PolicyData): readonly (ScalarChange | null)[] {
  if (a === null || b === null) return [];
  const settle = ({ settleMs }: typeof a) => (settleMs.length === 0 ? "-" : `${settleMs.join(" ms, ")} ms`);
  const [old, now] = [settle(a), settle(b)];
  return [
    changeOf("local_only.compute.fuel", a.compute.fuel, b.compute.fuel, grows),
    changeOf("local_only.compute.wall", a.compute.wallMs, b.compute.wallMs, grows),
    changeOf("local_only.compute.memory", a.compute.memoryBytes, b.compute.memoryBytes, grows),
    changeOf("local_only.compute.output", a.compute.outputBytes, b.compute.outputBytes, grows),
    old === now ? null : { key: "local_only.settle", old, new: now, way: "changed" },
  ];
}

export function scalarChanges(old: PolicyData, now: PolicyData): readonly ScalarChange[] {
  const bounds = Object.entries(BOUNDS).map(([key, read]) => changeOf(key, read(old), read(now), grows));
  const steps = Object.entries(STEPS).map(([key, { read, order }]) =>
    changeOf(key, read(old), read(now), (a, b) => order.indexOf(b) > order.indexOf(a)),
  );
  const lists = Object.entries(LISTS).flatMap(([key, read]) => listChanges(key, read(old), read(now)));
  return [
    ...bounds,
    ...steps,
    ...sealedChanges(old, now),
    ...capabilityBudgets(old, now),
    ...ruleLimits(old, now),
    ...lists,
  ].filter((one) => one !== null);
}

const grows = (a: Scalar, b: Scalar): boolean => b === null || (a !== null && Number(b) > Number(a));

function changeOf(key: string, a: Scalar, b: Scalar, isWider: (a: Scalar, b: Scalar) => boolean): ScalarChange | null {
  if (a === b) return null;
  return { key, old: textOf(a), new: textOf(b), way: isWider(a, b) ? "wider" : "narrower" };
}

const textOf = (value: Scalar): string => (value === null ? "not bounded" : String(value));

function capabilityBudgets({ budget: a }: PolicyData, { budget: b }: PolicyData): readonly (ScalarChange | null)[] {
  const names = new Set([...Object.keys(a.callsPerCapability), ...Object.keys(b.callsPerCapability)]);
  const of = (calls: Readonly<Record<string, number>>, name: string) => calls[name] ?? null;
  return [...names].map((name) =>
    changeOf(
      `runtime.max_calls_per_capability.${name}`,
      of(a.callsPerCapability, name),
      of(b.callsPerCapability, name),
      grows,
    ),
  );
}

/** Of rules that both have, by their names; of those that have another name now, by what they do. */
function ruleLimits(old: PolicyData, now: PolicyData): readonly (ScalarChange | null)[] {
  const byId = ({ rules }: PolicyData) => new Map(rules.map((rule) => [rule.ref.id, rule]));
  const [a, b] = [byId(old), byId(now)];
  const gone = new Map([...a].filter(([id]) => !b.has(id)).map(([, rule]) => [meaningOf(rule), rule]));
  return [...b].map(([id, rule]) => {
    const before = a.get(id) ?? gone.get(meaningOf(rule));
    return before === undefined
      ? null
      : changeOf(`limit of ${id}`, before.limit?.calls ?? null, rule.limit?.calls ?? null, grows);
  });
}

function listChanges(key: string, a: readonly string[], b: readonly string[]): readonly ScalarChange[] {
  const added = b.filter((one) => !a.includes(one)).map((one) => ({ key, old: "-", new: one, way: "wider" as const }));
  const gone = a
    .filter((one) => !b.includes(one))
    .map((one) => ({ key, old: one, new: "-", way: "narrower" as const }));
  return [...added, ...gone];
}
