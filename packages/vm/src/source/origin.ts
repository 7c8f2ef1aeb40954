import type { AnyNode, Expression } from "acorn";
import { builtinModule } from "./modules.ts";
import { propertyName } from "./pattern.ts";
import type { Binding, Scope, Scopes } from "./scope.ts";

/**
 * Where a value comes from, as a path from a global or a built-in module: `fs.read`, `process.env`,
 * `child_process.execFileSync`. Follows what is certain (constants, destructuring, imports, `require` and `import()` of a
 * literal, `globalThis`) and answers null for the rest: the verifier reports only what is sure, the gate decides at run time
 * anyway.
 */
export type Origin = readonly string[];

/** No name of ours is longer; what is longer is not ours. */
const MAX_PATH = 8;
/** Steps through aliases, so that chains of constants end. */
const MAX_ALIASES = 32;

/** First element of a path into a module that is not also a global of the same content. */
const ROOTS: Readonly<Record<string, Origin>> = {
  fs: ["fs"],
  "fs/promises": ["fs", "promises"],
  process: ["process"],
};

export function originOf(node: AnyNode, scope: Scope, scopes: Scopes, aliases = 0): Origin | null {
  const path: string[] = [];
  for (let at: AnyNode = node; path.length <= MAX_PATH; ) {
    const inner = unwrapped(at);
    if (inner !== null) at = inner;
    else if (at.type === "MemberExpression") {
      const name = propertyName(at);
      if (name === null) return null;
      path.unshift(name);
      at = at.object;
    } else return joined(rootOf(at, scope, scopes, aliases), path);
  }
  return null;
}

/** The expression whose value this one has: `(0, f)`, the inside of `a?.b`. */
function unwrapped(node: AnyNode): AnyNode | null {
  if (node.type === "ChainExpression") return node.expression;
  if (node.type === "SequenceExpression") return node.expressions.at(-1) ?? null;
  return node.type === "AwaitExpression" && node.argument.type === "ImportExpression" ? node.argument : null;
}

function joined(root: Origin | null, path: readonly string[]): Origin | null {
  if (root === null) return null;
  // `import fs from`, `(await import("fs")).default`: the default of a built-in module is the module.
  const whole = [...root, ...path].filter((name) => name !== "default");
  return whole.length > MAX_PATH ? null : whole;
}

function rootOf(node: AnyNode, scope: Scope, scopes: Scopes, aliases: number): Origin | null {
  if (node.type === "Identifier") {
    const binding = scope.find(node.name);
    if (binding !== null) return aliasOf(binding, scopes, aliases);
    if (node.name === "globalThis" || node.name === "global") return [];
    return scopes.changedGlobals.has(node.name) ? null : [node.name];
  }
  if (node.type === "ImportExpression") return moduleRoot(literalString(node.source));
  if (node.type !== "CallExpression") return null;
  const { callee } = node;
  const isRequire = callee.type === "Identifier" && callee.name === "require" && scope.find("require") === null;
  return isRequire && node.arguments.length === 1 ? moduleRoot(literalString(node.arguments[0])) : null;
}

function aliasOf(binding: Binding, scopes: Scopes, aliases: number): Origin | null {
  if (binding.changed || aliases >= MAX_ALIASES) return null;
  if (binding.imported !== undefined) {
    const { module, name } = binding.imported;
    return joined(moduleRoot(module), name === "*" ? [] : [name]);
  }
  if (binding.origin === undefined) return null;
  const { value, scope, path } = binding.origin;
  return joined(originOf(value, scope, scopes, aliases + 1), path);
}

function moduleRoot(specifier: string | null): Origin | null {
  const name = builtinModule(specifier);
  if (name === null) return null;
  return Object.hasOwn(ROOTS, name) ? (ROOTS[name] ?? null) : [name];
}

/** The text of a literal, where there is nothing to compute. */
export function literalString(node: AnyNode | undefined): string | null {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : null;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null;
  return null;
}

/** The same through constants: `const FILE = "a.txt"`. */
export function constantString(node: AnyNode | undefined, scope: Scope): string | null {
  let value: AnyNode | undefined = node;
  let place = scope;
  for (let aliases = 0; value?.type === "Identifier" && aliases < MAX_ALIASES; aliases++) {
    const binding = place.find(value.name);
    if (binding === null || binding.changed || binding.origin === undefined || binding.origin.path.length > 0)
      return null;
    const origin: { readonly value: Expression; readonly scope: Scope } = binding.origin;
    value = origin.value;
    place = origin.scope;
  }
  return literalString(value);
}
