/**
 * The plaintext of one run's handles. A value is computed when it is first needed, once; what it came to, a failure
 * included, stays here. All of it together is bounded, so that no run can make the vault run out of memory.
 */
import { tokensIn } from "@agent-run/gate";
import { type Attempt, done, failed, type Plain, type PlainOf } from "./plain.ts";

export type Source = () => Promise<Attempt<Plain>>;

/** UTF-16 units of all values of a run, members counted as so many. */
const MAX_WEIGHT = 128 * 1024 * 1024;
/** What an empty object takes in memory, roughly. */
const MEMBER_WEIGHT = 32;

export class Values {
  readonly #sources = new Map<number, Source>();
  readonly #known = new Map<number, Promise<Attempt<Plain>>>();
  readonly #tokens = new Map<string, number>();
  readonly #components = new Set<string>();
  #weight = 0;

  /** `isComponent`: the value is the percent-encoding of a URL component already. */
  define(handle: number, token: string, source: Source, isComponent = false): void {
    if (isComponent) this.#components.add(token);
    this.#sources.set(handle, source);
    this.#tokens.set(token, handle);
  }

  get(handle: number): Promise<Attempt<Plain>> {
    const known = this.#known.get(handle);
    if (known !== undefined) return known;
    const source = this.#sources.get(handle);
    const value = source === undefined ? Promise.resolve(failed("there is no such handle")) : this.#weighed(source);
    this.#known.set(handle, value);
    this.#sources.delete(handle);
    return value;
  }

  /** It will never be computed. */
  drop(handle: number): void {
    if (!this.#sources.delete(handle)) return;
    this.#known.set(handle, Promise.resolve(failed("it was not done by the last tick")));
  }

  handleOf(token: string): number | undefined {
    return this.#tokens.get(token);
  }

  /**
   * The values of all tokens in these texts, or why one of them has none. Only handles that are older than `before`, the
   * one that is made of them: a token that was written down before it was minted (a seed is known) is text, on this side
   * as on the public one.
   */
  async ofTexts(texts: Iterable<string>, before: number): Promise<Attempt<PlainOf>> {
    const values = new Map<string, Plain>();
    for (const text of texts) {
      for (const token of tokensIn(text)) {
        const handle = this.#tokens.get(token);
        if (handle === undefined || handle >= before || values.has(token)) continue;
        const value = await this.get(handle);
        if (!value.ok) return value;
        values.set(token, value.value);
      }
    }
    return done(values);
  }

  /** The same values for a URL: what the script has encoded for one is not encoded again. */
  forUrl(known: PlainOf): PlainOf {
    return new Map([...known].map(([token, value]) => [token, this.#components.has(token) ? decoded(value) : value]));
  }

  clear(): void {
    this.#sources.clear();
    this.#known.clear();
    this.#tokens.clear();
  }

  async #weighed(source: Source): Promise<Attempt<Plain>> {
    try {
      const value = await source();
      if (!value.ok) return value;
      this.#weight += weightOf(value.value);
      return this.#weight > MAX_WEIGHT ? failed("the sealed values of this run are too large together") : value;
    } catch (error) {
      // A value that nests too deeply to be weighed is among these: no value may end the vault, nor its lane.
      return failed(`it could not be computed: ${String(error)}`);
    }
  }
}

function decoded(value: Plain): Plain {
  try {
    return typeof value === "string" ? decodeURIComponent(value) : value;
  } catch {
    return value;
  }
}

function weightOf(value: Plain): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + weightOf(member), MEMBER_WEIGHT);
}
