/** opencode's settings: the plugin, and the permission that holds while it is not there. */
import { parse } from "jsonc-parser";
import { field, isOurServer, list, wordsOf } from "./claude-code.ts";
import { type Notes, type Parts, type Settings, texts } from "./findings.ts";
import { ENTRY } from "./host.ts";
import { deniesWithoutPlugin, opencodePaths } from "./opencode.ts";
import { PLUGIN_MARK } from "./opencode-plugin.ts";

export function lookAtOpencode(files: Settings, parts: Parts, seen: Notes): void {
  const { plain, commented, plugin } = opencodePaths(files.setting);
  let denies = false;
  for (const path of [plain, commented]) {
    const config = files.json(path);
    const entry = field(field(config, "mcp"), ENTRY);
    const words = texts(wordsOf(entry));
    if (isOurServer(entry)) {
      parts.isThere = true;
      parts.servers.push(words);
      if (field(entry, "enabled") === false) seen.say("warn", `\`${path}\` has our server switched off`);
    }
    denies ||= deniesWithoutPlugin(config);
    const own = field(config, "agent");
    for (const name of typeof own === "object" && own !== null ? Object.keys(own) : []) {
      if (field(field(own, name), "permission") !== undefined) {
        seen.say(
          "warn",
          `\`${path}\`: the agent \`${name}\` has permissions of its own, which hold where our plugin does not load`,
        );
      }
    }
  }
  const text = files.text(plugin);
  const words = /^const WORDS = (\[.*\]);$/m.exec(text ?? "")?.[1];
  const isPlugin = text?.startsWith(`${PLUGIN_MARK}\n`) === true && words !== undefined;
  if (isPlugin) {
    parts.isThere = true;
    parts.hooks.push(texts(list(parse(words) as unknown)));
    if (!denies) {
      seen.say(
        "fail",
        `nothing denies opencode's tools while \`${plugin}\` does not load`,
        "`agent-run install opencode`",
      );
    }
  } else if (denies)
    seen.say("warn", `\`${plugin}\` is missing: opencode has no tool but ours`, "`agent-run install opencode`");
}
