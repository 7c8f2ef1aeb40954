import { Policy } from "@agent-run/policy";
import { wholeDeclarations } from "@agent-run/runtime";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy, showOrigin } from "../select-policy.ts";
import { replaceReport, writeOut } from "../terminal.ts";

/** By which a file of an earlier time is known; no other file is written over. */
const START = "// What the policy ";

/** Declarations of what a policy grants to scripts, on standard output or into a file. */
export function typesCommand(options: PolicyOptions & OutputOptions & { readonly out?: string }): number {
  const selected = selectPolicy(options);
  const { data } = selected;
  if (!options.quiet) showOrigin(selected);
  const name = printableLine(JSON.stringify(data.name ?? options.policy ?? "agent-run.toml"));
  const head = `${START}${name} grants to scripts. Made by \`agent-run types\`.`;
  const text = `${head}\n${wholeDeclarations(Policy.revive(data))}`;
  if (options.out !== undefined) replaceReport(options.out, text, START);
  if (options.json) writeJson({ ok: true, exitCode: 0, ...(options.out === undefined ? { declarations: text } : {}) });
  else if (options.out === undefined) writeOut(text);
  return 0;
}
