/**
 * What is local-only, by any name of it, whatever capability is asked for: a path that a local-only list matches is
 * local-only for deleting, too. Read as denials are (in any case of letters, by every reading of a URL, by what lies below
 * a directory), since what is missed here would be public (DEFAULT-NO). And what a call says about a use of a secret.
 */
import { type Atom, atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import { NO_RULES, united } from "./found-rules.ts";
import type { SecretData, SecretUse } from "./local-only-data.ts";
import type { PolicyData, RuleData, UseRef } from "./policy-data.ts";
import type { CanonicalRequest } from "./request.ts";
import { Rule } from "./rule.ts";
import { isUseOf } from "./secret-use.ts";
import type { Subject } from "./subject.ts";

type Kind = RuleData["match"]["kind"];
type Url = Extract<Subject, { kind: "url" }>;
type Path = Extract<Subject, { kind: "path" }>;

const KIND: Readonly<Record<Subject["kind"], Kind>> = {
  path: "path",
  url: "host",
  address: "host",
  command: "command",
  variable: "variable",
  tool: "tool",
};

export class LocalOnlyBook {
  readonly #data: PolicyData;
  readonly #rules: readonly Rule[];
  readonly #indexes = new Map<Kind, AtomIndex>();
  readonly #hosts: readonly Atom[];

  constructor(data: PolicyData) {
    this.#data = data;
    this.#rules = data.rules.map((rule, order) => new Rule(rule, order)).filter((rule) => rule.data.sealed === true);
    this.#hosts = this.#atoms("host");
  }

  /** What makes it local-only, in policy order. `urls`: those that an address belongs to. */
  rules(subject: Subject, urls: readonly Url[]): readonly Rule[] {
    if (this.#rules.length === 0) return NO_RULES;
    const atoms = subject.kind === "address" ? urls.flatMap((url) => this.#reached(url, [subject.address])) : [];
    const found = subject.kind === "url" ? this.#reached(subject, subject.addresses) : atoms;
    const matching = subject.kind === "address" ? [] : this.#about(subject).atoms("deny", subject);
    return united([...found, ...matching].map(({ rule }) => rule));
  }

  /** Does a local-only entry name something below the path, which itself is not local-only? */
  liesBelow(subject: Path): boolean {
    if (this.#rules.length === 0 || this.rules(subject, []).length > 0) return false;
    return this.#about(subject).below(subject).length > 0;
  }

  /** Is the call at the place that the rule's use names, with the secret that it takes? */
  isUsed({ use }: RuleData, request: CanonicalRequest): boolean {
    const found = use === undefined ? null : this.use(use);
    return found !== null && isUseOf(found.secret, found.use, request);
  }

  use({ secret, index }: UseRef): { readonly secret: SecretData; readonly use: SecretUse } | null {
    const found = this.#data.localOnly?.secrets.find(({ name }) => name === secret);
    const use = found?.uses[index];
    return found === undefined || use === undefined ? null : { secret: found, use };
  }

  /** A URL by itself, or by another name of the same server: an alias must not make its answers public. */
  #reached(url: Url, addresses: readonly string[]): readonly Atom[] {
    const aliases = this.#hosts.filter(({ host }) => host?.().isReached(url.url, addresses) === true);
    return [...this.#about(url).atoms("deny", url), ...aliases];
  }

  #about(subject: Subject): AtomIndex {
    const kind = KIND[subject.kind];
    const known = this.#indexes.get(kind);
    if (known !== undefined) return known;
    const index = new AtomIndex(this.#atoms(kind), this.#data.subprocess.commands);
    this.#indexes.set(kind, index);
    return index;
  }

  #atoms(kind: Kind): readonly Atom[] {
    const rules = this.#rules.filter(({ data }) => data.match.kind === kind);
    return rules.flatMap((rule) => atomsOf(rule, "deny", this.#data.subprocess.commands));
  }
}
