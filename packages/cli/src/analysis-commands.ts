/** The commands that answer for all calls a policy could be asked: `policy can`, `policy diff`. */
import { type Command, Option } from "commander";
import { canCommand } from "./commands/policy-can.ts";
import { diffCommand } from "./commands/policy-diff.ts";
import { collected, colorOf, positiveNumber, withCeiling, withOutput } from "./options.ts";
import { styleFor } from "./style.ts";

/** `example`: the end of a command's help. */
export function addAnalysis(
  policy: Command,
  done: (exitCode: number) => void,
  example: (...lines: string[]) => string,
): void {
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
    .option("--policy <file>", "the policy (default: the nearest agent-run.toml upwards, if it is trusted)")
    .option("--root <dir>", "what relative patterns are relative to")
    .addOption(new Option("--fail-on <answer>", "exit with 1 if that is possible").choices(["allow", "ask"]))
    .addHelpText("after", example("agent-run policy can --policy agent-run.toml --on fs.write --path '~/**'"))
    .action(async (options, self: Command) => {
      done(await canCommand(options, styleFor(1, colorOf(options, self))));
    });
  const diff = policy.command("diff").description("calls that two policies answer otherwise, and bounds that moved");
  withOutput(diff.argument("<old>").argument("<new>"))
    .option("--root <dir>", "what relative patterns of both are relative to (default: the directory of <new>)")
    .addOption(new Option("--fail-on <change>", "exit with 1 on such a change").choices(["widen", "any"]))
    .addHelpText("after", example("agent-run policy diff agent-run.toml next.toml --fail-on widen"))
    .action(async (old: string, now: string, options, self: Command) => {
      done(await diffCommand(old, now, options, styleFor(1, colorOf(options, self))));
    });
}
