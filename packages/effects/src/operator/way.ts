/**
 * The way to a path that only the operator may change: where it really lies, and every link that leads there. What
 * this guards: a record or a policy behind a link is protected where it is, and whoever could replace a link on the
 * way would give the next run another file.
 */
import { readlinkSync } from "node:fs";
import { posix } from "node:path";
import { attempt } from "../fs/attempt.ts";

export interface Way {
  /** Without links as far as it exists; what is missing keeps its names. */
  readonly real: string;
  /** Each link that is followed, by the real path of its directory and its name. */
  readonly links: readonly string[];
}

// The kernel's own bound (MAXSYMLINKS).
const MAX_LINKS = 40;

/** `path` hangs under the working directory where it is relative. Dot segments that were typed are lexical. */
export function wayTo(path: string): Way {
  const links: string[] = [];
  const steps = names(posix.resolve(path));
  let here = "/";
  for (let name = steps.shift(); name !== undefined; name = steps.shift()) {
    const next = posix.join(here, name);
    const text = attempt(() => readlinkSync(next));
    if (!text.ok || links.length >= MAX_LINKS) {
      here = next;
      continue;
    }
    links.push(next);
    steps.unshift(...names(text.value));
    if (text.value.startsWith("/")) here = "/";
  }
  return { real: here, links: [...new Set(links)] };
}

const names = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");
