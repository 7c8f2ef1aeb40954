/** Which version of the policy language a text is written in, for tools that rewrite it; loading reads all of them. */
import { isDialect, readDialect } from "./dialect.ts";
import { Problems, type Source, START } from "./problem.ts";
import { readToml, type TableNode } from "./toml.ts";
import type { PolicyProblem } from "./world.ts";

export type PolicyVersion =
  /** Version 1 of our own language. */
  | { readonly kind: "current" }
  /** Of Aegis or Denyx; `document` is the same in version 1, each value at its place in the text. */
  | { readonly kind: "dialect"; readonly document: TableNode; readonly notes: readonly PolicyProblem[] }
  | { readonly kind: "unknown"; readonly problems: readonly PolicyProblem[] };

export function versionOf(source: Source): PolicyVersion {
  const problems = new Problems();
  const document = readToml(source, problems);
  if (document !== null && isDialect(document)) {
    const dialect = readDialect(document, source, problems);
    if (dialect !== null) return { kind: "dialect", ...dialect };
  } else if (document !== null) {
    const version = document.entries.get("version");
    if (version?.node.kind === "integer" && version.node.value === 1) return { kind: "current" };
    const message = version === undefined ? "`version` is missing" : "the version is not known";
    problems.add(source, version?.node.at ?? START, message, "known are `version = 1`, and `1.0.0` of Aegis and Denyx");
  }
  return { kind: "unknown", problems: problems.all() };
}
