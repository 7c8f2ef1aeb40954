/** Findings as SARIF 2.1.0 (OASIS), for code review tools. */
import { type Finding, LINTS, type LintId } from "./finding.ts";

export function sarifOf(findings: readonly Finding[], version: string): object {
  const rules = (Object.keys(LINTS) as LintId[]).map((id) => ({
    id,
    shortDescription: { text: LINTS[id].says },
    defaultConfiguration: { level: LINTS[id].level },
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "agent-run policy lint", version, rules } },
        // Columns count UTF-16 units, as the places of a policy do.
        columnKind: "utf16CodeUnits",
        results: findings.map(resultOf),
      },
    ],
  };
}

function resultOf({ lint, level, message, hint, rule, witness }: Finding): object {
  const shown = witness === undefined ? "" : ` (as in: ${witness})`;
  const region = { startLine: rule.line ?? 1, ...(rule.column === undefined ? {} : { startColumn: rule.column }) };
  return {
    ruleId: lint,
    level,
    message: { text: `${rule.id}: ${message}${shown}; ${hint}` },
    locations:
      rule.file === undefined ? [] : [{ physicalLocation: { artifactLocation: { uri: uriOf(rule.file) }, region } }],
  };
}

/** A relative reference, or a file URL; a `%`, `#` or `?` in a name is no part of the syntax. */
function uriOf(file: string): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? `file://${path}` : path;
}
