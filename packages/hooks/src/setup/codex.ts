/** Codex: an MCP entry, a hook before every tool that Codex shows to hooks, and no web search. */
import { join } from "node:path";
import { field, HOOK_SECONDS, list } from "./claude-code.ts";
import { ENTRY, type FileSetup, hookWords, type Setting, serverWords } from "./host.ts";
import { jsonSetup, type Piece } from "./json-setup.ts";
import { tomlSetup } from "./toml-setup.ts";

/** Seconds. Longer than a script may run by default. */
const TOOL_SECONDS = 600;
/** Seconds. A busy machine starts us late, and Codex goes on without a server that is late. */
const START_SECONDS = 60;

export function codexFiles(setting: Setting): readonly FileSetup[] {
  const { config, hooks } = codexPaths(setting);
  const table = {
    path: ["mcp_servers", ENTRY],
    lines: [
      `[mcp_servers.${ENTRY}]`,
      `command = ${tomlText(setting.node)}`,
      `args = [${serverWords(setting, "codex").map(tomlText).join(", ")}]`,
      `startup_timeout_sec = ${START_SECONDS}`,
      `tool_timeout_sec = ${TOOL_SECONDS}`,
    ],
  };
  const search = {
    key: "web_search",
    line: 'web_search = "disabled"',
    note: "`web_search` was set already and was left as it is: unless it is `disabled`, searches run on the maker's servers and no hook sees them",
  };
  return [
    tomlSetup(config, "the MCP entry, and no web search", table, [search]),
    jsonSetup(hooks, "the hook", [hookPiece(setting)]),
  ];
}

export function codexPaths({ scope, project, home, environment }: Setting): { config: string; hooks: string } {
  const { CODEX_HOME: own } = environment;
  const directory = scope === "project" ? join(project, ".codex") : own || join(home, ".codex");
  return { config: join(directory, "config.toml"), hooks: join(directory, "hooks.json") };
}

/**
 * Codex lets a call through when its hook can not be started or crashes; only exit code 2 blocks. So the shell that it
 * starts hooks with turns every other failure into that.
 */
function codexHookCommand(setting: Setting): string {
  const words = [setting.node, ...hookWords(setting, "codex")].map(shellWord).join(" ");
  return `${words} || { s=$?; [ $s = 2 ] || echo 'agent-run: the hook failed, so the call is refused' >&2; exit 2; }`;
}

function hookPiece(setting: Setting): Piece {
  const hook = { type: "command", command: codexHookCommand(setting), timeout: HOOK_SECONDS };
  return { at: ["hooks", "PreToolUse"], value: { matcher: "*", hooks: [hook] }, isOurs: isOurCodexHook };
}

export const isOurCodexHook = (value: unknown): boolean =>
  list(field(value, "hooks")).some((hook) => {
    const command = field(hook, "command");
    return typeof command === "string" && /agent-run(\.cjs)?'? '?hook'? '?codex/.test(command);
  });

/** TOML 1.0, basic strings: JSON's escapes, and the one control character that JSON leaves as it is. */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");

const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
