import type { AnyNode } from "acorn";
import { propertyName } from "./pattern.ts";
import type { Finder, Place } from "./scope.ts";
import { isReference } from "./subset.ts";

/**
 * What a compartment's function uses of the world around it: names that it does not declare and ECMAScript does not
 * have, `this`, `arguments`, the clock and chance.
 */
export interface Captures {
  /** Each once, in order of place. */
  readonly names: readonly string[];
  /** `this`, `Math.random` and the like, as written; the first one. */
  readonly absent: { readonly text: string; readonly offset: number } | null;
}

/** What a compartment has: ECMAScript without what makes code from text, waits for the collector or shares memory. */
const BUILTINS: ReadonlySet<string> = new Set(
  `undefined NaN Infinity globalThis isNaN isFinite parseInt parseFloat decodeURI decodeURIComponent encodeURI
  encodeURIComponent escape unescape Object Function Array String Number Boolean Symbol BigInt Math JSON Date RegExp Map
  Set WeakMap WeakSet Promise Proxy Reflect Iterator Error AggregateError EvalError RangeError ReferenceError SyntaxError
  TypeError URIError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array
  Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array`.split(/\s+/),
);

/** `root`: the compartment's function, whose own `this` and `arguments` are not there. */
export function captureFinder(root: AnyNode): Finder<Captures> {
  const free: { readonly name: string; readonly offset: number }[] = [];
  const absent: { readonly text: string; readonly offset: number }[] = [];
  return {
    visit: (place) => {
      const text = absentAt(place, root);
      if (text !== null) absent.push({ text, offset: place.node.start });
      else if (isFree(place) && !BUILTINS.has(place.node.name))
        free.push({ name: place.node.name, offset: place.node.start });
    },
    found: () => {
      const byPlace = (a: { readonly offset: number }, b: { readonly offset: number }) => a.offset - b.offset;
      return {
        names: [...new Set(free.sort(byPlace).map(({ name }) => name))],
        absent: absent.sort(byPlace)[0] ?? null,
      };
    },
  };
}

type FreePlace = Place & { readonly node: Extract<AnyNode, { type: "Identifier" }> };

const isFree = (place: Place): place is FreePlace =>
  place.node.type === "Identifier" &&
  isReference(place) &&
  place.scope.find(place.node.name) === null &&
  place.node.name !== "arguments";

function absentAt(place: Place, root: AnyNode): string | null {
  const { node, scope } = place;
  const isGlobal = (one: AnyNode, name: string) =>
    one.type === "Identifier" && one.name === name && scope.find(name) === null;
  switch (node.type) {
    case "ThisExpression":
      return hasOwnThis(place, root, true) ? null : "this";
    case "Identifier":
      if (!isGlobal(node, "arguments") || !isReference(place)) return null;
      return hasOwnThis(place, root, false) ? null : "arguments";
    case "MemberExpression":
      if (isGlobal(node.object, "Date") && propertyName(node) === "now") return "Date.now";
      return isGlobal(node.object, "Math") && propertyName(node) === "random" ? "Math.random" : null;
    case "ImportExpression":
      return "import";
    case "NewExpression":
      return isGlobal(node.callee, "Date") && node.arguments.length === 0 ? "new Date()" : null;
    case "CallExpression":
      return isGlobal(node.callee, "Date") ? "Date()" : null;
    default:
      return null;
  }
}

/** Is there a function, or for `this` a class, between a place and the compartment's function that has its own one? */
function hasOwnThis(place: Place, root: AnyNode, inClasses: boolean): boolean {
  for (let at = place.parent; at !== null && at.node !== root; at = at.parent) {
    const { type } = at.node;
    if (type === "FunctionExpression" || type === "FunctionDeclaration") return true;
    if (inClasses && (type === "PropertyDefinition" || type === "StaticBlock")) return true;
  }
  return false;
}
