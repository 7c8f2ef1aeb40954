/**
 * A repository directory of ours that stands for the one around a working directory while git talks to a remote with a
 * credential. Git is given its own configuration, HEAD and nothing else in the place of the repository's: its objects
 * and refs are read where they are, its configuration, hooks, attributes and grafts never. So there is no setting of a
 * repository to override or to forget (`insteadOf`, `pushurl`, `credential.helper`, proxies, includes, promisors).
 */
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { type Failure, fail, type OperationContext, ok, type Result } from "@agent-run/gate";
import { attempt } from "../../fs/attempt.ts";
import { credentialSight, maySee } from "../clearance.ts";
import { Closed, type MayRead, nearestRepository, type Repository, settingsOf, Unreadable } from "../git/repository.ts";
import { fixedEnvironment } from "../git/settings.ts";
import { DOOR_KEY_HEADER } from "./door.ts";

/** `cwd`: where git is started. `at`: a private directory. The environment that makes git use what was made. */
export function makeGitDirectory(
  cwd: string,
  at: string,
  doorKey: string,
  context: OperationContext,
): Result<Readonly<Record<string, string>>> {
  try {
    const mayRead: MayRead = (path) => maySee("read", path, credentialSight, context);
    const repository = realRepository(cwd, mayRead);
    if (repository === null) return fail(noRepository);
    const { common, directory } = repository;
    const used = [...["objects", "refs", "packed-refs"].map((name) => join(common, name)), join(directory, "HEAD")];
    if (!used.every(mayRead)) return fail(closedRepository);
    const path = join(at, "git");
    const head = headOf(repository);
    const settings = configText(isSha256(repository, mayRead), doorKey);
    const made = attempt(() => {
      mkdirSync(path);
      writeFileSync(join(path, "HEAD"), head);
      writeFileSync(join(path, "config"), settings, { mode: 0o600 });
      for (const name of ["refs", "packed-refs", "shallow"]) symlinkSync(join(common, name), join(path, name));
    });
    if (!made.ok) return fail(noRepository);
    return ok({ ...GIT_ENVIRONMENT, GIT_DIR: path, GIT_OBJECT_DIRECTORY: join(common, "objects") });
  } catch (error) {
    if (error instanceof Closed) return fail(closedRepository);
    if (error instanceof Unreadable) return fail(noRepository);
    throw error;
  }
}

/** No proxies, no prompts, no transport but the one to our door. HOME is the caller's: an empty directory. */
const GIT_ENVIRONMENT = {
  ...fixedEnvironment,
  GIT_ALLOW_PROTOCOL: "http",
  GIT_NO_REPLACE_OBJECTS: "1",
  NO_PROXY: "*",
  no_proxy: "*",
} as const;

/** The nearest repository around a directory, without links on the way to it. */
function realRepository(cwd: string, mayRead: MayRead): Repository | null {
  const found = nearestRepository(cwd, mayRead);
  if (found === null) return null;
  const real = attempt(() => ({
    directory: realpathSync.native(found.directory),
    common: realpathSync.native(found.common),
    workTree: found.workTree,
  }));
  return real.ok ? real.value : null;
}

function headOf({ directory }: Repository): string {
  const text = attempt(() => readFileSync(posix.join(directory, "HEAD"), "latin1"));
  const head = text.ok
    ? /^(?:ref: refs\/[^\p{Cc} ]+|[0-9a-f]{40}|[0-9a-f]{64})(?=\n|$)/u.exec(text.value)?.[0]
    : undefined;
  if (head === undefined) throw new Unreadable("its HEAD cannot be read");
  return `${Buffer.from(head, "latin1").toString("utf8")}\n`;
}

/** The one thing of a repository's configuration that its objects cannot be read without. */
const isSha256 = (repository: Repository, mayRead: MayRead): boolean =>
  settingsOf(repository, mayRead).some(({ key, value }) => key === "extensions.objectformat" && value === "sha256");

/** git-config(1). `push.default`: without a refspec the current branch goes to its own name. */
const configText = (sha256: boolean, doorKey: string): string =>
  [
    "[core]",
    `repositoryformatversion = ${sha256 ? 1 : 0}`,
    "bare = true",
    "hooksPath = /dev/null",
    ...(sha256 ? ["[extensions]", "objectformat = sha256"] : []),
    "[push]",
    "default = current",
    "recurseSubmodules = no",
    "gpgSign = false",
    "[http]",
    "followRedirects = false",
    `extraHeader = ${DOOR_KEY_HEADER}: ${doorKey}`,
    "",
  ].join("\n");

const noRepository: Failure = {
  code: "E_EXEC",
  message: "there is no git repository that can be read around the working directory",
  capability: "subprocess.exec",
  hint: "set `cwd` to a directory of the repository",
};

const closedRepository: Failure = {
  code: "E_POLICY_DENIED",
  message: "the repository's `.git` directory is not readable under the policy, so nothing of it is pushed",
  capability: "subprocess.exec",
  rule: { id: "default" },
  hint: "grant it in `[filesystem] read_allow`, as `.git/**`",
};
