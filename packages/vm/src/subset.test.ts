import { describe, expect, it } from "vitest";
import { errorOf, run, scriptValue } from "./engine.fixture.ts";

describe("code cannot be made from text", () => {
  const routes: [string, string][] = [
    ["Function", "Function('return 1')()"],
    ["new Function", "new Function('return 1')()"],
    ["an arrow's constructor", "(() => {}).constructor('return 1')()"],
    ["a method's constructor", "({ m() {} }).m.constructor('return 1')()"],
    ["a class's constructor", "(class {}).constructor('return 1')()"],
    ["a built-in's constructor", "[].map.constructor('return 1')()"],
    ["a bound function's constructor", "(() => {}).bind().constructor('return 1')()"],
    ["a proxy's constructor", "new Proxy(() => {}, {}).constructor('return 1')()"],
    [
      "a getter's constructor",
      "Object.getOwnPropertyDescriptor({ get x() { return 1 } }, 'x').get.constructor('return 1')()",
    ],
    ["the async constructor", "(async () => {}).constructor('return 1')()"],
    ["the generator constructor", "(function* () {}).constructor('yield 1')()"],
    ["the async generator constructor", "(async function* () {}).constructor('yield 1')()"],
    ["the constructor of Function", "Function.constructor('return 1')()"],
    ["the constructor's constructor", "Object.constructor.constructor('return 1')()"],
    ["the prototype's constructor", "Function.prototype.constructor('return 1')()"],
    ["Object.getPrototypeOf", "Object.getPrototypeOf(async () => {}).constructor('return 1')()"],
    ["the parent of the async constructor", "Object.getPrototypeOf((async () => {}).constructor)('return 1')()"],
    ["the parent of a class", "Object.getPrototypeOf(class {}).constructor('return 1')()"],
    ["Reflect.construct", "Reflect.construct(Function, ['return 1'])()"],
    ["Reflect.construct with a new target", "Reflect.construct(Object, [], Function)('return 1')()"],
    ["Reflect.apply", "Reflect.apply((() => {}).constructor, null, ['return 1'])()"],
    ["a subclass", "new (class extends Function {})('return 1')()"],
    ["call", "Function.call(null, 'return 1')()"],
    ["a species", "Array.from.call((() => {}).constructor, ['return 1'])()"],
    ["eval", "globalThis.eval('1')"],
    ["an indirect eval", "(0, globalThis['ev' + 'al'])('1')"],
    ["a timer's text", "setTimeout('globalThis.hit = 1', 0)"],
    ["the guest's own functions", "print.constructor('return 1')()"],
    ["an error class of ours", "AgentRunError.constructor('return 1')()"],
  ];
  it.each(routes)("by %s", async (_title, route) => {
    const end = await run(`try { return ["made", ${route}] } catch (error) { return "refused" }`);
    expect(end).toMatchObject({ kind: "value", json: '"refused"' });
  });

  it("and the refusal says what to do", async () => {
    expect(await errorOf("new Function('return 1')")).toMatchObject({
      code: "E_SUBSET",
      message: "code cannot be made from text",
      hint: "write the function in the script itself",
    });
  });

  it("an import is refused", async () => {
    for (const name of ["fs", "./x.js", "data:text/javascript,1", "std", "os", "agent-run:00-kernel.js"]) {
      expect(
        await scriptValue(`try { await import(${JSON.stringify(name)}); return 1 } catch { return "refused" }`),
      ).toBe("refused");
    }
  });

  it("a script's own `eval` is an ordinary function", async () => {
    expect(await scriptValue("globalThis['eval'] = (text) => text.length; return globalThis.eval('abc')")).toBe(3);
  });
});

describe("names that are gone", () => {
  it.each([
    "eval",
    "WeakRef",
    "FinalizationRegistry",
    "SharedArrayBuffer",
    "Atomics",
    "WebAssembly",
    "std",
    "os",
    "bjson",
    "kernel",
  ])("%s", async (name) => {
    expect(await scriptValue(`return [typeof globalThis.${name}, Object.hasOwn(globalThis, "${name}")]`)).toEqual([
      "undefined",
      false,
    ]);
  });
});

