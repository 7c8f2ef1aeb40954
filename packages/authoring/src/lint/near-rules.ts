/**
 * The rules that a call of one rule could also match: for the question what that rule is there for, no others count. By
 * how patterns begin (the names of directories, the last labels of a host, the letters of a variable), so it may keep
 * too many and never leaves one out that counts.
 */
import {
  type Capability,
  fold,
  type HostPattern,
  type PolicyData,
  type RuleData,
  type RuleMatch,
} from "@agent-run/policy";

/** What everything that a pattern matches begins with, and of a path the letters that it ends with, step by step. */
interface Extent {
  readonly start: readonly string[];
  readonly end: readonly string[];
}

export class NearRules {
  readonly #data: PolicyData;
  readonly #known = new Map<RuleData, readonly Extent[]>();

  constructor(data: PolicyData) {
    this.#data = data;
  }

  /** The policy with these rules, those near them and what is built in, which every question shares. */
  of(parts: readonly RuleData[]): PolicyData {
    // What is local-only is so to every capability.
    if (parts.some(({ sealed }) => sealed === true)) return this.#data;
    const own = new Set(parts);
    const on = new Set<Capability>(parts.flatMap((part) => part.on));
    const isNear = (rule: RuleData) =>
      own.has(rule) ||
      rule.ref.id.startsWith("builtin.") ||
      rule.sealed === true ||
      (rule.on.some((one) => on.has(one)) && parts.some((part) => this.#meet(part, rule)));
    return { ...this.#data, rules: this.#data.rules.filter(isNear) };
  }

  #meet(one: RuleData, other: RuleData): boolean {
    if (one.match.kind !== other.match.kind || (keepsAbove(one) && keepsAbove(other))) return true;
    const others = this.#extents(other);
    return this.#extents(one).some((a) => others.some((b) => agree(a.start, b.start) && agree(a.end, b.end)));
  }

  #extents(rule: RuleData): readonly Extent[] {
    const known = this.#known.get(rule);
    if (known !== undefined) return known;
    const made = extentsOf(rule.match);
    this.#known.set(rule, made);
    return made;
  }
}

/** The directories above a denied place are not deleted either, and those above two places may be the same. */
const keepsAbove = ({ effect, on }: RuleData): boolean => effect === "deny" && on.includes("fs.delete");

/** One goes on where the other stops, which is also how a denial covers what lies below and above its place. */
function agree(a: readonly string[], b: readonly string[]): boolean {
  const both = Math.min(a.length, b.length);
  for (let at = 0; at < both; at++) if (a[at] !== b[at]) return false;
  return true;
}

const ANYTHING: readonly string[] = [];

function extentsOf(match: RuleMatch): readonly Extent[] {
  if (match.kind === "path")
    return match.patterns.map((one) => ({ start: directories(one), end: tail(one, match.below) }));
  if (match.kind === "host") return match.patterns.map((one) => ({ start: labels(one), end: ANYTHING }));
  if (match.kind === "variable") return match.patterns.map((one) => ({ start: letters(one), end: ANYTHING }));
  return [{ start: ANYTHING, end: ANYTHING }];
}

/** In any case of letters, as denials compare them. */
function directories(pattern: string): readonly string[] {
  const segments = pattern.split("/").slice(1);
  const wild = segments.findIndex((segment) => segment === "" || /[*?[\\]/.test(segment));
  return (wild === -1 ? segments : segments.slice(0, wild)).map(fold);
}

/** From the last letter; folding keeps those of ASCII at an end, whatever comes before them. */
function tail(pattern: string, below: boolean): readonly string[] {
  if (below || /[\\[\]]/.test(pattern)) return ANYTHING;
  const [plain = ""] = /[^*?/]*$/.exec(pattern) ?? [];
  return /^[\x21-\x7e]*$/.test(plain) ? [...fold(plain)].reverse() : ANYTHING;
}

/** From the last one; what has addresses, or is this machine, can be met under other names. */
function labels({ host }: HostPattern): readonly string[] {
  if (!isPlainHost(host)) return ANYTHING;
  return host.replace(/^\*\./, "").split(".").reverse();
}

/** A name that is found by a lookup and nothing else. */
export const isPlainHost = (host: string): boolean =>
  host !== "*" && !/:|(?:^|\.)(?:localhost|\d+|0x[\da-f]*)\.?$/i.test(host);

/** Of other letters than those of ASCII the next may change the one before. */
function letters(pattern: string): readonly string[] {
  const [plain = ""] = /^[^*?[\\]*/.exec(pattern) ?? [];
  return /^[\x20-\x7e]*$/.test(pattern) ? [...fold(plain)] : ANYTHING;
}
