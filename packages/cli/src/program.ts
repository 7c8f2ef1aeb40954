/** The commands, their options and their help. What is not built is not here. */
import type { Supervisor } from "@agent-run/runtime";
import { Command, Option } from "commander";
import { addAnalysis } from "./analysis-commands.ts";
import { timeOption } from "./asked-call.ts";
import { auditVerifyCommand } from "./commands/audit-verify.ts";
import { checkCommand } from "./commands/check.ts";
import { addConverting } from "./commands/converting-program.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainCommand } from "./commands/explain.ts";
import { type InitOptions, initCommand } from "./commands/init.ts";
import { addLearning } from "./commands/learning-program.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { showCommand, trustCommand, validateCommand } from "./commands/policy.ts";
import { lintCommand } from "./commands/policy-lint.ts";
import { policyTestCommand } from "./commands/policy-test.ts";
import { runCommand } from "./commands/run.ts";
import { simulateCommand } from "./commands/simulate.ts";
import {
  collected,
  colorOf,
  type OutputOptions,
  type PolicyOptions,
  percentNumber,
  positiveNumber,
  seedNumber,
  strictOption,
  withActor,
  withCeiling,
  withJson,
  withOutput,
  withPolicy,
} from "./options.ts";
import { styleFor } from "./style.ts";
import { suggestCommand } from "./suggest-command.ts";
import { writeError, writeOut } from "./terminal.ts";
import { version } from "./version.ts";

type Done = (exitCode: number) => void;
type TakeSpare = () => Supervisor;

export function programFor(takeSpare: TakeSpare, done: Done): Command {
  const program = new Command("agent-run")
    .description(
      "Runs scripts of AI agents in a VM whose only effects are checked against a default-deny policy and recorded.",
    )
    .version(version)
    .configureOutput({ writeOut, writeErr: writeError })
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError("(run `agent-run --help` for the commands)")
    .addHelpText("after", EXIT_CODES);
  addRun(program, takeSpare, done);
  addCheck(program, takeSpare, done);
  addPolicy(program, done);
  addVerdicts(program, done);
  addAudit(program, done);
  addRest(program, done);
  for (const command of program.commands) inherit(command);
  return program;
}

/** Sub-commands report usage errors the same way as the program. */
function inherit(command: Command): void {
  command.exitOverride().configureOutput({ writeOut, writeErr: writeError });
  for (const child of command.commands) inherit(child);
}

function addRun(program: Command, takeSpare: TakeSpare, done: Done): void {
  const command = program
    .command("run", { isDefault: true })
    .description("run a script (the word `run` may be left out)")
    .argument("<script>", "a .js or .ts file; - reads standard input")
    .argument("[args...]", "arguments of the script, after --");
  withActor(withOutput(withPolicy(command)))
    .addOption(strictOption())
    .option("--input <json>", "the script's `input`: JSON, or @FILE")
    .addOption(new Option("--ask <how>", "what happens where the policy asks").choices(["tty", "deny"]))
    .option("--yes", "answer what the policy asks with yes; needs an explicit --policy")
    .option("--max-seconds <n>", "lower the policy's time limit", positiveNumber)
    .option("--seed <n>", "fix Math.random", seedNumber)
    .option("--ts", "the script is TypeScript, whatever its name")
    .option("--learn", "change files in a copy only, let through what nothing grants, and record it for `policy learn`")
    .option("--learn-network", "in a learning run, really send GET and HEAD")
    .addHelpText(
      "after",
      example(
        "agent-run --policy agent-run.toml report.js -- 2026-01",
        "agent-run --policy agent-run.toml --ceiling /srv/bounds.toml report.js",
        "agent-run --learn report.js",
        "echo 'print(1)' | agent-run --policy agent-run.toml -",
      ),
    )
    .action(async (script: string, args: string[], options, self: Command) => {
      const hintIfAbsent = suggestCommand(script, program.commands);
      done(
        await runCommand(script, args, { ...options, hintIfAbsent }, styleFor(2, colorOf(options, self)), takeSpare()),
      );
    });
}

function addCheck(program: Command, takeSpare: TakeSpare, done: Done): void {
  const command = program
    .command("check")
    .description("verify a script against a policy without running it")
    .argument("<script>", "a .js or .ts file; - reads standard input");
  withOutput(withPolicy(command))
    .addOption(strictOption())
    .option("--ts", "the script is TypeScript, whatever its name")
    .addHelpText("after", example("agent-run check --policy agent-run.toml report.js"))
    .action(async (script: string, options, self: Command) => {
      done(await checkCommand(script, options, styleFor(2, colorOf(options, self)), takeSpare()));
    });
}

