/** The actions of agsec, and what each is here. A denial of one reaches further than a grant of it. */
import type { Effect } from "./draft.ts";

/** An action of theirs, what it is here, and which parameter is which attribute. */
export interface Action {
  readonly name: string;
  readonly on: readonly string[];
  /** Denials reach further: what else does the same. */
  readonly denies?: readonly string[];
  readonly parameter: string;
  readonly attribute: "command_line" | "path" | null;
}

export const ACTIONS: readonly Action[] = [
  { name: "bash.execute", on: ["subprocess.exec"], parameter: "params.command", attribute: "command_line" },
  { name: "file.read", on: ["fs.read"], parameter: "params.file_path", attribute: "path" },
  {
    name: "file.write",
    on: ["fs.write"],
    denies: ["fs.write", "fs.delete"],
    parameter: "params.file_path",
    attribute: "path",
  },
  { name: "file.edit", on: [], denies: ["fs.write", "fs.delete"], parameter: "params.file_path", attribute: "path" },
  { name: "file.delete", on: [], denies: ["fs.delete"], parameter: "params.file_path", attribute: "path" },
  { name: "web.fetch", on: ["net.http_get"], denies: ["net.*"], parameter: "params.url", attribute: null },
];

/** Only of what a run would ask anyway: a question about more than it opens stays within the grants. */
export const capabilities = (action: Action, effect: Effect): readonly string[] =>
  effect === "allow" ? action.on : (action.denies ?? action.on);

/** As `fnmatch`: `*`, `?` and classes; a class is taken to match any character for denials, and for grants nothing. */
export function matchesAction(pattern: string, name: string, effect: Effect): boolean {
  if (pattern.length > 100 || (effect === "allow" && /[[\]]/.test(pattern))) return effect !== "allow";
  const pieces = pattern.match(/\[[!^]?\]?[^\]]*\]|[\s\S]/g) ?? [];
  const source = pieces
    .map((one) => (one === "*" ? ".*" : one === "?" || one.length > 1 ? "." : one.replace(/[^\w]/g, "\\$&")))
    .join("");
  return new RegExp(`^${source.replace(/(?:\.\*)+/g, ".*")}$`).test(name);
}