describe("what programs do although primordials are frozen", () => {
  const works: [string, string, unknown][] = [
    [
      "a named error class",
      "class V extends Error { constructor(m) { super(m); this.name = 'V' } } const v = new V('m'); return [v.name, String(v), v instanceof Error]",
      ["V", "V: m", true],
    ],
    ["an error's message", "const e = new TypeError('a'); e.message = 'b'; return String(e)", "TypeError: b"],
    ["toString of an object", "const o = {}; o.toString = () => 'hi'; return `${o}`", "hi"],
    ["valueOf of an object", "const o = {}; o.valueOf = () => 4; return o * 2", 8],
    ["toJSON of a date", "const d = new Date(0); d.toJSON = () => 'd'; return d", "d"],
    ["toString of an array", "const a = [1]; a.toString = () => 'a'; return String(a)", "a"],
    ["constructor of an array", "const a = []; a.constructor = 1; return a.constructor", 1],
    [
      "a word count",
      "const n = {}; for (const w of ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', 'a']) n[w] = typeof n[w] === 'number' ? 1 : 0; return n",
      { constructor: 0, toString: 0, valueOf: 0, hasOwnProperty: 0, isPrototypeOf: 0, a: 0 },
    ],
    [
      "Object.assign",
      "return Object.assign({}, { toString: 1, constructor: 2, a: 3 })",
      { toString: 1, constructor: 2, a: 3 },
    ],
    [
      "an old-style class",
      "function F() {} F.prototype = Object.create(Error.prototype); F.prototype.constructor = F; F.prototype.toString = () => 'F'; return [String(new F()), new F().constructor === F]",
      ["F", true],
    ],
    [
      "subclasses of built-ins",
      "class A extends Array { sum() { return this.reduce((a, b) => a + b, 0) } } class M extends Map {} class P extends Promise {} return [A.of(1, 2).sum(), new M([[1, 2]]).get(1), await P.resolve(3)]",
      [3, 2, 3],
    ],
    [
      "a function's own properties",
      "function f() {} f.toString = () => 'f'; f.constructor = 1; return [String(f), f.constructor]",
      ["f", 1],
    ],
    [
      "instanceof Function",
      "return [(() => {}) instanceof Function, (class {}) instanceof Function, print instanceof Function]",
      [true, true, true],
    ],
    ["new globals", "globalThis.a = 1; globalThis.b = () => a; return b()", 1],
    [
      "other values for known globals",
      "globalThis.print = (x) => x; globalThis.fetch = 1; return [globalThis.print(2), globalThis.fetch]",
      [2, 1],
    ],
    ["spread of inherited names", "return { ...Object.create({ toString: 1 }), a: 1 }", { a: 1 }],
    ["a null prototype", "const o = Object.create(null); o.toString = 1; return o", { toString: 1 }],
    [
      "reading what was repaired",
      "return [({}).toString(), [1, 2].toString(), new Error('x').toString(), ({}).constructor === Object, [].constructor === Array]",
      ["[object Object]", "1,2", "Error: x", true, true],
    ],
    [
      "keys stay as they were",
      "const k = []; for (const key in { a: 1 }) k.push(key); for (const key in []) k.push(key); return k",
      ["a"],
    ],
    [
      "stack helpers of Node",
      "class V extends Error { constructor() { super(); Error.captureStackTrace(this, V) } } Error.stackTraceLimit = 50; const o = {}; Error.captureStackTrace(o); return [typeof new V().stack, typeof o.stack]",
      ["string", "string"],
    ],
  ];
  it.each(works)("%s", async (_title, body, expected) => {
    expect(await scriptValue(body)).toEqual(expected);
  });
});

describe("shared objects cannot be changed", () => {
  const attacks: [string, string][] = [
    ["a method of arrays", "Array.prototype.push = () => 1"],
    ["a new property of every object", "Object.prototype.x = 1"],
    ["a repaired property itself", "Object.prototype.toString = 1"],
    ["a repaired property of an error class", "TypeError.prototype.name = 'x'"],
    ["a static", "Object.keys = () => []"],
    ["a namespace", "Math.max = () => 0"],
    ["a prototype of iterators", "Object.getPrototypeOf([].values()).next = () => 1"],
    ["a prototype of generators", "Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())).next = 1"],
    ["a prototype of async functions", "Object.getPrototypeOf(async () => {}).x = 1"],
    ["our error class", "AgentRunError.prototype.x = 1"],
    ["a function of ours", "print.x = 1"],
    ["a symbol's description", "Symbol.prototype.description = 1"],
    ["the global's prototype", "Object.setPrototypeOf(Object.prototype, {})"],
    ["a prototype's prototype", "Object.setPrototypeOf(Array.prototype, null)"],
    ["a property by definition", "Object.defineProperty(Promise.prototype, 'then', { value: 1 })"],
    ["a deletion", "delete Array.prototype.map"],
    ["a receiver that is the holder", "Reflect.set(Object.prototype, 'toString', 1) || (() => { throw 1 })()"],
    ["a frozen receiver", "Object.freeze({}).toString = 1"],
    ["a primitive receiver", "'text'.toString = 1"],
  ];
  it.each(attacks)("%s", async (_title, attack) => {
    expect(await scriptValue(`try { ${attack}; return "changed" } catch { return "refused" }`)).toBe("refused");
  });

  it("a setter of ours writes to its receiver and nowhere else", async () => {
    const body = `const set = Object.getOwnPropertyDescriptor(Object.prototype, "toString").set;
      const o = {}; set.call(o, 1);
      let thrown = 0;
      for (const receiver of [null, undefined, 1, Object.prototype, Object.freeze({})]) { try { set.call(receiver, 1) } catch { thrown++ } }
      return [Object.getOwnPropertyDescriptor(o, "toString"), thrown, typeof ({}).toString]`;
    const property = { value: 1, writable: true, enumerable: true, configurable: true };
    expect(await scriptValue(body)).toEqual([property, 5, "function"]);
  });
});

it("nothing that a script can reach leads to the kernel or to a constructor of code", async () => {
  const body = `
    const seen = new Set(), queue = [globalThis, async () => {}, function* () {}, async function* () {}, [].values(), new Map().keys()];
    const found = [];
    while (queue.length > 0) {
      const value = queue.pop();
      if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) continue;
      seen.add(value);
      if (Object.hasOwn(value, "primordials") || Object.hasOwn(value, "hardenRoots")) found.push("kernel");
      if (typeof value === "function" && /^(Async)?(Generator)?Function$/.test(value.name)) {
        try { value("return 1"); found.push(value.name) } catch (error) { if (error.code !== "E_SUBSET") found.push(String(error)) }
      }
      queue.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const property = Object.getOwnPropertyDescriptor(value, key);
        queue.push(property.value, property.get, property.set);
      }
    }
    return [seen.size > 500, found]`;
  expect(await scriptValue(body)).toEqual([true, []]);
});
