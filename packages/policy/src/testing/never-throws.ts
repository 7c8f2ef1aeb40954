/**
 * For tests only: what must hold for a text that claims to be a policy, whatever it is. Each function gives the first
 * thing that is not so, or null; what is thrown goes through.
 */
import { CODES } from "../codes.ts";
import type { Circumstances } from "../condition.ts";
import type { Decision } from "../decision.ts";
import { type LoadResult, loadPolicyText } from "../load.ts";
import { Policy } from "../policy.ts";
import { formatProblems } from "../problem-text.ts";
import type { CanonicalRequest } from "../request.ts";
import { showPolicy } from "../show.ts";
import { CAPABILITIES } from "../signatures.ts";
import { readTestFile } from "../test-file.ts";
import type { PolicyProblem, PolicyWorld } from "../world.ts";

const FILE = { path: "p.toml", realPath: "/w/p.toml" };

export type Asking = readonly [CanonicalRequest, Circumstances];

export const loaded = (text: string, world: PolicyWorld): LoadResult => loadPolicyText(text, FILE, world);

export function flawOfPolicy(text: string, world: PolicyWorld, asked: readonly Asking[]): string | null {
  const first = loaded(text, world);
  const second = loaded(text, world);
  if (!first.ok) {
    if ("data" in first) return "both problems and a policy";
    if (JSON.stringify(first) !== JSON.stringify(second)) return "other problems the second time";
    return flawOfProblems(first.problems, text);
  }
  if ("problems" in first) return "both a policy and problems";
  if (!second.ok || second.data.hash !== first.data.hash) return "another hash the second time";
  const note = first.notes.length === 0 ? null : flawOfProblems(first.notes, text);
  if (note !== null) return `a note: ${note}`;
  // As it reaches the thread of a run.
  const policy = Policy.revive(structuredClone(first.data));
  if (showPolicy(first.data).length === 0) return "nothing to show";
  for (const capability of CAPABILITIES) policy.grants(capability);
  for (const [request, circumstances] of asked) {
    const flaw = flawOfDecision(policy.decide(request, request, circumstances), request.targets.length > 0);
    if (flaw !== null) return `${flaw}: ${JSON.stringify(request)}`;
    for (const target of request.targets) {
      policy.isLocalOnly(target);
      const about = flawOfDecision(policy.decideTarget(target), true);
      if (about !== null) return `${about}, of one target: ${JSON.stringify(target)}`;
    }
  }
  return null;
}

export function flawOfTestFile(text: string): string | null {
  const read = readTestFile({ file: "p.toml", text });
  return read.ok ? null : flawOfProblems(read.problems, text);
}

/** `isAbout`: it names something, so that there was something to decide. */
function flawOfDecision(decision: Decision, isAbout: boolean): string | null {
  const { effect, code, rule, matched, layer, hint, target } = decision;
  if (effect === "allow") {
    if (code !== null || hint !== undefined || target !== undefined) return "an allow with a refusal";
  } else if (code === null || !Object.hasOwn(CODES, code) || (hint ?? "") === "")
    return `a ${effect} that says nothing`;
  if (!["allow", "ask", "deny"].includes(effect) || rule.id === "" || layer !== "policy") return "no decision";
  if (new Set(matched).size !== matched.length) return "a rule matched twice";
  // What is thrown inside becomes a denial, which is right in a run and would hide it here.
  return isAbout && rule.id === "builtin.error" && (hint ?? "").startsWith("the call could not be decided")
    ? "an exception inside"
    : null;
}

export function flawOfProblems(problems: readonly PolicyProblem[], text: string): string | null {
  if (problems.length === 0) return "neither a policy nor a problem";
  if (problems.length > 201) return "more problems than can be read";
  if (formatProblems(problems) === "") return "problems without a text";
  const lines = text.replace(/^\ufeff/, "").split("\n");
  for (const problem of problems) {
    const flaw = flawOfMessage(problem) ?? (problem.file === FILE.path ? flawOfPlace(problem, lines) : null);
    if (flaw !== null) return `${flaw}: ${JSON.stringify(problem)}`;
  }
  return null;
}

function flawOfMessage({ message, hint }: PolicyProblem): string | null {
  if (!/^[a-z`0-9]/.test(message)) return "a message that does not begin in lower case";
  if (/[.\s]$/.test(message)) return "a message that ends in a full stop or a space";
  if (message.length > 2000 || (hint ?? "").length > 2000) return "a message that nobody reads";
  if (/[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/u.test(`${message}${hint ?? ""}`)) return "a message that is not one line";
  return hint === "" ? "an empty hint" : null;
}

function flawOfPlace({ line, column, text }: PolicyProblem, lines: readonly string[]): string | null {
  const whole = lines[line - 1];
  if (!Number.isInteger(line) || !Number.isInteger(column) || whole === undefined) return "a line outside the text";
  if (column < 1 || column > whole.length + 1) return "a column outside its line";
  return whole.startsWith(text.replace(/\u2026$/, "")) ? null : "another line than the one it names";
}
