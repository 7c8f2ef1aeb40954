/**
 * What an agent host is about to do with a tool of its own, and what the policy says to it. A host's call becomes one or
 * more calls of the policy; it is allowed if each of them is.
 */
import type { Decision, JsonObject } from "@agent-run/policy";

export const HOSTS = ["claude-code", "codex", "opencode"] as const;

export type HostName = (typeof HOSTS)[number];

/** A call of a host's tool, as its hook tells it. */
export interface HostCall {
  readonly host: HostName;
  /** `Bash`, `Read`, `apply_patch`, `mcp__server__tool` ... */
  readonly tool: string;
  readonly input: JsonObject;
  /** The directory in which it happens; absolute. */
  readonly cwd: string;
}

/** The answer to it, before it is put in the host's own form. */
export interface HostVerdict {
  readonly effect: "allow" | "ask" | "deny";
  /** What is told to the model: why, and what would be allowed instead. */
  readonly reason: string;
  /** Of the calls that it was read as, those that were not allowed first. */
  readonly decisions: readonly JudgedCall[];
}

/** `call`: as a person writes it, `fs.read src/a.ts`. */
export interface JudgedCall {
  readonly call: string;
  readonly decision: Decision;
}
