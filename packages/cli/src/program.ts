/** The commands, their options and their help. What is not built is not here. */
import type { Supervisor } from "@agent-run/runtime";
import { Command, Option } from "commander";
import { addApprovals } from "./approvals-program.ts";
import { auditVerifyCommand } from "./commands/audit-verify.ts";
import { checkCommand } from "./commands/check.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { type InitOptions, initCommand } from "./commands/init.ts";
import { mcpCommand } from "./commands/mcp.ts";
import { resumeCommand } from "./commands/resume.ts";
import { runCommand } from "./commands/run.ts";
import { typesCommand } from "./commands/types.ts";
import { addHook } from "./hook-program.ts";
import { addInstall } from "./install-program.ts";
import {
  colorOf,
  example,
  exits,
  httpOption,
  type OutputOptions,
  type PolicyOptions,
  policyOption,
  positiveNumber,
  rootOption,
  seedNumber,
  strictOption,
  withActor,
  withCeiling,
  withJson,
  withOutput,
  withPolicy,
} from "./options.ts";
import { addPolicy, addVerdicts } from "./policy-program.ts";
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
    .addHelpText("after", EXIT_CODES);
  addRun(program, takeSpare, done);
  addResume(program, takeSpare, done);
  addCheck(program, takeSpare, done);
  addPolicy(program, done);
  addVerdicts(program, done);
  addAudit(program, done);
  addInstall(program, done);
  addApprovals(program, done);
  addRest(program, done);
  addHook(program, done);
  inherit(program, "agent-run");
  return program;
}

/** Sub-commands report usage errors the same way as the program, and name their own help. */
function inherit(command: Command, name: string): void {
  command
    .exitOverride()
    .configureOutput({ writeOut, writeErr: writeError })
    .showHelpAfterError(`(run \`${name} --help\`)`);
  for (const child of command.commands) inherit(child, `${name} ${child.name()}`);
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
    .addOption(askOption())
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
    .addHelpText("after", RUN_EXITS)
    .action(async (script: string, args: string[], options, self: Command) => {
      const hintIfAbsent = suggestCommand(script, program.commands);
      done(
        await runCommand(script, args, { ...options, hintIfAbsent }, styleFor(2, colorOf(options, self)), takeSpare()),
      );
    });
}

const askOption = (): Option =>
  new Option(
    "--ask <how>",
    "where the policy asks: at the terminal (`agent-run approvals` at another one answers, too), wait for another one, refuse, or park the run",
  ).choices(["tty", "wait", "deny", "park"]);

function addResume(program: Command, takeSpare: TakeSpare, done: Done): void {
  const command = program
    .command("resume")
    .description("go on with a run that was parked: `--ask park`, exit code 7")
    .argument("<run>", "its name, from the report or the closing line");
  withOutput(command)
    .addOption(askOption())
    .option("--audit <dir>", "where the record is kept (default: the user's state directory)")
    .addHelpText("after", example("agent-run resume 01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    .addHelpText("after", RUN_EXITS)
    .action(async (run: string, options, self: Command) => {
      done(await resumeCommand(run, options, styleFor(2, colorOf(options, self)), takeSpare()));
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
    .addHelpText("after", exits({ 0: "the script would be run", 1: "it does not parse", 3: "the verifier refuses it" }))
    .action(async (script: string, options, self: Command) => {
      done(await checkCommand(script, options, styleFor(2, colorOf(options, self)), takeSpare()));
    });
}

function addAudit(program: Command, done: Done): void {
  const audit = program
    .command("audit")
    .description("look at records")
    .addHelpText("after", example("agent-run audit verify ~/.local/state/agent-run/runs/*.jsonl"));
  withOutput(audit.command("verify").description("verify the hash chain of record files").argument("<files...>"))
    .addHelpText("after", example("agent-run audit verify ~/.local/state/agent-run/runs/*.jsonl"))
    .addHelpText("after", AUDIT_EXITS)
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
    .addHelpText("after", exits({ 0: "it was written", 5: "it was not: a file is there, or the options do not fit" }))
    .action(async (directory: string, options: InitOptions) => {
      done(await initCommand(directory, options, styleFor(1, undefined)));
    });
  addTypes(program, done);
  const tour =
    "a tour on real files in a temporary directory: a call that is allowed, denied, sealed, asked; the record";
  withJson(program.command("demo").description(tour))
    .addHelpText("after", example("agent-run demo"))
    .addHelpText("after", exits({ 0: "everything went as expected", 5: "something did not" }))
    .action(async (options: OutputOptions) => {
      done(await demoCommand(options, styleFor(1, undefined)));
    });
  withCeiling(withOutput(program.command("doctor").description("say what this machine can do")))
    .addHelpText("after", example("agent-run doctor"))
    .addHelpText(
      "after",
      exits({
        0: "nothing is broken",
        5: "something is, a host that was set up would not ask, or a policy does not load",
      }),
    )
    .action(async (options: PolicyOptions & OutputOptions, self: Command) => {
      done(await doctorCommand(options, styleFor(1, colorOf(options, self))));
    });
  withActor(withPolicy(program.command("mcp").description("serve scripts and single calls over MCP (stdio, or HTTP)")))
    .addOption(strictOption())
    .addOption(
      new Option(
        "--ask <how>",
        "where the policy asks: refuse, or wait for `agent-run approvals` at a terminal (default: ask the client, if it is a person to the policy)",
      ).choices(["wait", "deny"]),
    )
    .addOption(httpOption())
    .addHelpText("after", example("claude mcp add agent-run -- agent-run mcp --policy /abs/agent-run.toml"))
    .addHelpText(
      "after",
      exits({ 0: "the host closed standard input", 5: "the port cannot be opened", 130: "interrupted" }),
    )
    .action(async (options) => {
      done(await mcpCommand(options));
    });
}

function addTypes(program: Command, done: Done): void {
  const says = "print TypeScript declarations of the calls that a policy grants to scripts";
  withCeiling(withJson(program.command("types").description(says)))
    .addOption(policyOption())
    .addOption(rootOption())
    .option("--out <file>", "write them into this file instead")
    .option("--quiet", "no banners and no closing line on standard error")
    .addHelpText("after", example("agent-run types --policy agent-run.toml --out agent-run.d.ts"))
    .addHelpText("after", exits({ 0: "they were printed or written" }))
    .action((options: PolicyOptions & OutputOptions & { readonly out?: string }) => {
      done(typesCommand(options));
    });
}

const AUDIT_EXITS = exits({ 0: "every record is whole", 5: "one was altered or has no end, or can not be read" });

const RUN_EXITS = `Exit codes:
  0  the script ended well               4  an approval refused or impossible
  1  the script threw or does not parse  5  policy, options or record at fault
  2  a denial was not caught             6  a limit of the run, or a budget
  3  the verifier refused the script     7  parked: resume it when answered
                                       130  interrupted
`;

const EXIT_CODES = `
Options of a run: agent-run run --help
${example("agent-run --policy agent-run.toml script.js")}
${RUN_EXITS}`;
