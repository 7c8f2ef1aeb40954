/** A text for bash or sh, to the calls that it would make. Nothing runs; whatever is not read is said, and is a denial. */
import type { HostWorld } from "@agent-run/runtime/host-calls";
import { Reading, type ShellCall, type Unread } from "./reading.ts";
import { readText } from "./script-text.ts";
import { startIn } from "./state.ts";
import { readScript } from "./statement.ts";

export interface ShellRead {
  readonly calls: readonly ShellCall[];
  /** None: all of it was read. */
  readonly unread: readonly Unread[];
}

/** `cwd`: absolute, without dot segments. */
export function readShell(text: string, cwd: string, world: HostWorld): ShellRead {
  const read = readText(text);
  if (!read.ok) return { calls: [], unread: [{ text: "the command", reason: read.reason, hint: "write it plainly" }] };
  const reading = new Reading(world, readScript);
  readScript(read.script, startIn(cwd), reading);
  return { calls: reading.calls, unread: reading.unread };
}
