import { Parser, type TokenType as PublicTokenType, type Program as Tree, tokTypes } from "acorn";
import { boundedParser, TooComplex } from "./nesting.ts";
import { quoted, type RawProblem, subsetProblem, syntaxProblem } from "./problem.ts";

/**
 * JavaScript text to a syntax tree: module grammar (strict, no HTML-like comments), `return` and `await` at top level.
 * `using` is parsed so that it can be refused by name; the engine does not have it. Every failure is a value.
 */
export type Parsed<T> = { readonly ok: true; readonly tree: T } | { readonly ok: false; readonly problem: RawProblem };

const OPTIONS = {
  ecmaVersion: 2026,
  sourceType: "module",
  allowReturnOutsideFunction: true,
  allowHashBang: false,
} as const;

export const parseJavaScript = (text: string): Parsed<Tree> => parseWith(JavaScriptParser, text);

/** Parses with a class of `scriptParser`. What the parser throws, by the text's fault or its own, is an `E_SYNTAX`. */
export function parseWith(
  parser: typeof Parser,
  text: string,
  extra: { readonly locations?: true } = {},
): Parsed<Tree> {
  const Constructor = parser as unknown as new (options: object, text: string) => { start: number; parse(): Tree };
  const running = new Constructor({ ...OPTIONS, ...extra }, text);
  try {
    return { ok: true, tree: running.parse() };
  } catch (error) {
    return { ok: false, problem: problemOf(error, text, running.start) };
  }
}

/** acorn declares less of its tokens than they have: precedence of an operator, null for other tokens. */
type TokenType = PublicTokenType & { readonly binop?: number | null };

interface Internals {
  readonly type: TokenType;
  readonly value: string;
  readonly start: number;
  readonly startLoc: unknown;
  next(): void;
  parseMaybeUnary(...args: readonly unknown[]): unknown;
  parseExprOp(left: unknown, start: number, startLoc: unknown, minPrec: number, forInit: unknown): unknown;
  buildBinary(start: number, startLoc: unknown, left: unknown, right: unknown, op: string, logical: boolean): unknown;
  raiseRecoverable(offset: number, message: string): void;
}

/** acorn as we need it: plain, or below the TypeScript plugin. */
export function scriptParser(base: typeof Parser): typeof Parser {
  class ScriptParser extends base {}
  const methods = ScriptParser.prototype as unknown as Record<string, unknown>;
  // Exports are refused by name, so that one of an unknown name is no syntax error.
  methods.checkLocalExport = () => {};
  methods.parseExprOp = parseOperators;
  methods.raise = raise;
  methods.raiseRecoverable = raise;
  methods.enterScope = countingScopes(methods.enterScope);
  return ScriptParser;
}

/** acorn's own looks for line and column from the start of the text, each time the plugin tries something in vain. */
function raise(offset: number, message: string): never {
  throw Object.assign(new SyntaxError(message), { pos: offset });
}

/** acorn looks through all names of a scope for each new one; with indexed names, parsing stays linear in the text. */
function countingScopes(enterScope: unknown) {
  return function (this: { scopeStack: Record<string, unknown>[] }, flags: number): void {
    if (typeof enterScope === "function") enterScope.call(this, flags);
    const scope = this.scopeStack.at(-1);
    if (scope !== undefined) Object.assign(scope, { var: new Names(), lexical: new Names(), functions: new Names() });
  };
}

class Names extends Array<string> {
  #index: Set<string> | null = null;

  override push(name: string): number {
    this.#index?.add(name);
    return super.push(name);
  }

  /** 0 or -1: acorn only asks whether a name is there. */
  override indexOf(name: string): number {
    if (this.length < 16) return super.indexOf(name);
    this.#index ??= new Set(this);
    return this.#index.has(name) ? 0 : -1;
  }
}

/**
 * acorn's own `parseExprOp`, with a loop where acorn calls itself for the next operator of the same level: a sum of
 * thousands of strings is an ordinary (generated) script, and no nesting.
 */
