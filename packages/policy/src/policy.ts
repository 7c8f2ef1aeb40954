/**
 * A loaded policy that can be asked. Made from `PolicyData`, which is plain and crosses threads; what is compiled from
 * it is built on first use and kept.
 */
import { protectedRules } from "./builtin.ts";
import { type Circumstances, UNKNOWN_CIRCUMSTANCES } from "./condition.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { grantLine } from "./hint.ts";
import { ceilingWithout, strictestOf } from "./layers.ts";
import type { LocalOnlyData, SecretUse } from "./local-only-data.ts";
import type { HostPattern, PolicyData, ProtectedPath, ResolvedCommand, RuleData, RuleMatch } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import { RuleBook } from "./rule-book.ts";
import type { Capability } from "./signatures.ts";
import { readSubject } from "./subject.ts";
import { widest } from "./widest.ts";

/** What is around a call, at the moment in which it is asked. */
export type Clock = () => Circumstances;

export class Policy {
  readonly data: PolicyData;
  readonly #book: RuleBook;
  readonly #ceilings: readonly RuleBook[];
  readonly #clock: Clock;

  private constructor(
    data: PolicyData,
    clock: Clock,
    book = new RuleBook(data),
    ceilings: readonly RuleBook[] = data.ceilings.map((ceiling) => new RuleBook(ceiling)),
  ) {
    this.data = data;
    this.#clock = clock;
    this.#book = book;
    this.#ceilings = ceilings;
  }

  /** It knows neither what time it is nor who acts: what is granted for some time is not granted. */
  static revive(data: PolicyData): Policy {
    return new Policy(data, () => UNKNOWN_CIRCUMSTANCES);
  }

