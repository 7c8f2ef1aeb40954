import type { AnyNode, Expression, Function as FunctionNode, Program as Tree, VariableDeclaration } from "acorn";
import { boundNames, importedName, propertyName, writtenBy } from "./pattern.ts";
import { eachChildOf } from "./tree.ts";

/**
 * Which name means what: scopes and bindings of one script. `fs.read` is a use of ours only where `fs` is not the
 * script's own. Where ECMAScript is finer than this (default values, switch heads), a name counts as the script's own
 * rather than as ours, so that no ordinary script is refused by mistake.
 */
export interface Binding {
  readonly name: string;
  /** What it was declared with, if that is all it ever was: the value and the way from there by destructuring. */
  readonly origin?: { readonly value: Expression; readonly scope: Scope; readonly path: readonly string[] };
  /** What it was imported as: `default`, `*` or the name. */
  readonly imported?: { readonly module: string; readonly name: string };
  /** Declared twice, or assigned after its declaration. */
  changed: boolean;
}

export class Scope {
  readonly parent: Scope | null;
  /** Where `var` lands: functions and the script. */
  readonly isFunction: boolean;
  readonly #bindings = new Map<string, Binding>();

  constructor(parent: Scope | null, isFunction: boolean) {
    this.parent = parent;
    this.isFunction = isFunction;
  }

  declare(binding: Binding): void {
    const earlier = this.#bindings.get(binding.name);
    if (earlier === undefined) this.#bindings.set(binding.name, binding);
    else earlier.changed = true;
  }

  find(name: string): Binding | null {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const binding = scope.#bindings.get(name);
      if (binding !== undefined) return binding;
    }
    return null;
  }

  get forVar(): Scope {
    let scope: Scope = this;
    while (!scope.isFunction && scope.parent !== null) scope = scope.parent;
    return scope;
  }
}

/** All scopes of a script, and which names of the host the script changes (`fs = fake`, `globalThis.fs = fake`). */
export interface Scopes {
  of(node: AnyNode, outer: Scope): Scope;
  readonly top: Scope;
  readonly changedGlobals: ReadonlySet<string>;
}

/** A node on the way from the root: what it stands in decides what it means. */
export interface Place {
  readonly node: AnyNode;
  readonly parent: Place | null;
  readonly scope: Scope;
}

/** Something that is told of every node of a script, and says at the end what it found. */
export interface Finder<T> {
  visit(place: Place): void;
  found(): T;
}

/** Visits every node with its place. */
export function walk(tree: Tree, scopes: Pick<Scopes, "of" | "top">, visit: (place: Place) => void): void {
  const waiting: Place[] = [{ node: tree, parent: null, scope: scopes.top }];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    const parent = place;
    visit(parent);
    eachChildOf(parent.node, (node) => waiting.push({ node, parent, scope: scopes.of(node, parent.scope) }));
  }
}

export function findScopes(tree: Tree): Scopes {
  const top = new Scope(null, true);
  const scopes = new Map<AnyNode, Scope>([[tree, top]]);
  const writes: { readonly name: string; readonly scope: Scope }[] = [];
  const changedGlobals = new Set<string>();
  const of = (node: AnyNode, outer: Scope): Scope => {
    const known = scopes.get(node);
    if (known !== undefined) return known;
    if (!opensScope(node)) return outer;
    const scope = new Scope(outer, isFunctionScope(node));
    scopes.set(node, scope);
    return scope;
  };
  walk(tree, { of, top }, ({ node, scope }) => {
    declareIn(node, scope);
    for (const target of writtenBy(node)) {
      if (target.type === "Identifier") writes.push({ name: target.name, scope });
      else if (isGlobalMember(target)) changedGlobals.add(propertyName(target) ?? "");
    }
  });
  for (const { name, scope } of writes) {
    const binding = scope.find(name);
    if (binding === null) changedGlobals.add(name);
    else binding.changed = true;
  }
  return { of: (node, outer) => scopes.get(node) ?? outer, top, changedGlobals };
}

const opensScope = (node: AnyNode): boolean => SCOPES.has(node.type);

const isFunctionScope = (node: AnyNode): boolean => /Function|^StaticBlock$/.test(node.type);

const SCOPES: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ClassExpression",
  "StaticBlock",
  "BlockStatement",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
  "CatchClause",
]);

/** Declares what a node declares. `scope` is the node's own where it opens one, else the one around it. */
function declareIn(node: AnyNode, scope: Scope): void {
  if (node.type === "VariableDeclaration") declareVariables(node, scope);
  else if (isFunction(node)) declareFunction(node, scope);
  else if (node.type === "ClassDeclaration" || node.type === "ClassExpression") {
    if (node.id) scope.declare({ name: node.id.name, changed: false });
  } else if (node.type === "CatchClause" && node.param) {
    for (const { name } of boundNames(node.param)) scope.declare({ name, changed: false });
  } else if (node.type === "ImportDeclaration") {
    for (const specifier of node.specifiers) {
      const imported = { module: String(node.source.value), name: importedName(specifier) };
      scope.declare({ name: specifier.local.name, imported, changed: false });
    }
  }
}

const isFunction = (node: AnyNode): node is FunctionNode & AnyNode =>
  /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);

/** A declaration's name stands outside of it, an expression's inside. */
function declareFunction(node: FunctionNode & AnyNode, scope: Scope): void {
  const named = node.type === "FunctionDeclaration" ? scope.parent : scope;
  if (node.id) named?.declare({ name: node.id.name, changed: false });
  for (const parameter of node.params) {
    for (const { name } of boundNames(parameter)) scope.declare({ name, changed: true });
  }
}

function declareVariables(node: VariableDeclaration, scope: Scope): void {
  const target = node.kind === "var" ? scope.forVar : scope;
  for (const { id, init } of node.declarations) {
    for (const { name, path } of boundNames(id)) {
      const known = init && path !== null ? { origin: { value: init, scope, path } } : {};
      target.declare({ name, changed: false, ...known });
    }
  }
}

function isGlobalMember(node: AnyNode): node is Extract<AnyNode, { type: "MemberExpression" }> {
  return node.type === "MemberExpression" && node.object.type === "Identifier" && node.object.name === "globalThis";
}
