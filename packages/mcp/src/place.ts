/**
 * Paths and path patterns as a model is told them: below the root relative, below the home directory with `~`. So the
 * name of the operator's account and what lies around the root are not told; other patterns are as the policy has them.
 */
import { rootPattern } from "@agent-run/policy";

export interface Places {
  readonly root: string;
  readonly home: string;
}

export const shownPath = (path: string, { root, home }: Places): string => under(path, root, home);

/** A rooted pattern holds its root and home as literals. */
export const shownPattern = (pattern: string, { root, home }: Places): string =>
  under(pattern, rootPattern(root, ""), rootPattern(home, ""));

function under(text: string, root: string, home: string): string {
  if (text === root) return ".";
  if (root !== "/" && text.startsWith(`${root}/`)) return text.slice(root.length + 1);
  if (text === home) return "~";
  return home !== "/" && text.startsWith(`${home}/`) ? `~/${text.slice(home.length + 1)}` : text;
}
