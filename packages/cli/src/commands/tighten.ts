/** `policy tighten`: what a policy grants and nobody used. Changes nothing; `--output` gets the tightened text. */
import { dirname, resolve } from "node:path";
import type { Proposal } from "@agent-run/authoring";
import { canonicalJson, type Json, type PolicyData } from "@agent-run/policy";
import { homeDirectories, loadText } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import { printableLine } from "../printable.ts";
import { readRecordedRuns } from "../recorded-runs.ts";
import { selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { createFile, readText, writeError, writeOut } from "../terminal.ts";

export interface TightenCommandOptions {
  readonly policy: string;
  readonly from: readonly string[];
  readonly root?: string;
  readonly output?: string;
  readonly json?: boolean;
}

export async function tightenCommand(options: TightenCommandOptions, style: Style): Promise<number> {
  const { runs, leftOut } = await readRecordedRuns(options.from);
  const { data } = selectPolicy(options);
  const bare = loadText("version = 1\n", resolve(options.policy), data.root);
  if (!bare.ok) throw new CommandFailure("E_CONFIG", `\`${data.root}\` is no root that a policy can have`);
  const { tighten } = await import("@agent-run/authoring");
  const proposals = tighten({ policy: data, bare: bare.data, homes: homeDirectories(), runs });
  const own = proposals.filter(({ file }) => file === options.policy);
  const inherited = proposals.filter(({ file }) => file !== options.policy);
  if (options.output !== undefined) createFile(options.output, await textWithout(options.policy, data, own));
  if (options.json) {
    const report = { runs: { read: runs.length, leftOut }, proposals: own, inherited, output: options.output ?? null };
    writeJson({ ok: true, exitCode: 0, ...report });
    return 0;
  }
  writeOut(shown(options.policy, own, runs.length, style));
  for (const { rule, file } of inherited.filter(({ kind }) => kind === "remove"))
    writeError(`${printableLine(rule)} of ${printableLine(file)}, which is inherited, was not used either\n`);
  for (const { file, why } of leftOut) writeError(`left out ${printableLine(file)}: ${why}\n`);
  if (options.output !== undefined) writeError(`${style.green("wrote")} ${printableLine(options.output)}\n`);
  return 0;
}

/** As a patch reads, without being one: what goes, what comes, and what it rests on. */
function shown(file: string, proposals: readonly Proposal[], runs: number, style: Style): string {
  if (proposals.length === 0) return `nothing to tighten: every grant was used as widely as it is (${runs} runs)\n`;
  const blocks = proposals.map((one) => {
    const use =
      one.last === null
        ? `no allowed call used it in ${runs} ${runs === 1 ? "run" : "runs"}`
        : `${one.calls} ${one.calls === 1 ? "call" : "calls"} in ${one.runs} of ${runs} ${runs === 1 ? "run" : "runs"}, last ${one.last.slice(0, 10)}`;
    return [
      `@@ line ${one.line}: ${printableLine(one.rule)} @@ ${use}`,
      ...one.grants.map((text) => style.red(`- ${printableLine(text)}`)),
      ...one.instead.map((text) => style.green(`+ ${printableLine(text)}`)),
    ].join("\n");
  });
  return `${[`--- ${printableLine(file)}`, ...blocks].join("\n")}\n`;
}

/** The text without what goes; written only if it loads to exactly the other rules. */
async function textWithout(file: string, data: PolicyData, proposals: readonly Proposal[]): Promise<string> {
  const { tightenedText } = await import("@agent-run/authoring");
  const known = data.rules.flatMap(({ ref }) => (ref.file === file && ref.line !== undefined ? [ref] : []));
  const text = tightenedText(readText(file, "the policy"), proposals, known);
  const loaded = text === null ? null : loadText(text, resolve(dirname(file), file), data.root);
  if (text !== null && loaded?.ok === true && isExpected(data, loaded.data, proposals)) return text;
  const hint = "take the proposals over by hand; `agent-run policy tighten` without --output lists them";
  throw new CommandFailure(
    "E_CONFIG",
    "the policy is written in a way that is not edited here, so nothing was written",
    { hint },
  );
}

/** Rules that nobody wanted to change are the same, and those that were to go are gone. */
function isExpected(before: PolicyData, after: PolicyData, proposals: readonly Proposal[]): boolean {
  const changed = new Set(proposals.map(({ rule, line }) => `${rule} ${line}`));
  const kept = before.rules
    .filter(({ ref }) => !changed.has(`${ref.id} ${ref.line}`))
    .map(contentOf)
    .sort();
  const now = after.rules.map(contentOf).sort();
  const added = proposals.flatMap(({ instead }) => instead).length;
  const rest = [...now];
  for (const rule of kept) {
    const at = rest.indexOf(rule);
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  return rest.length === added;
}

/** A rule without its name and place, which change with the lines above. */
const contentOf = ({ ref: _ref, ...rule }: PolicyData["rules"][number]): string =>
  canonicalJson(JSON.parse(JSON.stringify(rule)) as Json);
