/** `policy lint`: what in a policy is probably not meant, as text, JSON or SARIF. */
import type { Finding, Level } from "@agent-run/authoring";
import { placed } from "@agent-run/policy";
import { homeDirectory } from "@agent-run/runtime";
import { foldedForOut } from "../fold.ts";
import { writeJson } from "../json-output.ts";
import type { OutputOptions, PolicyOptions } from "../options.ts";
import { printableLine } from "../printable.ts";
import { fileToRead, selectPolicy } from "../select-policy.ts";
import type { Style } from "../style.ts";
import { isTerminal, writeError, writeOut } from "../terminal.ts";
import { version } from "../version.ts";

export interface LintOptions extends PolicyOptions, OutputOptions {
  readonly format?: "text" | "json" | "sarif";
  /** The least level that gives exit code 1. */
  readonly failOn?: Level | "never";
}

export async function lintCommand(file: string | undefined, options: LintOptions, style: Style): Promise<number> {
  const { data, checks } = selectPolicy({ ...options, policy: fileToRead(file, "lint") });
  const { lintPolicy, RANK, sarifOf } = await import("@agent-run/authoring");
  const home = homeDirectory();
  const homes = home === null ? [] : [home];
  const shows = isTerminal(2) && !options.quiet && !options.json;
  const progress = shows ? { progress: progressLine() } : {};
  const findings = lintPolicy({ data, checks, homes, now: Date.now(), ...progress });
  if (shows) writeError("\r\u001b[K");
  const { failOn = "error" } = options;
  const failed = failOn !== "never" && findings.some(({ level }) => RANK[level] >= RANK[failOn]);
  const exitCode = failed ? 1 : 0;
  if (options.format === "sarif") writeJson(sarifOf(findings, version));
  else if (options.json || options.format === "json") writeJson({ ok: !failed, exitCode, findings });
  else writeOut(foldedForOut(textOf(findings, style)));
  return exitCode;
}

/** Milliseconds between two lines of progress. */
const BEAT = 200;

function progressLine(): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    if (performance.now() - last < BEAT) return;
    last = performance.now();
    writeError(`\r\u001b[Krules: ${done} of ${of}`);
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function textOf(findings: readonly Finding[], style: Style): string {
  const colour = { error: style.red, warning: style.yellow, note: style.dim };
  const lines = findings.flatMap(({ lint, level, message, hint, rule, witness }) => [
    `${colour[level](level)} ${style.bold(lint)}  ${printableLine(placed(rule))}`,
    `  ${printableLine(message)}`,
    ...(witness === undefined ? [] : [`  as in: ${printableLine(witness)}`]),
    `  ${style.dim(printableLine(hint))}`,
  ]);
  const count = (level: Level) => findings.filter((one) => one.level === level).length;
  const total = (["error", "warning", "note"] as const).map((level) => counted(count(level), level)).join(", ");
  return `${[...lines, findings.length === 0 ? "nothing found" : total].join("\n")}\n`;
}
