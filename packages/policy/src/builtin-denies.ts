/**
 * What is denied whatever a policy grants. `OPENABLE` is the content of presets/secure-defaults.toml, which is
 * generated from it: it holds even where nobody inherits that preset, and only an exact entry of the main policy opens
 * one file or variable of it. `UNWRITABLE` is opened by nothing: who can write there gives the agent, its host or the
 * next run other rules (DEFAULT-NO).
 */

export interface DenyGroup {
  /** Of the built-in rule; several groups may make one rule. */
  readonly id: string;
  /** Why, as the preset says it. */
  readonly says: string;
  /** As a policy writes them. Paths begin with a leading `**` segment, `~/` or `/`; none has another wildcard than `*`. */
  readonly entries: readonly string[];
}

/** `filesystem.deny`: neither read nor written nor deleted. */
export const OPENABLE_PATHS: readonly DenyGroup[] = [
  {
    id: "builtin.credentials",
    says: "Keys and agents of the user, wherever a home lies.",
    entries: [
      "**/.ssh",
      "**/.gnupg",
      "**/.password-store",
      "**/.pki",
      "**/id_rsa",
      "**/id_dsa",
      "**/id_ecdsa",
      "**/id_ed25519",
      "**/*.kdbx",
      "**/*.p12",
      "**/*.pfx",
    ],
  },
  {
    id: "builtin.credentials",
    says: "Clouds and clusters.",
    entries: [
      "**/.aws",
      "**/.azure",
      "**/.kube",
      "**/.config/gcloud",
      "**/.config/doctl",
      "**/.config/rclone",
      "**/.oci",
      "**/.fly",
      "**/.s3cfg",
      "**/.boto",
      "**/.vault-token",
      "**/.terraform.d/credentials.tfrc.json",
      "**/.databrickscfg",
      "**/.snowflake",
    ],
  },
  {
    id: "builtin.credentials",
    says: "Forges, registries and package managers.",
    entries: [
      "**/.config/gh",
      "**/.config/glab-cli",
      "**/.config/hub",
      "**/.git-credentials",
      "**/.netrc",
      "**/_netrc",
      "**/.docker/config.json",
      "~/.npmrc",
      "~/.yarnrc.yml",
      "~/.config/pip",
      "**/.pypirc",
      "~/.m2/settings.xml",
      "~/.m2/settings-security.xml",
      "~/.gradle/gradle.properties",
      "~/.nuget/NuGet/NuGet.Config",
    ],
  },
  {
    id: "builtin.credentials",
    says: "Databases and mail.",
    entries: ["**/.pgpass", "**/.my.cnf", "**/.mylogin.cnf", "**/.msmtprc"],
  },
  {
    id: "builtin.credentials",
    says: "Browsers, keyrings and password managers.",
    entries: [
      "~/.mozilla",
      "~/.config/google-chrome",
      "~/.config/chromium",
      "~/.config/BraveSoftware",
      "~/.config/microsoft-edge",
      "~/.local/share/keyrings",
      "~/.local/share/kwalletd",
      "~/.config/op",
      "~/.config/Bitwarden",
      "~/Library/Keychains",
      "~/Library/Cookies",
      "~/Library/Application Support/Google/Chrome",
      "~/Library/Application Support/Firefox",
    ],
  },
  {
    id: "builtin.credentials",
    says: "What was typed, tokens included.",
    entries: ["~/.*_history"],
  },
  {
    id: "builtin.credentials",
    says: "Tokens of agents, ours among them.",
    entries: [
      "~/.claude.json",
      "~/.claude/.credentials.json",
      "~/.codex/auth.json",
      "~/.local/share/opencode/auth.json",
      "~/.config/github-copilot",
      "~/.config/agent-run",
    ],
  },
  {
    id: "builtin.credentials",
    says: "The system's own.",
    entries: [
      "/etc/passwd",
      "/etc/shadow",
      "/etc/gshadow",
      "/etc/sudoers",
      "/etc/sudoers.d",
      "/etc/ssl/private",
      "/etc/krb5.keytab",
    ],
  },
  {
    id: "builtin.env_files",
    says: "Settings of programs that usually hold passwords: `.env`, `.env.local`, `.envrc` ...",
    entries: ["**/.env*"],
  },
  {
    id: "builtin.secrets",
    says: "Directories and files that say what they are.",
    entries: ["**/secrets/**", "**/secrets.*", "**/credentials/**", "**/credentials.*"],
  },
  {
    id: "builtin.system",
    says: "Processes, kernel and devices: environments of other processes, memory, disks.",
    entries: ["/proc/**", "/sys/**", "/dev/**"],
  },
];

/** `environment.deny_vars`. Denials compare without regard to case, so each is written once. */
export const OPENABLE_VARIABLES: DenyGroup = {
  id: "builtin.variables",
  says: "Variables whose names say that they hold a key, in upper or lower case.",
  entries: [
    "*TOKEN*",
    "*SECRET*",
    "*PASSWORD*",
    "*PASSWD*",
    "*PASSPHRASE*",
    "*CREDENTIAL*",
    "*_KEY",
    "*_KEYS",
    "*APIKEY*",
    "*API_KEY*",
    "*PRIVATE_KEY*",
    "*ACCESS_KEY*",
    "*_PASS",
    "*_PWD",
    "*_AUTH",
    "*_PAT",
    "*_DSN",
    "*_COOKIE*",
    "*JWT*",
    "*WEBHOOK*",
    "*DATABASE_URL*",
    "*CONNECTION_STRING*",
    "REDIS_URL",
    "MONGO_URL",
    "MONGODB_URI",
    "AMQP_URL",
    "SSH_AUTH_SOCK",
    "GPG_AGENT_INFO",
  ],
};

/** Denied for writing and deleting; nothing opens these. */
export const UNWRITABLE: Readonly<Record<string, readonly string[]>> = {
  // A policy that a script wrote would be the next run's policy.
  "builtin.policy_files": ["**/agent-run*.toml"],
  // Hooks and configuration of a repository run programs.
  "builtin.git": ["**/.git"],
  // Settings of agents' hosts start servers, run hooks and switch questions off.
  "builtin.agent_hosts": [
    "**/.claude",
    "**/.claude.json",
    "**/.mcp.json",
    "**/.codex",
    "**/.opencode",
    "**/opencode.json",
    "**/opencode.jsonc",
    "**/.config/opencode",
    "**/.cursor",
    "**/.cursorrules",
    "**/.vscode/mcp.json",
    "**/.vscode/settings.json",
    "**/.vscode/tasks.json",
    "**/.vscode/launch.json",
    "**/*.code-workspace",
    "**/.config/Code/User",
    "**/Library/Application Support/Code/User",
    "**/Library/Application Support/Claude",
    "**/.config/Claude",
    "**/.gemini",
    "**/.windsurf",
    "**/.codeium",
    "**/.continue",
    "**/.config/zed",
  ],
};
