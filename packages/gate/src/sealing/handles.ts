/**
 * The handles of one run, as the public side knows them: nothing here depends on a plaintext, and everything was there
 * before the value was (NO-PLAINTEXT). They die with the run.
 */
import type { Formatting, Json } from "@agent-run/policy";
import type { SealedFace } from "../ports.ts";
import { hasBrokenToken, splitAtTokens, textsOf, tokensIn } from "./token.ts";

/** Where a value comes from: what rules 5 and 7 ask. `original` is the thing itself, never something computed from it. */
export type Origin =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "formatted"; readonly secret: string; readonly as: Exclude<Formatting, "original"> }
  /** An answer of a request, or a file, that was asked for with public arguments. */
  | { readonly kind: "answer"; readonly of: string }
  | { readonly kind: "derived" };

export interface Handle extends SealedFace {
  readonly id: number;
  readonly origin: Origin;
  /** What the display of a derived value names: `env:A`, `file:b`. */
  readonly sources: readonly string[];
}

export interface NewHandle {
  readonly label: readonly string[];
  readonly origin: Origin;
  readonly kind: Handle["kind"];
  readonly sources: readonly string[];
}

/** More sources than these are not listed. */
const MAX_SHOWN = 5;

export class Handles {
  readonly #token: () => string;
  readonly #byToken = new Map<string, Handle>();

  /** `token`: a fresh token each time, unguessable (`sealed0` and 32 hex digits). */
  constructor(token: () => string) {
    this.#token = token;
  }

  get size(): number {
    return this.#byToken.size;
  }

  mint({ label, origin, kind, sources }: NewHandle): Handle {
    const shown = sources.slice(0, MAX_SHOWN).join(", ") + (sources.length > MAX_SHOWN ? ", …" : "");
    const display = origin.kind === "derived" ? `[sealed from ${shown}]` : `[sealed ${shown}]`;
    const token = this.#token();
    const handle: Handle = { id: this.#byToken.size + 1, token, display, kind, label, origin, sources };
    this.#byToken.set(token, handle);
    return handle;
  }

  /** A value computed from others: it carries all their labels. */
  derive(from: readonly Handle[], kind: Handle["kind"] = "value", origin: Origin = { kind: "derived" }): Handle {
    const label = [...new Set(from.flatMap((handle) => handle.label))].sort();
    return this.mint({ label, origin, kind, sources: [...new Set(from.flatMap(({ sources }) => sources))] });
  }

  find(token: string): Handle | undefined {
    return this.#byToken.get(token);
  }

  /** Whether a text holds what is left of a token, and must go nowhere. */
  isBroken(text: string): boolean {
    return hasBrokenToken(text, (token) => this.#byToken.has(token));
  }

  /** Live handles in a text, in order, with repetitions. */
  inText(text: string): readonly Handle[] {
    return tokensIn(text).flatMap((token) => this.#byToken.get(token) ?? []);
  }

  inJson(value: Json): readonly Handle[] {
    return [...textsOf(value)].flatMap((text) => this.inText(text));
  }

  /** A text as people see it: a display form in the place of each live token. */
  show(text: string): string {
    if (!text.includes("sealed0")) return text;
    return splitAtTokens(text)
      .map((part, at) => (at % 2 === 0 ? part : (this.#byToken.get(part)?.display ?? part)))
      .join("");
  }

  showJson(value: Json): Json {
    if (typeof value === "string") return this.show(value);
    if (Array.isArray(value)) return value.map((member) => this.showJson(member));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.show(name), this.showJson(member)]));
  }
}

export const faceOf = ({ token, display, kind, label }: Handle): SealedFace => ({ token, display, kind, label });
