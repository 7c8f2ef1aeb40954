/**
 * The patterns of release rules, matched over the whole text in time linear in it: the text may come from a host that the
 * agent controls, and a backtracking matcher could be held up. The language is a part of JavaScript's (with its `u`):
 * characters, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {n} {n,} {n,m}`; no look-around, no
 * references back, no anchors but redundant ones at the ends. A pattern becomes states, all of which are tracked at once.
 */
/** Null for a pattern outside of the language above, or one too large. */
export declare function linearPattern(pattern: string): ((text: string) => boolean) | null;
