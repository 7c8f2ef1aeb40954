/**
 * `simulate`: the verdicts on many calls, one a line of a file. Nothing happens. A line that is no call is an error of the
 * file, with its number, and no verdict is printed: half a list would be read as a whole one.
 */
import { type CanonicalRequest, type Effect, Policy, type PolicyData, placed } from "@agent-run/policy";
import { type AroundOptions, circumstancesOf, readAskedCall } from "../asked-call.ts";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import { readText, writeOut } from "../terminal.ts";
import { verdictOf } from "../verdict.ts";

export interface SimulateOptions extends PolicyOptions, OutputOptions, AroundOptions {
  readonly failOn?: readonly Effect[];
}

interface Asked {
  readonly line: number;
  readonly text: string;
  readonly request: CanonicalRequest;
}

/** Problems of a file that are shown. */
const MOST = 20;

export function simulateCommand(file: string, options: SimulateOptions): number {
  const selected = selectPolicy(options);
  showOrigin(selected);
  const { data } = selected;
  const asked = readCalls(file, data);
  const policy = Policy.revive(data);
  const around = circumstancesOf(options);
  const verdicts = asked.map(({ line, text, request }) => ({
    ...{ line, call: text },
    decision: policy.decide(request, request, around),
  }));
  const counts = { allow: 0, ask: 0, deny: 0 };
  for (const { decision } of verdicts) counts[decision.effect] += 1;
  const failed = (options.failOn ?? []).some((effect) => counts[effect] > 0);
  const exitCode = failed ? 1 : 0;
  if (options.json) {
    const calls = verdicts.map(({ line, call, decision }) => ({ line, call, ...verdictOf(decision) }));
    writeJson({ ok: !failed, exitCode, counts, calls });
    return exitCode;
  }
  const lines = verdicts.map(
    ({ call, decision }) =>
      `${decision.effect.padEnd(5)}  ${printableLine(call)}  by ${printableLine(placed(decision.rule))}`,
  );
  writeOut(
    `${[...lines, "", `${counts.allow} allowed, ${counts.ask} asked about, ${counts.deny} denied`].join("\n")}\n`,
  );
  return exitCode;
}

/** Empty lines and lines that begin with `#` are left out. */
function readCalls(file: string, data: PolicyData): readonly Asked[] {
  const lines = readText(file, "the list of calls")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/);
  const asked: Asked[] = [];
  const problems: { line: number; message: string }[] = [];
  for (const [at, text] of lines.entries()) {
    if (/^\s*(?:#|$)/.test(text)) continue;
    const read = readAskedCall(text, data);
    if (read.ok) asked.push({ line: at + 1, text, request: read.request });
    else problems.push({ line: at + 1, message: read.message });
  }
  if (problems.length > 0) throw unreadable(file, problems);
  if (asked.length === 0) throw new CommandFailure("E_CONFIG", `there is no call in \`${file}\``, { hint: EXAMPLE });
  return asked;
}

const EXAMPLE = "one call a line, as `fs.write out/a.md bytes=10` or JSON";

function unreadable(file: string, problems: readonly { line: number; message: string }[]): CommandFailure {
  const shown = problems.slice(0, MOST).map(({ line, message }) => `${file}:${line}: ${message}`);
  const more = problems.length > MOST ? [`and ${problems.length - MOST} more`] : [];
  const count = problems.length === 1 ? "a line" : `${problems.length} lines`;
  return new CommandFailure("E_CONFIG", `${count} of \`${file}\` can not be read as calls`, {
    details: [...shown, ...more].join("\n"),
    problems,
    hint: EXAMPLE,
  });
}
