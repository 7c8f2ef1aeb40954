/**
 * Whether the hosts of this machine would really ask us: what is in their settings, whether the commands named there
 * answer, and what else in the settings would let calls past. It changes nothing and starts no host.
 */
import { join } from "node:path";
import { parse } from "jsonc-parser";
import { claudeCodePaths, field, isOurHook, isOurServer, list, wordsOf } from "./claude-code.ts";
import { codexPaths, isOurCodexHook } from "./codex.ts";
import { cursorPath, vscodePath } from "./editors.ts";
import { ENTRY, type Scope, SETUP_HOSTS, type Setting, type SetupHost, SetupRefusal } from "./host.ts";
import { parsedRoot } from "./json-document.ts";
import { deniesWithoutPlugin, opencodePaths } from "./opencode.ts";
import { PLUGIN_MARK } from "./opencode-plugin.ts";
import { UNGATED } from "./plan.ts";
import type { Probe } from "./probe.ts";
import { readSettings } from "./settings-file.ts";
import { inside, valuesOf } from "./toml-setup.ts";

export interface Finding {
  readonly host: SetupHost;
  readonly state: "ok" | "warn" | "fail";
  readonly detail: string;
  readonly hint?: string;
}

/** Of a host: what was found, and the ways past us that remain whatever is found. */
export interface HostInspection {
  readonly host: SetupHost;
  /** The client on the PATH; null where there is none. */
  readonly client: string | null;
  readonly findings: readonly Finding[];
  readonly ungated: readonly string[];
}

type Surroundings = Omit<Setting, "scope" | "policy">;
const SCOPES: readonly Scope[] = ["project", "user"];
const CLIENTS: Readonly<Record<SetupHost, string>> = {
  "claude-code": "claude",
  codex: "codex",
  opencode: "opencode",
  vscode: "code",
  cursor: "cursor",
};

/** Hosts whose client is on the PATH, and those with settings of ours. */
export async function inspectHosts(around: Surroundings, probe: Probe): Promise<readonly HostInspection[]> {
  const all: HostInspection[] = [];
  for (const host of SETUP_HOSTS) {
    const client = probe.find(CLIENTS[host]);
    const found = await inspectHost(host, around, probe);
    if (client !== null || found !== null) {
      const none: Finding = {
        host,
        state: "warn",
        detail: "is not set up: it asks nobody",
        hint: `\`agent-run install ${host}\``,
      };
      all.push({ host, client, findings: found ?? [none], ungated: UNGATED[host] });
    }
  }
  return all;
}

/** Null: nothing of ours in any of its files. */
async function inspectHost(host: SetupHost, around: Surroundings, probe: Probe): Promise<readonly Finding[] | null> {
  const seen = new Notes(host);
  const settings = SCOPES.map((scope) => ({ ...around, scope, policy: null }));
  const parts: Parts = { servers: [], hooks: [], isThere: false };
  for (const setting of settings) LOOK[host](new Files(setting, seen), parts, seen);
  if (!parts.isThere) return seen.failures().length > 0 ? seen.all : null;
  await tryOut(host, parts, probe, seen);
  return seen.all;
}

/** Our own entries of both scopes, as the words that a host would start. */
interface Parts {
  readonly servers: (readonly string[])[];
  readonly hooks: (readonly string[])[];
  isThere: boolean;
}

class Notes {
  readonly all: Finding[] = [];
  readonly #host: SetupHost;
  constructor(host: SetupHost) {
    this.#host = host;
  }
  say(state: Finding["state"], detail: string, hint?: string): void {
    this.all.push({ host: this.#host, state, detail, ...(hint === undefined ? {} : { hint }) });
  }
  failures(): readonly Finding[] {
    return this.all.filter(({ state }) => state === "fail");
  }
}

/** Settings of one scope; a file that cannot be read is told, and holds nothing. */
class Files {
  readonly setting: Setting;
  readonly #seen: Notes;
  constructor(setting: Setting, seen: Notes) {
    this.setting = setting;
    this.#seen = seen;
  }
  text(path: string): string | null {
    return this.#attempt(path, (text) => text);
  }
  json(path: string): unknown {
    return this.#attempt(path, (text) => {
      parsedRoot(text.replace(/^\uFEFF/, ""));
      return parse(text.replace(/^\uFEFF/, ""), [], { allowTrailingComma: true }) as unknown;
    });
  }
  toml(path: string): unknown {
    return this.#attempt(path, valuesOf);
  }
  #attempt<T>(path: string, read: (text: string) => T): T | null {
    try {
      const text = readSettings(path, this.setting.scope === "project" ? this.setting.project : this.setting.home);
      return text === null ? null : read(text);
    } catch (error) {
      const says =
        error instanceof SetupRefusal ? error.message : String((error as NodeJS.ErrnoException).code ?? error);
      this.#seen.say("fail", `\`${path}\`: ${says}`, "what it says is not known, so count on nothing being asked");
      return null;
    }
  }
}

type Look = (files: Files, parts: Parts, seen: Notes) => void;

const LOOK: Readonly<Record<SetupHost, Look>> = {
  "claude-code": lookAtClaudeCode,
  codex: lookAtCodex,
  opencode: lookAtOpencode,
  vscode: (files, parts) => lookAtServer(files.json(vscodePath(files.setting)), "servers", parts),
  cursor: (files, parts) => lookAtServer(files.json(cursorPath(files.setting)), "mcpServers", parts),
};

function lookAtServer(config: unknown, table: string, parts: Parts): void {
  const entry = field(field(config, table), ENTRY);
  if (!isOurServer(entry)) return;
  parts.isThere = true;
  parts.servers.push(texts(wordsOf(entry)));
}

function lookAtClaudeCode(files: Files, parts: Parts, seen: Notes): void {
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

function lookAtCodex(files: Files, parts: Parts, seen: Notes): void {
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
function lookAtCodexHook(files: Files, path: string, index: number, group: unknown, parts: Parts, seen: Notes): void {
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

function lookAtOpencode(files: Files, parts: Parts, seen: Notes): void {
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

const texts = (words: readonly unknown[]): string[] => words.map(String);

/** The commands are there and answer: the server to a greeting, the hook with a refusal of what every policy refuses. */
async function tryOut(host: SetupHost, { servers, hooks }: Parts, probe: Probe, seen: Notes): Promise<void> {
  const hasHook = host === "claude-code" || host === "codex" || host === "opencode";
  if (servers.length === 0) seen.say("warn", "has no MCP entry of ours: a model can run no script");
  if (hasHook && hooks.length === 0) {
    seen.say("fail", "has no hook of ours: its own tools ask nobody", `\`agent-run install ${host}\``);
  }
  for (const words of servers) {
    const problem = await probe.server(words);
    if (problem === null) seen.say("ok", `the MCP server answers (${words.slice(1).join(" ")})`);
    else
      seen.say(
        "fail",
        `the MCP server does not answer: ${problem}`,
        `\`agent-run install ${host}\` writes the entry anew`,
      );
  }
  if (!hasHook) return;
  for (const words of hooks) {
    const problem = await probe.hook(host, words);
    if (problem === null) seen.say("ok", "the hook answers, and refuses what every policy refuses");
    else seen.say("fail", `the hook does not do its work: ${problem}`, `\`agent-run install ${host}\` writes it anew`);
  }
}
