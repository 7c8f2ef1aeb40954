/** The commands that turn records into policies, and what they are called with. */
import { type Command, InvalidArgumentError } from "commander";
import { learnCommand } from "./commands/learn.ts";
import { tightenCommand } from "./commands/tighten.ts";
import { example, exits, rootOption, withJson } from "./options.ts";
import { styleFor } from "./style.ts";

const DAY_MS = 86_400_000;

export function addLearning(policy: Command, done: (exitCode: number) => void): void {
  const learn = policy.command("learn").description("write the rules that recorded runs needed, and little else");
  withJson(learn)
    .requiredOption("--from <runs...>", "record files, or the directory that --audit named")
    .option("--ceiling <file>", "leave out what this policy does not allow")
    .option("--policy <file>", "leave out what this policy grants already or denies")
    .addOption(rootOption("the output's directory"))
    .option("--output <file>", "write a file, never over one (default: standard output)")
    .option(
      "--expires <when>",
      "until when the rules grant: a date such as 2027-03-31, or days (default: 90d)",
      expiryOf,
    )
    .option("--min-runs <n>", "leave out what fewer runs touched (default: 1)", countOf)
    .option("--count", "count how many files a generalised pattern admits now")
    .addHelpText(
      "after",
      example(
        "agent-run --learn --audit ../audit report.js",
        "agent-run policy learn --from ../audit --output learned.toml",
      ),
    )
    .addHelpText("after", exits({ 0: "the policy was written" }))
    .action(async ({ expires = expiryOf("90d"), minRuns = 1, ...options }) =>
      done(await learnCommand({ ...options, expires, minRuns }, styleFor(2, undefined))),
    );
  const tighten = policy
    .command("tighten")
    .description("propose to remove or narrow grants that no recorded call used");
  withJson(tighten)
    .requiredOption("--policy <file>", "the policy")
    .requiredOption("--from <runs...>", "record files, or the directory that --audit named")
    .addOption(rootOption())
    .option("--output <file>", "write the tightened policy to a new file (default: only show what would change)")
    .addHelpText("after", example("agent-run policy tighten --policy agent-run.toml --from ../audit"))
    .addHelpText("after", exits({ 0: "what would change was shown, also where nothing would" }))
    .action(async (options) => done(await tightenCommand(options, styleFor(1, undefined))));
}

/** Milliseconds since 1970. */
function expiryOf(text: string): number {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const at = days === undefined ? dateOf(text) : Date.now() + Number(days) * DAY_MS;
  if (Number.isNaN(at)) throw new InvalidArgumentError("is a number of days such as 90d, or a date such as 2027-03-31");
  if (at <= Date.now()) throw new InvalidArgumentError("is over already, so nothing would be granted");
  return at;
}

const dateOf = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("must be a whole number above 0");
  return count;
}
