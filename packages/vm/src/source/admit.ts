import { type RawProblem, syntaxProblem } from "./problem.ts";
import { stripFences } from "./unfence.ts";

/**
 * What a script's text must be before anybody parses it. CHECKED-IS-USED: the text that is parsed here must be the text
 * that the engine reads, so what would not survive the way there is refused: NUL (C strings end at it) and lone
 * surrogates (they have no UTF-8).
 */
export interface Admitted {
  /** As the user sees it: byte order mark gone, fence lines empty. Positions refer to it. */
  readonly source: string;
  /** The same length, hashbang made a comment: what is parsed and rewritten. */
  readonly text: string;
}

/** UTF-16 units. The syntax tree of a dense script takes some 60 times its text; the worker's heap is the real limit. */
const MAX_SOURCE_LENGTH = 16 * 1024 * 1024;

export type Admission =
  | { readonly ok: true; readonly admitted: Admitted }
  | { readonly ok: false; readonly source: string; readonly problem: RawProblem };

export function admit(given: string): Admission {
  const unmarked = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (unmarked.length > MAX_SOURCE_LENGTH) {
    const hint = "give the data as a file or as `input`, and read it in the script";
    return { ok: false, source: "", problem: syntaxProblem("the script is larger than 16 MiB", 0, hint) };
  }
  const foreign = foreignCharacter(unmarked);
  if (foreign !== null) return { ok: false, source: unmarked, problem: foreign };
  const unfenced = stripFences(unmarked);
  if (!unfenced.ok) return { ok: false, source: unmarked, problem: unfenced.problem };
  return { ok: true, admitted: { source: unfenced.text, text: withoutHashbang(unfenced.text, unfenced.fenced) } };
}

function foreignCharacter(text: string): RawProblem | null {
  const nul = text.indexOf("\0");
  if (nul !== -1) return syntaxProblem("the script contains a NUL character", nul, "write `\\0` inside a string");
  // With the `u` flag a surrogate matches only when it stands alone.
  const surrogate = text.search(/\p{Surrogate}/u);
  if (surrogate === -1) return null;
  const escaped = `\\u${text.charCodeAt(surrogate).toString(16)}`;
  return syntaxProblem("the script contains half of a character", surrogate, `write \`${escaped}\` inside a string`);
}

/** `#!/usr/bin/env node` becomes a comment of the same length; after a fence it stands on the second line. */
function withoutHashbang(source: string, fenced: boolean): string {
  const start = fenced ? source.search(/\S/) : 0;
  if (start === -1 || !source.startsWith("#!", start)) return source;
  return `${source.slice(0, start)}//${source.slice(start + 2)}`;
}
