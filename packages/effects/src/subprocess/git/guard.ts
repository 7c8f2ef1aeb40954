/**
 * Makes git safe to start in a repository that nobody vouched for: hooks, monitors, pagers, editors, helpers, drivers
 * and aliases of the repository's own configuration do not run, in the jail or outside. Operator and system
 * configuration is not read at all, so that a run does not depend on the account that it runs in.
 *
 * A repository of another account is refused by git ("dubious ownership"), but for the one at the policy's root. What
 * git starts in submodules gets none of our overrides, so there a setting that starts a program refuses the call.
 */
import { posix } from "node:path";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { pathTarget } from "../../fs/target.ts";
import { isLocalOnly, sightOf } from "../clearance.ts";
import type { PathArguments } from "../path-arguments.ts";
import type { ConfigEntry } from "./config-file.ts";
import {
  bareRepository,
  hasHooks,
  type MayRead,
  type Repository,
  repositoriesAround,
  settingsOf,
  submodulesOf,
  Unreadable,
} from "./repository.ts";
import { fixedEnvironment, fixedSettings, overrideOf, type Setting, shownKey, startsProgram } from "./settings.ts";

/** More nested repositories than this are not looked through. */
const MAX_REPOSITORIES = 300;

/** Is this program git, by the name it is called by or by its own? */
export const isGit = (typed: string, path: string): boolean =>
  [typed, path].some((name) => posix.basename(name) === "git");

/** The variables that git gets, or why it is not started. Reads the repositories of the call. */
export function gitEnvironment(
  call: PathArguments,
  context: OperationContext,
): Result<Readonly<Record<string, string>>> {
  try {
    const isCleared = sightOf(call.argv[0], context).clearance === "cleared";
    // The names of settings become variables of the child.
    const mayRead: MayRead = (path) => isCleared || !isLocalOnly(path, context);
    const overrides = new Map<string, string>(fixedSettings(context.root));
    const repositories = startDirectories(call).flatMap(({ path, bare }) =>
      bare ? [bareRepository(path, mayRead)] : repositoriesAround(path, mayRead),
    );
    for (const repository of repositories) {
      for (const [key, value] of overridesFor(repository, mayRead, context)) overrides.set(key, value);
    }
    return ok({ ...fixedEnvironment, ...asEnvironment([...overrides]) });
  } catch (error) {
    if (error instanceof Unreadable) return fail(refused(call.argv[0], error.message));
    throw error;
  }
}

/** Everything that must be overridden in this repository. Throws `Unreadable` where that is not enough. */
function overridesFor(repository: Repository, mayRead: MayRead, context: OperationContext): readonly Setting[] {
  const settings = settingsOf(repository, mayRead);
  const overrides: Setting[] = [];
  for (const entry of settings) {
    const override = overrideOf(entry);
    if (override === "impossible") throw new Unreadable(`its setting \`${shownKey(entry.key)}\` starts a program`);
    if (override !== null) overrides.push(override);
    if (entry.key === "core.worktree" && !isReadableWorkTree(repository, entry, context)) {
      throw new Unreadable("its setting `core.worktree` leads to files that may not be read");
    }
  }
  refuseProgramsBelow(repository, settings, mayRead);
  return overrides;
}

/** Submodules, and theirs: nothing may start there, since git drops our variables when it enters one. */
function refuseProgramsBelow(top: Repository, topSettings: readonly ConfigEntry[], mayRead: MayRead): void {
  const waiting = [...submodulesOf(top, topSettings, mayRead)];
  const seen = new Set<string>([top.directory]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.directory)) continue;
    seen.add(next.directory);
    if (seen.size > MAX_REPOSITORIES) throw new Unreadable("it has too many submodules");
    const settings = settingsOf(next, mayRead);
    const program = settings.find(startsProgram);
    if (program !== undefined) {
      throw new Unreadable(`the setting \`${shownKey(program.key)}\` of a submodule starts a program`);
    }
    if (hasHooks(next)) throw new Unreadable("a submodule of it has hooks");
    waiting.push(...submodulesOf(next, settings, mayRead));
  }
}

function isReadableWorkTree({ directory }: Repository, { value }: ConfigEntry, context: OperationContext): boolean {
  if (value === null) return false;
  const path = posix.resolve(directory, Buffer.from(value, "latin1").toString("utf8"));
  return context.decide(pathTarget("read", path)).effect === "allow";
}

/** Where git may look for a repository: `-C` moves on from the directory before, `--git-dir` and `--bare` name one. */
function startDirectories({ argv, cwd }: PathArguments): readonly { readonly path: string; readonly bare: boolean }[] {
  const starts = [{ path: cwd, bare: false }];
  let here = cwd;
  for (const [at, word] of argv.entries()) {
    const next = argv[at + 1];
    if (word === "-C" && next !== undefined) {
      here = posix.resolve(here, next);
      starts.push({ path: here, bare: false });
    }
    // Takes the directory itself for a repository, although `safe.bareRepository` forbids finding one there.
    if (word === "--bare") starts.push({ path: here, bare: true });
    const named = word === "--git-dir" ? next : /^--git-dir=(.*)$/s.exec(word)?.[1];
    if (named !== undefined) starts.push({ path: posix.resolve(here, named), bare: true });
  }
  return starts;
}

/** git-config(1), GIT_CONFIG_COUNT. */
function asEnvironment(settings: readonly Setting[]): Readonly<Record<string, string>> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [at, [key, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${at}`] = key;
    variables[`GIT_CONFIG_VALUE_${at}`] = value;
  }
  return variables;
}

const refused = (typed: string, why: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` was not run in this repository: ${why}`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "builtin.git_configuration" },
  hint: "a person can take that out of the repository's configuration; what a repository brings is never run",
});
