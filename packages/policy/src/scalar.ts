/** Single values of a policy: type, unit and range of each are in the key table. */
import { formatBytes, parseBytes } from "./byte-size.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import type { KeyPath, ScalarKey } from "./keys.ts";
import { type Misread, misread } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import type { Node } from "./toml.ts";

export type ScalarValue = string | number | boolean | readonly number[] | readonly string[];
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
  if (spec.type === "durations") return readDurations(spec, node, last);
  if (spec.type === "choices") return readChoices(spec, node, last);
  if (spec.type === "public key") return readPublicKey(node, last);
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

/** Empty: none of them. */
function readChoices(spec: ScalarKey, node: Node, last: string): Read {
  const values = spec.values ?? [];
  const words = values.map((value) => `"${value}"`).join(", ");
  if (node.kind !== "array") return misread(`\`${last}\` takes a list of ${words}`);
  const texts: string[] = [];
  for (const item of node.items) {
    const read = readChoice(spec, item, last);
    if (!read.ok) return { ...read, message: `\`${last}\` takes a list of ${words}` };
    texts.push(String(read.value));
  }
  return new Set(texts).size === texts.length
    ? { ok: true, value: texts }
    : misread(`\`${last}\` names one of them twice`, "name each once");
}

/** The last of 43 characters holds two bits of 32 bytes: only these end a key, so that one key has one spelling. */
const PUBLIC_KEY = /^ed25519:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const readPublicKey = (node: Node, last: string): Read =>
  node.kind === "string" && PUBLIC_KEY.test(node.value)
    ? { ok: true, value: node.value }
    : misread(`\`${last}\` takes a public key, \`ed25519:\` and 43 characters`, "copy it from `agent-run keys show`");

function readNumber(spec: ScalarKey, node: Node, last: string): Read {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec;
  const value = numberOf(spec, node);
  if (value === null) return misread(`\`${last}\` takes ${UNIT[spec.type] ?? "a number"}`, EXAMPLE[spec.type]);
  if (value >= min && value <= max) return { ok: true, value };
  const [low, high] = [min, max].map((bound) => boundText(spec, bound));
  return misread(`\`${last}\` must lie between ${low} and ${high}${spec.type === "seconds" ? " seconds" : ""}`);
}

const boundText = ({ type }: ScalarKey, bound: number): string =>
  type === "bytes" ? formatBytes(bound) : type === "duration" ? formatDuration(bound) : String(bound);

/** Most ticks of a settle clock. */
const MAX_DURATIONS = 16;

function readDurations(spec: ScalarKey, node: Node, last: string): Read {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec;
  const example = `write \`${last} = ["1s", "10s", "2m"]\``;
  if (node.kind !== "array") return misread(`\`${last}\` takes a list of durations`, example);
  const values = node.items.map((item) => (item.kind === "string" ? parseDuration(item.value) : null));
  if (!values.every((value) => value !== null)) return misread(`\`${last}\` takes durations such as "10s"`, example);
  if (values.length > MAX_DURATIONS) return misread(`\`${last}\` has more than ${MAX_DURATIONS} durations`);
  if (values.some((value) => value < min || value > max)) {
    return misread(`durations of \`${last}\` must lie between ${formatDuration(min)} and ${formatDuration(max)}`);
  }
  if (values.some((value, at) => at > 0 && value <= (values[at - 1] ?? 0)))
    return misread(`durations of \`${last}\` must ascend`);
  return { ok: true, value: values };
}

const UNIT: Readonly<Record<string, string>> = {
  bytes: "a size in whole bytes",
  seconds: "a number of seconds",
  count: "a whole number",
  duration: "a duration",
};
const EXAMPLE: Readonly<Record<string, string>> = {
  bytes: 'write `"64MiB"`, `"10MB"`, `"4KiB"` or a number of bytes',
  seconds: "write `30` or `0.5`",
  count: "write `100`",
  duration: 'write `"2s"` or `"500ms"`',
};

function numberOf(spec: ScalarKey, node: Node): number | null {
  if (spec.type === "duration") return node.kind === "string" ? parseDuration(node.value) : null;
  if (node.kind === "integer") return node.value;
  if (spec.type === "bytes") return node.kind === "string" ? parseBytes(node.value) : null;
  return spec.type === "seconds" && node.kind === "float" && Number.isFinite(node.value) ? node.value : null;
}
