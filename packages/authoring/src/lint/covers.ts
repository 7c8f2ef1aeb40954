/**
 * Rules that others cover as anybody can read it: the same pattern again, something below a granted tree, one kind of
 * file among all, a host below a wildcard. Most rules without effect are of this kind, and need no search to be known. That it finds no cover says
 * nothing.
 */
import type { HostPattern, RuleData } from "@agent-run/policy";
import { isPlainHost } from "./near-rules.ts";
import { isWiderName, isWiderPath } from "./wider-pattern.ts";

interface Entry {
  readonly rule: RuleData;
  readonly pattern: string | HostPattern;
}

export class Covers {
  readonly #entries = new Map<string, Entry[]>();
  /** Path patterns by the directory that they begin with. */
  readonly #directories = new Map<string, Entry[]>();

  constructor(rules: readonly RuleData[]) {
    for (const rule of rules) {
      if (!isPlain(rule)) continue;
      for (const pattern of patternsOf(rule)) {
        put(this.#entries, keyOf(pattern), { rule, pattern });
        const [directory] = typeof pattern === "string" && rule.match.kind === "path" ? directoriesOf(pattern) : [];
        if (directory !== undefined) put(this.#directories, directory, { rule, pattern });
      }
    }
  }

  /** Do others deny, or say the same of, all that it is about? `byDenials`: do denials count, too? */
  isCovered(parts: readonly RuleData[], byDenials: boolean): boolean {
    return parts.every((part) => {
      const patterns = patternsOf(part);
      return isPlain(part) && patterns.length > 0 && patterns.every((one) => this.#covers(part, one, byDenials));
    });
  }

  #covers(part: RuleData, pattern: string | HostPattern, byDenials: boolean): boolean {
    const isBy = (entry: Entry) => isAtLeast(entry.rule, part, byDenials) && isAround(entry, pattern, part);
    if (keysAround(pattern).some((key) => this.#entries.get(key)?.some(isBy) === true)) return true;
    if (typeof pattern !== "string" || part.match.kind !== "path") return false;
    return directoriesOf(pattern).some((one) => this.#directories.get(one)?.slice(0, MOST_TRIED).some(isBy) === true);
  }
}

/** Of the patterns that begin with one directory. */
const MOST_TRIED = 1000;

function put(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [entry]);
  else known.push(entry);
}

/** Does the rule say the same or more, wherever both match? */
const isAtLeast = (rule: RuleData, part: RuleData, byDenials: boolean): boolean =>
  rule.ref.id !== part.ref.id &&
  rule.match.kind === part.match.kind &&
  part.on.every((one) => rule.on.includes(one)) &&
  isWider(rule, part, byDenials);

function isAround({ rule, pattern: wider }: Entry, pattern: string | HostPattern, part: RuleData): boolean {
  if (typeof pattern !== "string") {
    return typeof wider !== "string" && isWiderHost(wider, pattern);
  }
  if (typeof wider !== "string") return false;
  if (part.match.kind === "variable") return isWiderName(wider, pattern);
  const whole = rule.match.kind === "path" && rule.match.below && wider !== pattern ? `${wider}/**` : wider;
  return isWiderPath(whole, pattern) && isAsDeep(rule, part, whole) && coversAbove(rule, part, whole, pattern);
}

/** A denial keeps the directories above its place from being deleted, too. */
function coversAbove(rule: RuleData, part: RuleData, wider: string, pattern: string): boolean {
  if (wider === pattern || part.effect !== "deny" || !part.on.includes("fs.delete")) return true;
  return isBare(rule) && /^[^*?[\\]*\*\*$/.test(wider);
}

/** The same effect under the same conditions or none; or a denial under none. */
function isWider(rule: RuleData, part: RuleData, byDenials: boolean): boolean {
  if (isBare(rule)) return rule.effect === part.effect || (byDenials && rule.effect === "deny");
  return rule.effect === part.effect && clausesText(rule) === clausesText(part);
}

const isBare = ({ when, except, hours, expires }: RuleData): boolean =>
  (when ?? except ?? hours ?? expires) === undefined;

const clausesText = ({ when, except, hours, expires }: RuleData): string =>
  JSON.stringify([when, except, hours, expires]);

/** Does it go below what it names, if the other one does? */
const isAsDeep = ({ match: wider }: RuleData, { match }: RuleData, pattern: string): boolean =>
  wider.kind !== "path" || match.kind !== "path" || wider.below || !match.below || pattern.endsWith("/**");

const isWiderHost = (wider: HostPattern, { host, scheme, port, path }: HostPattern): boolean =>
  (wider.host === host || (wider.host.startsWith("*.") && host.endsWith(wider.host.slice(1)))) &&
  (wider.scheme === "*" || wider.scheme === scheme) &&
  (wider.port === "*" || wider.port === port) &&
  (wider.path === null || wider.path === path);

/** Nothing but its patterns and clauses counts, and hosts have no addresses before they are looked up. */
const isPlain = ({ sealed, use, opened, match }: RuleData): boolean =>
  sealed !== true &&
  (use ?? opened) === undefined &&
  (match.kind !== "host" || match.patterns.every(({ host }) => isPlainHost(host)));

const patternsOf = ({ match }: RuleData): readonly (string | HostPattern)[] =>
  match.kind === "path" || match.kind === "host" || match.kind === "variable" ? match.patterns : [];

const keyOf = (pattern: string | HostPattern): string => (typeof pattern === "string" ? pattern : pattern.host);

/** The pattern itself, and others that are likely to match all that it does. */
function keysAround(pattern: string | HostPattern): readonly string[] {
  if (typeof pattern !== "string") return [pattern.host, ...domainsAbove(pattern.host)];
  if (!pattern.startsWith("/")) return [pattern, ...prefixesOf(pattern)];
  return [pattern, ...directoriesOf(pattern).map((one) => `${one}/**`)];
}

/** The one that a path pattern begins with, and those above it; the root is the empty text. */
function directoriesOf(pattern: string): readonly string[] {
  const segments = pattern.split("/").slice(1);
  const wild = segments.findIndex((segment) => /[*?[\\]/.test(segment));
  const named = wild === -1 ? segments : segments.slice(0, wild);
  return [named.length, ...named.keys()].map((depth) =>
    named
      .slice(0, depth)
      .map((one) => `/${one}`)
      .join(""),
  );
}

function domainsAbove(host: string): readonly string[] {
  const [, ...above] = host.replace(/^\*\./, "").split(".");
  return above.map((_, at) => `*.${above.slice(at).join(".")}`);
}

function prefixesOf(pattern: string): readonly string[] {
  const [plain = ""] = /^[^*?[\\]*/.exec(pattern) ?? [];
  return ["", ...plain].map((_, at) => `${plain.slice(0, at)}*`);
}
