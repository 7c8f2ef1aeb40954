import type { AnyNode, Pattern } from "acorn";
import { eachChildOf } from "./tree.ts";

/** The names in patterns, keys and specifiers: what a declaration binds, what an assignment writes to. */

type ImportedNode = Extract<AnyNode, { type: "ImportDeclaration" }>["specifiers"][number];

export function importedName(specifier: ImportedNode): string {
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  return specifier.imported.type === "Identifier" ? specifier.imported.name : String(specifier.imported.value);
}

/** The names of a pattern, each with its way from the value; null where that is not fixed (rest, default, computed). */
export function boundNames(
  pattern: Pattern,
): readonly { readonly name: string; readonly path: readonly string[] | null }[] {
  const names: { readonly name: string; readonly path: readonly string[] | null }[] = [];
  const waiting: { readonly part: Pattern; readonly path: readonly string[] | null }[] = [{ part: pattern, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { part, path } = next;
    if (part.type === "Identifier") names.push({ name: part.name, path });
    else if (part.type === "AssignmentPattern") waiting.push({ part: part.left, path: null });
    else if (part.type === "RestElement") waiting.push({ part: part.argument, path: null });
    else if (part.type === "ArrayPattern") {
      for (const element of part.elements) if (element !== null) waiting.push({ part: element, path: null });
    } else if (part.type === "ObjectPattern") {
      for (const property of part.properties) {
        if (property.type === "RestElement") waiting.push({ part: property.argument, path: null });
        else waiting.push({ part: property.value, path: extended(path, propertyKey(property)) });
      }
    }
  }
  return names;
}

const extended = (path: readonly string[] | null, key: string | null): readonly string[] | null =>
  path === null || key === null ? null : [...path, key];

/** The key of a property, where it is fixed. */
export function propertyKey(property: { readonly computed: boolean; readonly key: AnyNode }): string | null {
  const { key } = property;
  if (key.type === "Identifier" && !property.computed) return key.name;
  return key.type === "Literal" && typeof key.value === "string" ? key.value : null;
}

/** The name of a member expression's property, where it is fixed: `a.b`, `a["b"]`. */
export function propertyName(node: Extract<AnyNode, { type: "MemberExpression" }>): string | null {
  return propertyKey({ computed: node.computed, key: node.property });
}

/** What a node writes to: assignments, updates, loops over an existing variable. */
export function writtenBy(node: AnyNode): readonly AnyNode[] {
  if (node.type === "AssignmentExpression") return targetsOf(node.left);
  if (node.type === "UpdateExpression") return [node.argument];
  const loops = node.type === "ForInStatement" || node.type === "ForOfStatement";
  return loops && node.left.type !== "VariableDeclaration" ? targetsOf(node.left) : [];
}

function targetsOf(pattern: Pattern): readonly AnyNode[] {
  if (pattern.type === "Identifier" || pattern.type === "MemberExpression") return [pattern];
  return boundTargets(pattern);
}

function boundTargets(pattern: Pattern): readonly AnyNode[] {
  const targets: AnyNode[] = [];
  const waiting: AnyNode[] = [pattern];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.type === "Identifier" || part.type === "MemberExpression") targets.push(part);
    else eachChildOf(part, (child) => waiting.push(child));
  }
  return targets;
}
