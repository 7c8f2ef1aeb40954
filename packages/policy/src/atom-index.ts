/**
 * Finds the patterns that match a subject without asking them all: a policy of a thousand rules answers like one of
 * ten. The index only leaves out what cannot match; every hit is still tested (a test holds the two answers together).
 */
import type { Atom } from "./atom.ts";
import type { CallFacts } from "./attribute.ts";
import { fails } from "./clauses.ts";
import { baseName, namesAt } from "./command.ts";
import type { ResolvedCommand } from "./policy-data.ts";
import { namesBehind } from "./runner.ts";
import { fold } from "./spelling.ts";
import type { Subject } from "./subject.ts";

export class AtomIndex {
  readonly #narrow: boolean;
  readonly #commands: readonly ResolvedCommand[];
  readonly #atoms: readonly Atom[];
  readonly #always: readonly Atom[];
  readonly #under = new Map<string, Atom[]>();
  readonly #segment = new Map<string, Atom[]>();
  readonly #name = new Map<string, Atom[]>();

  /** Length of the longest text in `#under`: a longer path needs no looking up. */
  #longest = 0;

  constructor(atoms: readonly Atom[], narrow: boolean, commands: readonly ResolvedCommand[] = []) {
    this.#narrow = narrow;
    this.#commands = commands;
    this.#atoms = atoms;
    this.#always = atoms.filter(({ key }) => key === null);
    const maps = { under: this.#under, segment: this.#segment, name: this.#name };
    for (const atom of atoms) {
      if (atom.key === null) continue;
      if (atom.key.kind === "under") this.#longest = Math.max(this.#longest, atom.key.text.length);
      const map = maps[atom.key.kind];
      const found = map.get(atom.key.text);
      if (found === undefined) map.set(atom.key.text, [atom]);
      else found.push(atom);
    }
  }

  matching(subject: Subject, facts: CallFacts): readonly Atom[] {
    const found = this.at(subject, facts);
    if (this.#narrow || subject.kind !== "path" || subject.target.role !== "delete") return found;
    // Only a denial protects what lies below; a question about it is asked when it is reached.
    const above = this.below(subject).filter(({ rule }) => rule.data.effect === "deny");
    return [...found, ...above.filter((atom) => this.#speaksBelow(atom, subject, facts))];
  }

  /** Without facts by place alone, whatever else the rules ask for. */
  at(subject: Subject, facts: CallFacts | null = null): readonly Atom[] {
    const isSearch = this.#narrow && subject.kind === "path" && subject.target.role === "search";
    const candidates = isSearch ? this.#around(subject) : this.#candidates(subject);
    return candidates.filter((atom) => atom.test(subject) && (facts === null || this.#speaks(atom, subject, facts)));
  }

  /** Patterns that name something below a path, whatever else their rules ask for. */
  below(subject: Extract<Subject, { kind: "path" }>): readonly Atom[] {
    return this.#atoms.filter(({ isBelow }) => isBelow?.(subject.path) === true);
  }

  #speaks({ clauses }: Atom, subject: Subject, facts: CallFacts): boolean {
    return clauses.length === 0 || !clauses.some((clause) => fails(clause, subject, facts, this.#narrow));
  }

  /** What a rule asks of the path that it names is not answered by one above it. */
  #speaksBelow({ clauses }: Atom, subject: Subject, facts: CallFacts): boolean {
    return !clauses.some((clause) => !clause.isOfTarget && fails(clause, subject, facts, this.#narrow));
  }

  /** For a search: grants that begin above, at or below its directory. */
  #around(subject: Extract<Subject, { kind: "path" }>): readonly Atom[] {
    const path = `/${subject.path.segments.map((segment) => `${segment}/`).join("")}`;
    const isNear = ({ key }: Atom) =>
      key?.kind !== "under" || path.startsWith(`${key.text}/`) || `${key.text}/`.startsWith(path);
    return this.#atoms.filter(isNear);
  }

  #candidates(subject: Subject): readonly Atom[] {
    if (subject.kind === "path") return this.#nearPath(this.#narrow ? subject.path.segments : subject.path.folded);
    if (subject.kind === "variable") return this.#named(this.#narrow ? subject.name : fold(subject.name));
    if (subject.kind === "url") return this.#named(subject.url.host);
    if (subject.kind === "address") return this.#named(subject.address);
    return this.#named(...this.#commandNames(subject));
  }

  #named(...names: readonly string[]): readonly Atom[] {
    const named = names.flatMap((name) => this.#name.get(name) ?? []);
    return named.length === 0 ? this.#always : [...this.#always, ...named];
  }

  /** Every name by which a rule could mean the command. */
  #commandNames({ command }: Extract<Subject, { kind: "command" }>): readonly string[] {
    if (this.#narrow) return [baseName(command.typed)];
    const listed = namesAt(command.real, this.#commands);
    const names = [command.typed, command.real, ...listed].map(baseName);
    const all = [...names, ...command.programs, ...namesBehind(command)];
    return [...new Set(all.map((name) => fold(name.toLowerCase())))];
  }

  #nearPath(segments: readonly string[]): readonly Atom[] {
    const found = [...this.#always];
    let path = "";
    for (const segment of segments) {
      path += `/${segment}`;
      if (path.length > this.#longest) break;
      const under = this.#under.get(path);
      if (under !== undefined) found.push(...under);
    }
    if (this.#segment.size === 0) return found;
    for (const segment of new Set(segments)) {
      const named = this.#segment.get(segment);
      if (named !== undefined) found.push(...named);
    }
    return found;
  }
}
