import type { Batch } from "./batch.ts";

/** A list that mostly has one item, which is then found without one more look into memory. */
export class SlotList<T> {
  #first: T | null = null;
  #others: T[] | null = null;

  add(item: T): void {
    if (this.#first === null) this.#first = item;
    else if (this.#others === null) this.#others = [item];
    else this.#others.push(item);
  }

  addTo(into: Batch<T>): void {
    if (this.#first !== null) into.add(this.#first);
    if (this.#others !== null) into.addAll(this.#others);
  }
}
