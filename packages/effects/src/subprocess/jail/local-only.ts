/**
 * What of a shown directory is hidden from commands that are not cleared, without looking whether it is there: what
 * they see must not depend on how many local-only files there are, or what their names are. A directory that is
 * local-only, or in which a pattern makes files so, is hidden whole. A pattern that reaches everywhere (`*.pem` at any
 * depth) cannot be hidden so, and no such command runs. That a path exists which the policy names without
 * a pattern can be told: its name is in the policy for everybody to read.
 */
import type { OperationContext } from "@agent-run/gate";
import { type Sight, secretFiles } from "../clearance.ts";
import { coverageOf, isWithin } from "./coverage.ts";
import { Unjailable } from "./survey.ts";

/** Paths that are closed, whatever is at them. `trees`: the directories that are shown. Throws `Unjailable`. */
export function closedPaths(trees: readonly string[], sight: Sight, context: OperationContext): ReadonlySet<string> {
  const closed = new Set(secretFiles(context));
  if (sight.clearance === "cleared") return closed;
  for (const { pattern, below } of sealedPatterns(context)) {
    const { kind, path } = coverageOf(pattern, below);
    if (kind === "some" && trees.some((tree) => isWithin(tree, path) && reachesInto(pattern, tree))) throw everywhere();
    if (trees.some((tree) => isWithin(path, tree))) closed.add(path);
  }
  return closed;
}

function sealedPatterns({
  policy,
}: OperationContext): readonly { readonly pattern: string; readonly below: boolean }[] {
  const rules = [policy, ...policy.ceilings].flatMap((layer) => layer.rules);
  return rules.flatMap(({ sealed, match }) => {
    if (sealed !== true || match.kind !== "path") return [];
    const { below } = match;
    return match.patterns.map((pattern) => ({ pattern, below }));
  });
}

/** Can the pattern match below this directory? Without `**` it matches at one depth only. */
const reachesInto = (pattern: string, tree: string): boolean =>
  pattern.split("/").includes("**") || depth(pattern) > depth(tree);

const depth = (path: string): number => (path === "/" ? 0 : path.split("/").length - 1);

const everywhere = (): Unjailable =>
  new Unjailable(
    "a pattern makes files local-only anywhere in a directory that it could see, and their names cannot be hidden",
    "name local-only directories whole, as `private/**`, or files by their full names",
  );
