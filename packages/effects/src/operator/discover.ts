import { posix } from "node:path";
import { isAbsent } from "./absent.ts";

const NAME = "agent-run.toml";

/**
 * The nearest `agent-run.toml` from a directory upwards, or null. Whatever has the name counts, also if it cannot be
 * read: a policy that is there must not be skipped for one further up, which may allow more.
 */
export function discoverPolicy(start: string): string | null {
  for (let directory = posix.resolve(start); ; directory = posix.dirname(directory)) {
    const path = posix.join(directory, NAME);
    if (!isAbsent(path)) return path;
    if (directory === "/") return null;
  }
}
