import { type Failure, fail, ok, type Result, tokensIn } from "@agent-run/gate";
import type { AnyNode, ArrowFunctionExpression, FunctionExpression } from "acorn";
import { type Captures, captureFinder } from "./captures.ts";
import { parseJavaScript } from "./grammar.ts";
import type { Mapped } from "./original-position.ts";
import { Lines } from "./position.ts";
import { quoted } from "./problem.ts";
import { findScopes, walk } from "./scope.ts";
import { violationFinder } from "./subset.ts";
import { writtenFunction } from "./written.ts";

/**
 * Judges a function before it goes to a compartment, by its text alone, which is public: that it is one function and
 * nothing else, and that it uses nothing from outside. What goes wrong inside is sealed, so this is the last chance to
 * tell a script why its function would fail. No wall: what passes here runs in a VM that has nothing to take.
 */
export interface Compartment {
  /** One function or arrow expression as the user wrote it, types blanked; to be evaluated as strict code. */
  readonly source: string;
  /** Where it stands in the user's text; null: it is not from there. */
  readonly line: number | null;
}

/** The call that the function was given to. */
export type CompartmentCall = "map" | "compute" | "run";

/** `given`: what Function.prototype.toString says of it. `program`: the script, as the engine has it. */
export function readCompartment(given: string, program?: Mapped, call: CompartmentCall = "map"): Result<Compartment> {
  const { text, offset } = writtenFunction(given, program);
  if (tokensIn(text).length > 0) return fail({ code: "E_ARGUMENT", message: TOKEN_INSIDE });
  const parsed = parseJavaScript(`(${text}\n)`);
  const fn = parsed.ok ? onlyFunction(parsed.tree.body, text.length) : null;
  if (!parsed.ok || fn === null) return fail(NO_FUNCTION);
  const scopes = findScopes(parsed.tree);
  const violations = violationFinder(scopes);
  const captures = captureFinder(fn);
  let hasComment = false;
  walk(parsed.tree, scopes, (place) => {
    violations.visit(place);
    captures.visit(place);
    // Where it is evaluated as a script, `<!--` opens a comment.
    if (place.node.type === "BinaryExpression") hasComment ||= text.startsWith("<!--", place.node.right.start - 2);
  });
  if (hasComment) return fail(NO_FUNCTION);
  const lineAt = (inText: number): number | null =>
    program === undefined || offset === null ? null : new Lines(program.source).at(offset + inText).line;
  const [violation] = violations.found();
  if (violation !== undefined) {
    const { code, message, hint } = violation;
    return fail({
      code,
      message: `${functionAt(lineAt(violation.offset - 1))}: ${message}`,
      ...(hint ? { hint } : {}),
    });
  }
  const failure = captureFailure(captures.found(), paramsOf(fn, text), call, lineAt);
  return failure === null ? ok({ source: text, line: lineAt(0) }) : fail(failure);
}

const TOKEN_INSIDE = "the function's text holds the token of a sealed value; give the value to the call as an input";
const NO_FUNCTION: Failure = {
  code: "E_FN",
  message:
    "pass a plain function; bound, native and proxied functions, methods, generators and classes cannot be moved into a compartment",
};

/** Nothing stands beside it: no comment, and no bracket that would end the one around it. */
function onlyFunction(
  body: readonly AnyNode[],
  length: number,
): ((FunctionExpression | ArrowFunctionExpression) & AnyNode) | null {
  const [statement] = body;
  if (body.length !== 1 || statement?.type !== "ExpressionStatement") return null;
  const { expression } = statement;
  if (expression.type !== "FunctionExpression" && expression.type !== "ArrowFunctionExpression") return null;
  const isWhole = expression.start === 1 && expression.end === 1 + length;
  return isWhole && expression.generator !== true ? expression : null;
}

const paramsOf = (fn: FunctionExpression | ArrowFunctionExpression, text: string): readonly string[] =>
  fn.params.map(({ start, end }) => (end - start > 30 ? "…" : text.slice(start - 1, end - 1)));

const functionAt = (line: number | null): string => `compartment function${line === null ? "" : ` at line ${line}`}`;

type LineAt = (inText: number) => number | null;

function captureFailure(
  { names, absent }: Captures,
  params: readonly string[],
  call: CompartmentCall,
  lineAt: LineAt,
): Failure | null {
  const failure = (line: number | null, says: string): Failure => ({
    code: "E_CAPTURE",
    message: `${functionAt(line)} ${says}`,
  });
  if (absent !== null) {
    return failure(
      lineAt(absent.offset - 1),
      `uses \`${absent.text}\`, which is not there; ${INSTEAD_OF[absent.text] ?? ""}`,
    );
  }
  const effect = names.find((name) => EFFECTS.has(name));
  if (effect !== undefined)
    return failure(lineAt(0), `uses ${quoted(effect)}, which is not there; ${effectFix(effect, call)}`);
  const missing = names.find((name) => NOT_DATA.has(name));
  if (missing !== undefined)
    return failure(lineAt(0), `uses ${quoted(missing)}; a compartment has only what ECMAScript has`);
  if (names.length === 0) return null;
  const them = names.length === 1 ? "it" : "them";
  return failure(
    lineAt(0),
    `uses ${names.map(quoted).join(", ")} from outside; pass ${them}: ${callWith(names, params, call)}`,
  );
}

/** `key.map((k, prefix) => …, prefix)` */
function callWith(names: readonly string[], params: readonly string[], call: CompartmentCall): string {
  const own = params.length > 0 ? params : DEFAULT_PARAMS[call];
  const fn = `(${[...own, ...names].join(", ")}) => …`;
  const before = { map: "key.map(", compute: "seal.compute([…], ", run: "seal.run([…], async " }[call];
  return `${before}${fn}, ${names.join(", ")})`;
}

const DEFAULT_PARAMS = { map: ["k"], compute: ["k"], run: ["k", "io"] } as const;

const INSTEAD_OF: Readonly<Record<string, string>> = {
  this: "pass what it needs as an argument",
  arguments: "name the parameters",
  import: "a compartment has only what ECMAScript has",
  "Date.now": "pass the time as an argument",
  "new Date()": "pass the time as an argument",
  "Date()": "pass the time as an argument",
  "Math.random": "pass a number as an argument",
};

const EFFECTS: ReadonlySet<string> = new Set(
  "print console fs net fetch subprocess env process require module exports setTimeout setInterval setImmediate queueMicrotask seal release".split(
    " ",
  ),
);
/** Globals of ours that JSON cannot carry, so passing them is no way out. */
const NOT_DATA: ReadonlySet<string> = new Set(
  "btoa atob Buffer URL URLSearchParams TextEncoder TextDecoder Headers Response AbortController AbortSignal crypto structuredClone performance DOMException AgentRunError Event EventTarget global".split(
    " ",
  ),
);

function effectFix(name: string, call: CompartmentCall): string {
  if (name === "print" || name === "console") return "what it would print is sealed: return it";
  if (!/^(?:fs|net|subprocess|fetch)$/.test(name)) return "a compartment computes, and does nothing else";
  const inside = name === "fetch" ? "net" : name;
  return call === "run" ? `use \`io.${inside}\`` : `use seal.run([key], async (k, io) => { … io.${inside} … })`;
}
