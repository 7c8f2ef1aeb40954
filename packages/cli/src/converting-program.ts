/** The commands that write a policy anew: of another tool, of an older version, in another layout; and what they are called with. */
import { type Command, Option } from "commander";
import { importCommand } from "./commands/import.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { fmtCommand } from "./commands/policy-fmt.ts";
import { colorOf, example, exits, withJson, withOutput } from "./options.ts";
import { styleFor } from "./style.ts";

/** As `IMPORT_FORMATS` of the package that is loaded only where one is imported. */
const FORMATS = ["agsec", "siphrix", "claude-code", "codex"];

export function addConverting(policy: Command, done: (exitCode: number) => void): void {
  const imports = policy
    .command("import")
    .description("turn a policy of another tool into one of ours, never a wider one");
  withJson(imports.argument("<file>", "the policy; - reads standard input"))
    .addOption(new Option("--from <tool>", "whose policy it is (default: guessed from the file)").choices(FORMATS))
    .option("--output <file>", "write a file, never over one (default: standard output)")
    .addHelpText(
      "after",
      example(
        "agent-run policy import .claude/settings.json --output agent-run.toml",
        "agent-run policy import default.rules --from codex",
      ),
    )
    .addHelpText("after", exits({ 0: "it was written; what was left out is told" }))
    .action(async (file: string, options) => done(await importCommand(file, options, styleFor(2, undefined))));
  const migrate = policy
    .command("migrate")
    .description("rewrite an older policy in the newest version of the language");
  withJson(migrate.argument("<file>"))
    .option("--write", "replace the file; the old one is kept as FILE.bak")
    .addHelpText("after", example("agent-run policy migrate denyx.toml", "agent-run policy migrate --write denyx.toml"))
    .addHelpText("after", exits({ 0: "it was rewritten, or is of the newest version" }))
    .action(async (file: string, options) => done(await migrateCommand(file, options, styleFor(1, undefined))));
  const fmt = policy
    .command("fmt")
    .description("lay out policies and files of tests in the one way; what they say and their comments stay")
    .argument(
      "[files...]",
      "- is standard input (default: the nearest agent-run.toml upwards, and *.test.toml beside it)",
    );
  withOutput(fmt)
    .option("--check", "write nothing; list the files that are laid out otherwise, and exit with 1 if there are any")
    .option("--diff", "write nothing; print what would change")
    .addHelpText("after", example("agent-run policy fmt agent-run.toml", "agent-run policy fmt --check --diff"))
    .addHelpText(
      "after",
      exits({
        0: "all are laid out so, or are now; their names were printed",
        1: "with --check: a file is laid out otherwise",
        5: "a file that is no TOML or can not be used; nothing was written",
      }),
    )
    .action(async (files: string[], options, self: Command) =>
      done(await fmtCommand(files, options, styleFor(options.diff ? 1 : 2, colorOf(options, self)))),
    );
}
