/**
 * Finds the patterns that match a subject without asking them all: a policy of ten thousand rules answers like one of
 * ten. The index only leaves out what cannot match; every hit is still tested (a test holds the two answers together).
 */

import { type Atom, type AtomList, foldedCommand, isNarrow } from "./atom.ts";
import type { CallFacts } from "./attribute.ts";
import { Batch } from "./batch.ts";
import { fails } from "./clauses.ts";
import { baseName, namesAt } from "./command.ts";
import { FoundRules, NOTHING_FOUND, type RulesByList } from "./found-rules.ts";
import { PathIndex } from "./path-index.ts";
import type { ResolvedCommand } from "./policy-data.ts";
import { namesBehind } from "./runner.ts";
import { SlotList } from "./slot-list.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";
import { addTo, SureIndex } from "./sure-index.ts";
import { foldedHash, textHash } from "./text-hash.ts";

type OfKind<K> = Extract<Subject, { kind: K }>;

const NONE: readonly Atom[] = [];
const PLAIN = /^[\x20-\x7e]*$/;

export class AtomIndex {
  readonly #commands: readonly ResolvedCommand[];
  readonly #always: Atom[] = [];
  readonly #paths = new PathIndex<Atom>();
  /** By the hash of the name. */
  readonly #name = new Map<number, SlotList<Atom>>();
  readonly #domain = new Map<string, Atom[]>();
  readonly #part = new SureIndex<Atom>();
  /** Some of them are read loosely. */
  #isLoose = false;
  readonly #near = new Batch<Atom>();

  constructor(atoms: readonly Atom[], commands: readonly ResolvedCommand[] = []) {
    this.#commands = commands;
    for (const atom of atoms) this.add(atom);
  }

  add(atom: Atom): void {
    const { key } = atom;
    this.#isLoose ||= !isNarrow(atom.list);
    if (key === null) this.#always.push(atom);
    else if (key.kind === "path") this.#paths.add(key.path, atom);
    else if (key.kind === "part") this.#part.add(key.sure, atom);
    else if (key.kind === "name") this.#addName(textHash(key.text), atom);
    else addTo(this.#domain, key.text, atom);
  }

  #addName(hash: number, atom: Atom): void {
    const list = this.#name.get(hash) ?? new SlotList();
    list.add(atom);
    this.#name.set(hash, list);
  }

  /** What speaks about it. */
  find(subject: Subject, facts: CallFacts): RulesByList {
    const matching = this.#matching(subject, facts);
    const below = this.#protected(subject, facts);
    if (matching.size + below.length === 0) return NOTHING_FOUND;
    const found = new FoundRules();
    for (let at = 0; at < matching.size; at++) {
      const { list, rule } = matching.items[at] as Atom;
      found.add(list, rule);
    }
    for (const { list, rule } of below) found.add(list, rule);
    return matching.size + below.length === 1 ? found : found.settle();
  }

  /** In no order. Without facts by place alone, whatever else the rules ask for. */
  atoms(list: AtomList, subject: Subject, facts: CallFacts | null = null): readonly Atom[] {
    const { items, size } = this.#matching(subject, facts);
    return items.slice(0, size).filter((atom) => atom.list === list);
  }

  /** Denials that name something below a path, whatever else their rules ask for. */
  below(subject: OfKind<"path">): readonly Atom[] {
    const near = new Batch<Atom>();
    near.addAll(this.#always);
    this.#paths.below(subject.path, near);
    return near.items.filter(({ list, isBelow }) => list === "deny" && isBelow?.(subject.path) === true);
  }

  /** Only a denial protects what lies below; a question about it is asked when it is reached. */
  #protected(subject: Subject, facts: CallFacts): readonly Atom[] {
    if (subject.kind !== "path" || subject.target.role !== "delete") return NONE;
    return this.below(subject).filter((atom) => speaksBelow(atom, subject, facts));
  }

  /** Each once; to be read before the next is asked for. */
  #matching(subject: Subject, facts: CallFacts | null): Batch<Atom> {
    const near = this.#near.clear();
    near.addAll(this.#always);
    this.#addNear(subject, near);
    near.unite();
    let size = 0;
    for (let at = 0; at < near.size; at++) {
      const atom = near.items[at] as Atom;
      if (atom.test(subject) && (facts === null || speaks(atom, subject, facts))) near.items[size++] = atom;
    }
    near.size = size;
    return near;
  }

  #addNear(subject: Subject, near: Batch<Atom>): void {
    switch (subject.kind) {
      case "path":
        // For a search: grants that begin above, at or below its directory.
        if (subject.target.role === "search") this.#paths.around(subject.path, near);
        else this.#paths.near(subject.path, near);
        return;
      case "variable":
        this.#addVariable(subject.name, near);
        return;
      case "url":
        this.#addNamed(subject.url.host, near);
        this.#addDomains(subject.url.host, near);
        return;
      case "address":
        this.#addNamed(subject.address, near);
        return;
      // Rules about tools are few, and are all asked.
      case "tool":
        return;
      case "command":
        for (const name of this.#commandNames(subject)) this.#addNamed(name, near);
    }
  }

  /** In any case of its letters. */
  #addNamed(name: string, near: Batch<Atom>): void {
    this.#name.get(foldedHash(name))?.addTo(near);
  }

  #addVariable(name: string, near: Batch<Atom>): void {
    this.#addNamed(name, near);
    if (this.#part.all.length === 0) return;
    if (!PLAIN.test(name)) near.addAll(this.#part.all);
    else if (this.#part.mayHold(name) || this.#part.reasons(name, 0, name.length) !== 0) {
      this.#part.near(fold(name), near);
    }
  }

  #addDomains(host: string, near: Batch<Atom>): void {
    if (this.#domain.size === 0) return;
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const found = this.#domain.get(host.slice(dot + 1));
      if (found !== undefined) near.addAll(found);
    }
  }

  /** Every name by which a rule could mean the command; grants mean the one that was typed. */
  #commandNames({ command }: OfKind<"command">): Iterable<string> {
    if (!this.#isLoose) return [foldedCommand(baseName(command.typed))];
    const listed = namesAt(command.real, this.#commands);
    const names = [command.typed, command.real, ...listed].map(baseName);
    return new Set([...names, ...command.programs, ...namesBehind(command)].map(foldedCommand));
  }
}

/** None of its clauses keeps it from matching. */
const speaks = ({ clauses, list }: Atom, subject: Subject, facts: CallFacts): boolean =>
  clauses.length === 0 || !clauses.some((clause) => fails(clause, subject, facts, isNarrow(list)));

/** What a rule asks of the path that it names is not answered by one above it. */
const speaksBelow = ({ clauses }: Atom, subject: Subject, facts: CallFacts): boolean =>
  !clauses.some((clause) => !clause.isOfTarget && fails(clause, subject, facts, false));
