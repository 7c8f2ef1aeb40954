/**
 * `policy test`: asks a policy what its tests say it answers, and, if wanted, what these tests have seen of its rules
 * and which slips in them they would notice; under ceilings, what both answer together. Nothing runs and nothing is resolved, so the policy need not be trusted.
 */
import { relative } from "node:path";
import type { MutantFate } from "@agent-run/authoring";
import { formatProblems, type PolicyChecks, type PolicyData } from "@agent-run/policy";
import { readPolicy } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { writeJson } from "../json-output.ts";
import { neversOf } from "../nevers-of-policy.ts";
import type { OutputOptions } from "../options.ts";
import type { Style } from "../style.ts";
import { isTerminal, realPathOf, replaceReport, writeError, writeOut } from "../terminal.ts";
import { type PolicyReport, showReport } from "../test-report.ts";
import {
  isTestFile,
  lexical,
  type NamedTestFile,
  openTestFile,
  readyOrFail,
  testBase,
  testFilesBeside,
} from "../tests-of-policy.ts";

type Authoring = typeof import("@agent-run/authoring");
type ReadyTest = import("@agent-run/authoring").ReadyTest;

export interface PolicyTestOptions extends OutputOptions {
  readonly root?: string;
  readonly ceiling?: readonly string[];
  readonly tests?: readonly string[];
  readonly filter?: string;
  readonly coverage?: boolean;
  readonly min?: number;
  readonly mutation?: boolean;
  readonly minMutation?: number;
  readonly junit?: string;
}

export async function policyTestCommand(
  files: readonly string[],
  options: PolicyTestOptions,
  style: Style,
): Promise<number> {
  const authoring = await import("@agent-run/authoring");
  if (options.json && options.junit === "-") {
    throw new CommandFailure("E_CONFIG", "--json and --junit - both want standard output", {
      hint: "write one of them to a file: --junit report.xml",
    });
  }
  const opened = openAll(files, options, authoring);
  const reports = await Promise.all(
    opened.map(async (policy) => ({
      ...reportOn(policy, options, authoring),
      nevers: await neversOf(withAll(policy)),
    })),
  );
  const passed = reports.every((report) => isGood(report, options));
  writeReports(reports, passed, options, authoring, style);
  return passed ? 0 : 1;
}

interface PolicyUnderTest {
  readonly path: string;
  readonly data: PolicyData;
  readonly tests: readonly ReadyTest[];
  /** Its own; who has none has no tests, whatever its ceilings have. */
  readonly checks: PolicyChecks;
  readonly neversAbove: PolicyChecks["nevers"];
}

const withAll = ({ data, checks, neversAbove }: PolicyUnderTest) => ({
  data,
  checks: { ...checks, nevers: [...checks.nevers, ...neversAbove] },
});

/** Everything loads, or nothing is tested. */
function openAll(files: readonly string[], options: PolicyTestOptions, authoring: Authoring): PolicyUnderTest[] {
  const policies = files.filter((file) => !isTestFile(file));
  const only = policies.length === 1 ? policies[0] : undefined;
  const named = [...files.filter(isTestFile), ...(options.tests ?? [])].map((file) => openTestFile(file, only));
  const missing = named.map(({ policy }) => policy).filter((policy) => !policies.some((one) => isSame(one, policy)));
  const all = [...policies, ...new Set(missing)];
  const opened = (all.length === 0 ? [undefined] : all).map((path) => open(path, named, options, authoring));
  const count = opened.reduce((sum, { tests, checks }) => sum + tests.length + checks.nevers.length, 0);
  if (count === 0 && options.filter !== undefined) {
    throw new CommandFailure("E_CONFIG", `no test has \`${options.filter}\` in its name or call`);
  }
  if (count > 0 || wantsCoverage(options) || wantsMutation(options)) return opened;
  throw new CommandFailure("E_CONFIG", "there are no tests", {
    hint: "write `[[test]]` in the policy or in a file such as agent-run.test.toml; --mutation suggests some",
  });
}

