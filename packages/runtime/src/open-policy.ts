/**
 * From "which policy?" to one that is loaded, with commands resolved: the policy that was named, or the nearest
 * agent-run.toml upwards if a person trusted exactly these files, or `secure-defaults`, under which nothing is granted;
 * each under the ceilings that were named and that of the machine.
 */
import { basename, dirname, join, relative, resolve } from "node:path";
import { addTrust, detectJail, discoverPolicy, isTrusted, policyWorld, wasTrusted } from "@agent-run/effects";
import {
  type LoadResult,
  loadPolicy,
  loadPolicyText,
  loadPreset,
  type PolicyChecks,
  type PolicyData,
  type PolicyProblem,
  type PolicyWorld,
} from "@agent-run/policy";
import { assetsDirectory } from "./assets.ts";
import { openCeilings } from "./ceilings.ts";
import { withFoundCommands } from "./found-commands.ts";
import { trustStore } from "./places.ts";

export interface OpenPolicyOptions {
  /** A named policy is trusted by being named. */
  readonly path?: string;
  readonly root?: string;
  readonly cwd: string;
  /** Files of policies that bound it. */
  readonly ceilings?: readonly string[];
  /**
   * For a process that asks about one call and ends: the programs behind the names of commands are looked up by whoever
   * asks about one, and nothing is bound to the policy, so it has no hash.
   */
  readonly forOneCall?: true;
}

export type OpenedPolicy =
  | {
      readonly ok: true;
      readonly data: PolicyData;
      /** What the policy says about itself, and what its ceilings say that it never does, for `--strict`. */
      readonly checks: PolicyChecks;
      /** Of files in another dialect: what means something else here. */
      readonly notes: readonly PolicyProblem[];
      readonly banner: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export function openPolicy(options: OpenPolicyOptions): OpenedPolicy {
  const world = ownWorld();
  const bounds = openCeilings(options.ceilings ?? [], world);
  if (!bounds.ok) return bounds;
  const root = options.root === undefined ? {} : { root: resolve(options.cwd, options.root) };
  const how = { ...root, ceilings: bounds.ceilings };
  const find = options.forOneCall === true ? (data: PolicyData) => data : withFoundCommands;
  if (options.path !== undefined) {
    // Trust in one that was found is bound to its hashes; one that was named is trusted by that.
    const asked = options.forOneCall === true ? { ...how, unhashed: options.forOneCall } : how;
    return opened(loadPolicy(options.path, world, asked), bounds, [], find);
  }
  const found = discoverPolicy(options.cwd);
  const loaded = found === null ? null : loadPolicy(found, world, how);
  if (loaded?.ok && isTrusted(trustStore(), loaded.data))
    return opened(loaded, bounds, [`policy ${found} (found and trusted)`], find);
  const why =
    found === null
      ? "no policy: everything is denied; name one with --policy, or write one with `agent-run init`"
      : `${found} ${untrusted(loaded)}, so everything is denied; read it, then \`agent-run policy trust ${found}\`, or name it with --policy`;
  return opened(loadPreset("secure-defaults", world, { ...how, root: root.root ?? options.cwd }), bounds, [why], find);
}

export const ownWorld = (): PolicyWorld => policyWorld(`${assetsDirectory()}/presets`);

/** Loads a text as the file at `path` would be loaded, whether or not it is there; nothing is looked up for a run. */
export function loadText(text: string, path: string, root: string): LoadResult {
  const world = ownWorld();
  const directory = world.realPath(dirname(path));
  const from = { path, ...(directory === null ? {} : { realPath: join(directory, basename(path)) }) };
  return loadPolicyText(text, from, world, { root });
}

const untrusted = (loaded: ReturnType<typeof loadPolicy> | null): string =>
  loaded?.ok && wasTrusted(trustStore(), loaded.data) ? "has changed since it was trusted" : "is not trusted";

/** Lets a policy apply where it is found. Only for a person's own answer. */
export const trustPolicy = (data: PolicyData): void => addTrust(trustStore(), data);

function opened(
  loaded: LoadResult,
  { nevers }: Pick<PolicyChecks, "nevers">,
  banner: readonly string[],
  find: (data: PolicyData) => PolicyData,
): OpenedPolicy {
  if (!loaded.ok) return loaded;
  const missing = missingJail(loaded.data, detectJail);
  if (missing !== null) return { ok: false, problems: [missing] };
  const checks = { ...loaded.checks, nevers: [...loaded.checks.nevers, ...nevers] };
  return { ok: true, data: find(loaded.data), checks, notes: loaded.notes, banner };
}

/** The nearest agent-run.toml upwards, by its name from `cwd`, whether or not anybody trusts it. */
export function nearestPolicy(cwd: string): string | null {
  const found = discoverPolicy(cwd);
  return found === null ? null : relative(cwd, found);
}

export type ReadPolicy =
  | (Extract<LoadResult, { ok: true }> & {
      /** What its ceilings say that no policy below them ever does. */
      readonly neversAbove: PolicyChecks["nevers"];
    })
  | Extract<LoadResult, { ok: false }>;

/**
 * A policy under its ceilings, as their texts have them, for tools that run nothing: no command is looked up, no jail is
 * needed and nobody has to have trusted it. Without a path the nearest one upwards, by its name from `cwd`; null where
 * there is none.
 */
export function readPolicy(options: OpenPolicyOptions): ReadPolicy | null {
  const path = options.path ?? nearestPolicy(options.cwd);
  if (path === null) return null;
  const world = ownWorld();
  const bounds = openCeilings(options.ceilings ?? [], world);
  if (!bounds.ok) return bounds;
  const root = options.root === undefined ? {} : { root: resolve(options.cwd, options.root) };
  const loaded = loadPolicy(path, world, { ...root, ceilings: bounds.ceilings });
  return loaded.ok ? { ...loaded, neversAbove: bounds.nevers } : loaded;
}

/**
 * With `auto` a command is refused where no jail works; who writes `bwrap` says that there is one. While anything is
 * local-only, a policy with commands does not load without a jail: nothing else keeps a command from what the user can read.
 */
export function missingJail(policy: PolicyData, detect: typeof detectJail): PolicyProblem | null {
  const { subprocess, sandboxAt, localOnly } = policy;
  if (subprocess.sandbox === "none" || subprocess.allowed.length === 0) return null;
  if (localOnly === null && (subprocess.sandbox !== "bwrap" || sandboxAt === null)) return null;
  const jail = detect();
  if (jail.ok) return null;
  if (localOnly !== null) return sealedWithoutJail(policy, jail.reason);
  if (sandboxAt === null) return null;
  const hint = 'install bubblewrap; with `sandbox = "auto"` the policy loads and commands are refused';
  return { ...sandboxAt, message: `\`sandbox = "bwrap"\`, and no jail works here: ${jail.reason}`, hint };
}

const sealedWithoutJail = ({ files, sandboxAt }: PolicyData, reason: string): PolicyProblem => ({
  ...(sandboxAt ?? { file: files[0]?.path ?? "policy", line: 1, column: 1, text: "" }),
  message: `the policy has commands and local-only data, which needs a jail, and no jail works here: ${reason}`,
  hint: 'install bubblewrap; or accept in words that commands can read local-only data: `sandbox = "none"` and `accept_unsandboxed_commands = true` in `[subprocess]`',
});
