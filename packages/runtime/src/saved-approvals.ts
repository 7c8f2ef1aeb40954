/** Where answers are kept beyond a run: in the user's state directory, unless scripts could write them there. */
import { type SavedAnswers, savedAnswers } from "@agent-run/approvals";
import { Policy, type PolicyData } from "@agent-run/policy";
import { approvalsDirectory, NoStateDirectory } from "./places.ts";

export function savedFor(policy: PolicyData): { readonly saved?: SavedAnswers } {
  if (policy.approvals.remember !== "save") return {};
  try {
    const directory = approvalsDirectory();
    return isWritable(policy, directory) ? {} : { saved: savedAnswers(directory) };
  } catch (error) {
    if (error instanceof NoStateDirectory) return {};
    throw error;
  }
}

/**
 * By the rules as they are written. What is ours is closed to scripts whatever these say; but a policy that grants it shows
 * that its writer did not think of it, and a jail that fails would leave nothing between a command and its approval.
 */
export function isWritable(policy: PolicyData, directory: string): boolean {
  const target = { on: "fs.write", role: "write", kind: "path", value: `${directory}/saved` } as const;
  return Policy.revive(policy).decideTarget(target).effect !== "deny";
}
