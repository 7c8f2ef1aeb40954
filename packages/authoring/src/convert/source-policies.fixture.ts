/**
 * For tests only: what the tools that policies come from would answer, each in the plainest way that its documents
 * describe, on calls as scripts make them. Nothing of the readers is used here.
 */

export type Verdict = "allow" | "ask" | "deny";

export interface ScriptCall {
  readonly on: string;
  readonly path?: string;
  readonly url?: string;
  readonly argv?: readonly string[];
}

export const ROOT = "/work/proj";
export const HOME = "/home/me";

const strictest = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes("deny") || verdicts.length === 0 ? "deny" : verdicts.includes("ask") ? "ask" : "allow";

/** As a shell would need it. */
const lineOf = (argv: readonly string[]): string =>
  argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

export type ClaudeLists = Readonly<Record<"allow" | "ask" | "deny", readonly string[]>>;

export function claudeVerdict(lists: ClaudeLists, call: ScriptCall): Verdict {
  const found = (["deny", "ask", "allow"] as const).find((list) =>
    lists[list].some((rule) => claudeMatches(rule, call)),
  );
  return found ?? "deny";
}

function claudeMatches(rule: string, { on, path, url, argv }: ScriptCall): boolean {
  const [, tool, specifier = ""] = /^(\w+)(?:\((.*)\))?$/.exec(rule) ?? [];
  if (tool === "Bash" && argv !== undefined) return bashMatches(specifier, lineOf(argv));
  if (tool === "WebFetch" && on === "net.http_get" && url !== undefined) {
    return specifier === "" || specifier === `domain:${new URL(url).hostname}`;
  }
  const about = { Read: "fs.read", Edit: "fs.write" }[tool ?? ""];
  if (about !== on || path === undefined) return false;
  return specifier === "" || specifier === "*" || gitignoreMatches(specifier, path);
}

function bashMatches(specifier: string, line: string): boolean {
  if (specifier === "" || specifier === "*") return true;
  const pattern = specifier.replace(/:\*$/, " *");
  const source = pattern.split("*").map(escaped).join(".*");
  const whole =
    pattern.endsWith(" *") && pattern.indexOf("*") === pattern.length - 1
      ? `${escaped(pattern.slice(0, -2))}(?: .*)?`
      : source;
  return new RegExp(`^${whole}$`, "s").test(line);
}

