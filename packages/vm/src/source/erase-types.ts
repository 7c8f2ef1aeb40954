import { tsPlugin } from "@sveltejs/acorn-typescript";
import { Parser } from "acorn";
import { eraseClass, eraseMember, eraseParameterProperty } from "./erase-class.ts";
import { eraseStatement } from "./erase-statement.ts";
import type { Erasure } from "./erasure.ts";
import { parseWith, scriptParser } from "./grammar.ts";
import { boundedParser } from "./nesting.ts";
import { Overlay } from "./overlay.ts";
import { type RawProblem, subsetProblem } from "./problem.ts";
import { findLastToken, findToken, hasLineEnd, nextToken, wordAt } from "./scan.ts";
import { eachChild, isNode, type SyntaxNode } from "./tree.ts";

/**
 * TypeScript to JavaScript by blanking types in place: what remains stands where it stood. Only what leaves nothing
 * behind is erased; what has a meaning at run time (enums, namespaces with values, parameter properties, decorators) is
 * refused by name and blanked, too, so that the rest can be looked at. The result is parsed again as JavaScript by the caller:
 * CHECKED-IS-USED, no conclusion is drawn from this tree.
 *
 * This module loads the TypeScript plugin (215 KB); it is imported only when a script needs it.
 */
export type Erased =
  | { readonly ok: true; readonly text: string; readonly violations: readonly RawProblem[] }
  | { readonly ok: false; readonly problem: RawProblem };

export function eraseTypes(text: string): Erased {
  const parsed = parseWith(TypeScriptParser, text, { locations: true });
  if (!parsed.ok) return parsed;
  const erasure: Erasure = {
    text,
    overlay: new Overlay(text),
    violations: [],
    openEnded: [],
    heads: new Set(),
    bareStarts: new Set(),
  };
  const waiting: SyntaxNode[] = [parsed.tree as unknown as SyntaxNode];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const child of erase(node, erasure)) waiting.push(child);
  }
  endStatements(erasure);
  return { ok: true, text: erasure.overlay.apply(), violations: erasure.violations };
}

const TypeScriptParser = boundedParser(lenient(tsPlugin()(scriptParser(Parser))));

/** What the plugin is too strict about: names are checked by the second parse, `const T` is allowed in every signature. */
function lenient(base: typeof Parser): typeof Parser {
  class LenientParser extends base {}
  const methods = LenientParser.prototype as unknown as Record<string, unknown>;
  methods.declareName = () => {};
  methods.checkLocalExport = () => {};
  methods.tsParseNoneModifiers = function (this: { tsParseConstModifier(node: unknown): void }, node: unknown) {
    this.tsParseConstModifier(node);
  };
  return LenientParser;
}

/** Blanks what is a type in this node itself, and returns the children that are left to look at. */
function erase(node: SyntaxNode, erasure: Erasure): readonly SyntaxNode[] {
  if (eraseStatement(node, erasure)) return [];
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
      return eraseAssertion(node, erasure);
    case "TSParameterProperty":
      return eraseParameterProperty(node, erasure);
    case "Decorator":
      return refuseDecorator(node, erasure);
    case "MethodDefinition":
    case "PropertyDefinition":
      if (eraseMember(node, erasure)) return [];
      break;
    case "ClassDeclaration":
    case "ClassExpression":
      eraseClass(node, erasure);
      break;
    case "ArrowFunctionExpression":
      eraseArrow(node, erasure);
      break;
    case "Identifier":
      eraseNameMarks(node, erasure);
      break;
    case "VariableDeclarator":
      eraseDefinite(node, erasure);
      break;
  }
  if (node.type.startsWith("TS")) return refuseUnknown(node, erasure);
  notePlace(node, erasure);
  return remainingChildren(node, erasure);
}

/** DEFAULT-NO: a construct that nobody here knows may mean something at run time. */
function refuseUnknown(node: SyntaxNode, { overlay, violations }: Erasure): readonly SyntaxNode[] {
  violations.push(subsetProblem("this TypeScript cannot be erased", node.start, "write it in JavaScript"));
  overlay.blank(node.start, node.end);
  return [];
}

/** Children without the types among them, which are blanked. */
function remainingChildren(node: SyntaxNode, erasure: Erasure): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  eachChild(node, (child) => {
    if (TYPES.has(child.type)) erasure.overlay.blank(child.start, child.end);
    else if (isThisParameter(node, child)) eraseThisParameter(child, erasure);
    else if (!isHeritage(node, child)) children.push(child);
  });
  return children;
}

const TYPES: ReadonlySet<string> = new Set([
  "TSTypeAnnotation",
  "TSTypeParameterDeclaration",
  "TSTypeParameterInstantiation",
]);

/** `implements A, B` is blanked by `eraseClass`. */
const isHeritage = (node: SyntaxNode, child: SyntaxNode): boolean =>
  Array.isArray(node.implements) && node.implements.includes(child);

const isThisParameter = (node: SyntaxNode, child: SyntaxNode): boolean =>
  child.type === "Identifier" && child.name === "this" && Array.isArray(node.params) && node.params[0] === child;

