/** What is legal and probably not meant: told to the operator, never a reason not to load. */
import type { PolicyData, RuleData } from "./policy-data.ts";

interface Parts {
  readonly rules: readonly RuleData[];
  readonly subprocess: Pick<PolicyData["subprocess"], "allowed" | "freeArgs">;
}

export function warningsOf({ rules, subprocess }: Parts): readonly string[] {
  const warnings = subprocess.allowed.filter(runsAnything).map((name) => {
    return `\`${name}\` runs code that its arguments or input bring: allowing it allows nearly everything`;
  });
  for (const { ref, match } of rules) {
    if (match.kind !== "command" || match.args === undefined || isAllowed(match.name, subprocess.allowed)) continue;
    warnings.push(`${ref.id} has no effect: \`${match.name}\` is not in \`allow_commands\``);
  }
  for (const name of subprocess.freeArgs) {
    if (isAllowed(name, subprocess.allowed)) continue;
    warnings.push(`\`[subprocess.commands.${name}]\` has no effect: \`${name}\` is not in \`allow_commands\``);
  }
  return [...new Set(warnings)];
}

const baseName = (command: string): string => command.slice(command.lastIndexOf("/") + 1);

const isAllowed = (name: string, allowed: readonly string[]): boolean =>
  allowed.some((command) => command === name || baseName(command) === baseName(name));

const runsAnything = (command: string): boolean => RUNNERS.has(baseName(command).replace(/[0-9.]+$/, ""));

/** Shells, interpreters, package runners and programs whose purpose is to start others. */
const RUNNERS: ReadonlySet<string> = new Set([
  ...["sh", "bash", "dash", "zsh", "fish", "ksh", "csh", "tcsh", "busybox", "pwsh"],
  ...[
    "node",
    "deno",
    "bun",
    "python",
    "pypy",
    "ruby",
    "perl",
    "php",
    "lua",
    "Rscript",
    "java",
    "osascript",
    "awk",
    "gawk",
  ],
  ...[
    "npm",
    "npx",
    "pnpm",
    "yarn",
    "pip",
    "pipx",
    "uv",
    "uvx",
    "gem",
    "bundle",
    "cargo",
    "go",
    "dotnet",
    "mvn",
    "gradle",
  ],
  ...[
    "make",
    "cmake",
    "ninja",
    "just",
    "task",
    "env",
    "xargs",
    "find",
    "parallel",
    "timeout",
    "nice",
    "nohup",
    "watch",
  ],
  ...[
    "sudo",
    "su",
    "doas",
    "pkexec",
    "ssh",
    "docker",
    "podman",
    "kubectl",
    "systemctl",
    "crontab",
    "at",
    "vim",
    "vi",
    "ed",
  ],
]);
