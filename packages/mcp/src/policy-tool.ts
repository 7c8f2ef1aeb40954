/**
 * The tool `policy`: what the policy grants, for a model. The same sentences as in the description of `run`, for hosts
 * that cut descriptions, and as data; no file of the operator's is named, and of what is local-only only what a script
 * must know to use it.
 */
import { CAPABILITIES, type Policy } from "@agent-run/policy";
import { homeDirectory, type Runtime } from "@agent-run/runtime";
import { LOOKS_ONLY } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import { grantedBy, grantLines, grantsOf } from "./grants.ts";
import { problemText } from "./problem.ts";
import { POLICY_INPUT, POLICY_OUTPUT } from "./schemas.ts";
import { sealedGuide } from "./sealed.ts";
import { answer, type Tool } from "./tool.ts";

const NOTHING = { grants: [], asks: [], sealed: [], limits: {}, budget: {} } as const;

export function policyTool({ policy }: Runtime): Tool {
  return {
    listed: {
      name: "policy",
      title: "What the policy grants",
      description: "Says what scripts and tools may do here, and within which limits. Nothing happens.",
      inputSchema: POLICY_INPUT,
      outputSchema: POLICY_OUTPUT,
      annotations: LOOKS_ONLY,
    },
    call(given) {
      const read = readArguments(given, "policy", POLICY_INPUT);
      if (read.ok) return told(policy);
      const text = problemText({ code: "E_ARGUMENT", message: read.failure.message });
      return answer(NOTHING, text, true);
    },
  };
}

function told(policy: Policy) {
  const places = { root: policy.data.root, home: homeDirectory() ?? "/" };
  const grants = grantsOf(policy, grantedBy(policy), places);
  const rules = [policy.data, ...policy.data.ceilings].flatMap((layer) => layer.rules);
  const asks = CAPABILITIES.filter((on) => rules.some((rule) => rule.effect === "ask" && rule.on.includes(on)));
  const sealed = sealedGuide(policy, places);
  const { calls, bytesOut, callsPerCapability } = policy.data.budget;
  const budget = {
    ...(calls === null ? {} : { calls }),
    ...(bytesOut === null ? {} : { bytes_out: bytesOut }),
    ...callsPerCapability,
  };
  const { maxSeconds, maxCalls, maxOutputBytes } = policy.data.limits;
  const limits = { max_seconds: maxSeconds, max_calls: maxCalls, max_output: maxOutputBytes };
  const lines = [
    grants.length === 0 ? "Nothing is granted in the open." : "Granted; relative paths begin at the project's root:",
    ...grantLines(grants),
    ...(asks.length === 0 ? [] : [`Asked about first, all or some of: ${asks.join(", ")}`]),
    ...sealed,
    `Limits of a run: ${numbers(limits)}`,
    ...(Object.keys(budget).length === 0 ? [] : [`All runs together: ${numbers(budget)}`]),
    "Everything else is denied; `explain` says why, and what would be allowed.",
  ];
  return answer({ grants, asks, sealed, limits, budget }, lines.join("\n"), false);
}

const numbers = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
