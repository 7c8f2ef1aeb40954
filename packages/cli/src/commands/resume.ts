/** Goes on with a parked run: its script is run again under the policy that it had then, as that policy is now. */
import { isJsonArray, isJsonObject, type Json } from "@agent-run/policy";
import { findParked, Runtime, type Supervisor, stateDirectory } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { isTerminal, writeError } from "../terminal.ts";
import { type Ask, plaintextStays, showBanners, showEnd, stageFor } from "./run.ts";

export interface ResumeCommandOptions extends OutputOptions {
  readonly audit?: string;
  readonly ask?: Ask;
}

export async function resumeCommand(
  run: string,
  options: ResumeCommandOptions,
  style: Style,
  spare: Supervisor,
): Promise<number> {
  const audit = options.audit ?? stateDirectory();
  const parked = findParked(audit, run);
  if (!parked.ok) {
    const { code, message, hint } = parked.failure;
    throw new CommandFailure(code, message, hint === undefined ? {} : { hint });
  }
  const policy = policyOf(parked.value.head.note);
  if (!options.quiet) showBanners(policy, style);
  const ask = options.ask ?? (isTerminal(0) && isTerminal(2) ? "tty" : "park");
  const stage = stageFor({ ...options, ask }, policy.data, style);
  const { channels, output, ports } = stage;
  await using runtime = new Runtime({ policy: policy.data, audit, spare, ownsProcess: true, channels });
  if (runtime.plaintextStays) writeError(plaintextStays(style));
  const report = await runtime.resume(parked.value, { ...ports, park: ask === "park" });
  return showEnd(report, { script: parked.value.head.script.name, output, policy, options, style });
}

/** Named as it was then, from where it was named. */
function policyOf(note: Json) {
  const { cwd, policy, root, ceiling } = isJsonObject(note) ? note : {};
  if (typeof cwd !== "string")
    throw new CommandFailure("E_CONFIG", "this run was not started by the command, so the command cannot resume it", {
      hint: "resume it where it was started",
    });
  try {
    process.chdir(cwd);
  } catch {
    throw new CommandFailure("E_CONFIG", `the directory that the run was started in is not there: \`${cwd}\``);
  }
  const text = (value: Json | undefined) => (typeof value === "string" ? value : undefined);
  const named: PolicyOptions = {
    ...(text(policy) === undefined ? {} : { policy: String(policy) }),
    ...(text(root) === undefined ? {} : { root: String(root) }),
    ceiling: isJsonArray(ceiling) ? ceiling.map(String) : [],
  };
  return selectPolicy(named);
}
