/**
 * The rules of a policy, ready to be asked: by capability and effect, each pattern compiled when it is first needed
 * and never again. Grants match the narrow reading of a value, denials and questions every reading of it.
 */
import { type Atom, atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import type { HostGrant } from "./host.ts";
import { LocalOnlyBook } from "./local-only-book.ts";
import type { PolicyData, ResolvedCommand, RuleData } from "./policy-data.ts";
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

  constructor(rules: readonly Rule[], commands: readonly ResolvedCommand[]) {
    this.rules = rules;
    const of = (effect: RuleData["effect"]) => rules.filter(({ data }) => data.effect === effect);
    const atoms = (some: readonly Rule[], narrow: boolean) => some.flatMap((rule) => atomsOf(rule, narrow, commands));
    const doors = (way: Way) =>
      new AtomIndex(
        atoms(
          rules.filter(({ data }) => opensDoor(data) && wayOf(data) === way),
          true,
        ),
        true,
      );
    this.#deny = new AtomIndex(atoms(of("deny"), false), false);
    this.#ask = new AtomIndex(atoms(of("ask"), false), false);
    this.#grants = { open: doors("open"), sealed: doors("sealed"), use: doors("use") };
  }

  denials(subject: Subject): readonly Rule[] {
    return rulesOf(this.#deny.matching(subject));
  }

  questions(subject: Subject): readonly Rule[] {
    return rulesOf(this.#ask.matching(subject));
  }

  /** What opens the door, if only to a question. */
  grants(subject: Subject, way: Way = "open"): readonly Rule[] {
    return rulesOf(this.#grants[way].matching(subject));
  }

  /** The host patterns of these rules that open the door to a URL. */
  hostGrants(subject: Subject, way: Way, rules: readonly Rule[]): readonly HostGrant[] {
    const atoms = this.#grants[way].matching(subject).filter(({ rule }) => rules.includes(rule));
    return atoms.flatMap(({ host }) => host?.() ?? []);
  }
}

/** Three ways to be granted: in the open, sealed, or at a use of a secret. */
export type Way = "open" | "sealed" | "use";

const wayOf = ({ sealed, use }: RuleData): Way => (sealed === true ? "sealed" : use === undefined ? "open" : "use");

/**
 * Grants, and questions: a question opens the door, too, if it names what it is about. `requires_approval` and
 * `ask_args` do not, so they have no atoms as grants.
 */
const opensDoor = ({ effect }: RuleData): boolean => effect !== "deny";

const rulesOf = (atoms: readonly Atom[]): readonly Rule[] =>
  [...new Set(atoms.map(({ rule }) => rule))].sort((a, b) => a.order - b.order);
