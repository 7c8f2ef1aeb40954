/**
 * Whether records may be kept in a directory: only we may write it and only we may put another in its place. Whoever
 * else could do either would give the next run a record of their own, or take one away.
 */
import type { Stats } from "node:fs";
import type { Failure } from "@agent-run/gate";

/** Without following links: one in the place of the directory is one of somebody's choosing. */
export type Place = Pick<Stats, "uid" | "gid" | "mode" | "isDirectory" | "isSymbolicLink">;

/** Our user and group; null where the system has none. */
export type Self = { readonly uid: number; readonly gid: number } | null;

const OTHERS_WRITE = 0o022;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;

/** What is wrong with `runs` in `parent`, or null. */
export function objectionTo(runs: Place, parent: Place, self: Self): Failure | null {
  if (runs.isSymbolicLink()) return refused("is a link", "put a directory in its place");
  if (!runs.isDirectory()) return refused("is no directory", "move it away");
  if (self === null) return null;
  if (runs.uid !== self.uid) return refused("belongs to another user", "make it yours (chown)");
  if ((runs.mode & OTHERS_WRITE) !== 0) return refused("can be written by others", "take that away (chmod go-w)");
  return isReplaceable(parent, self)
    ? refused("can be replaced by others, who can write the directory it is in", "take that away (chmod go-w)")
    : null;
}

/**
 * In a sticky directory everybody may make names, but only their owner, or the directory's, may change one. Our own group
 * is no other: many systems give each user one, and a umask to go with it.
 */
function isReplaceable({ uid, gid, mode }: Place, self: NonNullable<Self>): boolean {
  if (uid !== self.uid && uid !== 0) return true;
  const others = gid === self.gid ? OTHERS_WRITE & ~GROUP_WRITES : OTHERS_WRITE;
  return (mode & others) !== 0 && (mode & STICKY) === 0;
}

/** Without the directory's name: a model that has a script run sees this, too. */
const refused = (what: string, remedy: string): Failure => ({
  code: "E_AUDIT",
  message: `\`runs\`, where the record goes, ${what}, so nothing ran`,
  hint: `${remedy}, or name another directory with --audit; without it, \`runs\` is in ~/.local/state/agent-run`,
});
