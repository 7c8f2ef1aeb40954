/**
 * The tests of a policy: its own `[[test]]`, and those of the `*.test.toml` beside it that are about it. All or none: a
 * file of tests that does not load, and a test whose call is none, are problems like those of a policy, so that a test
 * that was written is never left out in silence.
 */
import { basename, dirname, join, resolve } from "node:path";
import { formatProblems, type PolicyData, type PolicyProblem, type PolicyTest, readTestFile } from "@agent-run/policy";
import { homeDirectory } from "@agent-run/runtime";
import { CommandFailure } from "./exit.ts";
import type { SelectedPolicy } from "./select-policy.ts";
import { namesIn, readText, realPathOf } from "./terminal.ts";

type Authoring = typeof import("@agent-run/authoring");
export type ReadyTest = import("@agent-run/authoring").ReadyTest;

const ENDING = ".test.toml";

export const isTestFile = (path: string): boolean => path.endsWith(ENDING);

export interface NamedTestFile {
  readonly path: string;
  /** As `policy` says, or the file of the same name beside it. */
  readonly policy: string;
  readonly tests: readonly PolicyTest[];
}

/** `named`: it was named by the operator, who says which policy it is about where the file does not. */
export function openTestFile(path: string, policyIfUnsaid?: string): NamedTestFile {
  const read = readTestFile({ file: path, text: readText(path, "the file of tests") });
  if (!read.ok) throw notLoading(read.problems, "the tests do not load");
  const same = join(dirname(path), `${basename(path).slice(0, -ENDING.length)}.toml`);
  const policy = read.policy === null ? (policyIfUnsaid ?? same) : resolve(dirname(path), read.policy);
  return { path, policy, tests: read.tests };
}

/** Files of tests beside a policy that are about it. */
export function testFilesBeside(policy: string): readonly NamedTestFile[] {
  const directory = dirname(policy);
  const real = realPathOf(policy);
  return namesIn(directory)
    .filter(isTestFile)
    .map((name) => openTestFile(join(directory, name)))
    .filter((file) => real !== null && realPathOf(file.policy) === real);
}

/** What tests see of a policy and its ceilings: their texts, without the commands that this machine has. */
export const lexical = (data: PolicyData): PolicyData => ({
  ...data,
  ceilings: data.ceilings.map(lexical),
  subprocess: { ...data.subprocess, commands: [] },
});

export function readyOrFail(tests: readonly PolicyTest[], data: PolicyData, authoring: Authoring) {
  const { ready, broken } = authoring.readyTests(tests, data, testBase());
  if (broken.length === 0) return ready;
  const problems = broken.map(({ test, message }) => ({ ...test.at, text: "", message: `no call: ${message}` }));
  throw notLoading(problems, "the tests do not load");
}

export const testBase = () => ({ home: homeDirectory() ?? "/" });

function notLoading(problems: readonly PolicyProblem[], what: string): CommandFailure {
  const many = problems.length > 1 ? ` (${problems.length} problems)` : "";
  const message = `${what}${many}: ${problems[0]?.message ?? "unknown"}`;
  return new CommandFailure("E_POLICY_INVALID", message, { details: formatProblems(problems), problems });
}

/** A policy whose own tests fail does not load. */
export async function holdToTests({ data, checks }: SelectedPolicy): Promise<void> {
  const file = data.files[0]?.path;
  if (file === undefined || file.startsWith("preset:")) return;
  const authoring = await import("@agent-run/authoring");
  const plain = lexical(data);
  const tests = [...checks.tests, ...testFilesBeside(file).flatMap((one) => one.tests)];
  const failed = authoring.runTests(plain, readyOrFail(tests, plain, authoring)).filter(({ passed }) => !passed);
  if (failed.length === 0) return;
  const problems = failed.map(({ test, differences, decision }) => {
    const message = `${authoring.titleOf(test)}: ${differences.join("; ")}, by ${authoring.deciderText(decision)}`;
    return { ...test.at, text: "", message };
  });
  throw notLoading(problems, `a policy whose tests fail does not load with --strict`);
}
