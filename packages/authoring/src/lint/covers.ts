/**
 * Rules that others cover as anybody can read it: the same pattern again, something below a granted tree, a host below
 * a wildcard. Most rules without effect are of this kind, and need no search to be known. That it finds no cover says
 * nothing.
 */
import type { HostPattern, RuleData } from "@agent-run/policy";
import { isPlainHost } from "./near-rules.ts";

interface Entry {
  readonly rule: RuleData;
  readonly pattern: string | HostPattern;
}

export class Covers {
  readonly #entries = new Map<string, Entry[]>();

  constructor(rules: readonly RuleData[]) {
    for (const rule of rules) {
      if (!isPlain(rule)) continue;
      for (const pattern of patternsOf(rule)) {
        const key = keyOf(pattern);
        const known = this.#entries.get(key);
        if (known === undefined) this.#entries.set(key, [{ rule, pattern }]);
        else known.push({ rule, pattern });
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
    return keysAround(pattern).some((key) =>
      this.#entries.get(key)?.some(({ rule, pattern: wider }) => {
        if (rule.ref.id === part.ref.id || rule.match.kind !== part.match.kind) return false;
        if (!part.on.every((one) => rule.on.includes(one)) || !isWider(rule, part, byDenials)) return false;
        if (typeof pattern !== "string" && typeof wider !== "string") return isWiderHost(wider, pattern);
        return keyOf(pattern) !== key || isAsDeep(rule, part);
      }),
    );
  }
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
const isAsDeep = ({ match: wider }: RuleData, { match }: RuleData): boolean =>
  wider.kind !== "path" || match.kind !== "path" || wider.below || !match.below;

const isWiderHost = (wider: HostPattern, { scheme, port, path }: HostPattern): boolean =>
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

/** The pattern itself, and those that match all that it does. */
function keysAround(pattern: string | HostPattern): readonly string[] {
  if (typeof pattern !== "string") return [pattern.host, ...domainsAbove(pattern.host)];
  return [pattern, ...(pattern.startsWith("/") ? treesAround(pattern) : prefixesOf(pattern))];
}

function treesAround(pattern: string): readonly string[] {
  const segments = pattern.split("/").slice(1);
  const wild = segments.findIndex((segment) => /[*?[\\]/.test(segment));
  const named = wild === -1 ? segments : segments.slice(0, wild);
  const trees = ["", ...named].map((_, at) => `/${[...named.slice(0, at), "**"].join("/")}`);
  return trees.filter((tree) => tree !== pattern);
}

function domainsAbove(host: string): readonly string[] {
  const [, ...above] = host.replace(/^\*\./, "").split(".");
  return above.map((_, at) => `*.${above.slice(at).join(".")}`);
}

/** Of plain letters alone: of others the next may change the one before. */
function prefixesOf(pattern: string): readonly string[] {
  if (!/^[\x20-\x7e]*$/.test(pattern)) return [];
  const [plain = ""] = /^[^*?[\\]*/.exec(pattern) ?? [];
  return ["", ...plain].map((_, at) => `${plain.slice(0, at)}*`).filter((one) => one !== pattern);
}
