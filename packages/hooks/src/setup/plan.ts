/** Which files a host's setup consists of, and what of the host stays past us even then. */
import { claudeCodeFiles } from "./claude-code.ts";
import { codexFiles } from "./codex.ts";
import { cursorFiles, vscodeFiles } from "./editors.ts";
import type { FileSetup, Setting, SetupHost } from "./host.ts";
import { opencodeFiles } from "./opencode.ts";

export function filesOf(host: SetupHost, setting: Setting, exists: (path: string) => boolean): readonly FileSetup[] {
  switch (host) {
    case "claude-code":
      return claudeCodeFiles(setting);
    case "codex":
      return codexFiles(setting);
    case "opencode":
      return opencodeFiles(setting, exists);
    case "vscode":
      return vscodeFiles(setting);
    case "cursor":
      return cursorFiles(setting);
  }
}

/** What a person has to do so that the host takes what was written. */
export const STEPS: Readonly<Record<SetupHost, readonly string[]>> = {
  "claude-code": [
    "start Claude Code in the project, trust it, and approve the server `agent-run`; `/hooks` shows the hook",
  ],
  codex: [
    "start Codex and review the hook (`/hooks`): until you have, Codex does not run it, and says nothing",
    "in the project scope, trust the project: else Codex reads neither file",
  ],
  opencode: ["start opencode anew: it reads settings and plugins once"],
  vscode: ["start the server `agent-run` in VS Code once and trust it"],
  cursor: ["switch the server `agent-run` on in Cursor's settings for MCP"],
};

/** Said by `install` and `doctor`; told at length in docs/hosts. */
export const UNGATED: Readonly<Record<SetupHost, readonly string[]>> = {
  "claude-code": [
    "the hook sees what a tool is about to do; the tool does it itself, later, with your rights: a file or link that changes in between is not noticed",
    "a command that was let through can start others that nobody is asked about, unless the host's sandbox is on",
    "what you type (`!command`, `@file`) and other hooks and servers of yours are not asked about",
    "a session that was started before, or with `--bare` or other settings files, does not have the hook",
  ],
  codex: [
    "a hook that you have not reviewed, or that changed since, is not run",
    "input to a command that runs already (`write_stdin`) is not shown to hooks; refuse shells and interpreters in the policy",
    "a hook that takes longer than its timeout lets the call through",
    "the hook sees what a tool is about to do; the tool does it itself, later, in Codex's own sandbox",
    "`codex exec` with `--ignore-user-config`, another CODEX_HOME or `--disable hooks` does not have the hook",
  ],
  opencode: [
    "the plugin sees what a tool is about to do; the tool does it itself, later, with your rights",
    "a command that was let through can start others that nobody is asked about",
    "files that you attach, and commands that you type (`!command`), are not asked about",
    "opencode 2 loads no plugin of this kind: there the permission denies every tool but ours",
    "`opencode --pure` and other settings files leave the plugin out",
  ],
  vscode: [
    "no tool of VS Code asks us: its terminal, edits and fetches follow VS Code's own questions; only what a model does through the server `agent-run` is checked",
  ],
  cursor: [
    "no tool of Cursor asks us: its terminal, edits and searches follow Cursor's own questions; only what a model does through the server `agent-run` is checked",
  ],
};
