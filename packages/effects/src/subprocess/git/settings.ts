/**
 * What git is told on every start, and what is done about settings of a repository that would start a program. A
 * repository's own configuration is data that arrived from somewhere; `git status` in it must not run what it says
 * (CVE-2022-24765 and its many relatives). Settings with a fixed name are always overridden; settings with a name of
 * their own (`filter.NAME.clean`) are overridden once they are found. External diffs have no value that means "off": in
 * such a repository `git diff` says that its external diff died, and everything else works.
 *
 * Command scope (GIT_CONFIG_COUNT, git 2.31 of 2021) beats every file. git before 2.38 does not know
 * `safe.bareRepository`; where that matters, the jail is the wall.
 */
import type { ConfigEntry } from "./config-file.ts";

export type Setting = readonly [key: string, value: string];

/** `root`: the one directory whose repository may belong to another account, since the operator chose it. */
export const fixedSettings = (root: string): readonly Setting[] => [
  ["safe.bareRepository", "explicit"],
  ["safe.directory", root],
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.pager", "cat"],
  ["core.editor", "false"],
  ["sequence.editor", "false"],
  ["core.askPass", ""],
  ["core.alternateRefsCommand", "true"],
  // The program that would run anyway, not the one that the repository names.
  ["core.sshCommand", "ssh"],
  // An empty helper empties the list.
  ["credential.helper", ""],
  ["interactive.diffFilter", "cat"],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["tag.forceSignAnnotated", "false"],
  ["push.gpgSign", "false"],
  ["log.showSignature", "false"],
  ["gpg.program", "false"],
  ["gpg.x509.program", "false"],
  ["gpg.ssh.program", "false"],
  ["gpg.ssh.defaultKeyCommand", "false"],
  ["help.autoCorrect", "0"],
  ["help.browser", "false"],
  ["web.browser", "false"],
  ["imap.tunnel", "false"],
  // Nothing is left running in the background.
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
  ["status.submoduleSummary", "false"],
  ["diff.submodule", "short"],
];

/** Environment beside the settings. Pagers, editors and askers of variables never reach a child (child-names.ts). */
export const fixedEnvironment: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TEMPLATE_DIR: "",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_PROXY_COMMAND: "",
  // No `ext::COMMAND`, no `git-remote-NAME`; not `file`, which runs the hooks of the other repository.
  GIT_ALLOW_PROTOCOL: "git:http:https:ssh",
};

/** Settings with a name of their own that start a program, and the value that makes them harmless. */
const NAMED: readonly (readonly [pattern: RegExp, value: string])[] = [
  [/^alias\./, ""],
  [/^filter\..*\.(clean|smudge|process)$/, ""],
  [/^filter\..*\.required$/, "false"],
  [/^diff\.(external|.*\.command)$/, "false"],
  [/^diff\..*\.textconv$/, "cat"],
  [/^merge\..*\.driver$/, "false"],
  [/^pager\./, "false"],
  [/^remote\..*\.uploadpack$/, "git-upload-pack"],
  [/^remote\..*\.receivepack$/, "git-receive-pack"],
  [/^submodule\..*\.update$/, "checkout"],
  [/^trailer\..*\.(command|cmd)$/, "true"],
  [/^hook\..*\.command$/, "true"],
  [/^(difftool|mergetool|browser|man|guitool)\..*\.(cmd|path)$/, "false"],
  [/^instaweb\.(local|httpd|browser|modulepath)$/, "false"],
  [/^sendemail\.(.*\.)?(smtpserver|sendmailcmd|tocmd|cccmd|headercmd)$/, "false"],
];

/** Settings with a fixed name whose value is a program (or a directory of them). */
const FIXED_PROGRAMS =
  /^(core\.(hookspath|fsmonitor|pager|editor|askpass|sshcommand|gitproxy|alternaterefscommand)|sequence\.editor|credential\.(.*\.)?helper|interactive\.difffilter|gpg\.(.*\.)?(program|defaultkeycommand)|help\.browser|web\.browser|imap\.tunnel|remote\..*\.vcs)$/;

/** How a setting is told to people: its own name is left out, since no file rule was asked about it. */
export const shownKey = (key: string): string => {
  const first = key.indexOf(".");
  const last = key.lastIndexOf(".");
  return first === last ? key : `${key.slice(0, first)}.*${key.slice(last)}`;
};

/** The override for a found setting; null where none is needed, `impossible` where there is none. */
export function overrideOf(entry: ConfigEntry): Setting | "impossible" | null {
  const named = NAMED.find(([pattern]) => pattern.test(entry.key));
  if (named === undefined) return null;
  const key = Buffer.from(entry.key, "latin1");
  // A name that is not UTF-8 cannot be put into an environment variable of ours unchanged.
  const text = key.toString("utf8");
  return Buffer.from(text, "utf8").equals(key) ? [text, named[1]] : "impossible";
}

/** Would this setting start a program if nothing overrode it? For repositories that git enters on its own. */
export function startsProgram({ key, value }: ConfigEntry): boolean {
  if (key === "core.fsmonitor") return value !== null && !/^(true|false|yes|no|on|off|1|0|)$/i.test(value);
  if (/^submodule\..*\.update$/.test(key)) return value?.startsWith("!") ?? false;
  if (/^(pager\.|filter\..*\.required$)/.test(key)) return false;
  return FIXED_PROGRAMS.test(key) || NAMED.some(([pattern]) => pattern.test(key));
}
