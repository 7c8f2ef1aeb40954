/** What judging calls of an agent host takes of the machine: a loaded policy and looks at the disk, and no engine. */
import { basename } from "node:path/posix";
import { entriesIn, isNeverForChildren, isProgram, isThere, kindAt, whereItLeads } from "@agent-run/effects";
import { Policy, type PolicyData } from "@agent-run/policy";
import { withFoundCommands } from "./found-commands.ts";
import { ownPaths } from "./own-paths.ts";
import { homeDirectory, stateDirectory } from "./places.ts";

export { openPolicy } from "./open-policy.ts";

/** What a host's call is looked at with. All paths are absolute. */
export interface HostWorld {
  /** What `~` and `$HOME` stand for. */
  readonly home: string;
  /** Of this process, which a host starts with its own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** The real path as the kernel walks it; of what is missing, its nearest parent's and the rest. */
  readonly whereItLeads: (path: string) => string;
  /** Follows links; null: not there. */
  readonly kindAt: (path: string) => "file" | "directory" | "other" | null;
  readonly isThere: (path: string) => boolean;
  readonly entriesIn: (
    path: string,
  ) => readonly { readonly name: string; readonly kind: "file" | "directory" | "other" | "link" }[] | null;
  readonly isProgram: (path: string) => boolean;
  /** The same policy with the programs behind these names, unless it has them. */
  readonly findCommands: (policy: Policy, names: readonly string[]) => Policy;
  /** Names of variables that make some program run other code. */
  readonly isNeverSet: (name: string) => boolean;
}

export const hostWorld = (): HostWorld => ({
  home: homeDirectory() ?? "/nonexistent",
  environment: process.env,
  now: Date.now,
  whereItLeads,
  kindAt,
  isThere,
  entriesIn,
  isProgram,
  findCommands,
  isNeverSet: isNeverForChildren,
});

/** The policy by which a host's calls are judged: what is agent-run's own is closed to them as it is to scripts. */
export const policyForHost = (data: PolicyData): Policy => Policy.revive(data).protecting(ownPaths(stateDirectory()));

/** Searching for all names of a policy takes longer than an answer may: only what is asked about is looked up. */
function findCommands(policy: Policy, names: readonly string[]): Policy {
  const { data } = policy;
  const isFound = [data, ...data.ceilings].some(({ subprocess }) => subprocess.commands.length > 0);
  if (isFound || data.subprocess.allowed.length === 0) return policy;
  const asked = new Set(names.map((name) => basename(name)));
  const found = withFoundCommands(data, (name) => asked.has(basename(name)));
  const ofCeilings = found.ceilings.map(({ subprocess }) => subprocess.commands);
  return policy.withCommands(found.subprocess.commands, [], ofCeilings);
}
