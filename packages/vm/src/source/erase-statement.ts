import type { Erasure } from "./erasure.ts";
import { subsetProblem } from "./problem.ts";
import { nextToken } from "./scan.ts";
import { isNode, type SyntaxNode } from "./tree.ts";

/**
 * Statements (and class members) of TypeScript's own. Those that leave nothing behind become an empty statement: the `;` keeps the lines
 * before and after from running together. Those that do something at run time are refused.
 */
export function eraseStatement(node: SyntaxNode, erasure: Erasure): boolean {
  const refusal = Object.hasOwn(REFUSED, node.type) ? REFUSED[node.type] : undefined;
  if (isTypeOnly(node)) blankStatement(node, erasure);
  else if (refusal !== undefined) {
    erasure.violations.push(subsetProblem(refusal.message, node.start, refusal.hint));
    blankStatement(node, erasure);
  } else {
    if (node.type === "ImportDeclaration" || node.type === "ExportNamedDeclaration") eraseSpecifiers(node, erasure);
    return false;
  }
  return true;
}

const REFUSED: Readonly<Record<string, { readonly message: string; readonly hint: string } | undefined>> = {
  TSEnumDeclaration: {
    message: "an `enum` exists at run time and cannot be erased",
    hint: "write `const Color = { Red: 0, Blue: 1 } as const`",
  },
  TSModuleDeclaration: {
    message: "a `namespace` with values exists at run time and cannot be erased",
    hint: "write an object or plain functions",
  },
  TSImportEqualsDeclaration: {
    message: "`import =` cannot be erased",
    hint: 'write `import fs from "node:fs"`, or `const x = a.b`',
  },
  TSExportAssignment: {
    message: "a script exports nothing",
    hint: "`return` the value; it becomes the run's `value`",
  },
};

/** Does a statement exist for types alone? */
function isTypeOnly(node: SyntaxNode): boolean {
  if (node.declare === true || TYPE_STATEMENTS.has(node.type)) return true;
  if (node.type === "TSModuleDeclaration") return node.global === true || isTypeOnlyBlock(node.body);
  if (node.type === "ImportDeclaration" || node.type === "TSImportEqualsDeclaration") return node.importKind === "type";
  if (!/^Export(?:Named|Default|All)Declaration$/.test(node.type)) return false;
  return node.exportKind === "type" || (isNode(node.declaration) && isTypeOnly(node.declaration));
}

const TYPE_STATEMENTS: ReadonlySet<string> = new Set([
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
  "TSDeclareFunction",
  "TSIndexSignature",
  "TSNamespaceExportDeclaration",
]);

/** The body of a namespace: empty, types alone, or the inner part of `namespace A.B {}`. */
function isTypeOnlyBlock(body: unknown): boolean {
  if (!isNode(body)) return true;
  if (body.type === "TSModuleDeclaration") return isTypeOnly(body);
  return Array.isArray(body.body) && body.body.every((statement) => isNode(statement) && isTypeOnly(statement));
}

function blankStatement(node: SyntaxNode, { overlay }: Erasure): void {
  overlay.blank(node.start, node.end);
  overlay.put(node.start, ";");
}

/** `import { type A, b }`: the type and its comma go. */
function eraseSpecifiers(node: SyntaxNode, { text, overlay }: Erasure): void {
  const specifiers = node.specifiers;
  if (!Array.isArray(specifiers)) return;
  for (const specifier of specifiers) {
    if (!isNode(specifier) || (specifier.importKind !== "type" && specifier.exportKind !== "type")) continue;
    const comma = nextToken(text, specifier.end);
    overlay.blank(specifier.start, text[comma] === "," ? comma + 1 : specifier.end);
  }
}
