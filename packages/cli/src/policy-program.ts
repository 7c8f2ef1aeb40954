/** The commands about policies, their options and their help. */
import { type Command, Option } from "commander";
import { timeOption } from "./asked-call.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainCommand } from "./commands/explain.ts";
import { showCommand, trustCommand, validateCommand } from "./commands/policy.ts";
import { canCommand } from "./commands/policy-can.ts";
import { diffCommand } from "./commands/policy-diff.ts";
import { lintCommand } from "./commands/policy-lint.ts";
import { policyTestCommand } from "./commands/policy-test.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { addConverting } from "./converting-program.ts";
import { addLearning } from "./learning-program.ts";
import {
  collected,
  colorOf,
  example,
  exits,
  percentNumber,
  policyOption,
  positiveNumber,
  rootOption,
  strictOption,
  withCeiling,
  withJson,
  withOutput,
} from "./options.ts";
import { styleFor } from "./style.ts";

type Done = (exitCode: number) => void;

export function addPolicy(program: Command, done: Done): void {
  const policy = program
    .command("policy")
    .description("look at, check and trust policies")
    .addHelpText("after", example("agent-run policy validate agent-run.toml"));
  withCeiling(
    withOutput(
      policy.command("validate").description("load a policy and list every problem").argument("[file]", NEAREST),
    ),
  )
    .addOption(rootOption())
    .addOption(strictOption())
    .addHelpText("after", example("agent-run policy validate agent-run.toml"))
    .addHelpText("after", exits({ 0: "it loads, and every `[[never]]` holds" }))
    .action(async (file: string | undefined, options, self: Command) => {
      done(await validateCommand(file, options, styleFor(1, colorOf(options, self))));
    });
  withCeiling(
    withOutput(
      policy.command("show").description("print what a policy grants, denies and limits").argument("[file]", APPLIES),
    ),
  )
    .addOption(rootOption())
    .addHelpText("after", example("agent-run policy show agent-run.toml"))
    .addHelpText("after", exits({ 0: "it was printed" }))
    .action(async (file: string | undefined, options) => {
      done(showCommand(file, options));
    });
  addPolicyTest(policy, done);
  const says = "say in words what is sealed, where secrets may go, and what can come out; or answer to one call";
  withCeiling(
    withJson(policy.command("explain").description(says).argument("[call]", "one call, as `fs.write out/a.md`")),
  )
    .addOption(policyOption())
    .addOption(rootOption())
    .option("--actor <name>", "who acts, for conditions on `actor`")
    .option("--now <time>", "when, as 2026-12-24T18:00Z (default: now)", timeOption)
    .option("--for-model", "short, for a model that was refused")
    .addHelpText(
      "after",
      example(
        "agent-run policy explain --policy agent-run.toml",
        "agent-run policy explain --policy agent-run.toml 'fs.write out/a.md bytes=10'",
      ),
    )
    .addHelpText(
      "after",
      exits({ 0: "it was answered, whatever the answer; `agent-run evaluate` tells by its exit code" }),
    )
    .action(async (call: string | undefined, options) => {
      done(explainCommand(call, options));
    });
  addLearning(policy, done);
  addConverting(policy, done);
  addAnalysis(policy, done);
  const lint = policy
    .command("lint")
    .description("find what is probably not meant in a policy")
    .argument("[file]", NEAREST);
  withOutput(lint)
    .addOption(rootOption())
    .addOption(new Option("--format <form>", "how it is printed").choices(["text", "json", "sarif"]))
    .addOption(new Option("--fail-on <level>", "exit with 1 from this level on").choices(LEVELS).default("error"))
    .addHelpText("after", example("agent-run policy lint agent-run.toml", "agent-run policy lint --format sarif"))
    .addHelpText("after", exits({ 0: "nothing of the level of --fail-on", 1: "something of it" }))
    .action(async (file: string | undefined, options, self: Command) => {
      done(await lintCommand(file, options, styleFor(1, colorOf(options, self))));
    });
  const trust = policy.command("trust").description("let a policy apply where it is found (asks for a typed word)");
  withJson(trust.argument("<file>"))
    .addHelpText("after", example("agent-run policy trust agent-run.toml"))
    .addHelpText("after", exits({ 0: "it is trusted until one of its files changes" }))
    .action(async (file: string, options) => {
      done(await trustCommand(file, options, styleFor(1, undefined)));
    });
}

