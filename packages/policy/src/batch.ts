/** A list that is filled anew for each call without being made anew; what is beyond `size` is of an earlier one. */
export class Batch<T> {
  readonly items: T[] = [];
  size = 0;

  add(item: T): void {
    this.items[this.size++] = item;
  }

  /** Not by spreading: a list may be longer than a call takes arguments. */
  addAll(items: readonly T[]): void {
    for (let at = 0; at < items.length; at++) this.items[this.size++] = items[at] as T;
  }

  clear(): this {
    this.size = 0;
    return this;
  }

  /** Leaves each item there once. */
  unite(): this {
    if (this.size < 2) return this;
    const once = new Set(this.items.slice(0, this.size));
    if (once.size === this.size) return this;
    this.clear().addAll([...once]);
    return this;
  }
}
