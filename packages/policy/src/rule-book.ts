/**
 * The rules of a policy, ready to be asked: by capability and effect, each pattern compiled when it is first needed
 * and never again. Grants match the narrow reading of a value, denials and questions every reading of it.
 */
import { type Atom, type AtomKey, atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import type { CallFacts } from "./attribute.ts";
import type { HostGrant } from "./host.ts";
import { LocalOnlyBook } from "./local-only-book.ts";
import type { PolicyData, ResolvedCommand, RuleData } from "./policy-data.ts";
import { rulesOf } from "./rules-of.ts";
import type { Capability } from "./signatures.ts";
import type { Subject } from "./subject.ts";

export interface Rule {
  readonly data: RuleData;
  /** Place in the policy. */
  readonly order: number;
}

export class RuleBook {
  readonly data: PolicyData;
  readonly localOnly: LocalOnlyBook;
  readonly #chapters = new Map<Capability, Chapter>();

  constructor(data: PolicyData) {
    this.data = data;
    this.localOnly = new LocalOnlyBook(data);
  }

  about(capability: Capability): Chapter {
    const known = this.#chapters.get(capability);
    if (known !== undefined) return known;
    const rules = this.data.rules
      .map((data, order) => ({ data, order }))
      .filter(({ data }) => data.on.includes(capability));
    const chapter = new Chapter(rules, this.data.subprocess.commands);
    this.#chapters.set(capability, chapter);
    return chapter;
  }
}

/** The rules about one capability. Every list is in policy order. */
export class Chapter {
  readonly rules: readonly Rule[];
  readonly #deny: AtomIndex;
  readonly #ask: AtomIndex;
  readonly #grants: Readonly<Record<Way, AtomIndex>>;
  readonly #asksAddress: boolean;
  #openGrants: readonly Rule[] | undefined;

  constructor(rules: readonly Rule[], commands: readonly ResolvedCommand[]) {
    this.rules = rules;
    const index = (narrow: boolean, isIn: (data: RuleData) => boolean) => {
      const atoms = rules.filter(({ data }) => isIn(data)).flatMap((rule) => atomsOf(rule, narrow, commands));
      return new AtomIndex(atoms, narrow, commands);
    };
    const doors = (way: Way) => index(true, (data) => opensDoor(data) && wayOf(data) === way);
    this.#deny = index(false, ({ effect }) => effect === "deny");
    this.#ask = index(false, ({ effect }) => effect === "ask");
    this.#asksAddress = rules.some(({ data }) => asksAddress(data));
    this.#grants = { open: doors("open"), sealed: doors("sealed"), use: doors("use") };
  }

  /** What is granted in the open, in policy order. */
  get openGrants(): readonly Rule[] {
    this.#openGrants ??= this.rules.filter(({ data }) => data.effect === "allow" && wayOf(data) === "open");
    return this.#openGrants;
  }

  denials(subject: Subject, facts: CallFacts): readonly Rule[] {
    return rulesOf(this.#loosely(this.#deny, subject, facts));
  }

  questions(subject: Subject, facts: CallFacts): readonly Rule[] {
    return rulesOf(this.#loosely(this.#ask, subject, facts));
  }

  /** What opens the door, if only to a question. */
  grants(subject: Subject, way: Way, facts: CallFacts): readonly Rule[] {
    return rulesOf(this.#grants[way].matching(subject, facts));
  }

  /** What would open the door if its conditions held: a public grant of this very place. Wide ones first. */
  grantsAt(subject: Subject): readonly Atom[] {
    const isSearch = subject.target.role === "search";
    const width = ({ key }: Atom) => (isSearch ? 0 : widthOf(key));
    return [...this.#grants.open.at(subject)].sort((a, b) => width(a) - width(b) || a.rule.order - b.rule.order);
  }

  /** The host patterns of these rules that open the door to a URL. */
  hostGrants(subject: Subject, way: Way, rules: readonly Rule[], facts: CallFacts): readonly HostGrant[] {
    const atoms = this.#grants[way].matching(subject, facts).filter(({ rule }) => rules.includes(rule));
    return atoms.flatMap(({ host }) => host?.() ?? []);
  }

  /** A rule about addresses speaks once there is one, and then about the URL that it belongs to. */
  #loosely(index: AtomIndex, subject: Subject, facts: CallFacts): readonly Atom[] {
    const found = index.matching(subject, facts);
    if (subject.kind !== "address" || !this.#asksAddress) return found;
    const resolved = { ...facts, address: subject.address };
    return [...found, ...facts.urls.flatMap((url) => index.matching(url, resolved))];
  }
}

/** Of a path, the longer its beginning the narrower; a name is narrower than what holds many of them. */
function widthOf(key: AtomKey): number {
  if (key?.kind !== "path") return key?.kind === "name" ? 1 : 0;
  return key.path.under === "" && key.path.further?.kind === "whole" ? Number.POSITIVE_INFINITY : key.path.under.length;
}

const asksAddress = ({ when }: RuleData): boolean => when?.some(({ attribute }) => attribute === "address") === true;

/** Three ways to be granted: in the open, sealed, or at a use of a secret. */
export type Way = "open" | "sealed" | "use";

const wayOf = ({ sealed, use }: RuleData): Way => (sealed === true ? "sealed" : use === undefined ? "open" : "use");

/**
 * Grants, and questions: a question opens the door, too, if it names what it is about. `requires_approval` and
 * `ask_args` do not, so they have no atoms as grants.
 */
const opensDoor = ({ effect }: RuleData): boolean => effect !== "deny";