function addAnalysis(policy: Command, done: Done): void {
  const can = policy
    .command("can")
    .description("could any call of a kind ever be allowed or asked about? proved, not tried");
  withCeiling(withOutput(can))
    .requiredOption("--on <capability>", "as fs.write, or fs.* (repeatable)", collected)
    .option("--path <pattern>", "only what this names, and what lies below (repeatable)", collected)
    .option("--host <pattern>", "only URLs of this host (repeatable)", collected)
    .option("--port <n>", "only URLs with this port", positiveNumber)
    .option("--method <name>", "only this method, as HEAD")
    .option("--name <pattern>", "only variables of this name (repeatable)", collected)
    .option("--command <name>", "only this command (repeatable)", collected)
    .option("--actor <name>", "only calls of this actor")
    .option("--now <time>", "when, as 2026-12-24T18:00Z (default: at any time)", timeOption)
    .addOption(policyOption())
    .addOption(rootOption())
    .addOption(new Option("--fail-on <answer>", "exit with 1 if that is possible").choices(["allow", "ask"]))
    .addHelpText("after", example("agent-run policy can --policy agent-run.toml --on fs.write --path '~/**'"))
    .addHelpText(
      "after",
      exits({ 0: "it was answered", 1: "with --fail-on: such a call is possible, or it is not known" }),
    )
    .action(async (options, self: Command) => {
      done(await canCommand(options, styleFor(1, colorOf(options, self))));
    });
  const diff = policy.command("diff").description("calls that two policies answer otherwise, and bounds that moved");
  withCeiling(withOutput(diff.argument("<old>").argument("<new>")))
    .addOption(rootOption("that of <new>"))
    .addOption(new Option("--fail-on <change>", "exit with 1 on such a change").choices(["widen", "any"]))
    .addHelpText("after", example("agent-run policy diff agent-run.toml next.toml --fail-on widen"))
    .addHelpText(
      "after",
      exits({ 0: "they were compared", 1: "with --fail-on: there is such a change, or it is not known" }),
    )
    .action(async (old: string, now: string, options, self: Command) => {
      done(await diffCommand(old, now, options, styleFor(1, colorOf(options, self))));
    });
}

function addPolicyTest(policy: Command, done: Done): void {
  const command = policy
    .command("test")
    .description("run the [[test]]s of a policy, and of the *.test.toml files beside it")
    .argument("[files...]", "policies, or files of tests (default: the nearest agent-run.toml upwards)");
  withCeiling(withOutput(command))
    .addOption(rootOption())
    .option("--tests <file>", "a file of tests, instead of those beside the policy (repeatable)", collected)
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
    .addHelpText(
      "after",
      exits({ 0: "every test passes", 1: "one fails, a `[[never]]` does not hold, or less is seen than asked for" }),
    )
    .action(async (files: string[], options, self: Command) => {
      done(await policyTestCommand(files, options, styleFor(1, colorOf(options, self))));
    });
}

/** Verdicts without a run. */
export function addVerdicts(program: Command, done: Done): void {
  const evaluate = program
    .command("evaluate")
    .description("the verdict on one call; nothing happens")
    .argument("<call>", "as 'fs.write out/a.md bytes=10', or JSON");
  withAround(evaluate)
    .addHelpText("after", example("agent-run evaluate --policy agent-run.toml 'fs.write out/a.md bytes=10'"))
    .addHelpText("after", exits({ 0: "allowed", 2: "denied", 4: "a person is asked" }))
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
    .addHelpText("after", exits({ 0: "every call has its verdict", 1: "with --fail-on: a call has that verdict" }))
    .action(async (file: string, options) => {
      done(simulateCommand(file, options));
    });
}

/** A policy, and what is around a call. */
const withAround = (command: Command): Command =>
  withCeiling(withJson(command))
    .addOption(policyOption())
    .addOption(rootOption())
    .option("--actor <name>", "who acts, for conditions on `actor`")
    .option("--now <time>", "when, as 2026-12-24T18:00Z (default: now)", timeOption);

const NEAREST = "the policy (default: the nearest agent-run.toml upwards)";
const APPLIES = "the policy (default: the one that would apply here)";
const LEVELS = ["error", "warning", "note", "never"];
