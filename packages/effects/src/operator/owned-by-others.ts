/**
 * Could somebody else change what has this path? Then a command there is not ours to run. Trusted are root and the user
 * that runs us; a group may write only where root gave it the directory (Debian's `/usr/local/bin` is of group `staff`),
 * or where it is the user's own group.
 */
import { type Stats, statSync } from "node:fs";
import { posix } from "node:path";

type Owned = Pick<Stats, "uid" | "gid" | "mode">;

const OTHERS_WRITE = 0o002;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;

export function writableByOthers({ uid, gid, mode }: Owned): boolean {
  const self = process.getuid?.() ?? 0;
  if ((mode & OTHERS_WRITE) !== 0) return true;
  if (uid !== 0 && uid !== self) return true;
  return (mode & GROUP_WRITES) !== 0 && uid !== 0 && gid !== process.getgid?.();
}

/** Also whether somebody could put another thing into its place, by renaming a directory above. Throws on missing ones. */
export function replaceableByOthers(path: string): boolean {
  for (let directory = path; directory !== "/"; directory = posix.dirname(directory)) {
    const stats = statSync(directory);
    // In a sticky directory everybody may make names, but only the owner of one may change it.
    const sticky = directory !== path && (stats.mode & STICKY) !== 0 && stats.uid === 0;
    if (!sticky && writableByOthers(stats)) return true;
  }
  return false;
}
