/**
 * The rules of a policy, ready to be asked: by capability and effect, each pattern compiled when it is first needed
 * and never again. Grants match the narrow reading of a value, denials and questions every reading of it.
 */
import { type Atom, type AtomKey, type AtomList, atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import type { CallFacts } from "./attribute.ts";
import { type RulesByList, united } from "./found-rules.ts";
import type { HostGrant } from "./host.ts";
import { LocalOnlyBook } from "./local-only-book.ts";
import type { PolicyData, RuleData } from "./policy-data.ts";
import { Rule } from "./rule.ts";
import type { Capability } from "./signatures.ts";
import type { Subject } from "./subject.ts";
import { isAmong } from "./tool-name.ts";

export class RuleBook {
  readonly data: PolicyData;
  readonly localOnly: LocalOnlyBook;
  readonly #chapters = new Map<Capability, Chapter>();
  #last: Chapter | null = null;

  constructor(data: PolicyData) {
    this.data = data;
    this.localOnly = new LocalOnlyBook(data);
  }

  about(capability: Capability): Chapter {
    // Calls of one capability come one after the other.
    if (this.#last?.about === capability) return this.#last;
    const chapter = this.#chapters.get(capability) ?? new Chapter(this.data, capability);
    this.#chapters.set(capability, chapter);
    this.#last = chapter;
    return chapter;
  }
}

/** The rules about one capability. Every list is in policy order. */
export class Chapter {
  readonly about: Capability;
  readonly rules: readonly Rule[];
  readonly #index: AtomIndex;
  readonly #asksAddress: boolean;
  #openGrants: readonly Rule[] | undefined;

  constructor(data: PolicyData, capability: Capability) {
    this.about = capability;
    const { commands } = data.subprocess;
    const rules: Rule[] = [];
    this.#index = new AtomIndex([], commands);
    // A rule and its patterns after each other, so that they lie together in memory: an answer needs both.
    for (const [order, one] of data.rules.entries()) {
      if (!isAmong(one.on, capability)) continue;
      const rule = new Rule(one, order);
      rules.push(rule);
      for (const list of listsOf(one)) for (const atom of atomsOf(rule, list, commands)) this.#index.add(atom);
    }
    this.rules = rules;
    this.#asksAddress = rules.some((rule) => asksAddress(rule.data));
  }

  /** What is granted in the open, in policy order. */
  get openGrants(): readonly Rule[] {
    this.#openGrants ??= this.rules.filter(({ data }) => data.effect === "allow" && wayOf(data) === "open");
    return this.#openGrants;
  }

  /** What speaks about it: denials, questions, and what opens the door to it, if only to a question. */
  find(subject: Subject, facts: CallFacts): RulesByList {
    const found = this.#index.find(subject, facts);
    return subject.kind === "address" ? this.#ofAddress(subject.address, found, facts) : found;
  }

  /**
   * An address is granted by what grants the URLs that it belongs to. A rule about addresses speaks once there is one,
   * and then about the URL.
   */
  #ofAddress(address: string, found: RulesByList, facts: CallFacts): RulesByList {
    const ofUrls = facts.urls.map((url) => this.#index.find(url, { ...facts, address }));
    const loosely = (list: "deny" | "ask") =>
      this.#asksAddress ? united([...found[list], ...ofUrls.flatMap((one) => one[list])]) : found[list];
    const granted = (way: Way) => {
      const [first, ...others] = ofUrls.map((one) => one[way]);
      return first?.filter((rule) => others.every((rules) => rules.includes(rule))) ?? [];
    };
    const [open, sealed, use] = [granted("open"), granted("sealed"), granted("use")];
    return { deny: loosely("deny"), ask: loosely("ask"), open, sealed, use };
  }

  /** What would open the door if its conditions held: a public grant of this very place. Wide ones first. */
  grantsAt(subject: Subject): readonly Atom[] {
    const isSearch = subject.target.role === "search";
    const width = ({ key }: Atom) => (isSearch ? 0 : widthOf(key));
    return [...this.#index.atoms("open", subject)].sort((a, b) => width(a) - width(b) || a.rule.order - b.rule.order);
  }

  /** The host patterns of these rules that open the door to a URL. */
  hostGrants(subject: Subject, way: Way, rules: readonly Rule[], facts: CallFacts): readonly HostGrant[] {
    const atoms = this.#index.atoms(way, subject, facts).filter(({ rule }) => rules.includes(rule));
    return atoms.flatMap(({ host }) => host?.() ?? []);
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
 * A question opens the door, too, if it names what it is about. `requires_approval` and `ask_args` do not, so they have
 * no atoms as grants.
 */
const listsOf = (data: RuleData): readonly AtomList[] =>
  data.effect === "deny" ? ["deny"] : data.effect === "ask" ? ["ask", wayOf(data)] : [wayOf(data)];
