/**
 * The token of one server, in a file that only its owner can read: in no argument, no URL and no variable, where other
 * accounts or a log could see it. New with every start. The file lies in agent-run's state, which no script can read.
 */
import { randomBytes } from "node:crypto";
import { closeSync, constants, lstatSync, mkdirSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "@agent-run/policy";

export interface TokenFile {
  readonly token: string;
  readonly path: string;
  remove(): void;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** `state`: agent-run's state directory. The name stays the same for a port, so that clients can be set up once. */
export function makeTokenFile(state: string, port: number): Result<TokenFile> {
  const token = randomBytes(32).toString("hex");
  const directory = join(state, "mcp");
  const path = join(directory, `http-${port}.token`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!isOurs(directory)) return fail(unwritable(directory, "others can write to it, or it is a link"));
    const fresh = `${path}.${randomBytes(4).toString("hex")}`;
    const file = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeSync(file, `${token}\n`);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
    return ok({ token, path, remove: () => remove(path) });
  } catch (error) {
    return fail(unwritable(directory, String((error as NodeJS.ErrnoException).code)));
  }
}

function isOurs(directory: string): boolean {
  const stat = lstatSync(directory);
  const isOwn = process.geteuid === undefined || stat.uid === process.geteuid();
  return stat.isDirectory() && isOwn && (stat.mode & 0o022) === 0;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or is somebody else's to remove; a token without its server opens nothing.
  }
}

const unwritable = (directory: string, why: string) => ({
  code: "E_CONFIG" as const,
  message: `the token of the server cannot be kept in \`${directory}\`: ${why}`,
  hint: "make it a directory of yours that nobody else can write to, or set XDG_STATE_HOME",
});
