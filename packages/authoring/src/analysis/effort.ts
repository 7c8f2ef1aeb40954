/** Work that several questions share, so that all of them together end: what is left when it is spent is told as too complex. */
import { TooComplex } from "./work.ts";

export class Effort {
  #left: number;

  /** In steps of one automaton; a million of them take about a second. */
  constructor(steps: number) {
    this.#left = steps;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** For what is done anyway. */
  count(steps: number): void {
    this.#left -= steps;
  }

  /** Throws `TooComplex` where nothing is left. */
  spend(steps: number): void {
    this.count(steps);
    if (this.isSpent) throw new TooComplex("there are too many rules that overlap");
  }
}
