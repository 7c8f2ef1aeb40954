/**
 * `agent-run.approved.toml`: answers that somebody wanted to be kept, as text. A file that holds anything else than what is
 * written here is not read in part: it answers nothing (DEFAULT-NO).
 */
import { parse } from "smol-toml";
import type { ChannelName } from "./channel.ts";

export interface SavedRule {
  readonly id: string;
  /** Who said yes, and by which way. */
  readonly by: string;
  readonly channel: ChannelName;
  /** UTC, milliseconds: `2026-01-31T12:00:00.000Z`. */
  readonly approved: string;
  readonly expires?: string;
  /** The ticket that was answered. */
  readonly ticket: string;
  /** Whose question it answers. */
  readonly layer: string;
  readonly rule: string;
  readonly matched: readonly string[];
  readonly capability: string;
  readonly target: string;
  /** `request`: this very one. `place`: the same but for how many bytes are written or sent. */
  readonly covers: "request" | "place";
  /** SHA-256 of what is covered. */
  readonly hash: string;
  /** What it was said to, and matches: the canonical request as JSON. */
  readonly match: string;
  /** Of `request`: what was written or sent, if anything was. */
  readonly content?: string;
}

const TEXTS = [
  "id",
  "by",
  "channel",
  "approved",
  "expires",
  "ticket",
  "layer",
  "rule",
  "capability",
  "target",
  "covers",
  "hash",
  "match",
  "content",
] as const;
const OPTIONAL: ReadonlySet<string> = new Set(["expires", "content"]);
const CHANNELS: readonly string[] = ["terminal", "elicitation", "command", "key", "callback"];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const HEAD = `# Answers that somebody wanted to be kept (\`agent-run approvals list\`, \`agent-run approvals revoke ID\`). They answer
# what this policy asks, for exactly these requests; they open nothing that it denies.
`;

export function savedText(policyHash: string, rules: readonly SavedRule[]): string {
  const tables = rules.map((rule) => {
    const texts = TEXTS.flatMap((key) => (rule[key] === undefined ? [] : [`${key} = ${quoted(rule[key])}`]));
    return `\n[[approved]]\n${[...texts, `matched = [${rule.matched.map(quoted).join(", ")}]`].join("\n")}\n`;
  });
  return `${HEAD}version = 1\npolicy = ${quoted(policyHash)}\n${tables.join("")}`;
}

/** A TOML basic string: JSON's escapes are some of TOML's, but DEL. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll("\u007f", "\\u007F");

/** Null: it is no such file, or one for another policy. */
export function readSaved(text: string, policyHash: string): readonly SavedRule[] | null {
  try {
    const { version, policy, approved = [], ...rest } = parse(text) as Record<string, unknown>;
    if (version !== 1 || policy !== policyHash || Object.keys(rest).length > 0 || !Array.isArray(approved)) return null;
    const rules = approved.map(readRule);
    return rules.every((rule) => rule !== null) ? rules : null;
  } catch {
    return null;
  }
}

function readRule(value: unknown): SavedRule | null {
  if (typeof value !== "object" || value === null) return null;
  const { matched, ...texts } = value as Record<string, unknown>;
  const known = TEXTS.filter((key) => key in texts);
  const missing = TEXTS.filter((key) => !(key in texts));
  if (known.length !== Object.keys(texts).length || missing.some((key) => !OPTIONAL.has(key))) return null;
  if (!known.every((key) => typeof texts[key] === "string") || !isTexts(matched)) return null;
  const { channel, covers, approved, expires } = texts;
  const times = [approved, expires].filter((time) => time !== undefined);
  if (!times.every((time) => TIME.test(String(time)) && !Number.isNaN(Date.parse(String(time))))) return null;
  if (!CHANNELS.includes(String(channel)) || (covers !== "request" && covers !== "place")) return null;
  return { ...texts, matched } as unknown as SavedRule;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");
