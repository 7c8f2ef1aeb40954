import type { AnyNode } from "acorn";

/**
 * Steps through syntax trees. Nothing here recurses: a chain of a hundred thousand `.then` is flat for the parser, but
 * deep for whoever walks its tree.
 */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

/** Calls `visit` for each child, in the order of the node's properties. */
export function eachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void {
  for (const property in node) {
    const value = node[property];
    if (typeof value !== "object" || value === null) continue;
    if (isNode(value)) visit(value);
    else if (Array.isArray(value)) for (const element of value) if (isNode(element)) visit(element);
  }
}

/** The same for a tree without types, whose nodes acorn names. */
export const eachChildOf = (node: AnyNode, visit: (child: AnyNode) => void): void =>
  eachChild(node as unknown as SyntaxNode, visit as unknown as (child: SyntaxNode) => void);
