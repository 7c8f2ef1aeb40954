/** Claude Code: an MCP entry, a hook before every tool, and denials of what the web tools would do past the policy. */
import { join } from "node:path";
import { ENTRY, type FileSetup, hookWords, isOurs, type Setting, serverWords } from "./host.ts";
import { jsonSetup, type Piece } from "./json-setup.ts";

/** Seconds. A person may be asked meanwhile; at its end the call is refused, as `onFailure` says. */
export const HOOK_SECONDS = 600;

/**
 * A search runs on the maker's servers, and a fetch follows redirects and hands the page to another model: neither is the
 * request that a hook saw. `fetch` in a script is checked at each step.
 */
const DENIED_TOOLS = ["WebFetch", "WebSearch"] as const;

export function claudeCodeFiles(setting: Setting): readonly FileSetup[] {
  const { server, settings } = claudeCodePaths(setting);
  return [
    jsonSetup(server, "the MCP entry", [serverPiece(setting)]),
    jsonSetup(
      settings,
      "the hook, our tools without a question, and denials of the web tools",
      [hookPiece(setting)],
      [
        { at: ["permissions", "allow"], items: [`mcp__${ENTRY}`] },
        { at: ["permissions", "deny"], items: DENIED_TOOLS },
      ],
    ),
  ];
}

export function claudeCodePaths({ scope, project, home, environment }: Setting): { server: string; settings: string } {
  if (scope === "project") {
    return { server: join(project, ".mcp.json"), settings: join(project, ".claude", "settings.json") };
  }
  const { CLAUDE_CONFIG_DIR: own } = environment;
  // With a directory of its own, the file that otherwise lies in the home lies in there.
  return own === undefined || own === ""
    ? { server: join(home, ".claude.json"), settings: join(home, ".claude", "settings.json") }
    : { server: join(own, ".claude.json"), settings: join(own, "settings.json") };
}

/** `alwaysLoad`: else a model must look for our tools before it may call them. */
function serverPiece(setting: Setting): Piece {
  const value = {
    type: "stdio",
    command: setting.node,
    args: [...serverWords(setting, "claude-code")],
    alwaysLoad: true,
  };
  return { at: ["mcpServers"], key: ENTRY, value, isOurs: isOurServer };
}

export const isOurServer = (value: unknown): boolean =>
  isOurs(wordsOf(value), "mcp") && wordsOf(value).includes("--actor");

function hookPiece(setting: Setting): Piece {
  const hook = {
    type: "command",
    command: setting.node,
    args: [...hookWords(setting, "claude-code")],
    timeout: HOOK_SECONDS,
    onFailure: "block",
  };
  return { at: ["hooks", "PreToolUse"], value: { matcher: "*", hooks: [hook] }, isOurs: isOurHook };
}

export const isOurHook = (value: unknown): boolean =>
  list(field(value, "hooks")).some((hook) => isOurs(wordsOf(hook), "hook", "claude-code"));

/** Command and arguments, in whichever of the hosts' forms. */
export function wordsOf(value: unknown): readonly unknown[] {
  const command = field(value, "command");
  return Array.isArray(command) ? command : [command, ...list(field(value, "args"))];
}

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const field = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
