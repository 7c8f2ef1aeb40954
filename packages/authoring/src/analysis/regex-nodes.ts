/** Regular expressions as automata. */
import { TooComplex } from "./automaton.ts";
import type { Loom, Node } from "./nodes.ts";

export function regexNode(
  _loom: Loom,
  pattern: string,
  _reading: { readonly label: number; readonly folded: boolean },
  _isPath: boolean,
): Node {
  throw new TooComplex(`the regular expression \`${pattern}\``);
}
