/** What the readers of other tools' files give: values with their places, bounded in number and depth. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Tree =
  | { readonly kind: "map"; readonly at: Place; readonly entries: ReadonlyMap<string, { at: Place; value: Tree }> }
  | { readonly kind: "list"; readonly at: Place; readonly items: readonly Tree[] }
  | { readonly kind: "text"; readonly at: Place; readonly value: string }
  | { readonly kind: "number"; readonly at: Place; readonly value: number }
  | { readonly kind: "flag"; readonly at: Place; readonly value: boolean }
  | { readonly kind: "nothing"; readonly at: Place };

/** Why a file can not be read. The text continues no sentence; lower case, no full stop. */
export class Malformed extends Error {
  readonly at: Place;
  readonly hint: string | undefined;
  constructor(at: Place, message: string, hint?: string) {
    super(message);
    this.at = at;
    this.hint = hint;
  }
}

/** Values of one file, aliases counted each time, and how deep they may be nested: far above what people write. */
export const MOST_VALUES = 20_000;
export const MOST_DEPTH = 64;

export const child = (tree: Tree, key: string): Tree | null =>
  tree.kind === "map" ? (tree.entries.get(key)?.value ?? null) : null;

/** The first key of a mapping that is none of these. */
export const unknownKey = (tree: Tree, known: ReadonlySet<string>): string | null =>
  tree.kind === "map" ? ([...tree.entries.keys()].find((key) => !known.has(key)) ?? null) : null;

export const textOf = (tree: Tree | null): string | null => (tree?.kind === "text" ? tree.value : null);

/** The texts of a list, or the one text; null for anything else. */
export function textsOf(tree: Tree | null): readonly string[] | null {
  if (tree?.kind === "text") return [tree.value];
  if (tree?.kind !== "list") return null;
  const texts = tree.items.flatMap((item) => (item.kind === "text" ? [item.value] : []));
  return texts.length === tree.items.length ? texts : null;
}

/** User text in messages and comments: one line, nothing that draws. */
export function oneLine(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return cut.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (one) => `\\u${(one.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