function addPolicy(program: Command, done: Done): void {
  const policy = program
    .command("policy")
    .description("look at, check and trust policies")
    .addHelpText("after", example("agent-run policy validate agent-run.toml"));
  withCeiling(
    withOutput(policy.command("validate").description("load a policy and list every problem").argument("<file>")),
  )
    .option("--root <dir>", "what relative patterns are relative to")
    .addOption(strictOption())
    .addHelpText("after", example("agent-run policy validate agent-run.toml"))
    .action(async (file: string, options, self: Command) => {
      done(await validateCommand(file, options, styleFor(1, colorOf(options, self))));
    });
  withCeiling(
    withOutput(policy.command("show").description("print what a policy grants, denies and limits").argument("[file]")),
  )
    .option("--root <dir>", "what relative patterns are relative to")
    .addHelpText("after", example("agent-run policy show agent-run.toml"))
    .action(async (file: string | undefined, options) => {
      done(showCommand(file, options));
    });
  addPolicyTest(policy, done);
  const says = "say in words what is sealed, where secrets may go, and what can come out; or answer to one call";
  withCeiling(
    withJson(policy.command("explain").description(says).argument("[call]", "one call, as `fs.write out/a.md`")),
  )
    .option("--policy <file>", "the policy (default: the nearest agent-run.toml upwards, if it is trusted)")
    .option("--root <dir>", "what relative patterns are relative to")
    .option("--actor <name>", "who acts, for rules that ask")
    .option("--now <time>", "when, as 2026-12-24T18:00Z (default: now)", timeOption)
    .option("--for-model", "short, for a model that was refused")
    .addHelpText(
      "after",
      example(
        "agent-run policy explain --policy agent-run.toml",
        "agent-run policy explain --policy agent-run.toml 'fs.write out/a.md bytes=10'",
      ),
    )
    .action(async (call: string | undefined, options) => {
      done(explainCommand(call, options));
    });
  addLearning(policy, done);
  addConverting(policy, done);
  addAnalysis(policy, done, example);
  const lint = policy.command("lint").description("find what is probably not meant").argument("[file]");
  withOutput(lint)
    .option("--root <dir>", "what relative patterns are relative to")
    .addOption(new Option("--format <form>", "how it is printed").choices(["text", "json", "sarif"]))
    .addOption(new Option("--fail-on <level>", "exit with 1 from this level on").choices(LEVELS).default("error"))
    .addHelpText("after", example("agent-run policy lint agent-run.toml", "agent-run policy lint --format sarif"))
    .action(async (file: string | undefined, options, self: Command) => {
      done(await lintCommand(file, options, styleFor(1, colorOf(options, self))));
    });
  const trust = policy.command("trust").description("let a policy apply where it is found (asks for a typed word)");
  withJson(trust.argument("<file>"))
    .addHelpText("after", example("agent-run policy trust agent-run.toml"))
    .action(async (file: string, options) => {
      done(await trustCommand(file, options, styleFor(1, undefined)));
    });
}

function addPolicyTest(policy: Command, done: Done): void {
  const command = policy
    .command("test")
    .description("run the [[test]]s of a policy, and of the *.test.toml files beside it")
    .argument("[files...]", "policies, or files of tests (default: the nearest agent-run.toml upwards)");
  withOutput(command)
    .option("--root <dir>", "what relative patterns are relative to")
    .option("--tests <file>", "a file of tests, instead of those beside the policy; may be repeated", collected)
    .option("--filter <text>", "only tests that have this text in their name or call")
    .option("--coverage", "say which rules and conditions no test sees from both sides")
    .option("--min <n>", "fail where the coverage is below n per cent", percentNumber)
    .option("--mutation", "change each rule a little, and say which changes no test notices")
    .option("--min-mutation <n>", "fail where fewer than n per cent of the changes are noticed", percentNumber)
    .option("--junit <file>", "write the results as JUnit XML; - is standard output")
    .addHelpText(
      "after",
      example(
        "agent-run policy test agent-run.toml --coverage --min 100",
        "agent-run policy test --mutation --junit report.xml",
      ),
    )
    .action(async (files: string[], options, self: Command) => {
      done(await policyTestCommand(files, options, styleFor(1, colorOf(options, self))));
    });
}