function gitignoreMatches(pattern: string, path: string): boolean {
  const [base, body] = pattern.startsWith("//")
    ? ["", pattern.slice(1)]
    : pattern.startsWith("~/")
      ? [HOME, pattern.slice(1)]
      : [ROOT, pattern.replace(/^\.\//, "/")];
  if (!path.startsWith(`${base}/`)) return false;
  const rest = path.slice(base.length + 1);
  const inner = body.replace(/\/$/, "").replace(/^\//, "");
  const isDeep = !pattern.replace(/\/$/, "").includes("/");
  const source = `${isDeep ? "(?:.*/)?" : ""}${globSource(inner)}(?:/.*)?`;
  return new RegExp(`^${source}$`, "s").test(rest);
}

const globSource = (glob: string): string =>
  (glob.replace(/(?:\*\*\/)+/g, "**/").match(/\/\*\*\/|^\*\*\/|\/\*\*$|^\*\*$|\*|\?|[^*?]/g) ?? [])
    .map((piece) => GLOB[piece] ?? escaped(piece))
    .join("");

const GLOB: Readonly<Record<string, string>> = {
  "/**/": "(?:/|/.*/)",
  "**/": "(?:.*/)?",
  "/**": "/.+",
  "**": ".+",
  "*": "[^/]*",
  "?": "[^/]",
};

export interface CodexRule {
  readonly pattern: readonly (string | readonly string[])[];
  readonly decision: "allow" | "prompt" | "forbidden";
}

export interface CodexHost {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Null: no rule matches. `resolves`: a path falls back to the rules of its name where no `host_executable` names that. */
export function codexVerdict(
  rules: readonly CodexRule[],
  { argv = [] }: ScriptCall,
  hosts: readonly CodexHost[] = [],
  resolves = false,
): Verdict | null {
  const matching = (called: string) =>
    rules.filter(({ pattern }) =>
      pattern.every((word, at) => {
        const there = at === 0 ? called : argv[at];
        return typeof word === "string" ? word === there : word.includes(there ?? "");
      }),
    );
  const [called = ""] = argv;
  const name = called.split("/").at(-1) ?? "";
  const host = hosts.find((one) => one.name === name);
  const mayFall = called.startsWith("/") && (host === undefined ? resolves : host.paths.includes(called));
  const exact = matching(called);
  const found = exact.length > 0 || !mayFall ? exact : matching(name);
  if (found.length === 0) return null;
  return strictest(
    found.map(({ decision }) => (({ allow: "allow", prompt: "ask", forbidden: "deny" }) as const)[decision]),
  );
}

export interface AgsecStatement {
  readonly effect: "allow" | "deny" | "review";
  readonly actions: readonly string[];
  readonly conditions: Readonly<Record<string, { readonly op: string; readonly value?: string | readonly string[] }>>;
  readonly match: "all" | "any";
}

export function agsecVerdict(statements: readonly AgsecStatement[], call: ScriptCall): Verdict {
  const [action, params] = agsecAction(call);
  const matching = statements.filter(({ actions, conditions, match }) => {
    const wanted = Object.entries(conditions).map(([key, condition]) =>
      agsecHolds(params[key.replace("params.", "")], condition),
    );
    const holds = wanted.length === 0 || (match === "any" ? wanted.some(Boolean) : wanted.every(Boolean));
    return holds && actions.some((glob) => new RegExp(`^${glob.split("*").map(escaped).join(".*")}$`).test(action));
  });
  return strictest(matching.map(({ effect }) => (effect === "review" ? "ask" : effect)));
}

function agsecAction({
  on,
  path = "",
  url = "",
  argv = [],
}: ScriptCall): readonly [string, Readonly<Record<string, string>>] {
  if (on === "subprocess.exec") return ["bash.execute", { command: lineOf(argv) }];
  if (on.startsWith("net.")) return ["web.fetch", { url }];
  return [{ "fs.read": "file.read", "fs.write": "file.write" }[on] ?? "file.delete", { file_path: path }];
}

function agsecHolds(
  actual: string | undefined,
  { op, value = "" }: { op: string; value?: string | readonly string[] },
): boolean {
  if (op === "exists") return actual !== undefined;
  if (op === "not_exists") return actual === undefined;
  if (actual === undefined) return false;
  if (typeof value !== "string") return op === "in" ? value.includes(actual) : !value.includes(actual);
  switch (op) {
    case "==":
      return actual === value;
    case "!=":
      return actual !== value;
    case "contains":
      return actual.includes(value);
    case "starts_with":
      return actual.startsWith(value);
    case "ends_with":
      return actual.endsWith(value);
    default:
      return new RegExp(value, "s").test(actual);
  }
}

export interface SiphrixRule {
  readonly action: string;
  readonly category?: string;
  readonly context: boolean;
  readonly effect: "allow" | "block" | "abort" | "require_approval";
}

/** `context`: whether what a rule asks of the context holds. */
export function siphrixVerdict(rules: readonly SiphrixRule[], { on }: ScriptCall, context: boolean): Verdict {
  const family = on.startsWith("net.") ? "net" : on;
  const [action, categories] = SIPHRIX[family] ?? ["", []];
  const matching = rules.filter(
    (rule) =>
      new RegExp(`^${rule.action.split("*").map(escaped).join(".*")}$`).test(action) &&
      (rule.category === undefined || categories.includes(rule.category)) &&
      (!rule.context || context),
  );
  return strictest(matching.map(({ effect }) => (effect === "allow" ? "allow" : effect === "block" ? "deny" : "ask")));
}

const SIPHRIX: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  "fs.read": ["file_read", ["read"]],
  "fs.write": ["file_write", ["write"]],
  "fs.delete": ["file_delete", ["destructive"]],
  net: ["network_access", ["network"]],
  "subprocess.exec": ["shell_exec", ["destructive"]],
};
