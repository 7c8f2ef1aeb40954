/** `policy diff`: what another policy, under the same ceilings, allows, asks about and denies that the first one answers otherwise. */
import { dirname, resolve } from "node:path";
import type { PolicyDiff } from "@agent-run/authoring";
import { formatProblems, type PolicyData, placed } from "@agent-run/policy";
import { readPolicy } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import type { Style } from "../style.ts";
import { writeOut } from "../terminal.ts";

export interface DiffOptions extends OutputOptions {
  readonly root?: string;
  readonly ceiling?: readonly string[];
  readonly failOn?: "widen" | "any";
}

type Change = PolicyDiff["changes"][number];

export async function diffCommand(old: string, now: string, options: DiffOptions, style: Style): Promise<number> {
  // Both under one root, so that `src/**` means the same in both.
  const root = options.root ?? dirname(resolve(now));
  const policies = [old, now].map((path) => load(path, root, options.ceiling ?? [])) as [PolicyData, PolicyData];
  const { diffPolicies } = await import("@agent-run/authoring");
  const diff = diffPolicies(...policies);
  const failed = isFailed(diff, options);
  if (options.json) writeJson({ ok: !failed, exitCode: failed ? 1 : 0, ...reportOf(diff) });
  else writeOut(textOf(diff, style));
  return failed ? 1 : 0;
}

function load(path: string, root: string, ceilings: readonly string[]): PolicyData {
  const read = readPolicy({ path, root, ceilings, cwd: process.cwd() });
  if (read?.ok === true) return read.data;
  const problems = read?.problems ?? [];
  throw new CommandFailure(
    "E_POLICY_INVALID",
    `\`${problems[0]?.file ?? path}\` does not load: ${problems[0]?.message ?? "unknown"}`,
    {
      details: formatProblems(problems, "the policy does not load and nothing is compared"),
      problems,
    },
  );
}

/** What could not be found out counts as a change. */
function isFailed({ changes, scalars, unknown }: PolicyDiff, { failOn }: DiffOptions): boolean {
  if (failOn === undefined) return false;
  const all = [...changes, ...scalars];
  return unknown.length > 0 || (failOn === "any" ? all.length > 0 : all.some(({ way }) => way !== "narrower"));
}

const reportOf = ({ changes, scalars, unknown }: PolicyDiff) => ({
  changes: changes.map(({ on, before, after, way, rule, witness, old, new: now }) => ({
    ...{ on, before, after, way, rule: rule.ref, confirmed: witness !== null },
    ...{
      call: witness?.call ?? null,
      request: witness?.request ?? null,
      circumstances: witness?.circumstances ?? null,
    },
    ...{ oldRule: old?.rule ?? null, newRule: now?.rule ?? null },
  })),
  scalars,
  unknown,
});

const TITLES = [
  { title: "newly allowed", is: ({ after }: Change) => after === "allow" },
  { title: "newly allowed, sealed", is: ({ after }: Change) => after === "allow sealed" },
  { title: "newly asked about", is: ({ after }: Change) => after.startsWith("ask") },
  { title: "newly denied", is: ({ after }: Change) => after === "deny" },
];

function textOf({ changes, scalars, unknown }: PolicyDiff, style: Style): string {
  const lines = TITLES.flatMap(({ title, is }) => {
    const some = changes.filter(is);
    return some.length === 0 ? [] : [style.bold(title), ...byRule(some)];
  });
  if (scalars.length > 0) lines.push(style.bold("bounds"));
  for (const { key, old, new: now, way } of scalars) lines.push(printableLine(`  ${way}: ${key}, ${old} -> ${now}`));
  for (const { on, reason } of unknown) lines.push(printableLine(`not known for ${on}: ${reason}`));
  return `${lines.length === 0 ? "no difference, proved: every call gets the same answer" : lines.join("\n")}\n`;
}

/** The rule that only one of the two has, and a call for each capability of which it changes the answer. */
function byRule(changes: readonly Change[]): string[] {
  const rules = [...new Set(changes.map(({ rule }) => rule.ref))];
  return rules.flatMap((ref) => [
    printableLine(`  ${placed(ref)}`),
    ...changes.filter(({ rule }) => rule.ref === ref).map((change) => printableLine(`    ${lineOf(change)}`)),
  ]);
}

function lineOf({ on, before, way, witness, old }: Change): string {
  if (witness === null) return `${way}: maybe calls of ${on}, not confirmed`;
  return `${way}: ${witness.call} (was ${before}, by ${old?.rule.id ?? "default"})`;
}
