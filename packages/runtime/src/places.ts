/** Where agent-run keeps what is its own: the record, the trust store. XDG Base Directory Specification 0.8. */
import { isAbsolute, join } from "node:path";
import { homes } from "@agent-run/effects";

/** There is no place of the user's own to keep a record or the trust in; nothing may be kept just anywhere instead. */
export class NoStateDirectory extends Error {
  override readonly name = "NoStateDirectory";
  readonly code = "E_CONFIG";
  readonly hint = "set HOME or XDG_STATE_HOME to an absolute path";

  constructor() {
    super("there is no directory for agent-run's state: neither the environment nor the account names a home");
  }
}

/**
 * `$XDG_STATE_HOME/agent-run`, or `~/.local/state/agent-run`; always absolute. A relative value of a variable is ignored,
 * as XDG says. Throws a NoStateDirectory where there is no home either.
 */
export function stateDirectory(): string {
  const { XDG_STATE_HOME: configured = "" } = process.env;
  if (isAbsolute(configured)) return join(configured, "agent-run");
  const home = homeDirectory();
  if (home === null) throw new NoStateDirectory();
  return join(home, ".local", "state", "agent-run");
}

/** What `~` stands for: $HOME, or else the account's home, if it is absolute. */
export const homeDirectory = (): string | null => homes()[0] ?? null;

/** $HOME and the account's home. */
export const homeDirectories = (): readonly string[] => homes();

/** Pending questions, their answers and saved rules. */
export const approvalsDirectory = (): string => join(stateDirectory(), "approvals");

/**
 * Keys of approvers: `$XDG_CONFIG_HOME/agent-run/keys`, or `~/.config/agent-run/keys`. Throws a NoStateDirectory where there
 * is no home either.
 */
export function keysDirectory(): string {
  const { XDG_CONFIG_HOME: configured = "" } = process.env;
  if (isAbsolute(configured)) return join(configured, "agent-run", "keys");
  const home = homeDirectory();
  if (home === null) throw new NoStateDirectory();
  return join(home, ".config", "agent-run", "keys");
}

export const trustStore = (): string => join(stateDirectory(), "trust.json");

/** With it what is kept of parked runs is authenticated. */
export const answersKeyFile = (): string => join(stateDirectory(), "answers.key");

/** The ceiling of the whole machine, and the user that it must belong to. No option and no variable names another. */
export const MACHINE_POLICY = { path: "/etc/agent-run/policy.toml", owner: 0 } as const;
