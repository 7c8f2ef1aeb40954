/**
 * Files of approvals: pending tickets, their answers, saved rules, keys. The only file of this package that touches the
 * disk. What it guards: what is read was written by this user and can be changed by nobody else, neither the file nor a
 * directory on the way to it; what is written is there whole or not at all.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Why a place or a file is not believed; a sentence for the operator. */
export class UnsafePlace extends Error {
  override readonly name = "UnsafePlace";
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY, O_CREAT, O_EXCL } = constants;
const OTHERS_WRITE = 0o022;
const GROUP_WRITES = 0o020;
const STICKY = 0o1000;
const MOST_BYTES = 1024 * 1024;

/** Makes it where it is missing, for us alone. Throws an UnsafePlace where others could put something into it. */
export function ownDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return safeDirectory(path);
}

/** Its real path. */
function safeDirectory(path: string): string {
  const real = realpathSync(path);
  const self = process.getuid?.();
  if (self === undefined) return real;
  const { uid, mode } = lstatSync(real);
  if (uid !== self) throw new UnsafePlace(`\`${path}\` belongs to another user`);
  if ((mode & OTHERS_WRITE) !== 0) throw new UnsafePlace(`\`${path}\` can be written by others (chmod go-w)`);
  for (let above = dirname(real); ; above = dirname(above)) {
    const { uid: owner, gid, mode: bits } = lstatSync(above);
    // Our own group is no other: many systems give each user one, and a umask to go with it.
    const others = gid === process.getgid?.() ? OTHERS_WRITE & ~GROUP_WRITES : OTHERS_WRITE;
    const isOpen = (bits & others) !== 0 && (bits & STICKY) === 0;
    if ((owner !== self && owner !== 0) || isOpen)
      throw new UnsafePlace(`\`${path}\` can be replaced by others, who can write \`${above}\``);
    if (above === dirname(above)) return real;
  }
}

/** Null: there is none. Throws an UnsafePlace for one that is no regular file of ours alone. */
export function readOwn(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new UnsafePlace(`\`${path}\` cannot be read: ${code === "ELOOP" ? "it is a link" : code}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new UnsafePlace(`\`${path}\` is no regular file`);
    if (stat.size > MOST_BYTES) throw new UnsafePlace(`\`${path}\` is larger than 1 MiB`);
    if (stat.uid !== (process.getuid?.() ?? stat.uid)) throw new UnsafePlace(`\`${path}\` belongs to another user`);
    if ((stat.mode & OTHERS_WRITE) !== 0) throw new UnsafePlace(`\`${path}\` can be written by others (chmod go-w)`);
    safeDirectory(dirname(path));
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

/** In the place of the one that is there, if one is. */
export function replaceOwn(path: string, text: string): void {
  const beside = written(path, text);
  renameSync(beside, path);
}

/** False: one is there already, and was left as it is. */
export function createOwn(path: string, text: string): boolean {
  const beside = written(path, text);
  try {
    linkSync(beside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** As long as another process changes the file; one that died while it did so is not waited for. */
const LOCK_WAIT_MS = 1000;
const STALE_MS = 10_000;
const STEP_MS = 20;

/** Reads and writes of a file as one step among processes. Null: another one did not get done. */
export function alone<T>(path: string, change: () => T): T | null {
  const lock = `${path}.lock`;
  for (let waited = 0; !createOwn(lock, ""); waited += STEP_MS) {
    const since = lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - since > STALE_MS) rmSync(lock, { force: true });
    else if (waited >= LOCK_WAIT_MS) return null;
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
  }
  try {
    return change();
  } finally {
    rmSync(lock, { force: true });
  }
}

export const removeOwn = (path: string): void => rmSync(path, { force: true });

/** Names in a directory, sorted; none where there is no such directory. */
export function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function written(path: string, text: string): string {
  const directory = ownDirectory(dirname(path));
  const beside = join(directory, `.${randomBytes(12).toString("hex")}.new`);
  const fd = openSync(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return beside;
}