/** Verdicts without a run. */
function addVerdicts(program: Command, done: Done): void {
  const evaluate = program
    .command("evaluate")
    .description("the verdict on one call; nothing happens (exit 0: allowed, 2: denied, 4: somebody is asked)")
    .argument("<call>", "as 'fs.write out/a.md bytes=10', or JSON");
  withAround(evaluate)
    .addHelpText("after", example("agent-run evaluate --policy agent-run.toml 'fs.write out/a.md bytes=10'"))
    .action(async (call: string, options) => {
      done(evaluateCommand(call, options));
    });
  const simulate = program
    .command("simulate")
    .description("the verdicts on many calls; nothing happens")
    .argument("<file>", "one call a line, as text or JSON; - reads standard input");
  withAround(simulate)
    .addOption(new Option("--fail-on <effect...>", "exit with 1 if any call gets it").choices(["allow", "ask", "deny"]))
    .addHelpText("after", example("agent-run simulate --policy agent-run.toml calls.txt --fail-on deny"))
    .action(async (file: string, options) => {
      done(simulateCommand(file, options));
    });
}

/** A policy, and what is around a call. */
const withAround = (command: Command): Command =>
  withCeiling(withJson(command))
    .option("--policy <file>", "the policy (default: the nearest agent-run.toml upwards, if it is trusted)")
    .option("--root <dir>", "what relative patterns are relative to")
    .option("--actor <name>", "who acts, for rules that ask")
    .option("--now <time>", "when, as 2026-12-24T18:00Z (default: now)", timeOption);

function addAudit(program: Command, done: Done): void {
  const audit = program
    .command("audit")
    .description("look at records")
    .addHelpText("after", example("agent-run audit verify ~/.local/state/agent-run/runs/*.jsonl"));
  withOutput(audit.command("verify").description("verify the hash chain of record files").argument("<files...>"))
    .addHelpText("after", example("agent-run audit verify ~/.local/state/agent-run/runs/*.jsonl"))
    .action(async (files: string[], options: OutputOptions, self: Command) => {
      done(auditVerifyCommand(files, options, styleFor(1, colorOf(options, self))));
    });
}

function addRest(program: Command, done: Done): void {
  withJson(program.command("init").description("write an agent-run.toml to start from"))
    .argument("[directory]", "where", ".")
    .option("--lang <name>", "python, node, ruby, rust, go, java, dotnet or generic (default: what its files say)")
    .option("--output <file>", "write this file instead; - is standard output")
    .option("--force", "write over a file that is there")
    .option("--list", "list the languages, their other names and the files they are found by")
    .addHelpText("after", example("agent-run init", "agent-run init --lang python --output - > agent-run.toml"))
    .action(async (directory: string, options: InitOptions) => {
      done(initCommand(directory, options, styleFor(1, undefined)));
    });
  const tour = "a tour on real files in a temporary directory: allowed, denied, asked, recorded";
  withJson(program.command("demo").description(tour))
    .addHelpText("after", example("agent-run demo"))
    .action(async (options: OutputOptions) => {
      done(await demoCommand(options, styleFor(1, undefined)));
    });
  withCeiling(withOutput(program.command("doctor").description("say what this machine can do")))
    .addHelpText("after", example("agent-run doctor"))
    .action(async (options: PolicyOptions & OutputOptions, self: Command) => {
      done(await doctorCommand(options, styleFor(1, colorOf(options, self))));
    });
  withActor(withPolicy(program.command("mcp").description("serve the tools run, check and explain over MCP (stdio)")))
    .addOption(strictOption())
    .addHelpText("after", example("claude mcp add agent-run -- agent-run mcp --policy /abs/agent-run.toml"))
    .action(async (options) => {
      done(await mcpCommand(options));
    });
}

const LEVELS = ["error", "warning", "note", "never"];

const example = (...lines: string[]): string => `\nExample:\n${lines.map((line) => `  $ ${line}\n`).join("")}`;

const EXIT_CODES = `
Options of a run: agent-run run --help

Example:
  $ agent-run --policy agent-run.toml script.js

Exit codes:
  0  the script ended well             4  an approval was refused or impossible
  1  the script threw or does not parse  5  a problem with policy, options, record
  2  a denial was not caught           6  a limit of the run
  3  the verifier refused the script   130  interrupted
`;
