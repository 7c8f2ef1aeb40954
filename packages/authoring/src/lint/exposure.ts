/**
 * What a script under this policy could prepare for others: files that other programs run or obey, and secrets that it
 * reads in the open while it may reach the network. Every finding is shown by a call that the policy itself answers.
 */
import { type Capability, type Decision, Policy, type PolicyData, type RuleRef } from "@agent-run/policy";
import { type Finding, finding, wholePolicy } from "./finding.ts";

/** Under the root: hooks, pipelines, editors' tasks, build files and instructions of agents. */
const OBEYED = [
  ...[".git/hooks/pre-commit", ".git/config", "agent-run.toml", ".husky/pre-commit", ".githooks/pre-commit"],
  ...[".pre-commit-config.yaml", "lefthook.yml", ".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml"],
  ...["Jenkinsfile", ".vscode/tasks.json", ".idea/workspace.xml", ".envrc", ".mcp.json", "CLAUDE.md", "AGENTS.md"],
  ...[".cursorrules", "package.json", "Makefile", "justfile", "setup.py", "build.gradle", "Cargo.toml", "Gemfile"],
];

const OF_HOME = [
  ".bashrc",
  ".bash_profile",
  ".profile",
  ".zshrc",
  ".gitconfig",
  ".config/autostart/a.desktop",
  ".local/bin/git",
];
const OF_SYSTEM = ["/etc/cron.d/job", "/etc/profile.d/a.sh", "/usr/local/bin/git", "/etc/ld.so.preload"];

/** Witnesses that are named. */
const MOST = 4;

export function exposures(data: PolicyData, homes: readonly string[]): readonly Finding[] {
  const policy = Policy.revive(data);
  return [...writableSettings(policy, homes), ...jailless(policy), ...secretsAndNetwork(policy)];
}

function writableSettings(policy: Policy, homes: readonly string[]): readonly Finding[] {
  const { root } = policy.data;
  const inRoot = OBEYED.map((path) => ({ text: path, path: `${root === "/" ? "" : root}/${path}` }));
  const inHome = homes
    .slice(0, 1)
    .flatMap((home) => OF_HOME.map((path) => ({ text: `~/${path}`, path: `${home}/${path}` })));
  const places = [...inRoot, ...inHome, ...OF_SYSTEM.map((path) => ({ text: path, path }))];
  const byRule = new Map<string, { rule: RuleRef; texts: string[]; said: string }>();
  for (const { text, path } of places) {
    const written = writeAt(path, policy);
    if (written === null) continue;
    const { rule, said } = written;
    const key = `${rule.file ?? ""} ${rule.id}`;
    const known = byRule.get(key);
    if (known === undefined) byRule.set(key, { rule, texts: [text], said });
    else known.texts.push(text);
  }
  return [...byRule.values()].map(({ rule, texts, said }) => {
    const more = texts.length > MOST ? ` and ${texts.length - MOST} more` : "";
    const named = texts
      .slice(0, MOST)
      .map((text) => `\`${text}\``)
      .join(", ");
    const message = `scripts can write ${named}${more}, which other programs run or obey`;
    const hint = "grant narrower patterns, or deny these files";
    return finding("writes-settings", rule, message, hint, { witness: `fs.write ${texts[0]}${said}` });
  });
}

/** A condition on the size keeps away what does not say one, so a small file is tried, too. */
function writeAt(path: string, policy: Policy): { readonly rule: RuleRef; readonly said: string } | null {
  const targets = [{ on: "fs.write", role: "write", kind: "path", value: path }] as const;
  for (const [said, attrs] of SIZES) {
    const { effect, sealed, rule } = policy.decide({ v: 1, on: "fs.write", targets, attrs, labels: [] });
    if (effect === "allow" && sealed === undefined) return { rule, said };
  }
  return null;
}

const SIZES = [
  ["", {}],
  [" bytes=100", { bytes: 100 }],
] as const;

/** Without a jail a command writes what it likes, the policy and the record included. */
function jailless({ data }: Policy): readonly Finding[] {
  const { sandbox, allowed } = data.subprocess;
  if (sandbox !== "none" || allowed.length === 0) return [];
  const message = "commands run without a jail, so what they start can write the policy, the record and every hook";
  const at = data.sandboxAt;
  const rule = at === null ? wholePolicy(data.files[0]?.path) : { id: "subprocess.sandbox", ...placeOf(at) };
  return [finding("writes-settings", rule, message, 'write `sandbox = "auto"`', { level: "error" })];
}

const placeOf = ({ file, line, column }: { file: string; line: number; column: number }) => ({ file, line, column });

/** What is denied everywhere but was opened by name, and is not sealed, is taken for a secret. */
function secretsAndNetwork(policy: Policy): readonly Finding[] {
  const { rules } = policy.data;
  const wide = rules.find(
    ({ effect, match, use }) =>
      effect === "allow" &&
      use === undefined &&
      match.kind === "host" &&
      match.patterns.some(({ host }) => !isHere(host)),
  );
  if (wide === undefined) return [];
  const opened = rules.flatMap(({ opened = {} }) =>
    READS.flatMap((on) => (opened[on] ?? []).map((value) => ({ on, value }))),
  );
  const found = new Map<string, Finding>();
  for (const { on, value } of opened) {
    const kind = on === "fs.read" ? ("path" as const) : ("variable" as const);
    const decision: Decision = policy.decideTarget({ on, role: "read", kind, value });
    if (decision.effect === "deny" || decision.sealed !== undefined) continue;
    const message = `scripts read \`${value}\` in the open, and may reach the network by ${wide.ref.id}`;
    const hint =
      kind === "path"
        ? "name it in `filesystem.local_only_read`"
        : "declare it as a `[[secret]]`, or name it in `environment.local_only_vars`";
    found.set(
      `${on} ${value}`,
      finding("secret-and-network", decision.rule, message, hint, { witness: `${on} ${value}` }),
    );
  }
  return [...found.values()];
}

const READS = ["fs.read", "env.read"] as const satisfies readonly Capability[];

const isHere = (host: string): boolean => /^(?:localhost|.*\.localhost|127\.[\d.]+|::1)$/.test(host);