function open(
  path: string | undefined,
  named: readonly NamedTestFile[],
  options: PolicyTestOptions,
  authoring: Authoring,
): PolicyUnderTest {
  const { root, ceiling = [] } = options;
  const where = { cwd: process.cwd(), ceilings: ceiling, ...(root === undefined ? {} : { root }) };
  const loaded = readPolicy(path === undefined ? where : { ...where, path });
  if (loaded === null) {
    throw new CommandFailure("E_CONFIG", "no policy was named, and no agent-run.toml lies here or above", {
      hint: "name one: `agent-run policy test agent-run.toml`",
    });
  }
  if (!loaded.ok) {
    const { problems } = loaded;
    const message = `the policy does not load: ${problems[0]?.message ?? "unknown"}`;
    throw new CommandFailure("E_POLICY_INVALID", message, { details: formatProblems(problems), problems });
  }
  const file = path ?? relative(process.cwd(), loaded.data.files[0]?.path ?? "agent-run.toml");
  const data = lexical(loaded.data);
  const about = options.tests === undefined ? testFilesBeside(file) : [];
  const mine = named.filter(({ policy }) => isSame(policy, file));
  const others = [...mine, ...about.filter((one) => !mine.some(({ path }) => isSame(path, one.path)))];
  const tests = readyOrFail([...loaded.checks.tests, ...others.flatMap((one) => one.tests)], data, authoring);
  const { filter } = options;
  const wanted = filter === undefined ? tests : tests.filter(({ test }) => authoring.titleOf(test).includes(filter));
  return { path: file, data, tests: wanted, checks: loaded.checks, neversAbove: loaded.neversAbove };
}

const isSame = (a: string, b: string): boolean => (realPathOf(a) ?? a) === (realPathOf(b) ?? b);

const wantsCoverage = ({ coverage, min }: PolicyTestOptions): boolean => coverage === true || min !== undefined;
const wantsMutation = ({ mutation, minMutation }: PolicyTestOptions): boolean =>
  mutation === true || minMutation !== undefined;

function reportOn(
  { path, data, tests }: PolicyUnderTest,
  options: PolicyTestOptions,
  authoring: Authoring,
): Omit<PolicyReport, "nevers"> {
  const calls = tests.map(({ call }) => call);
  return {
    policy: path,
    results: authoring.runTests(data, tests),
    coverage: wantsCoverage(options) ? authoring.coverageOf(data, calls) : null,
    mutation: wantsMutation(options) ? authoring.scoreOf(askMutants(data, tests, options, authoring)) : null,
  };
}

/** Milliseconds between two lines of progress. */
const BEAT = 200;

function askMutants(
  data: PolicyData,
  tests: readonly ReadyTest[],
  options: PolicyTestOptions,
  authoring: Authoring,
): readonly MutantFate[] {
  const shows = isTerminal(2) && !options.quiet && !options.json;
  const count = shows ? authoring.countMutants(data, testBase()) : 0;
  const fates: MutantFate[] = [];
  let last = performance.now();
  for (const fate of authoring.fatesOf(data, tests, testBase())) {
    fates.push(fate);
    if (!shows || performance.now() - last < BEAT) continue;
    last = performance.now();
    writeError(`\r\u001b[Kmutants: ${fates.length} of ${count}`);
  }
  if (shows) writeError("\r\u001b[K");
  return fates;
}

function isGood(
  { results, nevers, coverage, mutation }: PolicyReport,
  { min = 0, minMutation = 0 }: PolicyTestOptions,
) {
  const passed = results.every((result) => result.passed) && nevers.problems.length === 0;
  return passed && (coverage?.percent ?? 100) >= min && (mutation?.percent ?? 100) >= minMutation;
}

function writeReports(
  reports: readonly PolicyReport[],
  passed: boolean,
  options: PolicyTestOptions,
  authoring: Authoring,
  style: Style,
): void {
  const { junit } = options;
  const xml = junit === undefined ? "" : authoring.junitOf(reports);
  if (junit !== undefined && junit !== "-") replaceReport(junit, xml, "<?xml");
  if (junit === "-") writeOut(xml);
  else if (options.json) writeJson({ ok: passed, exitCode: passed ? 0 : 1, policies: reports.map(jsonOf(authoring)) });
  else {
    for (const report of reports) writeOut(showReport(report, authoring, style));
    for (const line of shortfalls(reports, options)) writeError(`${line}\n`);
  }
}

function shortfalls(reports: readonly PolicyReport[], { min = 0, minMutation = 0 }: PolicyTestOptions) {
  return reports.flatMap(({ coverage, mutation }) => [
    ...((coverage?.percent ?? 100) < min ? [`coverage is below ${min} %`] : []),
    ...((mutation?.percent ?? 100) < minMutation ? [`the mutation score is below ${minMutation} %`] : []),
  ]);
}

const jsonOf =
  ({ titleOf }: Authoring) =>
  ({ policy, results, nevers, coverage, mutation }: PolicyReport) => ({
    policy,
    tests: results.map(({ test, passed, decision, differences, near }) => {
      const { effect, code, rule, layer } = decision;
      const { given, expect, at } = test;
      return { name: titleOf(test), at, given, expect, passed, got: { effect, code, rule, layer }, differences, near };
    }),
    nevers,
    coverage,
    mutation,
  });
