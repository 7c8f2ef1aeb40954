/**
 * P1: what may receive sealed data must not show in what is public. The files themselves can not: local-only beats every
 * public grant. But a write changes the time and the entries of the directory that holds the file, so a file (or a pattern
 * with wildcards) may receive sealed data only where nothing public covers that directory. And a jail hides what it can
 * name: with public commands, local-only patterns are a path, or a directory and all of it.
 */

import { compilePathGlob } from "./glob.ts";
import { isWild, parentOf, patternsOverlap, treeOf } from "./glob-overlap.ts";
import type { Layer, LayerEntry } from "./merge.ts";
import { pathText } from "./path.ts";
import type { PolicyData } from "./policy-data.ts";
import type { Problems } from "./problem.ts";

export interface FileCheck {
  readonly data: PolicyData;
  readonly layer: Layer;
  readonly problems: Problems;
}

export interface FileProblem {
  readonly entry: LayerEntry;
  readonly message: string;
  readonly hint: string;
}

export function fileProblems({ data, layer }: FileCheck): readonly FileProblem[] {
  const written = entriesOf(layer, "filesystem.local_only_write");
  const read = entriesOf(layer, "filesystem.local_only_read");
  const shown = written.flatMap((entry) => shownParent(entry, data));
  return [...shown, ...(hasJailedCommands(layer, data) ? [...read, ...written].flatMap(unnamed) : [])];
}

const entriesOf = (layer: Layer, key: LayerEntry["key"]): readonly LayerEntry[] =>
  layer.entries.filter((entry) => entry.key === key);

const patternsOf = ({ meaning }: LayerEntry): readonly string[] =>
  meaning.match?.kind === "path" ? meaning.match.patterns : [];

function shownParent(entry: LayerEntry, { rules }: PolicyData): readonly FileProblem[] {
  const sealed = rules.flatMap(({ sealed: is, match }) => (is === true && match.kind === "path" ? match.patterns : []));
  const open = rules.filter(({ effect, sealed: is, on }) => effect !== "deny" && is !== true && on.includes("fs.read"));
  for (const pattern of patternsOf(entry)) {
    const parent = parentOf(pattern);
    if (parent === null || isCovered(parent, sealed)) continue;
    const rule = open.find(
      ({ match }) => match.kind === "path" && match.patterns.some((one) => patternsOverlap(one, parent)),
    );
    if (rule === undefined) continue;
    const message = `writing there shows in the directory above, which \`${rule.ref.id}\` makes public`;
    return [{ entry, message, hint: "name a directory of its own, as `private/**`" }];
  }
  return [];
}

/** Is every such directory local-only itself? */
function isCovered(parent: string, sealed: readonly string[]): boolean {
  const path = isWild(parent) ? null : pathText(parent.replace(/\\(.)/gsu, "$1"));
  if (path !== null) return sealed.some((pattern) => compilePathGlob(pattern).matchesFolded(path, true));
  const trees = sealed.flatMap((pattern) => treeOf(pattern) ?? []);
  return trees.some((tree) => parent === tree || parent.startsWith(`${tree}/`));
}

/** Public ones, and those that are given a secret: both must not see what is local-only. */
function hasJailedCommands(layer: Layer, { subprocess }: PolicyData): boolean {
  if (subprocess.sandbox === "none") return false;
  const isPublic = layer.entries.some(({ key }) => key === "subprocess.allow_commands");
  return isPublic || layer.tables.secrets.some(({ uses }) => uses.some(({ data }) => data.kind === "command"));
}

function unnamed(entry: LayerEntry): readonly FileProblem[] {
  if (patternsOf(entry).every((pattern) => !isWild(pattern) || treeOf(pattern) !== null)) return [];
  const message =
    "commands are allowed, and a jail hides only what it can name: one path, or a directory and all of it";
  return [{ entry, message, hint: "write `notes/**` or `notes/a.md`" }];
}