function eraseThisParameter(child: SyntaxNode, { text, overlay }: Erasure): void {
  const comma = nextToken(text, child.end);
  overlay.blank(child.start, text[comma] === "," ? comma + 1 : child.end);
}

/** `x as T`, `x satisfies T`, `x!`, `<T>x`, `f<T>`. The inner expression may stand in parentheses of its own. */
function eraseAssertion(node: SyntaxNode, erasure: Erasure): readonly SyntaxNode[] {
  const { text, overlay } = erasure;
  const inner = node.expression;
  if (!isNode(inner)) return [];
  if (node.type === "TSTypeAssertion") return eraseCast(node, inner, erasure);
  if (node.type === "TSNonNullExpression") overlay.blank(node.end - 1, node.end);
  else if (node.type === "TSInstantiationExpression") return remainingChildren(node, erasure);
  else
    overlay.blank(findToken(text, node.type === "TSAsExpression" ? "as" : "satisfies", inner.end, node.end), node.end);
  return [inner];
}

/**
 * `<T>x` leaves `x`, unless that would begin a statement or the body of an arrow function: there `{`, `function` and the
 * like mean something else. A line end inside could end a `return`.
 */
function eraseCast(node: SyntaxNode, inner: SyntaxNode, erasure: Erasure): readonly SyntaxNode[] {
  const { text, overlay, violations, bareStarts } = erasure;
  const type = node.typeAnnotation;
  const end = findToken(text, ">", isNode(type) ? type.end : node.start, node.end) + 1;
  const first = nextToken(text, end);
  const changes = bareStarts.has(node.start) && /^(?:\{|function|class|let|async|")/.test(text.slice(first, first + 8));
  if (changes || hasLineEnd(text, node.start, first)) {
    violations.push(subsetProblem("this cast cannot be erased", node.start, "write `value as Type`"));
  }
  overlay.blank(node.start, end);
  return [inner];
}

function refuseDecorator(node: SyntaxNode, { overlay, violations }: Erasure): readonly SyntaxNode[] {
  violations.push(subsetProblem("decorators are not part of the language", node.start, "call the function yourself"));
  overlay.blank(node.start, node.end);
  return [];
}

/**
 * No line end may stand between `async` or `return` and the parameters, nor between them and `=>`. Types may hold line
 * ends: `(` moves to the start of the type parameters, `)` to the end of the return type.
 */
function eraseArrow(node: SyntaxNode, { text, overlay }: Erasure): void {
  const generic = node.typeParameters;
  const returned = node.returnType;
  if (isNode(generic)) {
    const open = nextToken(text, generic.end);
    overlay.blank(open, open + 1);
    overlay.put(generic.start, "(");
  }
  if (!isNode(returned) || !hasLineEnd(text, returned.start, returned.end)) return;
  const params = Array.isArray(node.params) ? node.params.filter(isNode) : [];
  const from = params.at(-1)?.end ?? (isNode(generic) ? generic.end : node.start);
  const close = findLastToken(text, ")", from, returned.start);
  if (close === -1) return;
  overlay.blank(close, close + 1);
  overlay.put(returned.end - 1, ")");
}

/** `a?` of a parameter. The plugin marks `a?.<T>()` as optional, too. */
function eraseNameMarks(node: SyntaxNode, { text, overlay }: Erasure): void {
  if (node.optional !== true) return;
  const mark = nextToken(text, node.start + wordAt(text, node.start).length);
  if (text[mark] === "?" && text[mark + 1] !== ".") overlay.blank(mark, mark + 1);
}

/** `let x!: T`. */
function eraseDefinite(node: SyntaxNode, { text, overlay }: Erasure): void {
  const name = node.id;
  if (node.definite !== true || !isNode(name)) return;
  const mark = nextToken(text, name.start + wordAt(text, name.start).length);
  if (text[mark] === "!") overlay.blank(mark, mark + 1);
}

const OPEN_ENDED: ReadonlySet<string> = new Set([
  "ExpressionStatement",
  "VariableDeclaration",
  "ReturnStatement",
  "ThrowStatement",
  "PropertyDefinition",
]);

/** Statements whose end is decided by the next line: `x as T` before `(y)` must not become a call of x. */
function notePlace(node: SyntaxNode, { text, openEnded, heads, bareStarts }: Erasure): void {
  if (OPEN_ENDED.has(node.type) && text[node.end - 1] !== ";" && !heads.has(node)) openEnded.push(node);
  const head = node.type === "ForStatement" ? node.init : node.left;
  if (/^For(?:In|Of)?Statement$/.test(node.type) && isNode(head)) heads.add(head);
  const body = node.body;
  if (node.type === "ExpressionStatement") bareStarts.add(node.start);
  if (node.type === "ArrowFunctionExpression" && isNode(body) && text[body.start - 1] !== "(")
    bareStarts.add(body.start);
}

function endStatements({ overlay, openEnded }: Erasure): void {
  for (const statement of openEnded) {
    const start = overlay.blankEndingAt(statement.end);
    if (start !== undefined) overlay.put(start, ";");
  }
}
