/**
 * Finds the repositories that a call of git would use, and reads their settings: the one around each directory that it
 * may start in, and the submodules below, which git enters on its own. Reading only; nothing of git is run for it.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { attempt } from "../../fs/attempt.ts";
import { whereItLeads } from "../path-arguments.ts";
import { type ConfigEntry, parseConfig } from "./config-file.ts";
import { submodulePaths } from "./index-file.ts";

export interface Repository {
  /** `.git`, or where a `.git` file leads. */
  readonly directory: string;
  /** Where settings, hooks and objects are: another directory in linked work trees. */
  readonly common: string;
  /** Null for a directory that was named by `--git-dir`. */
  readonly workTree: string | null;
}

/** Why a repository's settings cannot be relied on. */
export class Unreadable extends Error {}

/** The policy is why. */
export class Closed extends Unreadable {}

const MAX_INCLUDES = 20;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_HOOKS = 1000;

/** False for files whose content must not get into anything that a script sees. */
export type MayRead = (path: string) => boolean;

/** Every `.git` from `start` upwards, up to the first that git would surely take. */
export function repositoriesAround(start: string, mayRead: MayRead): readonly Repository[] {
  const found: Repository[] = [];
  for (let directory = start; ; directory = posix.dirname(directory)) {
    const repository = repositoryAt(directory, mayRead);
    if (repository !== null) found.push(repository);
    if (directory === "/" || (repository !== null && isComplete(repository, mayRead))) return found;
  }
}

/** The first that git would surely take; null if there is none. */
export function nearestRepository(start: string, mayRead: MayRead): Repository | null {
  const last = repositoriesAround(start, mayRead).at(-1);
  return last !== undefined && isComplete(last, mayRead) ? last : null;
}

/** The repository whose work tree is this directory. */
function repositoryAt(workTree: string, mayRead: MayRead): Repository | null {
  const path = posix.join(workTree, ".git");
  const there = attempt(() => lstatSync(path));
  if (!there.ok) return null;
  const directory = isDirectory(path) ? path : linkedDirectory(path, workTree, mayRead);
  return directory === null ? null : { directory, common: commonDirectory(directory, mayRead), workTree };
}

/** A directory that is itself a repository. */
export const bareRepository = (directory: string, mayRead: MayRead): Repository => ({
  directory,
  common: commonDirectory(directory, mayRead),
  workTree: null,
});

/** All settings, included files too, in the order of the files. Throws `Unreadable`. */
export function settingsOf({ directory, common }: Repository, mayRead: MayRead): readonly ConfigEntry[] {
  const files = [posix.join(common, "config"), posix.join(directory, "config.worktree")];
  const budget = { files: MAX_INCLUDES };
  return files.flatMap((file) => readSettings(file, budget, mayRead));
}

/** Work trees of its submodules that are checked out. Throws `Unreadable`. */
export function submodulesOf(
  repository: Repository,
  settings: readonly ConfigEntry[],
  mayRead: MayRead,
): readonly Repository[] {
  const { workTree, directory } = repository;
  if (workTree === null) return [];
  const sha256 = settings.some(({ key, value }) => key === "extensions.objectformat" && value === "sha256");
  const shared = attempt(() => readdirSync(directory).filter((name) => name.startsWith("sharedindex.")));
  const indexes = ["index", ...(shared.ok ? shared.value : [])].flatMap((name) => {
    const bytes = readSmall(posix.join(directory, name), mayRead);
    if (bytes === null) return [];
    const paths = submodulePaths(bytes, sha256);
    if (paths === null) throw new Unreadable("its index cannot be read");
    return paths;
  });
  return [...new Set(indexes)].flatMap((path) => repositoryAt(posix.join(workTree, path), mayRead) ?? []);
}

/** Has it a hook that could run? Samples and what is not executable do not count. */
export function hasHooks({ common }: Repository): boolean {
  const hooks = posix.join(common, "hooks");
  const names = attempt(() => readdirSync(hooks));
  if (!names.ok) return false;
  const candidates = names.value.filter((name) => !name.endsWith(".sample"));
  return candidates.length > MAX_HOOKS || candidates.some((name) => isExecutable(posix.join(hooks, name)));
}

function readSettings(file: string, budget: { files: number }, mayRead: MayRead): readonly ConfigEntry[] {
  if (budget.files-- <= 0) throw new Unreadable("its configuration includes too many files");
  const bytes = readSmall(file, mayRead);
  if (bytes === null) return [];
  const entries = parseConfig(bytes);
  if (entries === null) throw new Unreadable("its configuration cannot be read");
  return entries.flatMap((entry) => {
    if (!/^include(if\..*)?\.path$/s.test(entry.key) || entry.value === null) return [entry];
    return readSettings(includedFile(file, entry.value), budget, mayRead);
  });
}

/** Conditions of `includeIf` are taken as met: what may count is looked at. */
function includedFile(from: string, path: string): string {
  if (path.startsWith("~") || path.startsWith("%")) throw new Unreadable("its configuration includes a file by `~`");
  return posix.resolve(posix.dirname(from), Buffer.from(path, "latin1").toString("utf8"));
}

/** Null where there is no such file. Anything but a regular file of bearable size is not read at all. */
function readSmall(file: string, mayRead: MayRead): Buffer | null {
  // Asked of the place, not of what is there, so that the answer does not tell.
  if (!mayRead(whereItLeads(file))) throw new Closed("a file of it may not be read");
  const opened = attempt(() => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
  if (!opened.ok) {
    if (opened.refusal.code === "ENOENT" || opened.refusal.code === "ENOTDIR") return null;
    throw new Unreadable("a file of it cannot be read");
  }
  try {
    const stats = fstatSync(opened.value);
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) throw new Unreadable("a file of it cannot be read");
    return readFileSync(opened.value);
  } finally {
    closeSync(opened.value);
  }
}

/** Where a `.git` file (`gitdir: PATH`) leads. */
function linkedDirectory(file: string, workTree: string, mayRead: MayRead): string | null {
  const bytes = readSmall(file, mayRead);
  const path = /^gitdir: (.+?)[\r\n]*$/s.exec(bytes?.toString("utf8") ?? "")?.[1];
  return path === undefined ? null : posix.resolve(workTree, path);
}

function commonDirectory(directory: string, mayRead: MayRead): string {
  const bytes = readSmall(posix.join(directory, "commondir"), mayRead);
  return bytes === null ? directory : posix.resolve(directory, bytes.toString("utf8").replace(/[\r\n]+$/, ""));
}

/** What git asks for before it takes a directory as a repository (setup.c). In doubt no: then one more is looked at. */
function isComplete({ directory, common }: Repository, mayRead: MayRead): boolean {
  const head = readSmall(posix.join(directory, "HEAD"), mayRead)?.toString("latin1") ?? "";
  const pointsSomewhere = /^(ref: refs\/|[0-9a-f]{40})/.test(head);
  return pointsSomewhere && isDirectory(posix.join(common, "objects")) && isDirectory(posix.join(common, "refs"));
}

const isDirectory = (path: string): boolean => {
  // A link to a directory is one for git, too.
  const stats = attempt(() => statSync(path));
  return stats.ok && stats.value.isDirectory();
};

const isExecutable = (path: string): boolean => {
  const stats = attempt(() => statSync(path));
  return stats.ok && stats.value.isFile() && (stats.value.mode & 0o111) !== 0;
};
