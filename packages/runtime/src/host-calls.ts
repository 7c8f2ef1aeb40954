/** What judging calls of an agent host takes of the machine: a loaded policy and looks at the disk, and no engine. */
import { entriesIn, isNeverForChildren, isProgram, isThere, kindAt, whereItLeads } from "@agent-run/effects";
import { Policy, type PolicyData } from "@agent-run/policy";
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
  isNeverSet: isNeverForChildren,
});

/** The policy by which a host's calls are judged: what is agent-run's own is closed to them as it is to scripts. */
export const policyForHost = (data: PolicyData): Policy => Policy.revive(data).protecting(ownPaths(stateDirectory()));
