/**
 * Rules about tools, held against the tools that are defined: a denial of a name that nobody has would deny nothing, and
 * nobody would notice. Namespaces that are not this program's are somebody else's to define, and left alone.
 */
import { didYouMean, isTool, type PolicyData, type PolicyProblem, toolNamed } from "@agent-run/policy";
import type { OwnCapability } from "./define-capability.ts";

/** One problem for each rule that names a tool of a defined namespace which is not defined itself. */
export function unknownTools(policy: PolicyData, capabilities: readonly OwnCapability[]): readonly PolicyProblem[] {
  const known = capabilities.map(({ name }) => toolNamed(name));
  const namespaces = new Set(known.map(namespaceOf));
  const isUnknown = (on: string) =>
    isTool(on) && !on.endsWith(".*") && namespaces.has(namespaceOf(on)) && !known.some((name) => name === on);
  return [policy, ...policy.ceilings].flatMap(({ rules }) =>
    rules.flatMap(({ on, ref: { id, file = "", line = 1, column = 1 } }) =>
      on.filter(isUnknown).map((name) => ({
        ...{ file, line, column, text: "" },
        message: `\`${id}\` is about \`${name}\`, which no capability of this program is`,
        hint: didYouMean(name, known) ?? `there are: ${known.join(", ")}`,
      })),
    ),
  );
}

const namespaceOf = (name: string): string => name.slice(0, name.lastIndexOf("."));
