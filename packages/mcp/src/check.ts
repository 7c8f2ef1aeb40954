/** The tool `check`: what the verifier says about a script. Nothing runs and nothing is recorded. */
import type { Runtime } from "@agent-run/runtime";
import { LOOKS_ONLY } from "./annotations.ts";
import { readArguments } from "./arguments.ts";
import { boundedProblems } from "./bounds.ts";
import { problemText } from "./problem.ts";
import { languageOf } from "./run.ts";
import { CHECK_INPUT, CHECK_OUTPUT } from "./schemas.ts";
import { answer, type Tool } from "./tool.ts";

export function checkTool(runtime: Runtime): Tool {
  return {
    listed: {
      name: "check",
      title: "Check a script",
      description:
        "Verifies a script without running it: syntax, language subset, and capabilities that the policy never allows. Lists every problem with its line and a hint.",
      inputSchema: CHECK_INPUT,
      outputSchema: CHECK_OUTPUT,
      annotations: LOOKS_ONLY,
    },
    async call(given, signal) {
      const read = readArguments(given, "check", CHECK_INPUT);
      if (!read.ok) return refused(read.failure.message);
      const { script, typescript } = read.value;
      const report = await runtime.check(String(script), { ...languageOf(typescript), signal });
      const problems = boundedProblems(report.problems);
      const text = report.ok ? "ok: the script passes the verifier" : problems.map(problemText).join("\n");
      return answer({ ...report, problems }, text, false);
    },
  };
}

function refused(message: string) {
  const problem = { code: "E_ARGUMENT", message } as const;
  return answer({ ok: false, exitCode: 1, problems: [problem] }, problemText(problem), true);
}
