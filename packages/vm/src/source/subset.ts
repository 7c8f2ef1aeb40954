import type { AnyNode, CallExpression } from "acorn";
import { builtinModule, moduleHint } from "./modules.ts";
import { literalString, originOf } from "./origin.ts";
import { propertyName } from "./pattern.ts";
import { quoted, type RawProblem, subsetProblem } from "./problem.ts";
import type { Finder, Place, Scope, Scopes } from "./scope.ts";

/**
 * What the language subset does not have, found before the run so that a model reads one clear sentence instead of a
 * failure halfway. Only what is certain is refused: names that are not the script's own, and never a property that happens to be
 * called so. The guarantee is not here: at run time these things do not exist.
 */
export function violationFinder(scopes: Scopes): Finder<readonly RawProblem[]> {
  const violations: Violation[] = [];
  const tested = new Set<string>();
  return {
    visit: (place) => {
      const violation = violationOf(place, scopes);
      if (violation !== null) violations.push(violation);
      const name = testedName(place);
      if (name !== null) tested.add(name);
    },
    found: () => violations.filter(({ unlessTested }) => unlessTested === undefined || !tested.has(unlessTested)),
  };
}

/** `unlessTested`: the problem is none if the script asks for that name before it uses it. */
type Violation = RawProblem & { readonly unlessTested?: string };

const WRITE_FUNCTION = "write a function expression";

/** Calls that turn text into code. A mention of `Function` (`x instanceof Function`) does not. */
const CODE_FROM_TEXT: ReadonlyMap<string, string> = new Map([
  ["eval", "write the code out, or use `JSON.parse` for data"],
  ["Function", WRITE_FUNCTION],
  ["Function.apply", WRITE_FUNCTION],
  ["Function.bind", WRITE_FUNCTION],
  ["Function.call", WRITE_FUNCTION],
  ["Function.constructor", WRITE_FUNCTION],
  ["Function.prototype.constructor", WRITE_FUNCTION],
]);

/** Names that the VM does not have, and what to do instead. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ["WeakRef", "keep the object, or use a `WeakMap`"],
  ["FinalizationRegistry", "release things in `finally`"],
  ["SharedArrayBuffer", "use an `ArrayBuffer`; a script is a single thread"],
  ["Atomics", "plain reads and writes do; a script is a single thread"],
  ["WebAssembly", "write it in JavaScript, or run a command with `subprocess.exec`"],
]);

function violationOf(place: Place, scopes: Scopes): Violation | null {
  const { node, scope } = place;
  switch (node.type) {
    case "Identifier":
      return isReference(place) && scope.find(node.name) === null ? nameViolation(node.name, place) : null;
    case "MemberExpression":
      return constructorViolation(node, scope);
    case "CallExpression":
      return callViolation(node, scope, scopes) ?? timerViolation(node, scope) ?? requireViolation(node, scope, scopes);
    case "NewExpression":
      return callViolation(node, scope, scopes);
    case "ClassDeclaration":
    case "ClassExpression":
      return node.superClass && originOf(node.superClass, scope, scopes)?.join(".") === "Function"
        ? absent("Function", node.superClass, WRITE_FUNCTION)
        : null;
    case "ImportDeclaration":
    case "ImportExpression":
      return importViolation(node);
    case "MetaProperty":
      if (node.meta.name !== "import") return null;
      return subsetProblem(
        "`import.meta` is not part of the language",
        node.start,
        "paths hang under the policy's root",
      );
    case "VariableDeclaration":
      if (node.kind !== "using" && node.kind !== "await using") return null;
      return subsetProblem(`\`${node.kind}\` is not part of the language`, node.start, "use `try` and `finally`");
    case "ExportNamedDeclaration":
    case "ExportDefaultDeclaration":
    case "ExportAllDeclaration":
      return subsetProblem("a script exports nothing", node.start, "drop `export`; `return` gives the run's `value`");
    default:
      return null;
  }
}

/** A name by itself: `eval` however it is used, and what the VM does not have. */
function nameViolation(name: string, { node, parent }: Place): Violation | null {
  if (parent?.node.type === "UnaryExpression" && parent.node.operator === "typeof") return null;
  return name === "eval" || ABSENT.has(name) ? missing(name, node) : null;
}

/** The same by another way: `globalThis.eval("x")`, `const F = Function; new F("x")`. */
function callViolation({ callee }: CallOrNew, scope: Scope, scopes: Scopes): Violation | null {
  const called = (callee.type === "SequenceExpression" && callee.expressions.at(-1)) || callee;
  if (called.type === "Identifier" && (called.name === "eval" || ABSENT.has(called.name))) return null;
  return missing(originOf(called, scope, scopes)?.join(".") ?? "", called);
}

