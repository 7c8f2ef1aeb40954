/** `hook` as the list of commands has it. The entry runs it by a shorter way; see hook.ts. */
import type { Command } from "commander";
import { hookCommand } from "./hook-command.ts";
import { example, exits, policyOption, rootOption, withCeiling } from "./options.ts";

export function addHook(program: Command, done: (exitCode: number) => void): void {
  withCeiling(
    program.command("hook").description("answer an agent host's hook: may this call of its own tool be made?"),
  )
    .argument("<host>", "claude-code, codex or opencode; its JSON is read from standard input")
    .addOption(policyOption())
    .addOption(rootOption())
    .addHelpText("after", example("agent-run hook claude-code --policy /abs/agent-run.toml"))
    .addHelpText(
      "after",
      exits({
        0: "the answer stands on standard output; for codex, nothing there means yes",
        2: "it could not be answered, so the host blocks the call",
        5: "never: a host would let the call proceed",
      }),
    )
    .action(async (host: string, options) => {
      done(await hookCommand(host, options));
    });
}
