/** Single values of a policy: type, unit and range of each are in the key table. */
import { formatBytes, parseBytes } from "./byte-size.ts";
import type { KeyPath, ScalarKey } from "./keys.ts";
import { type Misread, misread } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import type { Node } from "./toml.ts";

export type ScalarValue = string | number | boolean;
type Read = { readonly ok: true; readonly value: ScalarValue } | Misread;

/** Longest `name`, `description` or URL. */
const MAX_TEXT = 2000;

/** `last` is the key's last part as written, for messages. */
export function readScalar(key: KeyPath, spec: ScalarKey, node: Node, last: string): Read {
  if (spec.type === "version") return readVersion(node);
  if (spec.type === "flag") {
    return node.kind === "boolean"
      ? { ok: true, value: node.value }
      : misread(`\`${last}\` takes \`true\` or \`false\``);
  }
  if (spec.type === "text") return readText(key, node, last);
  if (spec.type === "choice") return readChoice(spec, node, last);
  return readNumber(spec, node, last);
}

function readVersion(node: Node): Read {
  if (node.kind === "integer" && node.value === 1) return { ok: true, value: 1 };
  return misread("`version` must be the whole number 1, the only version that is known", "write `version = 1`");
}

function readText(key: KeyPath, node: Node, last: string): Read {
  if (node.kind !== "string") return misread(`\`${last}\` takes a string`);
  if (node.value.length > MAX_TEXT) return misread(`\`${last}\` is longer than ${MAX_TEXT} characters`);
  // The name stands in banners and records on one line; descriptions may have several.
  const oneLine = key === "name" ? node.value : node.value.replace(/[\n\t]/g, " ");
  if (!/^[ -~]*$/.test(oneLine) && /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(oneLine))
    return misread(`\`${last}\` holds a control character`);
  if (key === "tools.NAME.backend_url" && !(/^https?:\/\//i.test(node.value) && URL.canParse(node.value))) {
    return misread(`\`${last}\` takes an http or https URL`);
  }
  return { ok: true, value: node.value };
}

function readChoice(spec: ScalarKey, node: Node, last: string): Read {
  const values = spec.values ?? [];
  const words = values.map((value) => `"${value}"`).join(", ");
  if (node.kind !== "string") return misread(`\`${last}\` takes one of ${words}`);
  if (values.includes(node.value)) return { ok: true, value: node.value };
  return misread(`\`${last}\` takes ${values.length > 1 ? "one of " : ""}${words}`, didYouMean(node.value, values));
}

function readNumber(spec: ScalarKey, node: Node, last: string): Read {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec;
  const value = numberOf(spec, node);
  if (value === null) return misread(`\`${last}\` takes ${UNIT[spec.type] ?? "a number"}`, EXAMPLE[spec.type]);
  if (value >= min && value <= max) return { ok: true, value };
  const [low, high] = spec.type === "bytes" ? [formatBytes(min), formatBytes(max)] : [min, max];
  return misread(`\`${last}\` must lie between ${low} and ${high}${spec.type === "seconds" ? " seconds" : ""}`);
}

const UNIT: Readonly<Record<string, string>> = {
  bytes: "a size in whole bytes",
  seconds: "a number of seconds",
  count: "a whole number",
};
const EXAMPLE: Readonly<Record<string, string>> = {
  bytes: 'write `"64MiB"`, `"10MB"`, `"4KiB"` or a number of bytes',
  seconds: "write `30` or `0.5`",
  count: "write `100`",
};

function numberOf(spec: ScalarKey, node: Node): number | null {
  if (node.kind === "integer") return node.value;
  if (spec.type === "bytes") return node.kind === "string" ? parseBytes(node.value) : null;
  return spec.type === "seconds" && node.kind === "float" && Number.isFinite(node.value) ? node.value : null;
}
