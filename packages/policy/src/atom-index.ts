/**
 * Finds the patterns that match a subject without asking them all: a policy of ten thousand rules answers like one of
 * ten. The index only leaves out what cannot match; every hit is still tested (a test holds the two answers together).
 */
import type { Atom } from "./atom.ts";
import type { CallFacts } from "./attribute.ts";
import { fails } from "./clauses.ts";
import { baseName, namesAt } from "./command.ts";
import { PathIndex } from "./path-index.ts";
import type { ResolvedCommand } from "./policy-data.ts";
import { namesBehind } from "./runner.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";
import { append, SureIndex } from "./sure-index.ts";

type OfKind<K> = Extract<Subject, { kind: K }>;

const NONE: readonly Atom[] = [];
const PLAIN = /^[\x20-\x7e]*$/;

export class AtomIndex {
  readonly #narrow: boolean;
  readonly #commands: readonly ResolvedCommand[];
  readonly #isEmpty: boolean;
  readonly #always: Atom[] = [];
  readonly #paths = new PathIndex<Atom>();
  readonly #name = new Map<string, Atom[]>();
  readonly #domain = new Map<string, Atom[]>();
  readonly #part = new SureIndex<Atom>();

  constructor(atoms: readonly Atom[], narrow: boolean, commands: readonly ResolvedCommand[] = []) {
    this.#narrow = narrow;
    this.#commands = commands;
    this.#isEmpty = atoms.length === 0;
    for (const atom of atoms) this.#add(atom);
  }

  #add(atom: Atom): void {
    const { key } = atom;
    if (key === null) this.#always.push(atom);
    else if (key.kind === "path") this.#paths.add(key.path, atom);
    else if (key.kind === "part") this.#part.add(key.sure, atom);
    else {
      const map = key.kind === "name" ? this.#name : this.#domain;
      const found = map.get(key.text);
      if (found === undefined) map.set(key.text, [atom]);
      else found.push(atom);
    }
  }

  /** In no order. */
  matching(subject: Subject, facts: CallFacts): readonly Atom[] {
    if (this.#isEmpty) return NONE;
    const found = this.at(subject, facts);
    if (this.#narrow || subject.kind !== "path" || subject.target.role !== "delete") return found;
    // Only a denial protects what lies below; a question about it is asked when it is reached.
    const below = this.below(subject).filter(({ rule }) => rule.data.effect === "deny");
    return [...found, ...below.filter((atom) => this.#speaksBelow(atom, subject, facts))];
  }

  /** In no order. Without facts by place alone, whatever else the rules ask for. */
  at(subject: Subject, facts: CallFacts | null = null): readonly Atom[] {
    if (this.#isEmpty) return NONE;
    const near: Atom[] = [];
    append(near, this.#always);
    this.#addNear(subject, near);
    if (near.length === 0) return NONE;
    const found = there(near, subject);
    return facts === null ? found : speaking(found, subject, facts, this.#narrow);
  }

  /** Patterns that name something below a path, whatever else their rules ask for. */
  below(subject: OfKind<"path">): readonly Atom[] {
    const near: Atom[] = [...this.#always];
    this.#paths.below(subject.path, near);
    return near.filter(({ isBelow }) => isBelow?.(subject.path) === true);
  }

  /** What a rule asks of the path that it names is not answered by one above it. */
  #speaksBelow({ clauses }: Atom, subject: Subject, facts: CallFacts): boolean {
    return !clauses.some((clause) => !clause.isOfTarget && fails(clause, subject, facts, this.#narrow));
  }

  #addNear(subject: Subject, near: Atom[]): void {
    switch (subject.kind) {
      case "path":
        // For a search: grants that begin above, at or below its directory.
        if (this.#narrow && subject.target.role === "search") this.#paths.around(subject.path, near);
        else this.#paths.near(subject.path, near);
        return;
      case "variable":
        this.#addVariable(this.#narrow ? subject.name : fold(subject.name), near);
        return;
      case "url":
        this.#addNamed(subject.url.host, near);
        this.#addDomains(subject.url.host, near);
        return;
      case "address":
        this.#addNamed(subject.address, near);
        return;
      case "command":
        for (const name of this.#commandNames(subject)) this.#addNamed(name, near);
    }
  }

  #addNamed(name: string, near: Atom[]): void {
    const named = this.#name.get(name);
    if (named !== undefined) append(near, named);
  }

  #addVariable(name: string, near: Atom[]): void {
    this.#addNamed(name, near);
    if (this.#part.all.length === 0) return;
    if (!PLAIN.test(name)) append(near, this.#part.all);
    else {
      this.#part.named(name, 0, name.length, near);
      this.#part.holding(name, 0, near);
    }
  }

  #addDomains(host: string, near: Atom[]): void {
    if (this.#domain.size === 0) return;
    for (let dot = host.indexOf("."); dot !== -1; dot = host.indexOf(".", dot + 1)) {
      const found = this.#domain.get(host.slice(dot + 1));
      if (found !== undefined) append(near, found);
    }
  }

  /** Every name by which a rule could mean the command. */
  #commandNames({ command }: OfKind<"command">): Iterable<string> {
    if (this.#narrow) return [baseName(command.typed)];
    const listed = namesAt(command.real, this.#commands);
    const names = [command.typed, command.real, ...listed].map(baseName);
    const all = [...names, ...command.programs, ...namesBehind(command)];
    return new Set(all.map((name) => fold(name.toLowerCase())));
  }
}

/** Those that are at the place of the subject, each once. */
function there(near: readonly Atom[], subject: Subject): readonly Atom[] {
  const [first] = near;
  if (near.length === 1 && first !== undefined) return first.test(subject) ? near : NONE;
  const found = near.filter((atom) => atom.test(subject));
  return found.length < 2 ? found : [...new Set(found)];
}

/** Those whose clauses keep none of them from matching. */
function speaking(atoms: readonly Atom[], subject: Subject, facts: CallFacts, narrow: boolean): readonly Atom[] {
  const [first] = atoms;
  if (first === undefined || (atoms.length === 1 && first.clauses.length === 0)) return atoms;
  const isHeard = ({ clauses }: Atom) =>
    clauses.length === 0 || !clauses.some((clause) => fails(clause, subject, facts, narrow));
  return atoms.every(isHeard) ? atoms : atoms.filter(isHeard);
}
