/** Where agent-run keeps what is its own: the record, the trust store. XDG Base Directory Specification 0.8. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** `$XDG_STATE_HOME/agent-run`, or `~/.local/state/agent-run`; a relative value of the variable is ignored, as XDG says. */
export function stateDirectory(): string {
  const { XDG_STATE_HOME: configured = "" } = process.env;
  return join(isAbsolute(configured) ? configured : join(homedir(), ".local", "state"), "agent-run");
}

export const trustStore = (): string => join(stateDirectory(), "trust.json");

/** A policy for the whole machine; its absence is the only thing that means that there is none. */
export const MACHINE_POLICY = "/etc/agent-run/policy.toml";