type CallOrNew = Extract<AnyNode, { type: "CallExpression" | "NewExpression" }>;

function missing(name: string, node: AnyNode): Violation | null {
  const code = CODE_FROM_TEXT.get(name);
  if (code !== undefined) return absent(name, node, code);
  const hint = ABSENT.get(name);
  return hint === undefined ? null : { ...absent(name, node, hint), unlessTested: name };
}

const absent = (name: string, node: AnyNode, hint: string): RawProblem =>
  subsetProblem(`\`${name}\` is not part of the language`, node.start, hint);

/** `(() => {}).constructor("x")`, `Object.getPrototypeOf(async () => {}).constructor`. */
function constructorViolation(node: Extract<AnyNode, { type: "MemberExpression" }>, scope: Scope): RawProblem | null {
  if (propertyName(node) !== "constructor") return null;
  if (!makesFunction(node.object) && !isFunctionPrototype(node.object, scope)) return null;
  return subsetProblem("a function's `constructor` makes code from text", node.start, WRITE_FUNCTION);
}

const isCallee = (parent: AnyNode, node: AnyNode): boolean =>
  (parent.type === "CallExpression" || parent.type === "NewExpression") && parent.callee === node;

const makesFunction = (node: AnyNode): boolean =>
  node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

function isFunctionPrototype(node: AnyNode, scope: Scope): boolean {
  if (node.type !== "CallExpression" || node.callee.type !== "MemberExpression") return false;
  const { object } = node.callee;
  const isObject = object.type === "Identifier" && object.name === "Object" && scope.find("Object") === null;
  const [argument] = node.arguments;
  return (
    isObject && propertyName(node.callee) === "getPrototypeOf" && argument !== undefined && makesFunction(argument)
  );
}

/** `setTimeout("code")`. */
function timerViolation(node: Extract<AnyNode, { type: "CallExpression" }>, scope: Scope): RawProblem | null {
  const { callee } = node;
  if (callee.type !== "Identifier" || !/^set(?:Timeout|Interval)$/.test(callee.name)) return null;
  if (scope.find(callee.name) !== null || literalString(node.arguments[0]) === null) return null;
  return subsetProblem(`\`${callee.name}\` takes a function, not text`, node.start, "write `() => { ... }`");
}

function importViolation(
  node: Extract<AnyNode, { type: "ImportDeclaration" | "ImportExpression" }>,
): RawProblem | null {
  const specifier = literalString(node.source);
  if (specifier !== null) return absentModule(specifier, node.start);
  return subsetProblem("only built-in modules can be imported", node.start, moduleHint(undefined));
}

/** At the top of a script only: in a block it may be tried, or never reached. */
function requireViolation(node: CallExpression, scope: Scope, scopes: Scopes): RawProblem | null {
  const { callee } = node;
  if (scope !== scopes.top || callee.type !== "Identifier" || callee.name !== "require") return null;
  const specifier = scope.find("require") === null ? literalString(node.arguments[0]) : null;
  return specifier === null ? null : absentModule(specifier, node.start);
}

const absentModule = (specifier: string, offset: number): RawProblem | null =>
  builtinModule(specifier) === null
    ? subsetProblem(`the module ${quoted(specifier)} does not exist here`, offset, moduleHint(specifier))
    : null;

/** Does this name stand for a value? Property names, labels and the parts of `import.meta` do not. */
export function isReference({ node, parent }: Place): boolean {
  const above = parent?.node;
  switch (above?.type) {
    case "MemberExpression":
      return above.object === node || above.computed;
    case "Property":
      return above.value === node || above.computed;
    case "MethodDefinition":
    case "PropertyDefinition":
      return above.value === node || above.computed;
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "MetaProperty":
    case "ImportSpecifier":
    case "ImportAttribute":
    case "ExportSpecifier":
    case "ExportAllDeclaration":
      return false;
    default:
      return true;
  }
}

/** A name that the script asks for: `typeof WeakRef`, `"WeakRef" in globalThis`, `globalThis.WeakRef`. */
function testedName({ node, parent }: Place): string | null {
  if (node.type === "UnaryExpression") {
    return node.operator === "typeof" && node.argument.type === "Identifier" ? node.argument.name : null;
  }
  if (node.type === "BinaryExpression") return node.operator === "in" ? literalString(node.left) : null;
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return null;
  const isAsked = node.object.name === "globalThis" && (parent === null || !isCallee(parent.node, node));
  return isAsked ? propertyName(node) : null;
}
