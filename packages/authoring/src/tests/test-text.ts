/** A test as TOML, on three lines, for pasting into a policy. */
import { isJsonArray, isJsonObject, type Json, type PolicyCall, type PolicyTest } from "@agent-run/policy";
import { timeText } from "./clause-text.ts";

export function testText({ call, circumstances }: PolicyCall, expect: PolicyTest["expect"]): string {
  const { now, actor } = circumstances;
  const members = Object.entries(call).map(([name, value]) => `${name} = ${valueText(value)}`);
  const around = [
    ...(now === null ? [] : [`now = ${timeText(now)}`]),
    ...(actor === null ? [] : [`actor = ${tomlText(actor)}`]),
  ];
  return `[[test]]\ngiven = { ${[...members, ...around].join(", ")} }\nexpect = ${expectText(expect)}\n`;
}

function expectText({ effect, rule, code }: PolicyTest["expect"]): string {
  if (rule === undefined && code === undefined) return tomlText(effect);
  const parts = [
    `effect = ${tomlText(effect)}`,
    ...(rule === undefined ? [] : [`rule = ${tomlText(rule)}`]),
    ...(code === undefined ? [] : [`code = ${tomlText(code)}`]),
  ];
  return `{ ${parts.join(", ")} }`;
}

function valueText(value: Json): string {
  if (typeof value === "string") return tomlText(value);
  if (isJsonArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (!isJsonObject(value)) return String(value);
  const members = Object.entries(value).map(([name, member]) => `${tomlText(name)} = ${valueText(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** A basic string: JSON's escapes are TOML's, but for the control character that JSON leaves as it is. */
const tomlText = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007f");
