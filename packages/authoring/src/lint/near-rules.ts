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

/** What everything that a pattern matches begins with, step by step. */
type Beginning = readonly string[];

export class NearRules {
  readonly #data: PolicyData;
  readonly #known = new Map<RuleData, readonly Beginning[]>();

  constructor(data: PolicyData) {
    this.#data = data;
  }

  /** The policy with these rules, those near them and what is built in, which every question shares. */
  of(parts: readonly RuleData[]): PolicyData {
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
    if (one.sealed === true || one.match.kind !== other.match.kind) return true;
    const others = this.#beginnings(other);
    return this.#beginnings(one).some((a) => others.some((b) => agree(a, b)));
  }

  #beginnings(rule: RuleData): readonly Beginning[] {
    const known = this.#known.get(rule);
    if (known !== undefined) return known;
    const made = beginningsOf(rule.match);
    this.#known.set(rule, made);
    return made;
  }
}

/** One goes on where the other ends, which is also how a denial covers what lies below and above its place. */
function agree(a: Beginning, b: Beginning): boolean {
  const both = Math.min(a.length, b.length);
  for (let at = 0; at < both; at++) if (a[at] !== b[at]) return false;
  return true;
}

const ANYWHERE: Beginning = [];

function beginningsOf(match: RuleMatch): readonly Beginning[] {
  if (match.kind === "path") return match.patterns.map(directories);
  if (match.kind === "host") return match.patterns.map(labels);
  return match.kind === "variable" ? match.patterns.map(letters) : [ANYWHERE];
}

/** In any case of letters, as denials compare them. */
function directories(pattern: string): Beginning {
  const segments = pattern.split("/").slice(1);
  const wild = segments.findIndex((segment) => segment === "" || /[*?[\\]/.test(segment));
  return (wild === -1 ? segments : segments.slice(0, wild)).map(fold);
}

/** From the last one; what has addresses, or is this machine, can be met under other names. */
function labels({ host }: HostPattern): Beginning {
  if (!isPlainHost(host)) return ANYWHERE;
  return host.replace(/^\*\./, "").split(".").reverse();
}

/** A name that is found by a lookup and nothing else. */
export const isPlainHost = (host: string): boolean =>
  host !== "*" && !/:|(?:^|\.)(?:localhost|\d+|0x[\da-f]*)\.?$/i.test(host);

/** Of other letters than those of ASCII the next may change the one before. */
function letters(pattern: string): Beginning {
  const [plain = ""] = /^[^*?[\\]*/.exec(pattern) ?? [];
  return /^[\x20-\x7e]*$/.test(pattern) ? [...fold(plain)] : ANYWHERE;
}
