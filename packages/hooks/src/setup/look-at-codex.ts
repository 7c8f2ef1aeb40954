/** Codex's settings: our hook as it must be, whether its user has reviewed it, and what switches it off. */
import { field, isOurServer, list, wordsOf } from "./claude-code.ts";
import { codexPaths, isOurCodexHook } from "./codex.ts";
import { type Notes, type Parts, type Settings, texts } from "./findings.ts";
import { ENTRY } from "./host.ts";
import { inside } from "./toml-setup.ts";

export function lookAtCodex(files: Settings, parts: Parts, seen: Notes): void {
  const { config, hooks } = codexPaths(files.setting);
  const values = files.toml(config);
  const entry = inside(values, ["mcp_servers", ENTRY]);
  if (isOurServer(entry)) {
    parts.isThere = true;
    parts.servers.push(texts(wordsOf(entry)));
    if (inside(values, ["mcp_servers", ENTRY, "enabled"]) === false) {
      seen.say("warn", `\`${config}\` has our server switched off`);
    }
    if (inside(values, ["web_search"]) !== "disabled") {
      seen.say("warn", `\`${config}\` leaves web search on, which no hook sees`, 'set `web_search = "disabled"`');
    }
  }
  for (const key of ["hooks", "codex_hooks"]) {
    if (inside(values, ["features", key]) === false) {
      seen.say("fail", `\`${config}\` has \`features.${key} = false\`, so Codex asks no hook`, "take it out");
    }
  }
  list(field(field(files.json(hooks), "hooks"), "PreToolUse")).forEach((group, index) => {
    if (isOurCodexHook(group)) lookAtCodexHook(files, hooks, index, group, parts, seen);
    else seen.say("warn", `\`${hooks}\` has another hook before tools: it may rewrite a call after ours has seen it`);
  });
}

/** Codex keeps in the user's settings which hooks were reviewed, under the file's name and the hook's place in it. */
function lookAtCodexHook(
  files: Settings,
  path: string,
  index: number,
  group: unknown,
  parts: Parts,
  seen: Notes,
): void {
  parts.isThere = true;
  if ((field(group, "matcher") ?? "*") !== "*")
    seen.say("fail", `our hook in \`${path}\` has a matcher that is not \`*\``);
  list(field(group, "hooks")).forEach((hook, place) => {
    if (!isOurCodexHook({ hooks: [hook] })) return;
    const command = String(field(hook, "command"));
    if (!command.includes("exit 2")) {
      seen.say(
        "fail",
        `our hook in \`${path}\` lets calls through when it fails`,
        "`agent-run install codex` writes it anew",
      );
    }
    parts.hooks.push(["/bin/sh", "-c", command]);
    const user = files.toml(codexPaths({ ...files.setting, scope: "user" }).config);
    const state = inside(user, ["hooks", "state", `${path}:pre_tool_use:${index}:${place}`]);
    if (field(state, "enabled") === false) seen.say("fail", `our hook in \`${path}\` is switched off in Codex`);
    else if (typeof field(state, "trusted_hash") !== "string") {
      seen.say(
        "fail",
        `our hook in \`${path}\` was never reviewed, and Codex runs no hook that was not`,
        "start Codex and review it (`/hooks`)",
      );
    } else
      seen.say(
        "ok",
        `our hook in \`${path}\` was reviewed; whether it is still that one is Codex's to tell (\`/hooks\`)`,
      );
  });
}
