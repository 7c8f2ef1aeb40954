import { realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { attempt } from "../fs/attempt.ts";

/**
 * What `~` stands for: $HOME first, then the account's home, each also by its real path, so that a denial below `~`
 * holds however the place is reached. Absolute, without duplicates.
 */
export function homes(home: string | undefined = process.env.HOME): readonly string[] {
  const named = [home, accountHome()].filter((path) => path?.startsWith("/")) as string[];
  return [...new Set(named.flatMap((path) => [withoutSlash(path), realHome(path)]))];
}

/** An account without an entry in the user database has no home. */
function accountHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}

function realHome(path: string): string {
  const real = attempt(() => realpathSync(path));
  return real.ok ? real.value : withoutSlash(path);
}

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, "");
