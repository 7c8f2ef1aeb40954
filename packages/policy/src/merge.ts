/**
 * One file and what it inherits, as one layer: lists concatenate (a deny from anywhere wins by the engine), `"!entry"`
 * takes an inherited entry out, limits take the stricter value, scalars the child's. A removal that removes nothing is
 * a problem, since its writer relies on something that is not so; a removed denial, question or local-only entry is told
 * in a banner.
 */
import { isBuiltin } from "./builtin.ts";
import { joinTables, NO_TABLES, type Tables } from "./declarations.ts";
import type { Meaning } from "./entry.ts";
import { KEYS, type KeySpec } from "./keys.ts";
import type { Problems, Source } from "./problem.ts";
import { type Entry, keyText, type Scalar } from "./read.ts";
import { SECURE_DEFAULTS } from "./secure-defaults.ts";
import { shown } from "./spelling.ts";
import { didYouMean } from "./suggest.ts";

export interface LayerEntry extends Entry {
  readonly source: Source;
  readonly meaning: Meaning;
}

export interface LayerScalar extends Scalar {
  readonly source: Source;
}

export interface Layer {
  /** Own entries first, then inherited ones in the order in which policies are named. */
  readonly entries: readonly LayerEntry[];
  /** By `keyText`. */
  readonly scalars: ReadonlyMap<string, LayerScalar>;
  readonly banners: readonly string[];
  /** As entries: own ones first. */
  readonly tables: Tables;
}

export interface OwnFile {
  readonly source: Source;
  readonly entries: readonly LayerEntry[];
  /** Entries that begin with `!`. */
  readonly removals: readonly Entry[];
  readonly scalars: readonly LayerScalar[];
  readonly tables: Tables;
  readonly inheritsAny: boolean;
}

export const EMPTY_LAYER: Layer = { entries: [], scalars: new Map(), banners: [], tables: NO_TABLES };

/** Several inherited policies beside each other. */
export function joinParents(parents: readonly Layer[]): Layer {
  const scalars = new Map<string, LayerScalar>();
  for (const parent of parents) {
    for (const [key, scalar] of parent.scalars) scalars.set(key, pick(scalar, scalars.get(key)));
  }
  return {
    // One that came by several ways is one entry for `mergeFile`, which keeps them in a set.
    entries: parents.flatMap((parent) => parent.entries),
    scalars,
    banners: [...new Set(parents.flatMap((parent) => parent.banners))],
    tables: joinTables(parents.map((parent) => parent.tables)),
  };
}

export function mergeFile(own: OwnFile, inherited: Layer, problems: Problems): Layer {
  const kept = new Set(inherited.entries);
  const banners = [...inherited.banners];
  for (const removal of own.removals) {
    const text = removal.text.slice(1);
    const candidates = inherited.entries.filter((entry) => entry.key === removal.key && entry.name === removal.name);
    const removed = candidates.filter((entry) => entry.text === text);
    for (const entry of removed) {
      kept.delete(entry);
      banners.push(...removalBanner(entry, removal, own.source));
    }
    if (removed.length === 0) reportIdle(own, removal, candidates, problems);
  }
  const scalars = new Map<string, LayerScalar>();
  for (const [key, scalar] of inherited.scalars) if (KEYS[scalar.key].merge !== "own") scalars.set(key, scalar);
  for (const scalar of own.scalars) {
    const key = keyText(scalar.key, scalar.name);
    scalars.set(key, pick(scalar, scalars.get(key)));
  }
  const tables = joinTables([own.tables, inherited.tables]);
  return { entries: [...own.entries, ...kept], scalars, banners: [...new Set(banners)], tables };
}

/** `next` wins unless the key takes the stricter value and the other is that: the smaller of limits, the larger of demands. */
function pick(next: LayerScalar, other: LayerScalar | undefined): LayerScalar {
  const { merge } = KEYS[next.key];
  if (other === undefined || (merge !== "stricter" && merge !== "larger")) return next;
  const [a, b] = merge === "stricter" ? [other, next] : [next, other];
  return Number(a.value) < Number(b.value) ? other : next;
}

function reportIdle(own: OwnFile, removal: Entry, candidates: readonly LayerEntry[], problems: Problems): void {
  const text = shown(removal.text.slice(1));
  const literal = removal.key.startsWith("filesystem.") ? "write `\\!` for a name that begins with `!`" : undefined;
  const message = own.inheritsAny
    ? `\`!${text}\` removes nothing: no inherited policy has \`${text}\` in this list`
    : `\`!${text}\` removes nothing: this policy inherits nothing`;
  const near = didYouMean(text, new Set(candidates.map((entry) => entry.text)));
  problems.add(own.source, removal.at, message, near ?? literal);
}

function removalBanner(entry: LayerEntry, removal: Entry, by: Source): readonly string[] {
  const spec: KeySpec = KEYS[entry.key];
  const rule = spec.type === "list" ? spec.rule : undefined;
  // What is no longer local-only may be shown, if anything else grants it.
  if (rule?.effect !== "deny" && rule?.effect !== "ask" && rule?.sealed !== true) return [];
  const what = `${keyText(entry.key, entry.name)}[${entry.index}] \`${shown(entry.text)}\` of ${entry.source.file}`;
  const says = `${what} was removed by ${by.file}:${removal.at.line}`;
  const stays = entry.source.file === SECURE_DEFAULTS && isBuiltin(entry.text);
  return [stays ? `${says}; it is built in, too, and still holds: an exact entry of an allow list opens it` : says];
}
