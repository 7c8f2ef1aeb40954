import type { AnyNode } from "acorn";
import type { Lines } from "./position.ts";
import { type RawProblem, subsetProblem } from "./problem.ts";
import type { Edit } from "./rewrite.ts";
import type { Finder, Place } from "./scope.ts";

/**
 * Makes branching on a sealed value an error with a hint: `if (sealed)` is always true, and JavaScript asks nobody. Every
 * expression that decides which way the program goes is put into a call, `$$branch(x, 5)`, which gives `x` back unless it is
 * sealed. Help and no wall: the VM holds no secret that a branch could tell. Only for policies that declare something
 * local-only.
 */
export const BRANCH_GUARD = "$$branch";

export interface GuardEdits {
  /** Calls that open; all read the same, so those of one place need no order. */
  readonly openings: readonly Edit[];
  /** What closes them, the inner one first where two end together. */
  readonly closings: readonly Edit[];
}

export function branchGuard(lines: Lines): Finder<GuardEdits> {
  const guarded: AnyNode[] = [];
  return {
    visit: ({ node }) => {
      guarded.push(...decidingParts(node).flatMap(valuesOf).filter(mayBeSealed));
    },
    found: () => {
      guarded.sort((a, b) => a.end - b.end || b.start - a.start);
      return {
        openings: guarded.map(({ start }) => ({ offset: start, removed: 0, inserted: `${BRANCH_GUARD}(` })),
        closings: guarded.map(({ start, end }) => ({
          offset: end,
          removed: 0,
          inserted: `, ${lines.at(start).line})`,
        })),
      };
    },
  };
}

/** The name is the runtime's. */
export function guardViolation({ node }: Place): RawProblem | null {
  if (node.type !== "Identifier" || node.name !== BRANCH_GUARD) return null;
  return subsetProblem(`\`${BRANCH_GUARD}\` is a name of the runtime`, node.start, "choose another name");
}

/** The expressions by whose value a node goes one way or another. */
function decidingParts(node: AnyNode): readonly AnyNode[] {
  switch (node.type) {
    case "IfStatement":
    case "WhileStatement":
    case "DoWhileStatement":
    case "ConditionalExpression":
      return [node.test];
    case "ForStatement":
      return node.test ? [node.test] : [];
    case "SwitchStatement":
      return [node.discriminant, ...node.cases.flatMap(({ test }) => (test ? [test] : []))];
    case "ForOfStatement":
    case "ForInStatement":
      return [node.right];
    case "ObjectExpression":
      return node.properties.flatMap((one) => (one.type === "SpreadElement" ? [one.argument] : []));
    case "UnaryExpression":
      return node.operator === "!" ? [node.argument] : [];
    case "LogicalExpression":
      // A sealed value is never null, so `x ?? y` decides nothing.
      return node.operator === "??" ? [] : [node.left];
    case "BinaryExpression":
      return comparedParts(node);
    default:
      return [];
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(["==", "===", "!=", "!==", "<", ">", "<=", ">="]);

function comparedParts(node: Extract<AnyNode, { type: "BinaryExpression" }>): readonly AnyNode[] {
  const { left, operator, right } = node;
  if (operator === "instanceof") return [left];
  if (operator === "in") return left.type === "PrivateIdentifier" ? [right] : [left, right];
  if (!COMPARISONS.has(operator)) return [];
  return isNothing(left) || isNothing(right) ? [] : [left, right];
}

/** `x === undefined`, `x == null`: public, since a sealed value is neither, whatever it stands for. */
const isNothing = (node: AnyNode): boolean =>
  (node.type === "Identifier" && node.name === "undefined") ||
  (node.type === "Literal" && node.raw === "null") ||
  (node.type === "UnaryExpression" && node.operator === "void");

/**
 * The expressions whose value an expression may have. Of `a && b` it is `b`, since `a` decides and is guarded as such; so
 * no chain of operators, however long, becomes calls in calls.
 */
function valuesOf(whole: AnyNode): readonly AnyNode[] {
  const values: AnyNode[] = [];
  const waiting = [whole];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.type === "LogicalExpression") waiting.push(node.right, ...(node.operator === "??" ? [node.left] : []));
    else if (node.type === "ConditionalExpression") waiting.push(node.consequent, node.alternate);
    else if (node.type === "SequenceExpression") waiting.push(...node.expressions.slice(-1));
    else values.push(node);
  }
  return values;
}

/** What an operator or a literal makes is neither a sealed value nor a text with one in it. */
const NEVER_SEALED: ReadonlySet<string> = new Set([
  "Literal",
  "UnaryExpression",
  "UpdateExpression",
  "ArrayExpression",
  "ObjectExpression",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ClassExpression",
  "NewExpression",
]);

function mayBeSealed(node: AnyNode): boolean {
  if (node.type === "BinaryExpression") return node.operator === "+";
  if (node.type === "TemplateLiteral") return node.expressions.length > 0;
  return !NEVER_SEALED.has(node.type);
}