function parseOperators(
  this: Internals,
  left: unknown,
  start: number,
  startLoc: unknown,
  minPrec: number,
  forInit: unknown,
) {
  let whole = left;
  for (;;) {
    const precedence = this.type.binop;
    if (precedence == null || precedence <= minPrec || (forInit && this.type === tokTypes._in)) break;
    const logical = isLogical(this.type);
    const coalesce = this.type === tokTypes.coalesce;
    const operator = this.value;
    this.next();
    const { start: rightStart, startLoc: rightLoc } = this;
    const operand = this.parseMaybeUnary(null, false, false, forInit);
    const level = coalesce ? (LOGICAL_AND.binop ?? precedence) : precedence;
    const right = this.parseExprOp(operand, rightStart, rightLoc, level, forInit);
    whole = this.buildBinary(start, startLoc, whole, right, operator, logical || coalesce);
    if ((logical && this.type === tokTypes.coalesce) || (coalesce && isLogical(this.type))) {
      this.raiseRecoverable(this.start, "`??` needs parentheses beside `&&` and `||`");
    }
  }
  // TypeScript's `as` and `satisfies` are names, not operators: the plugin looks for them when asked again.
  return whole === left ? whole : this.parseExprOp(whole, start, startLoc, minPrec, forInit);
}

const LOGICAL_AND: TokenType = tokTypes.logicalAND;

const isLogical = (type: unknown): boolean => type === tokTypes.logicalOR || type === tokTypes.logicalAND;

const JavaScriptParser = boundedParser(scriptParser(Parser));

function problemOf(error: unknown, text: string, reached: number): RawProblem {
  if (error instanceof TooComplex) return syntaxProblem(error.message, error.offset, "split it up, or read it as data");
  if (error instanceof SyntaxError && "pos" in error && typeof error.pos === "number") {
    const markup = markupAt(text, error.pos);
    if (markup !== -1) return subsetProblem("JSX is not part of the language", markup, "build strings");
    return syntaxProblem(messageOf(error.message, text, error.pos), error.pos, hintFor(text, error.pos));
  }
  // What is left is the plugin's own: it trips over some broken scripts with a TypeError.
  return syntaxProblem("the script cannot be parsed from here on", reached);
}

/**
 * Where markup (`<div>`) stands in the place of an operand; -1: none. The TypeScript plugin takes the opening tag for a
 * cast, and stops inside the closing one.
 */
function markupAt(text: string, offset: number): number {
  if (/^<\/?[A-Za-z>]/.test(text.slice(offset, offset + 3))) return offset;
  return [offset - 1, offset - 2].find((at) => /^<\/[A-Za-z.]*>/.test(text.slice(at, at + 60))) ?? -1;
}

function messageOf(message: string, text: string, offset: number): string {
  if (message === "Unexpected token") {
    return offset >= text.length ? "unexpected end of the script" : `unexpected ${quoted(tokenAt(text, offset))}`;
  }
  const worded = message.replace(/'([^']*)'/g, (_, name: string) => quoted(name)).replace(/\.$/, "");
  return worded.slice(0, 1).toLowerCase() + worded.slice(1);
}

const tokenAt = (text: string, offset: number): string =>
  /^(?:[\p{ID_Continue}$#@]{1,60}|[^\p{ID_Continue}])/u.exec(text.slice(offset, offset + 80))?.[0] ?? "";

/** The mistakes that models make most, told from the place where the parser stopped. */
function hintFor(text: string, offset: number): string | undefined {
  const rest = text.slice(offset, offset + 80);
  const before = text.slice(Math.max(0, offset - 80), offset);
  if (/^(?:`{3}|~{3})/m.test(rest) || /^(?:`{3}|~{3})/m.test(before)) return "send one code block and no prose";
  if (rest.startsWith("@")) return "decorators are not part of the language";
  if (/^await\b/.test(rest) || /\bawait\s+$/.test(before)) return "`await` needs an `async` function around it";
  if (
    /^(?:[:!?]|as\b|satisfies\b|enum\b|implements\b|abstract\b|interface\b|private\b|public\b|protected\b)/.test(
      rest,
    ) ||
    /\b(?:interface|type|declare|enum|namespace|private|public|readonly)\s+$/.test(before)
  ) {
    return "if this is TypeScript, name the script `.ts` or pass `--ts`";
  }
  return undefined;
}
