/**
 * The description of the tool `run`, which is all that a model knows of the script API and of the policy. What is most
 * needed comes first, since some clients cut descriptions after 2,048 characters: what it does, what is granted, how
 * errors look, then the declarations, then an example.
 */
import type { Capability, Policy } from "@agent-run/policy";
import { homeDirectory } from "@agent-run/runtime";
import { declarationsFor } from "./declarations.ts";
import { grantedBy, grantLines, grantsOf, readableFolder } from "./grants.ts";
import { sealedDeclarations, sealedGuide } from "./sealed.ts";

export function guideFor(policy: Policy, home = homeDirectory() ?? "/"): string {
  const granted = grantedBy(policy);
  const places = { root: policy.data.root, home };
  const grants = grantLines(grantsOf(policy, granted, places));
  const sealed = sealedGuide(policy, places);
  const { maxSeconds, maxCalls } = policy.data.limits;
  return [
    "Runs a JavaScript (ES2023) or TypeScript script in a sandbox and returns what it prints and what it returns (JSON). Do many steps in one script. All calls but `fetch` are synchronous.",
    grants.length === 0
      ? sealed.length === 0
        ? "The operator's policy grants no effects: scripts can only compute."
        : "The operator's policy grants nothing in the open."
      : `The operator's policy allows only this; relative paths are relative to the project's root:\n${grants.join("\n")}`,
    ...sealed,
    "Anything else throws AgentRunError {code, message, rule, hint}: the hint says what is allowed instead. Do not try to get around it; ask the user to change the policy. Uncaught, it ends the run.",
    `There is no eval, no import of packages, no clock. Limits: ${maxSeconds} s, ${maxCalls} calls.${budgetText(policy)}`,
    [declarationsFor(granted), ...sealedDeclarations(policy)].join("\n"),
    `Example:\n${exampleFor(granted, readableFolder(policy, places))}`,
  ].join("\n\n");
}

/** Numbers alone: nothing here is text of a policy. Limits of single rules are told where they are met. */
function budgetText({ data }: Policy): string {
  const { calls, bytesOut, callsPerCapability } = data.budget;
  const parts = [
    ...(calls === null ? [] : [`${calls} calls`]),
    ...Object.entries(callsPerCapability).map(([capability, most]) => `${most} calls of ${capability}`),
    ...(bytesOut === null ? [] : [`${bytesOut} bytes of URLs and request bodies`]),
  ];
  return parts.length === 0 ? "" : ` All runs together: ${parts.join(", ")}; beyond that E_BUDGET.`;
}

/** Three lines that this policy does not refuse outright. */
function exampleFor(granted: ReadonlySet<Capability>, folder: string | undefined): string {
  if (granted.has("fs.read") && folder !== undefined) {
    return `const files = fs.glob(${JSON.stringify(folder)});\nprint(files.length, "files");\nreturn files.filter((path) => fs.read(path).includes("copyright"));`;
  }
  if (granted.has("net.http_get")) {
    return "const page = net.httpGet(input.url);\nprint(page.status);\nreturn page.text().slice(0, 1000);";
  }
  return "const words = input.text.split(/\\s+/);\nprint(words.length);\nreturn words.filter((word) => word.length > 10);";
}
