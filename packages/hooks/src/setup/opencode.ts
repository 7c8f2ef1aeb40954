/**
 * opencode 1: an MCP entry, a plugin that asks us before every tool, and a permission that denies every tool but ours.
 * The plugin lifts that permission when it has started. So a plugin that does not load, which opencode only logs, leaves
 * no tool that nobody is asked about.
 */
import { join } from "node:path";
import { field, wordsOf } from "./claude-code.ts";
import { ENTRY, type FileSetup, hookWords, isOurs, type Setting, serverWords } from "./host.ts";
import { jsonSetup, type Piece } from "./json-setup.ts";
import { pluginText } from "./opencode-plugin.ts";
import { textSetup } from "./text-setup.ts";

/** A pattern that fits every tool and is nobody else's, so that lifting it leaves the user's own rules as they were. */
const DENY_ALL = "**";

/** Milliseconds. */
const TOOL_MILLISECONDS = 600_000;

export function opencodeFiles(setting: Setting, exists: (path: string) => boolean): readonly FileSetup[] {
  const { plain, commented, plugin } = opencodePaths(setting);
  const config = exists(commented) && !exists(plain) ? commented : plain;
  const pieces = [serverPiece(setting), permission(DENY_ALL, "deny"), permission(`${ENTRY}_*`, "allow")];
  return [
    jsonSetup(config, "the MCP entry, and a denial of every tool while the plugin is not there", pieces),
    textSetup(
      plugin,
      "the plugin that asks before every tool",
      pluginText([setting.node, ...hookWords(setting, "opencode")]),
    ),
  ];
}

export function opencodePaths({ scope, project, home, environment }: Setting) {
  const { XDG_CONFIG_HOME: own } = environment;
  const user = join(own || join(home, ".config"), "opencode");
  const directory = scope === "project" ? project : user;
  const plugins = scope === "project" ? join(project, ".opencode") : user;
  return {
    plain: join(directory, "opencode.json"),
    commented: join(directory, "opencode.jsonc"),
    plugin: join(plugins, "plugin", "agent-run.js"),
  };
}

function serverPiece(setting: Setting): Piece {
  const value = {
    type: "local",
    command: [setting.node, ...serverWords(setting, "opencode")],
    enabled: true,
    timeout: TOOL_MILLISECONDS,
  };
  return {
    at: ["mcp"],
    key: ENTRY,
    value,
    isOurs: (there) => isOurs(wordsOf(there), "mcp") && wordsOf(there).includes("--actor"),
  };
}

const permission = (key: string, value: "allow" | "deny"): Piece => ({
  at: ["permission"],
  key,
  value,
  isOurs: (there) => there === value,
  yields: "a permission was left out: while our plugin does not load, opencode's own rules are all that hold",
});

export const deniesWithoutPlugin = (config: unknown): boolean =>
  field(field(config, "permission"), DENY_ALL) === "deny";
