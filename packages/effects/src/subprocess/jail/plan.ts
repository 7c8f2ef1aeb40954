/**
 * From the policy to what a jailed command may see. Everything else is not there: a jail is made of what is granted,
 * not of the host with holes in it. A directory is shown only if a rule covers all of it, writable only if it may be
 * read and written (mounts know no write-only); other grants show single files. Then everything inside that the
 * policy denies is hidden. What a jail cannot express is left out or refused, never shown wider (DEFAULT-NO).
 *
 * Between the plan and the mounts lie milliseconds in which another program may move files: a path that is gone then
 * stops the command; one that was swapped is shown under the name that was decided.
 */
import { lstatSync, realpathSync } from "node:fs";
import { type Failure, fail, type JailPlan, type OperationContext, ok, type Result } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";
import { maySee, type Sight, secretFiles } from "../clearance.ts";
import { partsOf } from "../command.ts";
import { type Coverage, coverageOf, granted, isWithin } from "./coverage.ts";
import { closedPaths } from "./local-only.ts";
import { type Findings, type Hidden, MAX_MOUNTS, Survey, tooManyMounts, Unjailable } from "./survey.ts";
import { SYSTEM_DIRECTORIES } from "./system.ts";

/** Files that grants other than directories may show, all together. */
const MAX_FILES = 500;

/** The jail of a command, or why it is not run. `typed`: the command, for messages. */
export function planJail(typed: string, sight: Sight, context: OperationContext): Result<JailPlan> {
  const { jail } = context;
  if (!jail.ok) return fail(noJail(typed, jail.reason));
  try {
    return ok({ bwrap: jail.bwrap, ...shownPaths(sight, context), network: false, clearance: sight.clearance });
  } catch (error) {
    if (error instanceof Unjailable) return fail(unjailable(typed, error));
    throw error;
  }
}

function shownPaths(
  sight: Sight,
  context: OperationContext,
): Pick<JailPlan, "readOnly" | "readWrite" | "hidden" | "links"> {
  const readable = granted(context.policy, "fs.read");
  const writable = granted(context.policy, "fs.write");
  if ([...readable, ...writable].some(({ kind, path }) => kind === "tree" && path === "/")) throw wholeDisk();
  const readTrees = treesOf(readable).filter((path) => isShowable(path, "read", sight, context));
  const writeTrees = deeper(readTrees, treesOf(writable)).filter(
    (path) => isShowable(path, "read", sight, context) && isShowable(path, "write", sight, context),
  );
  const survey = new Survey(context, sight, closedPaths([...readTrees, ...writeTrees], sight, context));
  const readFiles = singleFiles(readable, readTrees, false, survey, sight, context);
  const writeFiles = singleFiles(writable, writeTrees, true, survey, sight, context);
  if (readFiles.length + writeFiles.length > MAX_FILES) throw tooManyFiles();
  for (const tree of [...readTrees, ...writeTrees].sort(byDepth)) survey.walk(tree, new Set(writeTrees));
  return {
    readOnly: unique([...readTrees, ...readFiles, ...survey.findings.readOnly, ...programs(context)]).filter(
      (path) => !writeTrees.includes(path) && !writeFiles.includes(path),
    ),
    readWrite: unique([...writeTrees, ...writeFiles, ...pinnedAncestors(survey.findings, writeTrees)]),
    hidden: [...survey.findings.hidden, ...hiddenInSystem(sight, context)],
    links: survey.findings.links,
  };
}

/**
 * Writable directories above something that must stay where it is. A mount point cannot be renamed, but a directory that
 * holds one can, and the protected thing would move with it; so each is made a mount point itself.
 */
function pinnedAncestors({ hidden, readOnly, links }: Findings, trees: readonly string[]): readonly string[] {
  const closed = new Set(readOnly);
  const pinned = new Set<string>();
  for (const path of [...readOnly, ...[...hidden, ...links].map((one) => one.path)]) {
    for (const tree of trees.filter((one) => isWithin(path, one))) {
      let at = path.indexOf("/", tree.length + 1);
      for (; at !== -1 && !closed.has(path.slice(0, at)); at = path.indexOf("/", at + 1)) pinned.add(path.slice(0, at));
    }
  }
  if (pinned.size > MAX_MOUNTS) throw tooManyMounts();
  return [...pinned];
}

const treesOf = (coverages: readonly Coverage[]): readonly string[] =>
  coverages.flatMap((coverage) => (coverage.kind === "tree" ? [coverage.path] : []));

