/**
 * The patterns of a run, which grow while it runs. They lie in batches of falling size, each with an automaton of its own,
 * and a batch is merged with the one before it once it is half as large: a pattern is built into an automaton a
 * logarithmic number of times, however often a script reads and prints in turn.
 */
import { Automaton, fold } from "./automaton.ts";

interface Batch {
  readonly forms: ReadonlyMap<string, string>;
  readonly units: number;
}

export class Patterns {
  /** Changes with every set of automata. */
  version = 0;
  /** Units of all patterns. */
  units = 0;
  #pending = new Map<string, string>();
  readonly #batches: Batch[] = [];
  readonly #automata: Automaton[] = [];

  /** Adds all forms, or none if they take more than `room` units. Of two names for one form the first stays. */
  add(forms: Iterable<string>, name: string, room: number): boolean {
    const fresh = new Set<string>();
    let units = 0;
    for (const form of forms) {
      const folded = foldText(form);
      if (fresh.has(folded) || this.#has(folded)) continue;
      units += folded.length;
      if (units > room) return false;
      fresh.add(folded);
    }
    for (const form of fresh) this.#pending.set(form, name);
    this.units += units;
    return true;
  }

  automata(): readonly Automaton[] {
    if (this.#pending.size > 0) this.#build();
    return this.#automata;
  }

  clear(): void {
    this.version += 1;
    this.units = 0;
    this.#pending.clear();
    this.#batches.length = 0;
    this.#automata.length = 0;
  }

  #has(form: string): boolean {
    return this.#pending.has(form) || this.#batches.some(({ forms }) => forms.has(form));
  }

  #build(): void {
    let forms = this.#pending;
    let units = 0;
    for (const form of forms.keys()) units += form.length;
    for (let last = this.#batches.at(-1); last !== undefined && last.units <= 2 * units; last = this.#batches.at(-1)) {
      forms = new Map([...last.forms, ...forms]);
      units += last.units;
      this.#batches.pop();
      this.#automata.pop();
    }
    this.#batches.push({ forms, units });
    this.#automata.push(new Automaton(forms));
    this.#pending = new Map();
    this.version += 1;
  }
}

function foldText(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase();
  let folded = "";
  for (let at = 0; at < text.length; at += 1) folded += String.fromCharCode(fold(text.charCodeAt(at)));
  return folded;
}
