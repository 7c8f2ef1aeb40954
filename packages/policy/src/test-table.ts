/** `[[test]]`: a call, and the answer that the policy is expected to give. Run by tools, not by runs. */
import { readPolicyCall } from "./call-table.ts";
import { CODES } from "./codes.ts";
import type { PolicyTest } from "./condition.ts";
import type { Effect } from "./decision.ts";
import type { RawTable } from "./read-tables.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

export interface DeclaredTest {
  readonly table: RawTable;
  readonly data: PolicyTest;
}

const EFFECTS = ["allow", "ask", "deny"] as const;
const isEffect = (text: string | undefined): text is Effect => EFFECTS.some((one) => one === text);

/** Null where something is wrong with it; then it was reported. */
export function readTest(table: RawTable): DeclaredTest | null {
  const [node] = table.nodes("given");
  const given = node === undefined ? null : readPolicyCall(table, node);
  const expect = readExpect(table);
  if (given === null || expect === null) return null;
  const { line, column } = table.at;
  const at = { file: table.source.file, line, column };
  return { table, data: { name: table.text("name")?.text ?? null, given: given.call, expect, at } };
}

function readExpect(table: RawTable): PolicyTest["expect"] | null {
  const text = table.text("expect");
  if (text !== null && isEffect(text.text)) return { effect: text.text };
  if (text !== null) {
    const message = `\`${shown(text.text)}\` is no answer; there are: ${EFFECTS.join(", ")}`;
    table.report(text.at, message, didYouMean(text.text, EFFECTS));
    return null;
  }
  const [inner] = table.tables("expect");
  const effect = inner?.text("effect")?.text;
  if (inner === undefined || !isEffect(effect)) return null;
  const [rule, code] = [inner.text("rule"), inner.text("code")];
  const codes = Object.keys(CODES);
  if (code !== null && !codes.includes(code.text)) {
    inner.report(code.at, `there is no code \`${shown(code.text)}\``, didYouMean(code.text, codes));
    return null;
  }
  return {
    effect,
    ...(rule === null ? {} : { rule: rule.text }),
    ...(code === null ? {} : { code: code.text }),
  };
}
