/**
 * A file that speaks for the whole machine is believed only if nobody but its owner, root, could have written it: a
 * regular file, no link, that root alone may write, in a directory that root alone may change. Only "does not exist" means
 * that there is none; whatever else the system answers counts as a file that cannot be believed (DEFAULT-NO).
 */
import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";

export type MachineFile =
  | { readonly kind: "absent" }
  | { readonly kind: "sound" }
  | { readonly kind: "unsound"; readonly reason: string; readonly hint: string };

/** `owner`: the user id of root. */
export function judgeMachineFile(path: string, owner: number): MachineFile {
  try {
    const file = lstatSync(path);
    const directory = lstatSync(dirname(path));
    if (!file.isFile()) return unsound("it is not a regular file", `put a regular file at ${path}, not a link`);
    if (!directory.isDirectory())
      return unsound("its directory is a link", `make ${dirname(path)} a directory of its own`);
    return faultOf(path, file, owner, "it") ?? faultOf(dirname(path), directory, owner, "its directory") ?? SOUND;
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && isLink(dirname(path)))
      return unsound(
        "its directory is a link to nothing",
        `make ${dirname(path)} a directory of its own, or remove it`,
      );
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    return unsound(`it can not be looked at (${code})`, `let everybody enter ${dirname(path)}`);
  }
}

/** What it led to may be away for a while, such as a disk that is not mounted. */
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const SOUND: MachineFile = { kind: "sound" };

function faultOf(path: string, { uid, mode }: Stats, owner: number, what: string): MachineFile | null {
  if (uid !== owner) return unsound(`${what} belongs to the user ${uid}, not to root`, `chown root ${path}`);
  if ((mode & 0o022) !== 0) return unsound(`${what} can be written by others than root`, `chmod go-w ${path}`);
  return null;
}

const unsound = (reason: string, hint: string): MachineFile => ({ kind: "unsound", reason, hint });
