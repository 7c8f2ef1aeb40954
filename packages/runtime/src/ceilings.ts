/**
 * The ceilings of a policy: the machine's, which applies wherever it exists, and those that were named. A ceiling that is
 * there and cannot be applied, for whatever reason, is a problem with which nothing loads (DEFAULT-NO).
 */
import { judgeMachineFile } from "@agent-run/effects";
import {
  loadPolicy,
  type PolicyChecks,
  type PolicyData,
  type PolicyProblem,
  type PolicyWorld,
} from "@agent-run/policy";
import { MACHINE_POLICY } from "./places.ts";

export type OpenedCeilings =
  | {
      readonly ok: true;
      readonly ceilings: readonly PolicyData[];
      /** What no policy below them may ever do. Their tests are about themselves. */
      readonly nevers: PolicyChecks["nevers"];
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** The machine's first, so that of several equal answers its own is told. */
export function openCeilings(paths: readonly string[], world: PolicyWorld): OpenedCeilings {
  const machine = judgeMachineFile(MACHINE_POLICY.path, MACHINE_POLICY.owner);
  if (machine.kind === "unsound") return { ok: false, problems: [unsound(machine.reason, machine.hint)] };
  return loadCeilings(machine.kind === "sound" ? [MACHINE_POLICY.path, ...paths] : paths, world);
}

/** Those that were named, once each. */
export function loadCeilings(paths: readonly string[], world: PolicyWorld): OpenedCeilings {
  const loaded = [...new Set(paths)].map((path) => loadPolicy(path, world, { as: "ceiling" }));
  const problems = loaded.flatMap((one) => (one.ok ? [] : one.problems));
  if (problems.length > 0) return { ok: false, problems };
  const good = loaded.filter((one) => one.ok);
  return { ok: true, ceilings: good.map(({ data }) => data), nevers: good.flatMap(({ checks }) => checks.nevers) };
}

const unsound = (reason: string, hint: string): PolicyProblem => ({
  file: MACHINE_POLICY.path,
  line: 1,
  column: 1,
  text: "",
  message: `the policy of this machine can not be believed, so nothing runs: ${reason}`,
  hint,
});
