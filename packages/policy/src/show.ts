/**
 * The effective policy in words, for `policy show` and reviews: what is granted, asked about and denied, each with the
 * line that says so, then limits, budgets, sandbox and files. The JSON form is `PolicyData` itself.
 */

import { BUDGET_IDS } from "./budget.ts";
import { formatBytes } from "./byte-size.ts";
import { clausesOf } from "./clauses.ts";
import type { Effect } from "./decision.ts";
import { formatDuration } from "./duration.ts";
import { explainLocalOnly } from "./explain-local-only.ts";
import { hostText } from "./host-text.ts";
import { ceilingName } from "./layers.ts";
import { LIMITS } from "./limits.ts";
import type { PolicyData, RuleData, RuleMatch } from "./policy-data.ts";
import { CAPABILITIES } from "./signatures.ts";

export function showPolicy(data: PolicyData): string {
  const sections = [
    headOf(data),
    rulesOf(data, "allow", "granted", "nothing: no call with an effect is allowed"),
    rulesOf(data, "ask", "asked about, every time", null),
    rulesOf(data, "deny", "denied, whatever is granted", null),
    builtinOf(data),
    listOf("local-only", explainLocalOnly(data)),
    limitsOf(data),
    budgetOf(data),
    approvalsOf(data),
    subprocessOf(data),
    networkOf(data),
    toolsOf(data),
    ...data.ceilings.map(ceilingOf),
    listOf(
      "files",
      data.files.map(({ path, sha256 }) => `${path}  sha256 ${sha256}`),
    ),
    listOf("banners", data.banners),
    listOf("warnings", data.warnings),
  ];
  return `${plain(sections.filter((section) => section !== "").join("\n\n"))}\n`;
}

function headOf({ name, root, hash }: PolicyData): string {
  return [`policy ${name ?? "without a name"}`, `  root  ${root}`, `  hash  ${hash}`].join("\n");
}

function rulesOf(data: PolicyData, effect: Effect, title: string, none: string | null): string {
  const rules = writtenRules(data, effect);
  if (rules.length === 0) return none === null ? "" : `${title}\n  ${none}`;
  return listOf(title, runsOf(rules).map(linesOf));
}

/** What a preset lists under one key is read as one thing; entries of one's own stand each by itself. */
function runsOf(rules: readonly RuleData[]): readonly (readonly RuleData[])[] {
  const runs: RuleData[][] = [];
  for (const rule of rules) {
    const last = runs.at(-1);
    const key = keyOf(rule);
    if (key !== null && last?.[0] !== undefined && keyOf(last[0]) === key) last.push(rule);
    else runs.push([rule]);
  }
  return runs;
}

/** Null for what is not joined with others. */
function keyOf(rule: RuleData): string | null {
  const { ref, on } = rule;
  const [, list] = /^(.+)\[\d+\]$/.exec(ref.id) ?? [];
  if (list === undefined || ref.file?.startsWith("preset:") !== true) return null;
  return wayText(rule) + conditionsText(rule) === "" ? `${on.join()} ${list} ${ref.file}` : null;
}

function linesOf(run: readonly RuleData[]): string {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return "";
  if (run.length === 1) return ruleLine(first);
  const places = run.map(({ match }) => matchText(match)).join(", ");
  const index = /\[\d+\]$/.exec(last.ref.id)?.[0] ?? "";
  return `${first.on.join(", ")}  ${places}  (${first.ref.id} to ${index}, ${first.ref.file}:${first.ref.line})`;
}

const writtenRules = ({ rules }: PolicyData, effect: Effect): readonly RuleData[] =>
  rules.filter((rule) => rule.effect === effect && rule.ref.file !== undefined);

const ruleLine = (rule: RuleData): string =>
  `${rule.on.join(", ")}  ${matchText(rule.match)}${wayText(rule)}${conditionsText(rule)}  (${rule.ref.id}, ${rule.ref.file}:${rule.ref.line})`;

/** Its scalars are in those of the policy already; the built-in denials are the same. */
function ceilingOf(ceiling: PolicyData): string {
  const lines = (["allow", "ask", "deny"] as const).flatMap((effect) => {
    const rules = writtenRules(ceiling, effect).map((rule) => `${effect}  ${ruleLine(rule)}`);
    return rules.length === 0 && effect === "allow" ? ["nothing is granted by it, so every call is denied"] : rules;
  });
  const title = `bounded by the ceiling ${ceilingName(ceiling)}, whose answer holds where it is the stricter one`;
  return listOf(title, [`root  ${ceiling.root}`, `hash  ${ceiling.hash}`, ...lines]);
}

const wayText = ({ sealed, use }: RuleData): string =>
  sealed === true ? ", sealed" : use === undefined ? "" : `, with the secret ${use.secret}`;

function conditionsText(rule: RuleData): string {
  const clauses = clausesOf(rule, true).map(({ what, wanted }) => `, ${what} ${wanted}`);
  const limit = rule.limit === undefined ? "" : `, at most ${rule.limit.calls} calls of a run`;
  const quorum = rule.quorum === undefined ? "" : `, ${rule.quorum} approvers must say yes`;
  const approvers = rule.approvers === undefined ? "" : `, answered by the keys of ${rule.approvers.join(", ")}`;
  const reason = rule.reason === undefined ? "" : `, because ${rule.reason}`;
  return `${clauses.join("")}${limit}${quorum}${approvers}${reason}`;
}

