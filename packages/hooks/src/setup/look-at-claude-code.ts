/** Claude Code's settings: our hook as it must be, and what switches it off or comes after it. */
import { join } from "node:path";
import { claudeCodePaths, field, isOurHook, list, wordsOf } from "./claude-code.ts";
import { type Notes, type Parts, type Settings, texts } from "./findings.ts";
import { lookAtServer } from "./look-at-server.ts";

export function lookAtClaudeCode(files: Settings, parts: Parts, seen: Notes): void {
  const { server, settings } = claudeCodePaths(files.setting);
  lookAtServer(files.json(server), "mcpServers", parts);
  const local = join(files.setting.project, ".claude", "settings.local.json");
  for (const path of files.setting.scope === "project" ? [settings, local] : [settings]) {
    const config = files.json(path);
    if (field(config, "disableAllHooks") === true) {
      seen.say("fail", `\`${path}\` has \`disableAllHooks\`, so Claude Code asks no hook`, "take it out");
    }
    const groups = list(field(field(config, "hooks"), "PreToolUse"));
    for (const group of groups) {
      if (isOurHook(group)) lookAtClaudeHook(path, group, parts, seen);
      else {
        const what = String(field(group, "matcher") ?? "*");
        seen.say(
          "warn",
          `\`${path}\` has another hook before tools (\`${what}\`): it may rewrite a call after ours has seen it`,
          "read what it does; a hook's `updatedInput` is what counts",
        );
      }
    }
  }
}

function lookAtClaudeHook(path: string, group: unknown, parts: Parts, seen: Notes): void {
  parts.isThere = true;
  const matcher = field(group, "matcher");
  if (matcher !== "*" && matcher !== undefined && matcher !== "") {
    seen.say("fail", `our hook in \`${path}\` is asked about \`${String(matcher)}\` only`, "give it the matcher `*`");
  }
  for (const hook of list(field(group, "hooks"))) {
    if (!isOurHook({ hooks: [hook] })) continue;
    if (field(hook, "onFailure") !== "block") {
      seen.say("fail", `our hook in \`${path}\` lets calls through when it fails`, 'give it `"onFailure": "block"`');
    }
    if (field(hook, "async") === true)
      seen.say("fail", `our hook in \`${path}\` is not waited for`, "take `async` out");
    if (field(hook, "if") !== undefined) {
      seen.say("fail", `our hook in \`${path}\` is asked under a condition only`, "take `if` out");
    }
    parts.hooks.push(texts(wordsOf(hook)));
  }
}
