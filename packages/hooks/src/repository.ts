/**
 * What git takes for a repository besides `.git`: any directory with `HEAD`, `objects` and `refs` in it is one, and its
 * `config` names programs that git starts (`core.fsmonitor`). Whoever may write below `out/**` could make one there.
 */
import type { Judge } from "./judge.ts";

/** The directories where git would begin, and all above them: it looks upwards. */
export function judgeRepository(judge: Judge, call: string, directories: readonly string[]): void {
  const all = new Set(directories.flatMap((one) => upwards(judge.world.whereItLeads(one))));
  const found = [...all].find((one) => !one.endsWith("/.git") && isRepository(judge, one));
  if (found !== undefined)
    judge.deny(
      call,
      "repository",
      `git takes \`${found}\` for a repository, whose settings can start any program: run it elsewhere, or name another directory`,
    );
}

const upwards = (directory: string): readonly string[] => {
  const names = directory.split("/");
  return names.slice(1).map((_, at) => names.slice(0, at + 2).join("/"));
};

const isRepository = ({ world }: Judge, directory: string): boolean =>
  world.isThere(`${directory}/HEAD`) && ["objects", "commondir"].some((name) => world.isThere(`${directory}/${name}`));

/** The file without which a directory is none. In `.git` no rule of a policy lets it be written. */
export const beginsRepository = (path: string): boolean => /(?:^|\/)HEAD(?:\/\.?)*$/.test(path);
