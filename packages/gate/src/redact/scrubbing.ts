/**
 * Scrubs a text that comes in chunks. Invariant: what has been given out holds no match and no beginning of one; the
 * longest end of the text that begins a pattern is held back. Matches that overlap are replaced as one: were only the
 * leftmost taken, the rest of another value would stay behind it.
 */
import { HeldText } from "./held-text.ts";
import type { Patterns } from "./patterns.ts";

/** Of the whole text: `from` is where it began, `start` what of it is still held. */
interface Region {
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

export class Scrubbing {
  readonly #patterns: Patterns;
  readonly #marker: (name: string) => string;
  readonly #held = new HeldText();
  /** One node an automaton. */
  #nodes: number[] = [];
  #version = 0;
  /** How much of the text was looked at. */
  #at = 0;
  /** Disjoint, ascending. */
  #regions: Region[] = [];

  constructor(patterns: Patterns, marker: (name: string) => string) {
    this.#patterns = patterns;
    this.#marker = marker;
  }

  push(chunk: string): string {
    this.#renew();
    this.#held.add(chunk);
    this.#look(chunk);
    return this.#release(this.#at - this.#reach());
  }

  /** Gives out what was held back; whatever comes next is another text. */
  end(): string {
    this.#renew();
    this.#nodes.fill(0);
    return this.#release(this.#at);
  }

  /** A value registered meanwhile is looked for in what is still held. */
  #renew(): void {
    const automata = this.#patterns.automata();
    if (this.#version === this.#patterns.version) return;
    this.#version = this.#patterns.version;
    this.#nodes = automata.map(() => 0);
    this.#at = this.#held.start;
    this.#regions = this.#regions.filter(({ from }) => from < this.#at);
    for (const piece of this.#held.pieces) this.#look(piece);
  }

  #look(text: string): void {
    const automata = this.#patterns.automata();
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      this.#at += 1;
      let which = 0;
      for (const automaton of automata) {
        const node = automaton.step(this.#nodes[which] ?? 0, unit);
        this.#nodes[which] = node;
        which += 1;
        const length = automaton.hitLength(node);
        if (length > 0) this.#found(length, automaton.hitName(node));
      }
    }
  }

  /** A match that ends here. It takes in what it overlaps; the name is that of the leftmost, then the longest. */
  #found(length: number, name: string): void {
    const from = this.#at - length;
    let region: Region = { from, start: from, end: this.#at, name };
    for (let last = this.#regions.at(-1); last !== undefined && last.end > region.start; last = this.#regions.at(-1)) {
      const first = last.from < region.from ? last : region;
      const start = Math.min(last.start, region.start);
      region = { from: first.from, start, end: Math.max(last.end, region.end), name: first.name };
      this.#regions.pop();
    }
    this.#regions.push(region);
  }

  /** Everything before `to` goes out. Of a region that reaches beyond, only its place is kept, so memory stays bounded. */
  #release(to: number): string {
    let out = "";
    const kept: Region[] = [];
    for (const region of this.#regions) {
      if (region.start < to) {
        out += this.#held.take(region.start);
        this.#held.take(Math.min(region.end, to));
      }
      if (region.end <= to) out += this.#marker(region.name);
      else kept.push({ ...region, start: Math.max(region.start, to) });
    }
    this.#regions = kept;
    return out + this.#held.take(to);
  }

  /** Units at the end that may belong to a match that is not complete. */
  #reach(): number {
    const automata = this.#patterns.automata();
    return automata.reduce((most, automaton, which) => Math.max(most, automaton.depth(this.#nodes[which] ?? 0)), 0);
  }
}
