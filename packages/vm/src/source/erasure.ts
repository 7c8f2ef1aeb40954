import type { Overlay } from "./overlay.ts";
import type { RawProblem } from "./problem.ts";
import type { SyntaxNode } from "./tree.ts";

/** What one erasure of types gathers; erase-*.ts write into it. */
export interface Erasure {
  readonly text: string;
  readonly overlay: Overlay;
  readonly violations: RawProblem[];
  /** Statements and fields without a semicolon of their own. */
  readonly openEnded: SyntaxNode[];
  /** Declarations in the head of a `for`, which no semicolon may end. */
  readonly heads: Set<SyntaxNode>;
  /** Where expression statements and bodies of arrow functions start: `{` there would open a block. */
  readonly bareStarts: Set<number>;
}
