import type { Parser } from "acorn";

/**
 * Bounds how deep and how long a parse can go. KILLABLE: acorn is recursive, and when V8 compiles one of acorn's regular
 * expressions near the end of the stack, the whole process aborts ("RegExpCompiler Allocation failed", seen with 600
 * nested template strings on a default stack), so a caught RangeError is not enough. The TypeScript plugin
 * tries and goes back: nested legacy casts cost it four times the tokens per level without a bound.
 * Both bounds are counts, so that a script parses or does not, whatever the thread's stack and the machine's speed.
 */
export class TooComplex extends Error {
  override readonly name = "TooComplex";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Cost of one level of each recursive production, in rough units of 250 bytes of stack; every recursion of acorn's and
 * of the plugin's passes through one of these.
 */
const LEVELS: Readonly<Record<string, number>> = {
  parseStatement: 1,
  parseBlock: 1,
  parseMaybeAssign: 4,
  parseMaybeUnary: 2,
  parseFunctionBody: 5,
  parseNew: 2,
  parseClass: 4,
  parseBindingAtom: 2,
  parseExprOp: 1,
  regexp_disjunction: 2,
  regexp_classContents: 2,
  tsParseType: 4,
  tsParseTypeOperatorOrHigher: 2,
  tsParseModuleOrNamespaceDeclaration: 2,
};

/**
 * 160 levels of parentheses, arrays, objects or calls; 75 of functions; 990 of `else if`. At most 600 KB of V8's stack,
 * of the 984 KB that a main thread has.
 */
const MAX_NESTING = 1000;

/** Ordinary TypeScript costs 0.4 tokens a character, going back included. */
const TOKENS_PER_CHARACTER = 16;
const FREE_TOKENS = 20_000;

interface ParserState {
  readonly start: number;
  readonly input: string;
  nesting?: number;
  tokens?: number;
}
type Method = (this: ParserState, ...args: unknown[]) => unknown;

/** A parser class whose recursion and whose number of tokens are bounded; beyond, it throws `TooComplex`. */
export function boundedParser(base: typeof Parser): typeof Parser {
  class BoundedParser extends base {}
  const methods = BoundedParser.prototype as unknown as Record<string, Method | undefined>;
  for (const [name, cost] of Object.entries(LEVELS)) {
    const production = methods[name];
    if (production !== undefined) methods[name] = boundedProduction(production, cost);
  }
  const nextToken = methods.nextToken;
  if (nextToken !== undefined) methods.nextToken = countedTokens(nextToken);
  return BoundedParser;
}

function boundedProduction(production: Method, cost: number): Method {
  return function (...args) {
    const outside = this.nesting ?? 0;
    if (outside + cost > MAX_NESTING) throw new TooComplex("this is nested too deeply", this.start);
    this.nesting = outside + cost;
    try {
      return production.apply(this, args);
    } finally {
      this.nesting = outside;
    }
  };
}

function countedTokens(nextToken: Method): Method {
  return function (...args) {
    this.tokens = (this.tokens ?? 0) + 1;
    if (this.tokens > FREE_TOKENS + this.input.length * TOKENS_PER_CHARACTER) {
      throw new TooComplex("this can be read in too many ways", this.start);
    }
    return nextToken.apply(this, args);
  };
}
