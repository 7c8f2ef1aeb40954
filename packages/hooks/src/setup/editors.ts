/** VS Code and Cursor: an MCP entry. Neither asks us about its own tools. */
import { join } from "node:path";
import { isOurServer } from "./claude-code.ts";
import { ENTRY, type FileSetup, type Setting, type SetupHost, serverWords } from "./host.ts";
import { jsonSetup } from "./json-setup.ts";

export const vscodeFiles = (setting: Setting): readonly FileSetup[] => [
  entryIn(vscodePath(setting), "servers", setting, "vscode"),
];

export const cursorFiles = (setting: Setting): readonly FileSetup[] => [
  entryIn(cursorPath(setting), "mcpServers", setting, "cursor"),
];

export function vscodePath({ scope, project, home, environment, platform }: Setting): string {
  if (scope === "project") return join(project, ".vscode", "mcp.json");
  const user =
    platform === "darwin"
      ? join(home, "Library", "Application Support")
      : environment.XDG_CONFIG_HOME || join(home, ".config");
  return join(user, "Code", "User", "mcp.json");
}

export const cursorPath = ({ scope, project, home }: Setting): string =>
  join(scope === "project" ? project : home, ".cursor", "mcp.json");

function entryIn(path: string, table: string, setting: Setting, host: SetupHost): FileSetup {
  const value = { type: "stdio", command: setting.node, args: [...serverWords(setting, host)] };
  return jsonSetup(path, "the MCP entry", [{ at: [table], key: ENTRY, value, isOurs: isOurServer }]);
}
