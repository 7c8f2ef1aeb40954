/**
 * What was seen to happen, apart from the calls it happened in: one capability at one place. A rule is made of facts, and
 * each is counted, so that a rule can say what it rests on.
 */
import { type CanonicalRequest, type Capability, canonicalUrl, isJsonArray, type Target } from "@agent-run/policy";
import type { RecordedCall } from "./recorded-run.ts";

export type Place =
  | { readonly kind: "path"; readonly path: string; readonly isSearch: boolean }
  | {
      readonly kind: "url";
      readonly scheme: string;
      readonly host: string;
      readonly port: number;
      readonly method: string;
      readonly urlPath: string;
    }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "command"; readonly name: string; readonly words: readonly string[] };

export interface Fact {
  readonly key: string;
  readonly on: Capability;
  readonly place: Place;
  /** False: a person was asked each time, so the rule asks, too. */
  isGranted: boolean;
  /** A directory whose names were listed. */
  isListed: boolean;
  calls: number;
  readonly runs: Set<string>;
  first: string;
  last: string;
}

/** Facts of calls that happened, by their key. */
export class Facts {
  readonly #facts = new Map<string, Fact>();

  get all(): readonly Fact[] {
    return [...this.#facts.values()];
  }

  get(key: string): Fact | undefined {
    return this.#facts.get(key);
  }

  add({ request, run, ts, kind, isListing }: RecordedCall): void {
    for (const { key, on, place } of placesOf(request)) {
      const known = this.#facts.get(key);
      const fact = known ?? {
        key,
        on,
        place,
        isGranted: false,
        isListed: isListing,
        calls: 0,
        runs: new Set(),
        first: ts,
        last: ts,
      };
      if (known === undefined) this.#facts.set(key, fact);
      fact.isGranted ||= kind !== "asked";
      fact.isListed ||= isListing;
      fact.calls += 1;
      fact.runs.add(run);
      if (ts < fact.first) fact.first = ts;
      if (ts > fact.last) fact.last = ts;
    }
  }
}

/** What a request touches; addresses come with their URL. */
export function placesOf(request: CanonicalRequest): readonly Pick<Fact, "key" | "on" | "place">[] {
  const seen = new Map<string, Pick<Fact, "key" | "on" | "place">>();
  for (const target of request.targets) {
    const place = placeOf(target, request);
    if (place === null) continue;
    const key = JSON.stringify([target.on, place]);
    seen.set(key, { key, on: target.on, place });
  }
  return [...seen.values()];
}

function placeOf({ kind, value, role }: Target, { attrs }: CanonicalRequest): Place | null {
  if (kind === "path") return { kind, path: value, isSearch: role === "search" };
  if (kind === "variable") return { kind, name: value };
  if (kind === "command") {
    const { argv, command } = attrs;
    const words = isJsonArray(argv) ? argv.filter((word) => typeof word === "string") : [];
    return { kind, name: typeof command === "string" ? command : value, words: words.slice(1) };
  }
  if (kind !== "url") return null;
  const url = canonicalUrl(value);
  if (!url.ok) return { kind, scheme: "", host: value, port: 0, method: "", urlPath: "" };
  const { scheme, host, port, path } = url.value;
  return { kind, scheme, host, port, method: typeof attrs.method === "string" ? attrs.method : "", urlPath: path };
}

export const urlOf = ({ scheme, host, port, urlPath }: Extract<Place, { kind: "url" }>): string =>
  `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}${urlPath}`;