/** Directories that both lists cover: of each pair of which one holds the other, the inner one. */
function deeper(some: readonly string[], others: readonly string[]): readonly string[] {
  const pairs = some.flatMap((one) => others.map((other) => [one, other] as const));
  return unique(pairs.flatMap(([one, other]) => (isWithin(one, other) ? [one] : isWithin(other, one) ? [other] : [])));
}

/** A directory under its real name, itself allowed. A grant by a name that goes through a link shows nothing. */
function isShowable(path: string, role: "read" | "write", sight: Sight, context: OperationContext): boolean {
  const real = attempt(() => realpathSync.native(path));
  if (!real.ok || real.value !== path || !isKind(path, "directory") || isOfKernel(path)) return false;
  return maySee(role, path, sight, context);
}

/** Files of grants that cover no directory. `trees` are shown as a whole already. */
function singleFiles(
  coverages: readonly Coverage[],
  trees: readonly string[],
  writable: boolean,
  survey: Survey,
  sight: Sight,
  context: OperationContext,
): readonly string[] {
  const without = (path: string): boolean => trees.some((tree) => isWithin(path, tree));
  const may = (path: string): boolean =>
    (writable ? (["read", "write"] as const) : (["read"] as const)).every((role) => maySee(role, path, sight, context));
  const files = coverages.flatMap(({ kind, path }) => {
    if (kind === "tree" || without(path)) return [];
    if (kind === "some")
      return isKind(path, "directory") && !isOfKernel(path) ? survey.files(path, { writable, without }) : [];
    return isRealFile(path) && may(path) ? [path] : [];
  });
  return unique(files);
}

const isRealFile = (path: string): boolean => {
  const real = attempt(() => realpathSync.native(path));
  return real.ok && real.value === path && isKind(path, "file") && !isOfKernel(path);
};

/** A jail has its own of these. */
const isOfKernel = (path: string): boolean => ["/proc", "/sys", "/dev"].some((directory) => isWithin(path, directory));

function isKind(path: string, kind: "file" | "directory"): boolean {
  const stats = attempt(() => lstatSync(path));
  return stats.ok && (kind === "file" ? stats.value.isFile() : stats.value.isDirectory());
}

/** Allowed commands that lie outside the system's directories: the file itself and its interpreter, nothing beside. */
const programs = ({ policy }: OperationContext): readonly string[] =>
  policy.subprocess.commands
    .flatMap(partsOf)
    .map(({ path }) => path)
    .filter((path) => !isInSystem(path) && isRealFile(path));

const isInSystem = (path: string): boolean => SYSTEM_DIRECTORIES.some((directory) => isWithin(path, directory));

/** Below the system's directories: what no path may reach, and what a deny rule names by a path. */
function hiddenInSystem(sight: Sight, context: OperationContext): readonly Hidden[] {
  const { policy, protectedPaths } = context;
  const rules = [policy, ...policy.ceilings].flatMap((layer) => layer.rules);
  const denied = rules.flatMap(({ effect, sealed, on, match }) =>
    (effect !== "allow" || sealed === true) && match.kind === "path" && on.includes("fs.read")
      ? match.patterns.map((pattern) => coverageOf(pattern, match.below)).filter(({ kind }) => kind !== "some")
      : [],
  );
  const closed = protectedPaths.filter(({ access }) => access === "all");
  return unique([...[...denied, ...closed].map(({ path }) => path), ...secretFiles(context)])
    .filter((path) => isInSystem(path) && !maySee("read", path, sight, context))
    .flatMap((path): Hidden[] => {
      if (isKind(path, "directory")) return [{ path, kind: "directory" }];
      return isKind(path, "file") ? [{ path, kind: "file" }] : [];
    });
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)];

const byDepth = (a: string, b: string): number => a.length - b.length;

const wholeDisk = (): Unjailable =>
  new Unjailable("a rule grants `/`, and a jail cannot show the whole disk", "grant the directories that are needed");

const tooManyFiles = (): Unjailable =>
  new Unjailable(
    `grants such as \`src/*.ts\` match more than ${MAX_FILES} files, and a jail shows each by itself`,
    "grant the directory instead, as `src/**`",
  );

const noJail = (typed: string, reason: string): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` would run in a jail, and no jail works here: ${reason}`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "subprocess.sandbox" },
  hint: 'install bubblewrap, or write `[subprocess] sandbox = "none"`, with which commands run open: they can read and write what you can',
});

const unjailable = (typed: string, { message, hint }: Unjailable): Failure => ({
  code: "E_POLICY_DENIED",
  message: `\`${typed}\` was not run, as its jail cannot be built: ${message}`,
  capability: "subprocess.exec",
  target: typed,
  rule: { id: "subprocess.sandbox" },
  hint: `${hint}; or write \`[subprocess] sandbox = "none"\`, with which commands run open`,
});
