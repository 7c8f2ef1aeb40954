/** Starts the commands that a host's settings name, as the host would, and looks at what they answer. */
import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { HostName } from "../host-call.ts";
import { field } from "./claude-code.ts";

export interface Probe {
  /** A program on the PATH. */
  find(name: string): string | null;
  /** What is wrong, or null. */
  server(words: readonly string[]): Promise<string | null>;
  hook(host: HostName, words: readonly string[]): Promise<string | null>;
}

/** Milliseconds until a command counts as one that does not answer. */
const PATIENCE = 15_000;
const MOST_OUTPUT = 1024 * 1024;

export const machineProbe = (cwd: string): Probe => ({
  find,
  async server(words) {
    const { out, problem } = await start(words, `${JSON.stringify(GREETING)}\n`, cwd, (text) => text.includes("\n"));
    if (problem !== null) return problem;
    const name = field(field(field(parsed(out.split("\n")[0] ?? ""), "result"), "serverInfo"), "name");
    return name === "agent-run" ? null : "what answers is no MCP server of ours";
  },
  async hook(host, words) {
    const { out, code, problem } = await start(words, JSON.stringify(refusedEverywhere(host, cwd)), cwd);
    if (problem !== null) return problem;
    if (code === 2) return null;
    const answer = parsed(out);
    const said =
      host === "opencode" ? field(answer, "effect") : field(field(answer, "hookSpecificOutput"), "permissionDecision");
    return said === "deny" ? null : `it let a call through that every policy refuses (exit ${code})`;
  },
});

const GREETING = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "agent-run doctor", version: "1" } },
};

/** Reading the hashes of the system's passwords: denied by what nothing opens by a pattern. */
function refusedEverywhere(host: HostName, cwd: string): object {
  const command = "cat /etc/shadow";
  const base = { session_id: "doctor", transcript_path: null, cwd, permission_mode: "default" };
  if (host === "opencode") {
    return { hook_event_name: "tool.execute.before", cwd, tool_name: "bash", tool_input: { command } };
  }
  return { ...base, hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command }, tool_use_id: "doctor" };
}

function find(name: string): string | null {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    if (!isAbsolute(directory)) continue;
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not there
    }
  }
  return null;
}

interface Answer {
  readonly out: string;
  readonly code: number | null;
  readonly problem: string | null;
}

/** `isEnough`: what it said will do, and its input can end. */
function start(
  words: readonly string[],
  input: string,
  cwd: string,
  isEnough?: (out: string) => boolean,
): Promise<Answer> {
  const [program = "", ...rest] = words;
  return new Promise((resolve) => {
    const child = spawn(program, rest, { cwd, stdio: ["pipe", "pipe", "pipe"], detached: true });
    let [out, err, late] = ["", "", false];
    const clock = setTimeout(() => {
      late = true;
      end(child.pid);
    }, PATIENCE);
    child.stdin.on("error", () => undefined);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (out.length > MOST_OUTPUT) end(child.pid);
      else if (isEnough?.(out) === true) child.stdin.end();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err = (err + text).slice(0, 2000);
    });
    const done = (answer: Answer) => {
      clearTimeout(clock);
      resolve(answer);
    };
    child.on("error", ({ message }) =>
      done({ out, code: null, problem: `\`${program}\` cannot be started: ${message}` }),
    );
    child.on("close", (code) => {
      const [why = ""] = err.trim().split("\n");
      const gone =
        out === "" && code !== 0 && code !== 2 ? `it ended with exit ${code}${why === "" ? "" : `: ${why}`}` : null;
      done({ out, code, problem: late ? "it does not answer in time" : gone });
    });
    child.stdin.write(input);
    if (isEnough === undefined) child.stdin.end();
  });
}

/** With everything that it started. */
function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it is gone
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
