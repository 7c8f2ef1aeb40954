/**
 * Whether the hosts of this machine would really ask us: what is in their settings, whether the commands named there
 * answer, and what else in the settings would let calls past. It changes nothing and starts no host.
 */
import { cursorPath, vscodePath } from "./editors.ts";
import { type Finding, Notes, type Parts, Settings } from "./findings.ts";
import { type Scope, SETUP_HOSTS, type Setting, type SetupHost } from "./host.ts";
import { lookAtClaudeCode } from "./look-at-claude-code.ts";
import { lookAtCodex } from "./look-at-codex.ts";
import { lookAtOpencode } from "./look-at-opencode.ts";
import { lookAtServer } from "./look-at-server.ts";
import { UNGATED } from "./plan.ts";
import type { Probe } from "./probe.ts";

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
  for (const setting of settings) LOOK[host](new Settings(setting, seen), parts, seen);
  if (!parts.isThere) return seen.failures().length > 0 ? seen.all : null;
  await tryOut(host, parts, probe, seen);
  return seen.all;
}

type Look = (files: Settings, parts: Parts, seen: Notes) => void;

const LOOK: Readonly<Record<SetupHost, Look>> = {
  "claude-code": lookAtClaudeCode,
  codex: lookAtCodex,
  opencode: lookAtOpencode,
  vscode: (files, parts) => lookAtServer(files.json(vscodePath(files.setting)), "servers", parts),
  cursor: (files, parts) => lookAtServer(files.json(cursorPath(files.setting)), "mcpServers", parts),
};

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
