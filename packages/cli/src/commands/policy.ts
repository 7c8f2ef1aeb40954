import { expiredRules, formatProblems, type PolicyProblem, showPolicy } from "@agent-run/policy";
import { openPolicy, trustPolicy, weakSecrets } from "@agent-run/runtime";
import { CommandFailure } from "../exit.ts";
import { foldedForOut } from "../fold.ts";
import { writeJson } from "../json-output.ts";
import { holdToNevers } from "../nevers-of-policy.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printable, printableLine } from "../printable.ts";
import { askOnTerminal } from "../prompt/controlling-terminal.ts";
import { fileToRead, selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { writeError, writeOut } from "../terminal.ts";
import { holdToTests } from "../tests-of-policy.ts";

type Options = PolicyOptions & OutputOptions;

/** Loads a policy as a run would and lists every problem; exit 5 if there is one. */
export async function validateCommand(named: string | undefined, options: Options, style: Style): Promise<number> {
  const file = fileToRead(named, "validate");
  const opened = openPolicy({ path: file, cwd: process.cwd(), ceilings: options.ceiling ?? [], ...rootOf(options) });
  if (!opened.ok) {
    writeError(`${printable(formatProblems(opened.problems))}\n`);
    if (options.json) writeJson({ ok: false, exitCode: 5, problems: opened.problems });
    return 5;
  }
  if (options.strict) await holdToTests(opened);
  await holdToNevers(opened);
  const { data, notes: differences } = opened;
  const notes = [...data.warnings, ...data.banners, ...weakSecrets(data), ...expiredRules(data, Date.now())];
  if (options.json) writeJson({ ok: true, exitCode: 0, problems: [], notes, differences, hash: data.hash });
  else {
    writeOut(
      `${style.green("ok")}: ${printableLine(file)} loads (${data.rules.length} rules, hash ${data.hash.slice(0, 16)})\n`,
    );
    for (const note of notes) writeOut(`${style.yellow("note:")} ${printableLine(note)}\n`);
    for (const difference of differences) writeOut(differenceText(difference, style));
  }
  return 0;
}

/** What a line of a policy in another dialect means here. */
function differenceText({ file: at, line, column, message, hint }: PolicyProblem, style: Style): string {
  const place = `${printableLine(at)}:${line}:${column}`;
  const advice = hint === undefined ? "" : `  = ${printableLine(hint)}\n`;
  return `${style.yellow("differs:")} ${place}: ${printableLine(message)}\n${advice}`;
}

/** The effective policy, for people; with --json as data. */
export function showCommand(file: string | undefined, options: Options): number {
  const { data, banner } = selectPolicy(file === undefined ? options : { ...options, policy: file });
  if (options.json) writeJson(data);
  else writeOut(foldedForOut(printable(`${banner.map((text) => `# ${text}\n`).join("")}${showPolicy(data)}`)));
  return 0;
}

/** Accepts a policy by its real path and the hashes of all its files; needs a person at a terminal. */
export async function trustCommand(file: string, options: Options, style: Style): Promise<number> {
  const { data } = selectPolicy({ ...options, policy: file });
  (options.json ? writeError : writeOut)(printable(showPolicy(data)));
  const answer = await askOnTerminal(
    `${style.yellow("agent-run:")} type the word trust to let this policy apply where it is found: `,
  );
  if (answer === null) {
    const hint = "run it in a terminal, or name the policy with --policy, which needs no trust";
    throw new CommandFailure("E_CONFIG", "`policy trust` needs a person at a terminal", { hint });
  }
  if (answer !== "trust") throw new CommandFailure("E_CONFIG", "nothing was trusted");
  trustPolicy(data);
  if (options.json) writeJson({ ok: true, exitCode: 0, hash: data.hash });
  else writeOut(`${style.green("trusted")}: it applies until one of its files changes\n`);
  return 0;
}

const rootOf = (options: Options) => (options.root === undefined ? {} : { root: options.root });
