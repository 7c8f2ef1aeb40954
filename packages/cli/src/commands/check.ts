import { Runtime, type Supervisor, stateDirectory } from "@agent-run/runtime";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { selectPolicy } from "../select-policy.ts";
import { showRunError } from "../show-error.ts";
import { holdToItself } from "../strict.ts";
import type { Style } from "../style.ts";
import { readText, writeError, writeOut } from "../terminal.ts";
import { showBanners } from "./run.ts";

export interface CheckCommandOptions extends PolicyOptions, OutputOptions {
  readonly ts?: boolean;
}

/** Verifies a script against a policy; runs nothing. */
export async function checkCommand(
  script: string,
  options: CheckCommandOptions,
  style: Style,
  spare: Supervisor,
): Promise<number> {
  const text = readText(script, "the script");
  const policy = selectPolicy(options);
  await holdToItself(policy, options);
  if (!options.quiet) showBanners(policy, style);
  await using runtime = new Runtime({ policy: policy.data, audit: options.audit ?? stateDirectory(), spare });
  const name = script === "-" ? "stdin" : script;
  const report = await runtime.check(text, { name, ...(options.ts ? { typescript: true } : {}) });
  for (const problem of report.problems) writeError(showRunError(problem, name, style));
  if (options.json) writeJson(report);
  else if (report.ok) writeOut(`${style.green("ok")}: ${printableLine(name)} passes the verifier\n`);
  return report.exitCode;
}