  /** The same policy, which asks this clock at each call. */
  at(clock: Clock): Policy {
    return new Policy(this.data, clock, this.#book, this.#ceilings);
  }

  /**
   * Total, and pure but for the clock, which is asked unless the circumstances are given. `typed`: the request as it was
   * before checking added real paths and addresses; the hint then names nothing that the script did not type.
   */
  decide(
    request: CanonicalRequest,
    typed: CanonicalRequest = request,
    circumstances: Circumstances = this.#clock(),
  ): Decision {
    if (this.#ceilings.length === 0) return decide(this.#book, request, typed, circumstances);
    const books = { main: this.#book, ceilings: this.#ceilings };
    return strictestOf(books, request, (book) => decide(book, request, typed, circumstances));
  }

  /** The same answer as `decide` gives, and how it came about. */
  explain(request: CanonicalRequest, circumstances: Circumstances = this.#clock()): Explanation {
    return explain({
      books: { main: this.#book, ceilings: this.#ceilings },
      ...{ request, circumstances, decision: this.decide(request, request, circumstances) },
      // Alone, but with the URL of an address.
      decide: (target) => {
        const targets = request.targets.filter(
          (one) => one === target || (target.kind === "address" && one.kind === "url"),
        );
        return this.decide({ ...request, targets }, request, circumstances);
      },
    });
  }

  /**
   * About one more target of a call (entries of a listing, descendants of a tree), by the same rules. A command is asked
   * about by its listed name or its real path, as if it was called without words.
   */
  decideTarget(target: Target): Decision {
    if (target.kind !== "command")
      return this.decide({ v: 1, on: target.on, targets: [target], attrs: {}, labels: [] });
    const { commands } = this.data.subprocess;
    const { value } = target;
    const found = commands.find(({ name }) => name === value) ?? commands.find(({ path }) => path === value);
    const { name, path } = found ?? { name: value, path: value };
    const attrs = { command: name, argv: [name] };
    return this.decide({ v: 1, on: target.on, targets: [{ ...target, value: path }], attrs, labels: [] });
  }

  /** Null: nothing local-only is declared. */
  get localOnly(): LocalOnlyData | null {
    return this.data.localOnly;
  }

  /**
   * Does any local-only entry name the target, of the policy or of a ceiling, whatever is granted there? For listings of
   * public places, which leave it out. A URL is asked about as such; an address without its URL is no place.
   */
  isLocalOnly(target: Target): boolean {
    const attrs = target.kind === "command" ? { command: target.value, argv: [target.value] } : {};
    const subject = readSubject(target, attrs);
    return subject !== null && this.#books.some(({ localOnly }) => localOnly.rules(subject, []).length > 0);
  }

  /** The places where the secret of this name may go; none for names of no secret. */
  usesOf(secret: string): readonly SecretUse[] {
    return this.data.localOnly?.secrets.find(({ name }) => name === secret)?.uses ?? [];
  }

  /** Files that secrets come from. Rules close them by path already; this is for who closes inodes and jails. */
  secretFiles(): readonly ProtectedPath[] {
    const secrets = this.#books.flatMap(({ data }) => data.localOnly?.secrets ?? []);
    return secrets.flatMap(({ source }) =>
      source.kind === "file" ? [{ path: source.path, access: "all", what: "secret" } as const] : [],
    );
  }

  /** Can any call of the capability ever be allowed or asked about? */
  grants(capability: Capability): boolean {
    return this.#books.every((book) => grantsAny(book, capability));
  }

  /** The ceiling, by its file, under which the capability is never granted, though the policy itself grants it. */
  withheldBy(capability: Capability): string | null {
    return grantsAny(this.#book, capability) ? ceilingWithout(this.#ceilings, capability, grantsAny) : null;
  }

  /** The policy line that would grant it, for `target` as the script typed it; for a search, the directory. */
  grantHint(capability: Capability, target?: string, role?: Target["role"]): string {
    return grantLine(capability, target, role);
  }

  /** As wide as it can be under any circumstances: for what a script may ever do, not for what it does. */
  widest(): Policy {
    return new Policy(widest(this.data), this.#clock);
  }

  /** The same policy, by which nothing reaches these paths; its hash stays, as they differ from machine to machine. */
  protecting(paths: readonly ProtectedPath[]): Policy {
    return new Policy({ ...this.data, rules: [...this.data.rules, ...protectedRules(paths)] }, this.#clock);
  }

  /** The same policy with further grants, for what happens in a copy only; its hash stays, as no file says them. */
  granting(rules: readonly RuleData[]): Policy {
    return new Policy({ ...this.data, rules: [...this.data.rules, ...rules] }, this.#clock);
  }

  /**
   * The same policy with what the allowed names were found to be. `ofCeilings`: what the names of each ceiling were; a
   * command runs only if it is the same file in all.
   */
  withCommands(
    commands: readonly ResolvedCommand[],
    warnings: readonly string[] = [],
    ofCeilings: readonly (readonly ResolvedCommand[])[] = [],
  ): Policy {
    const found = (data: PolicyData, all: readonly ResolvedCommand[]): PolicyData => ({
      ...data,
      subprocess: { ...data.subprocess, commands: all },
    });
    const ceilings = this.data.ceilings.map((ceiling, at) => found(ceiling, ofCeilings[at] ?? []));
    const all = [...this.data.warnings, ...warnings];
    return new Policy({ ...found(this.data, commands), ceilings, warnings: all }, this.#clock);
  }

  get #books(): readonly RuleBook[] {
    return [this.#book, ...this.#ceilings];
  }
}

function grantsAny(book: RuleBook, capability: Capability): boolean {
  const rules = book.about(capability).rules.filter(({ data }) => speaksOf(data.match, capability));
  if (rules.some(({ data }) => data.effect === "deny" && isAlways(data) && coversAll(data.match))) return false;
  return rules.some(({ data }) => data.effect !== "deny" && coversSome(data));
}

const KIND = { fs: "path", net: "host", env: "variable", subprocess: "command", tool: "tool" } as const;

/** A rule of another kind than the capability's targets is legal and matches none of them. */
const speaksOf = ({ kind }: RuleMatch, capability: Capability): boolean =>
  kind === "any" || kind === KIND[capability.split(".")[0] as keyof typeof KIND];

/** What a grant asks for besides its place may come true. */
const coversSome = ({ effect, match, opens }: RuleData): boolean =>
  match.kind === "path" || match.kind === "host" || match.kind === "variable"
    ? match.patterns.length > 0
    : match.kind === "tool" ||
      (match.kind === "command" && (match.args === undefined || effect === "allow" || opens === true));

const isAlways = ({ when, except, hours }: RuleData): boolean => (when ?? except ?? hours) === undefined;

/** Certainly everything; a denial that covers everything in a less obvious way is found at the call. */
function coversAll(match: RuleMatch): boolean {
  if (match.kind === "any" || match.kind === "tool") return true;
  if (match.kind === "path")
    return match.patterns.some((pattern) => pattern === "/**" || (pattern === "/" && match.below));
  if (match.kind === "variable") return match.patterns.includes("*");
  return match.kind === "host" && match.patterns.some(isEverywhere);
}

const isEverywhere = ({ scheme, host, port, path }: HostPattern): boolean =>
  scheme === "*" && host === "*" && port === "*" && path === null;
