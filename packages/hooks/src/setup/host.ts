/** The agent hosts that can be set up to ask us, and what a setup consists of. */
import type { HostName } from "../host-call.ts";

/** VS Code and Cursor take our MCP server; they have no hook of ours. */
export type SetupHost = HostName | "vscode" | "cursor";
export const SETUP_HOSTS: readonly SetupHost[] = ["claude-code", "codex", "opencode", "vscode", "cursor"];

export type Scope = "project" | "user";

/** Everything that decides what is written; all paths absolute. */
export interface Setting {
  readonly scope: Scope;
  /** Where settings of the project lie. */
  readonly project: string;
  readonly home: string;
  readonly node: string;
  readonly command: string;
  /** Null: whichever applies where the host was started. */
  readonly policy: string | null;
  /** `CODEX_HOME`, `CLAUDE_CONFIG_DIR`, `XDG_CONFIG_HOME` move the settings of a user. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** What one file gets. `remove(add(text))` is `text`, byte for byte. */
export interface FileSetup {
  readonly path: string;
  /** What is in it, for people. */
  readonly holds: string;
  /** Null: the file is not there. Throws a `SetupRefusal`. */
  add(text: string | null): { readonly text: string; readonly notes: readonly string[] };
  /** Null: nothing of the file is left, as all of it was ours. */
  remove(text: string): string | null;
  has(text: string): boolean;
}

/** Why a file was left as it is. */
export class SetupRefusal extends Error {
  readonly line: number | undefined;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** The name of our entry among a host's MCP servers. */
export const ENTRY = "agent-run";

/** Words behind the path of Node. `--actor` says on the record which host asked, and tells our entries from others. */
export const serverWords = ({ command, policy }: Setting, host: SetupHost): readonly string[] => [
  command,
  "mcp",
  ...policyWords(policy),
  "--actor",
  host,
];

export const hookWords = ({ command, policy }: Setting, host: HostName): readonly string[] => [
  command,
  "hook",
  host,
  ...policyWords(policy),
];

const policyWords = (policy: string | null): readonly string[] => (policy === null ? [] : ["--policy", policy]);

/** Of any version and place of ours: a command that ends in our file, with these words in a row. */
export function isOurs(words: readonly unknown[], ...inRow: readonly string[]): boolean {
  const at = words.findIndex(
    (word, index) => inRow.every((other, step) => words[index + step] === other) && word === inRow[0],
  );
  const before = at > 0 ? words[at - 1] : undefined;
  return typeof before === "string" && /(^|[/\\])agent-run(\.cjs)?$/.test(before);
}
