import { type Capability, isToolName, METHOD_CAPABILITY, toolNamed } from "@agent-run/gate";
import type { AnyNode, CallExpression } from "acorn";
import { touchesOf } from "./capability-table.ts";
import { constantString, literalString, originOf } from "./origin.ts";
import { propertyKey, propertyName } from "./pattern.ts";
import type { Finder, Place, Scope, Scopes } from "./scope.ts";

/**
 * Which capabilities a script is certain to ask for, and where: the verifier compares them with the policy before the
 * run. Only calls count (and reads of `process.env`), not mentions. What cannot be told is not reported: no script is
 * refused on a guess, and the gate decides every call at run time anyway (ONE-WALL).
 */
export interface Use {
  /** `net.*`: a request whose method is not known before the run. */
  readonly capability: Capability | "net.*";
  /** As the script writes it: `fs.write`. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Path, URL, command or variable, where it is a literal. */
  readonly target?: string;
  /** The target is a pattern over paths. */
  readonly isPattern?: true;
}

/** A use whose place is still an offset. */
export type RawUse = Omit<Use, "line" | "column"> & { readonly offset: number };

export function useFinder(source: string, scopes: Scopes): Finder<readonly RawUse[]> {
  const uses: RawUse[] = [];
  return {
    visit: (place) => {
      const { node, scope } = place;
      if (node.type === "CallExpression") uses.push(...usesOfCall(node, source, scope, scopes));
      else if (node.type === "MemberExpression") uses.push(...usesOfVariable(place, source, scopes));
      else if (node.type === "VariableDeclarator") uses.push(...usesOfPattern(node, source, scope, scopes));
    },
    found: () => uses.sort((a, b) => a.offset - b.offset),
  };
}

function usesOfCall(node: CallExpression, source: string, scope: Scope, scopes: Scopes): readonly RawUse[] {
  const name = originOf(node.callee, scope, scopes)?.join(".");
  if (name === undefined) return [];
  const found = { text: textOf(node.callee, source), offset: node.callee.start };
  const tool = /^tools\.([^.]+\.[^.]+)$/.exec(name)?.[1];
  if (tool !== undefined) return isToolName(tool) ? [{ capability: toolNamed(tool), ...found }] : [];
  if (name === "fetch" || name === "net.fetch")
    return [{ capability: fetchCapability(node), ...found, ...url(node, scope) }];
  if (name === "net.request") return [requestUse(node, found, scope)];
  return (touchesOf(name) ?? []).map(({ capability, argument, isPattern }) => ({
    capability,
    ...found,
    ...(isPattern === undefined ? {} : { isPattern }),
    ...targetOf(node.arguments.slice(0, argument + 1), argument, scope),
  }));
}

const textOf = (node: AnyNode, source: string): string =>
  source.slice(node.start, Math.min(node.end, node.start + 60)).replace(/\s+/g, " ");

const url = (node: CallExpression, scope: Scope): { target?: string } =>
  asTarget(constantString(node.arguments[0], scope));

const asTarget = (text: string | null): { target?: string } => (text === null ? {} : { target: text });

/** The literal target. A command stands first in an array (`subprocess.exec`) or alone (`execFileSync`). */
function targetOf(given: readonly AnyNode[], argument: number, scope: Scope): { target?: string } {
  const node = given.some(({ type }) => type === "SpreadElement") ? undefined : given[argument];
  const named = node?.type === "ArrayExpression" ? (node.elements[0] ?? undefined) : node;
  return asTarget(constantString(named, scope));
}

/** `fetch(url, init)`: GET unless `init` says otherwise, or the first argument is itself such an object. */
function fetchCapability(node: CallExpression): RawUse["capability"] {
  const [input, init] = node.arguments;
  if (input?.type === "SpreadElement" || init?.type === "SpreadElement" || input?.type === "ObjectExpression")
    return "net.*";
  if (init === undefined || (init.type === "Identifier" && init.name === "undefined")) return "net.http_get";
  return methodCapability(memberOf(init, "method"));
}

function requestUse(node: CallExpression, found: { text: string; offset: number }, scope: Scope): RawUse {
  const [request] = node.arguments;
  const target = memberOf(request, "url");
  return {
    capability: methodCapability(memberOf(request, "method")),
    ...found,
    ...asTarget(typeof target === "object" ? constantString(target, scope) : null),
  };
}

function methodCapability(method: AnyNode | "absent" | "unknown"): RawUse["capability"] {
  if (method === "absent") return "net.http_get";
  const name = method === "unknown" ? null : (literalString(method)?.toUpperCase() ?? null);
  return name !== null && Object.hasOwn(METHOD_CAPABILITY, name) ? (METHOD_CAPABILITY[name] ?? "net.*") : "net.*";
}

/** The value of a property of an object literal; later ones win, a spread or computed key after it may be it. */
function memberOf(node: AnyNode | undefined, name: string): AnyNode | "absent" | "unknown" {
  if (node?.type !== "ObjectExpression") return "unknown";
  let found: AnyNode | "absent" | "unknown" = "absent";
  for (const property of node.properties) {
    const key = property.type === "Property" ? propertyKey(property) : null;
    if (property.type === "Property" && key === name) found = property.value;
    else if (key === null) found = "unknown";
  }
  return found;
}

/** `process.env.X`, read. What every object has (`process.env.hasOwnProperty`) is no variable. */
function usesOfVariable({ node, parent, scope }: Place, source: string, scopes: Scopes): readonly RawUse[] {
  if (node.type !== "MemberExpression" || (parent !== null && isWrite(parent.node, node))) return [];
  if (originOf(node.object, scope, scopes)?.join(".") !== "process.env") return [];
  const name = node.computed ? constantString(node.property, scope) : propertyName(node);
  if (name !== null && (name in Object.prototype || name === "toJSON" || name === "then")) return [];
  return [{ capability: "env.read", text: textOf(node, source), offset: node.start, ...asTarget(name) }];
}

function isWrite(parent: AnyNode, node: AnyNode): boolean {
  if (parent.type === "AssignmentExpression") return parent.left === node && parent.operator === "=";
  return parent.type === "UnaryExpression" && parent.operator === "delete";
}

/** `const { HOME } = process.env`, `const { env: { HOME } } = process`. */
function usesOfPattern(node: AnyNode, source: string, scope: Scope, scopes: Scopes): readonly RawUse[] {
  if (node.type !== "VariableDeclarator" || node.id.type !== "ObjectPattern" || !node.init) return [];
  const origin = originOf(node.init, scope, scopes)?.join(".");
  if (origin !== "process" && origin !== "process.env") return [];
  const uses: RawUse[] = [];
  for (const property of node.id.properties) {
    if (property.type === "RestElement") continue;
    const key = propertyKey(property);
    if (origin === "process.env") uses.push(variableUse(property, key, source));
    else if (key === "env" && property.value.type === "ObjectPattern") {
      for (const inner of property.value.properties) {
        if (inner.type !== "RestElement") uses.push(variableUse(inner, propertyKey(inner), source));
      }
    }
  }
  return uses;
}

const variableUse = (property: AnyNode, name: string | null, source: string): RawUse => ({
  capability: "env.read",
  text: textOf(property, source),
  offset: property.start,
  ...asTarget(name),
});
