/** `[[never]]` of a policy: what is not proved is a problem of the policy, at its line. */
import { formatProblems, type PolicyProblem } from "@agent-run/policy";
import { CommandFailure } from "./exit.ts";
import type { SelectedPolicy } from "./select-policy.ts";

export async function neversOf({ data, checks }: Pick<SelectedPolicy, "data" | "checks">): Promise<{
  readonly count: number;
  readonly problems: readonly PolicyProblem[];
}> {
  const { nevers } = checks;
  if (nevers.length === 0) return { count: 0, problems: [] };
  const { neverProblems, proveNevers } = await import("@agent-run/authoring");
  const problems = proveNevers(data, nevers).flatMap((proof) =>
    neverProblems(proof).map((message) => ({ ...proof.never.at, text: "", message })),
  );
  return { count: nevers.length, problems };
}

/** As a policy that does not load. */
export async function holdToNevers(policy: Pick<SelectedPolicy, "data" | "checks">): Promise<void> {
  const { problems } = await neversOf(policy);
  const [first] = problems;
  if (first === undefined) return;
  throw new CommandFailure("E_POLICY_INVALID", first.message, { details: formatProblems(problems), problems });
}
