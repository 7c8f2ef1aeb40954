/** `install` and `uninstall`: the settings of agent hosts, so that they ask us. */
import { Argument, type Command, Option } from "commander";
import { installCommand, uninstallCommand } from "./commands/install.ts";
import { colorOf, example, exits, withOutput } from "./options.ts";
import { styleFor } from "./style.ts";

type Done = (exitCode: number) => void;

const HOSTS = ["claude-code", "codex", "opencode", "vscode", "cursor"];

export function addInstall(program: Command, done: Done): void {
  withHost(
    program.command("install").description("have an agent host ask agent-run: its MCP entry, its hook, its denials"),
  )
    .option(
      "--policy <file>",
      "the policy (default: the nearest agent-run.toml upwards; with --scope user, the one found at each start)",
    )
    .addHelpText("after", example("agent-run install claude-code --dry-run", "agent-run install codex --scope user"))
    .addHelpText(
      "after",
      exits({ 0: "it is set up, or was already", 5: "a file is not one that can be changed; nothing was" }),
    )
    .action(async (host: string, options, self: Command) => {
      done(await installCommand(host, options, styleFor(1, colorOf(options, self))));
    });
  withHost(program.command("uninstall").description("take out of an agent host's settings what `install` put in"))
    .addHelpText("after", example("agent-run uninstall claude-code"))
    .addHelpText(
      "after",
      exits({ 0: "nothing of ours is there any more", 5: "a file is not one that can be changed; nothing was" }),
    )
    .action(async (host: string, options, self: Command) => {
      done(await uninstallCommand(host, options, styleFor(1, colorOf(options, self))));
    });
}

const withHost = (command: Command): Command =>
  withOutput(command)
    .addArgument(new Argument("<host>", "which").choices(HOSTS))
    .addOption(
      new Option("--scope <whose>", "settings of the project in this directory, or of the user")
        .choices(["project", "user"])
        .default("project"),
    )
    .option("--dry-run", "print what would change, as a diff, and change nothing");
