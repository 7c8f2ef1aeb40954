/**
 * Did the script itself name this target? A check adds targets: where a link leads, what a word of a command's arguments
 * happens to name, what is overwritten, which directory has to be made. A refusal may show those that the script's own words stand for, and
 * no others: the name of anything else would tell what lies there.
 */
import { normalize } from "node:path/posix";
import { isJsonArray } from "./json.ts";
import type { CanonicalRequest, Target } from "./request.ts";

/** `root`: what the script's relative names hang under. */
export function isMentioned(typed: CanonicalRequest, { kind, value }: Target, root: string): boolean {
  if (typed.targets.some((one) => one.kind === kind && one.value === value)) return true;
  if (kind === "path" && typed.on === "fs.write" && typed.targets.some((one) => one.value.startsWith(`${value}/`)))
    return true;
  const { argv } = typed.attrs;
  if (kind !== "path" || !isJsonArray(argv)) return false;
  const bases = [root, ...typed.targets.filter((one) => one.kind === "path").map((one) => one.value)];
  return argv.some((word) => typeof word === "string" && bases.some((base) => normalize(`${base}/${word}`) === value));
}
