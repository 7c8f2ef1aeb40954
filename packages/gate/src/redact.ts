/**
 * Redaction (`[local_only] mode = "redact"`): for policies written for a runtime that keeps plaintext in the VM and scrubs
 * what leaves it. It is a filter, not a wall: it finds values in the forms of `redact/forms.ts` and no others, and is
 * itself an oracle (a script may print guesses and see which vanish). Sealed values are the mechanism that holds.
 */
import { fullForms, reducedForms } from "./redact/forms.ts";
import { partsOf } from "./redact/parts.ts";
import { Patterns } from "./redact/patterns.ts";
import { Scrubbing } from "./redact/scrubbing.ts";

/** What everything becomes once more was registered than can be looked for. */
export const WITHHELD = "[withheld: more local-only text was read than can be looked for]";

/** In UTF-16 units of patterns; a unit takes about 30 bytes of memory. */
export interface RedactBounds {
  /** Up to here a value is looked for in all forms. */
  readonly full: number;
  /** Up to here as it is, in base64 and in hex. Beyond it all output is withheld. */
  readonly all: number;
}

const BOUNDS: RedactBounds = { full: 2 ** 21, all: 2 ** 23 };

export interface RedactCounts {
  readonly values: number;
  /** Too short to be looked for. */
  readonly skipped: number;
  /** Parts that are looked for as they are, in base64 and in hex only. */
  readonly reduced: number;
  /** True: patterns took all their memory, and everything is withheld. */
  readonly withheld: boolean;
  /** What the patterns take of the bounds. */
  readonly units: number;
}

export class Redactor {
  readonly #bounds: RedactBounds;
  readonly #patterns = new Patterns();
  readonly #seen = new Set<string>();
  #counts = { values: 0, skipped: 0, reduced: 0, withheld: false };
  #markers = new Map<string, string>();
  #markersOf = 0;

  constructor(bounds: RedactBounds = BOUNDS) {
    this.#bounds = bounds;
  }

  get counts(): RedactCounts {
    return { ...this.#counts, units: this.#patterns.units };
  }

  /** Table lookups so far, for tests that time is linear. */
  get lookups(): number {
    return this.#patterns.automata().reduce((sum, { lookups }) => sum + lookups, 0);
  }

  /** `name` stands in the place of the value: `env:INTERNAL_URL`. May be called while text is scrubbed. */
  register(value: string, name: string): void {
    const parts = partsOf(value);
    if (parts.size === 0) this.#counts.skipped += 1;
    else this.#counts.values += 1;
    for (const part of parts) {
      if (this.#counts.withheld) return;
      if (!this.#seen.has(part)) this.#look(part, name);
    }
  }

  scrub(text: string): string {
    if (this.#counts.withheld) return text === "" ? "" : WITHHELD;
    const scrubbing = this.#scrubbing();
    return scrubbing.push(text) + scrubbing.end();
  }

  /** For one text in chunks: all answers together are what `scrub` answers to all chunks together. */
  stream(): { push(chunk: string): string; end(): string } {
    const scrubbing = this.#scrubbing();
    let told = false;
    const orWithheld = (scrubbed: () => string): string => {
      if (!this.#counts.withheld) return scrubbed();
      if (told) return "";
      told = true;
      return `${WITHHELD}\n`;
    };
    return {
      push: (chunk) => orWithheld(() => scrubbing.push(chunk)),
      end: () => orWithheld(() => scrubbing.end()),
    };
  }

  /** Whether a text holds a registered value in any form; true where that cannot be told any more. */
  contains(text: string): boolean {
    return this.#counts.withheld || this.#holds(text);
  }

  #look(part: string, name: string): void {
    this.#seen.add(part);
    const { full, all } = this.#bounds;
    if (this.#patterns.add(fullForms(part), name, full - this.#patterns.units)) return;
    if (this.#patterns.add(reducedForms(part), name, all - this.#patterns.units)) {
      this.#counts.reduced += 1;
      return;
    }
    this.#counts.withheld = true;
    this.#patterns.clear();
    this.#seen.clear();
  }

  #scrubbing(): Scrubbing {
    return new Scrubbing(this.#patterns, (name) => this.#marker(name));
  }

  /** A name is the script's own text (a path, say), so it may hold another value; then it is not shown. */
  #marker(name: string): string {
    if (this.#markersOf !== this.#patterns.version) this.#markers = new Map();
    this.#markersOf = this.#patterns.version;
    const marker = this.#markers.get(name) ?? (this.#holds(name) ? "[redacted]" : `[redacted ${name}]`);
    this.#markers.set(name, marker);
    return marker;
  }

  #holds(text: string): boolean {
    for (const automaton of this.#patterns.automata()) {
      let node = 0;
      for (let at = 0; at < text.length; at += 1) {
        node = automaton.step(node, text.charCodeAt(at));
        if (automaton.hitLength(node) > 0) return true;
      }
    }
    return false;
  }
}