/** Built-in rules are many and the same everywhere: by name, with what was opened. */
function builtinOf(data: PolicyData): string {
  const rules = data.rules.filter((rule) => rule.ref.file === undefined);
  return listOf("always denied", rules.map(builtinLine));
}

function builtinLine({ ref, on, match, opened }: RuleData): string {
  const count = match.kind === "path" || match.kind === "variable" ? countText(match.patterns.length) : match.kind;
  const open = Object.entries(opened ?? {}).map(([capability, values = []]) => `${capability} ${values.join(", ")}`);
  return `${on.join(", ")}  ${ref.id}, ${count}${open.length === 0 ? "" : `, open for ${open.join("; ")}`}`;
}

const countText = (patterns: number): string => (patterns === 1 ? "1 pattern" : `${patterns} patterns`);

function matchText(match: RuleMatch): string {
  if (match.kind === "path") return match.patterns.join(" or ");
  if (match.kind === "host") return match.patterns.map(hostText).join(" or ");
  if (match.kind === "address") return match.ranges.join(", ");
  if (match.kind === "variable") return match.patterns.join(", ");
  if (match.kind === "any" || match.kind === "tool") return "every call";
  return [match.name, ...(match.args ?? [])].join(" ");
}

function limitsOf({ limits }: PolicyData): string {
  const lines = Object.entries(LIMITS).map(([key, { field, unit }]) => {
    const value = limits[field];
    return `${key}  ${unit === "bytes" ? formatBytes(value) : unit === "seconds" ? `${value} s` : value}`;
  });
  return listOf("limits of a run", lines);
}

function budgetOf({ budget }: PolicyData): string {
  const { calls, bytesOut, callsPerCapability, refs = {} } = budget;
  const line = (id: string, amount: string): string => {
    const { file, line: at } = refs[id] ?? {};
    return `${amount}  (${id}${file === undefined ? "" : `, ${file}:${at}`})`;
  };
  return listOf("budgets, over a run or an MCP session", [
    ...(calls === null ? [] : [line(BUDGET_IDS.calls, `${calls} calls`)]),
    ...(bytesOut === null
      ? []
      : [line(BUDGET_IDS.bytesOut, `${formatBytes(bytesOut)} of URLs and bodies of requests`)]),
    ...CAPABILITIES.flatMap((capability) => {
      const most = callsPerCapability[capability];
      return most === undefined ? [] : [line(BUDGET_IDS.callsOf(capability), `${most} calls of ${capability}`)];
    }),
  ]);
}

/** Where nothing is asked, nobody needs to know how it would be answered. */
function approvalsOf({ approvals, rules, ceilings }: PolicyData): string {
  if (![rules, ...ceilings.map((ceiling) => ceiling.rules)].flat().some(({ effect }) => effect === "ask")) return "";
  const { channels, irreversibleChannels, approvers } = approvals;
  const open = irreversibleChannels.filter((name) => channels.includes(name));
  const words = (names: readonly string[]) => (names.length === 0 ? "nobody" : names.join(", "));
  return listOf("approvals", [
    `answered by ${words(channels)}; what cannot be taken back by ${words(open)}`,
    `a question waits ${formatDuration(approvals.timeoutMs)}; at most ${approvals.maxPrompts} of a run, ${approvals.maxPromptsPerSession} of a session`,
    `an answer is kept for: ${REMEMBERED[approvals.remember]}`,
    ...(approvals.quorum === 1 ? [] : [`${approvals.quorum} different approvers must say yes`]),
    ...Object.entries(approvers).map(([name, key]) => `approver ${name}  ${key}`),
  ]);
}

const REMEMBERED = { never: "its call only", run: "the same call in its run", save: "a rule that is saved" } as const;

function subprocessOf({ subprocess }: PolicyData): string {
  if (subprocess.allowed.length === 0) return "";
  const jail = { auto: "in a jail, or refused where none works", bwrap: "in bubblewrap", none: "without a jail" };
  const { sandbox, timeoutSeconds, maxOutputBytes, freeArgs, setEnv } = subprocess;
  return listOf("commands", [
    `sandbox ${sandbox}: ${jail[sandbox]}`,
    `timeout ${timeoutSeconds} s, output up to ${formatBytes(maxOutputBytes)}`,
    ...(freeArgs.length === 0 ? [] : [`arguments not held against the file rules: ${freeArgs.join(", ")}`]),
    ...(setEnv.length === 0 ? [] : [`variables that a script may set: ${setEnv.join(", ")}`]),
  ]);
}

function networkOf({ network, rules }: PolicyData): string {
  if (!rules.some((rule) => rule.effect === "allow" && rule.match.kind === "host")) return "";
  const hosts = Object.entries(network.privateHosts).map(
    ([host, ranges]) => `${host} may resolve into ${ranges.join(", ")}`,
  );
  return listOf("network", [
    `timeout ${network.timeoutSeconds} s, redirects followed: ${network.followRedirects}`,
    ...hosts,
  ]);
}

function toolsOf({ tools }: PolicyData): string {
  return listOf(
    "routing hints",
    Object.entries(tools).map(([name, { capabilities }]) => `${name}: ${capabilities.join(", ")}`),
  );
}

const listOf = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [title, ...lines.map((line) => `  ${line}`)].join("\n");

/** File names and patterns must not draw on a terminal. */
const plain = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\uFFFD");
