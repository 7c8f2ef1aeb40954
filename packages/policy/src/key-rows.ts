/** The key table in words, a row a key: what docs/policy.md and `--help` texts are generated from. */
import { formatBytes } from "./byte-size.ts";
import { type EntryKind, KEYS, type KeySpec, type Merge, type ScalarKey } from "./keys.ts";

export interface KeyRow {
  /** `NAME` stands for a name that the writer chooses. */
  readonly key: string;
  readonly type: string;
  /** As a policy would write it; empty where there is none. */
  readonly default: string;
  readonly merges: string;
  readonly says: string;
}

export function keyRows(): readonly KeyRow[] {
  return Object.entries(KEYS).map(([key, spec]: [string, KeySpec]) => ({
    key,
    type: typeOf(spec),
    default: defaultOf(spec),
    merges: MERGES[spec.merge],
    says: spec.says,
  }));
}

const MERGES: Readonly<Record<Merge, string>> = {
  concatenate: 'lists join, `"!entry"` removes',
  stricter: "the smaller value",
  child: "the inheriting policy's value",
  own: "not inherited",
};

const ENTRIES: Readonly<Record<EntryKind, string>> = {
  path: "path patterns",
  host: "hosts",
  range: "addresses and CIDR ranges",
  variable: "names of variables",
  "child variable": "names of variables",
  command: "commands",
  arguments: "arguments",
  capability: "capabilities",
  policy: "presets and files",
};

function typeOf(spec: KeySpec): string {
  if (spec.type === "list") return `list of ${ENTRIES[spec.of]}`;
  if (spec.type === "sealed list") return "list; must be empty in this version";
  if (spec.type === "choice") return (spec.values ?? []).map((value) => `"${value}"`).join(", ");
  if (spec.type === "flag") return "true, false";
  if (spec.type === "version") return "1";
  return spec.type === "text" ? "text" : rangeOf(spec);
}

function rangeOf(spec: ScalarKey): string {
  const words = { bytes: "size", seconds: "seconds", count: "whole number" } as const;
  const unit = spec.type === "bytes" || spec.type === "seconds" ? words[spec.type] : words.count;
  return `${unit}, ${numberText(spec, spec.min ?? 0)} to ${numberText(spec, spec.max ?? 0)}`;
}

function defaultOf(spec: KeySpec): string {
  if (!("default" in spec)) return "[]";
  if (spec.default === null) return "";
  return typeof spec.default === "number" ? numberText(spec, spec.default) : JSON.stringify(spec.default);
}

const numberText = (spec: KeySpec, value: number): string =>
  spec.type === "bytes" ? formatBytes(value) : String(value);
