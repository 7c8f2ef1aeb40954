/**
 * Whether a text is one function expression and nothing besides: a text that closes the parenthesis around it, or goes on
 * after the function (`x => x) ; evil(1`), is none. The engine evaluates such a text between parentheses.
 */
import { parseJavaScript } from "./grammar.ts";

/** Code whose value is the function; null where the text is anything else. */
export function functionCode(text: string): string | null {
  // The line break ends a comment that the text ends with.
  const code = `(${text}\n)`;
  const parsed = parseJavaScript(code);
  if (!parsed.ok) return null;
  const [statement, ...more] = parsed.tree.body;
  if (statement?.type !== "ExpressionStatement" || more.length > 0) return null;
  const { type } = statement.expression;
  return type === "ArrowFunctionExpression" || type === "FunctionExpression" ? code : null;
}
