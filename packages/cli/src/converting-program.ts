/** The commands that make policies of ours of other ones, and what they are called with. */
import { type Command, Option } from "commander";
import { importCommand } from "./commands/import.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { example, exits, withJson } from "./options.ts";
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
}
