/**
 * What a path pattern of an allow rule covers, as a jail can express it: a whole directory, one path, or neither. A
 * jail shows directories and files, not patterns; what is neither is shown file by file, never as a wider directory.
 * The grammar of patterns stands at `RuleMatch` in the policy package.
 */
import type { Capability, PolicyData } from "@agent-run/gate";

export type Coverage =
  /** Everything at and below `path`, whether or not it exists yet. */
  | { readonly kind: "tree"; readonly path: string }
  /** The path itself, nothing below. */
  | { readonly kind: "one"; readonly path: string }
  /** Something below `path`. */
  | { readonly kind: "some"; readonly path: string };

/** What the allow rules of a capability cover, without repetition: those of the policy and of every ceiling. */
export function granted(policy: PolicyData, on: Capability): readonly Coverage[] {
  const ceilings = policy.ceilings.map((ceiling) => grantedBy(ceiling, on));
  return ceilings.reduce(
    (all, others) => unique(all.flatMap((one) => others.flatMap((other) => meet(one, other)))),
    [...grantedBy(policy, on)],
  );
}

/** What both cover; where one is no whole directory, at most files of which each is decided by itself. */
function meet(one: Coverage, other: Coverage): readonly Coverage[] {
  const [outer, inner] = isWithin(other.path, one.path) ? [one, other] : [other, one];
  if (!isWithin(inner.path, outer.path) || (outer.kind === "one" && outer.path !== inner.path)) return [];
  if (one.kind === "tree" && other.kind === "tree") return [inner];
  const { path } = inner;
  const single = inner.kind === "one" || outer.kind === "one";
  return [{ kind: single ? "one" : "some", path }];
}

const unique = (coverages: readonly Coverage[]): Coverage[] => [
  ...new Map(coverages.map((coverage) => [`${coverage.kind} ${coverage.path}`, coverage])).values(),
];

function grantedBy(policy: PolicyData, on: Capability): readonly Coverage[] {
  const found = new Map<string, Coverage>();
  for (const rule of policy.rules) {
    if (rule.effect !== "allow" || rule.match.kind !== "path" || !rule.on.includes(on)) continue;
    for (const pattern of rule.match.patterns) {
      const coverage = coverageOf(pattern, rule.match.below);
      found.set(`${coverage.kind} ${coverage.path}`, coverage);
    }
  }
  return [...found.values()];
}

export function coverageOf(pattern: string, below: boolean): Coverage {
  const segments = pattern === "/" ? [] : pattern.slice(1).split("/");
  const wild = segments.findIndex((segment) => /(?<!\\)(?:\\\\)*[*?[{]/.test(segment));
  const literal = (wild === -1 ? segments : segments.slice(0, wild)).map((segment) => segment.replace(/\\(.)/gs, "$1"));
  const path = `/${literal.join("/")}`;
  if (wild === -1) return { kind: below ? "tree" : "one", path };
  const rest = segments.slice(wild);
  return { kind: rest.every((segment) => segment === "**") ? "tree" : "some", path };
}

/** At or below. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
