import type { Erasure } from "./erasure.ts";
import { subsetProblem } from "./problem.ts";
import { findToken, nextToken, wordAt } from "./scan.ts";
import { isNode, type SyntaxNode } from "./tree.ts";

/** What TypeScript adds to classes: modifiers, members without a body, `implements`, parameter properties. */

const MODIFIERS: ReadonlySet<string> = new Set([
  "public",
  "private",
  "protected",
  "readonly",
  "abstract",
  "override",
  "declare",
]);

/** `abstract class A<T> implements B`. */
export function eraseClass(node: SyntaxNode, { text, overlay }: Erasure): void {
  const start = findToken(text, "class", node.start, node.end);
  if (node.abstract === true) {
    const keyword = findToken(text, "abstract", afterDecorators(node), start);
    if (keyword !== -1) overlay.blank(keyword, keyword + "abstract".length);
  }
  const heritage = Array.isArray(node.implements) ? node.implements.filter(isNode) : [];
  const last = heritage.at(-1);
  const body = node.body;
  if (last === undefined || !isNode(body)) return;
  const before = ["superTypeParameters", "superTypeArguments", "superClass", "typeParameters", "id"]
    .map((part) => node[part])
    .find(isNode);
  const keyword = findToken(text, "implements", before?.end ?? start, body.start);
  if (keyword !== -1) overlay.blank(keyword, last.end);
}

/** Members: true if the whole member went. */
export function eraseMember(node: SyntaxNode, erasure: Erasure): boolean {
  const { overlay } = erasure;
  const value = node.value;
  const bodiless = isNode(value) && value.type === "TSDeclareMethod";
  if (bodiless || node.abstract === true || node.declare === true) {
    overlay.blank(node.start, node.end);
    overlay.put(node.start, ";");
    return true;
  }
  eraseModifiers(node, erasure);
  eraseMemberMark(node, erasure);
  return false;
}

/**
 * Modifiers before the key. One that begins the member leaves a `;`, or else `private *a() {}` and `readonly [b] = 1`
 * would continue the line before.
 */
function eraseModifiers(node: SyntaxNode, { text, overlay, violations }: Erasure): void {
  const key = node.key;
  if (!isNode(key)) return;
  const start = afterDecorators(node);
  let at = nextToken(text, start);
  for (let first = true; at < key.start; first = false) {
    const word = wordAt(text, at);
    if (word === "accessor" && node.accessor === true) {
      violations.push(subsetProblem("`accessor` is not part of the language", at, "write `get` and `set`"));
    } else if (word !== "static" && !MODIFIERS.has(word)) return;
    if (word !== "static") overlay.blank(at, at + word.length);
    if (word !== "static" && first) overlay.put(at, ";");
    at = nextToken(text, at + word.length);
  }
}

const afterDecorators = (node: SyntaxNode): number => {
  const decorators = Array.isArray(node.decorators) ? node.decorators.filter(isNode) : [];
  return Math.max(node.start, decorators.at(-1)?.end ?? 0);
};

/** `a?: T`, `a!: T`, `a?(): T`. */
function eraseMemberMark(node: SyntaxNode, { text, overlay }: Erasure): void {
  const key = node.key;
  if (!isNode(key) || (node.optional !== true && node.definite !== true)) return;
  const mark = findToken(text, node.optional === true ? "?" : "!", key.end, node.end);
  if (mark !== -1) overlay.blank(mark, mark + 1);
}

/** `constructor(private a: T)` assigns a field at run time. */
export function eraseParameterProperty(node: SyntaxNode, { overlay, violations }: Erasure): readonly SyntaxNode[] {
  const hint = "declare the field and assign it in the constructor";
  violations.push(subsetProblem("a parameter property cannot be erased", node.start, hint));
  const parameter = node.parameter;
  if (!isNode(parameter)) return [];
  overlay.blank(node.start, parameter.start);
  return [parameter];
}
