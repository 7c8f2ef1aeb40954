/** Where a reader of another tool's file is in its text, and how many values it has read: bounded in number and depth. */
import { placeFinder } from "@agent-run/policy";
import { Malformed, MOST_DEPTH, MOST_VALUES, type Place } from "./tree.ts";

export class Cursor {
  readonly #text: string;
  readonly #space: RegExp;
  readonly #places: (offset: number) => Place;
  #at = 0;
  #values = 0;

  /** `space`: what stands between things, sticky; never fails. */
  constructor(text: string, space: RegExp) {
    this.#text = text.replace(/^\uFEFF/, "");
    this.#space = space;
    this.#places = placeFinder(this.#text);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  place(): Place {
    return this.#places(this.#at);
  }

  /** Is this what comes next? */
  sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  take(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** What a sticky pattern matches here, with its groups; null where it matches nothing. */
  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null || found[0] === "") return null;
    this.#at += found[0].length;
    return found;
  }

  skip(): void {
    this.match(this.#space);
  }

  /** A comma, or the end of what is listed, which stays. */
  separates(end: string): boolean {
    this.skip();
    const comma = this.take(",");
    this.skip();
    return comma || this.sees(end);
  }

  /** A value begins here. */
  enter(depth: number): Place {
    this.skip();
    const at = this.place();
    if (++this.#values > MOST_VALUES) throw new Malformed(at, `the file holds more than ${MOST_VALUES} values`);
    if (depth > MOST_DEPTH) throw new Malformed(at, `values are nested more than ${MOST_DEPTH} deep`);
    return at;
  }
}
