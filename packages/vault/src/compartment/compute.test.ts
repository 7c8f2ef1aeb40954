/** Functions on plaintext in real compartments: what they are given, what comes out, and what they do not have. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Plain } from "../plain.ts";
import { compartments, job, START_MS } from "./compartments.fixture.ts";

const vault = compartments();
afterAll(() => vault.close());

const resultOf = async (...given: Parameters<typeof job>): Promise<Plain> => {
  const result = await vault.compute(job(...given));
  if (!result.ok) throw new Error(`the job failed: ${result.why}`);
  return result.value;
};
const whyOf = async (...given: Parameters<typeof job>): Promise<string> => {
  const result = await vault.compute(job(...given));
  if (result.ok) throw new Error(`the job did not fail: ${JSON.stringify(result.value)}`);
  return result.why;
};

describe("a function", () => {
  const config = { db: { host: "DB.Internal", ports: [1, 2, 3] } };
  const natural: readonly (readonly [string, readonly Plain[], Plain])[] = [
    ["(c) => c.db.host.toLowerCase()", [config], "db.internal"],
    ["v => v.startsWith('sk_')", ["sk_live"], true],
    ["function (v) { let sum = 0; for (const x of v.db.ports) sum += x; return sum }", [config], 6],
    ["function total(v) { return v <= 1 ? 1 : v * total(v - 1) }", [5], 120],
    ["async (a, b) => { await null; return [await a, b] }", ["x", "y"], ["x", "y"]],
    ["async function (v) { return Promise.all(v.map(async (x) => x + 1)) }", [[1, 2]], [2, 3]],
    ["v => { try { return JSON.parse(v).a } catch (error) { return error.name } }", ["{"], "SyntaxError"],
    ["v => { try { null.x } finally { return v } }", [7], 7],
    ["({ db: { host, ...rest } }) => rest", [config], { ports: [1, 2, 3] }],
    ["v => [...new Map(Object.entries(v.db)).keys()].sort()", [config], ["host", "ports"]],
    ["v => /(?<word>\\w+)$/u.exec(v).groups.word", ["a.b"], "b"],
    ["v => { class A { #x = v; get x() { return this.#x } } return new A().x }", [3], 3],
    ["() => new Date(0).toISOString()", [], "1970-01-01T00:00:00.000Z"],
    ["() => new Date(0)", [], "1970-01-01T00:00:00.000Z"],
    ["() => Date.UTC(2020, 1, 2) - Date.parse('2020-02-02T00:00:00Z')", [], 0],
    ["() => class extends Date {} && new (class extends Date {})(5).getTime()", [], 5],
    ["() => new Date(0) instanceof Date && Math.max(1, 2) === 2", [], true],
    ["v => v // a comment", [1], 1],
    ["async v => v", [null], null],
    ["() => ({ a: undefined, b: [undefined] })", [], { b: [null] }],
    ["() => undefined", [], undefined],
    ["() => {}", [], undefined],
    ["v => v === undefined", [undefined], true],
    ["function () { return this }", [], undefined],
  ];
  it.each(natural)("%s gives its value", async (source, inputs, value) => {
    expect(await resultOf(source, inputs)).toEqual(value);
  });

  it("gets its inputs first and then the public arguments", async () => {
    const source = "(a, b, n, o) => [a === undefined, b, n, o]";
    expect(await resultOf(source, [undefined, "b"], { args: [5, { x: 1 }] })).toEqual([true, "b", 5, { x: 1 }]);
  });

  it("gets and gives any JSON value unchanged", async () => {
    const hazards = ["\0", "\ud800", "\u2028", "'\"`\\", "${x}", "*/", "</script>", "__proto__", "\u{1f511}"];
    const key = fc.oneof(fc.constantFrom(...hazards), fc.string({ unit: "binary" }));
    const text = fc.oneof(
      key,
      fc.array(key).map((parts) => parts.join("")),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.constantFrom(null, true, false),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.array(fc.tuple(text, tie("tree")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        const given = value as Plain;
        expect(JSON.stringify(await resultOf("(v, w) => [v, w]", [given], { args: [given as null] }))).toBe(
          JSON.stringify([given, given]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("may be given and may give megabytes", async () => {
    const text = "x\n\u00e9".repeat(500_000);
    expect(await resultOf("v => v + v.length", [text])).toBe(`${text}1500000`);
    const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}` }));
    expect(await resultOf("v => v.filter((r) => r.id % 2).map((r) => r.name).length", [rows])).toBe(10_000);
  });
});

describe("a result that JSON lacks is a failure that says which", () => {
  it.each([
    ["() => () => 1", "a function"],
    ["() => [() => 1]", "a function"],
    ["() => Symbol('x')", "a symbol"],
    ["() => ({ a: Symbol('x') })", "a symbol"],
    ["() => 5n", "BigInt"],
    ["() => [5n]", "BigInt"],
    ["() => NaN", "the number NaN"],
    ["() => ({ a: [Infinity] })", "the number Infinity"],
    ["() => new Map()", "a Map"],
    ["() => [new Set()]", "a Set"],
    ["() => [Promise.resolve(1)]", "a promise"],
    ["() => { const a = {}; a.a = a; return a }", "contains itself"],
    ["() => { let a = []; for (let i = 0; i < 3000; i++) a = [a]; return a }", "deep"],
    ["() => 'x'.repeat(5e6)", "more than 4194304"],
    ["() => '\u00e9'.repeat(3e6)", "more than 4194304"],
  ])("%s", async (source, says) => {
    expect(await whyOf(source)).toContain(says);
  });
});

describe("a failure tells the operator why", () => {
  it.each([
    ["() => { throw new TypeError('no such thing') }", "TypeError: no such thing"],
    ["async () => { await null; throw 'a text' }", "a text"],
    ["v => v.a.b", "TypeError"],
    ["() => nowhere", "ReferenceError"],
    ["() => new Promise(() => {})", "a promise that nothing settles"],
    ["() => { Promise.reject(new Error('left alone')); return 1 }", "left alone"],
  ])("%s", async (source, says) => {
    expect(await whyOf(source, [{}])).toContain(says);
  });

  it.each([
    "",
    "5",
    "x => x) ; evil(1",
    "}) ; evil(",
    "x => x), (y => y",
    "f(v) { return v }",
    "x => x /*",
    "(x => x)()",
    "`${evil()}`",
    "class {}",
    "import('fs')",
    "x => { await x }",
  ])("%j is not one function expression", async (source) => {
    expect(await whyOf(source)).toBe("the source is not one function expression");
  });

  it("nor is a source that nests too deeply to be read", async () => {
    const source = `${"(".repeat(5000)}x => x${")".repeat(5000)}`;
    expect(await whyOf(source)).toBe("the source is not one function expression");
  });

  it("inputs that nest too deeply are refused before the engine sees them", async () => {
    const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
    expect(await whyOf("v => 1", [nested(1_500)])).toBe("the inputs are nested too deeply");
    expect(await whyOf("v => 1", [nested(200_000)])).toBe("the inputs cannot be written as JSON");
  });
});

describe("inside there is", () => {
  it("no global but the language's own", async () => {
    const own = await resultOf("() => Reflect.ownKeys(globalThis).filter((key) => typeof key === 'string').sort()");
    expect(own).toEqual(
      `AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Date Error EvalError
      Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array InternalError Iterator
      JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol
      SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet
      decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN parseFloat parseInt
      undefined unescape`.split(/\s+/),
    );
  });

  it.each(
    "print console fs net env subprocess fetch process require args input module exports seal release".split(" "),
  )("no %s", async (name) => {
    expect(await resultOf(`() => typeof ${name}`)).toBe("undefined");
    expect(await whyOf(`() => ${name}`)).toContain("is not defined");
  });

  it.each("setTimeout setInterval setImmediate queueMicrotask performance crypto URL AbortSignal Buffer".split(" "))(
    "no %s",
    async (name) => {
      expect(await resultOf(`() => typeof ${name}`)).toBe("undefined");
    },
  );

  it.each(["Date.now()", "new Date()", "Date()", "Reflect.construct(Date, [])", "new (class extends Date {})()"])(
    "no clock for %s",
    async (code) => {
      expect(await whyOf(`() => ${code}`)).toBe("AgentRunError: there is no clock in a compartment");
    },
  );

  it("the start of the run, which is public, where a function digs for a clock", async () => {
    expect(await resultOf("() => [Date.prototype.constructor.now(), new Date(0).constructor.now()]")).toEqual([
      START_MS,
      START_MS,
    ]);
  });

  it("no chance", async () => {
    expect(await whyOf("() => Math.random()")).toBe("AgentRunError: there is no chance in a compartment");
  });

  it.each(["eval('1')", "Function('return 1')()", "(() => {}).constructor('return 1')()", "import('fs')"])(
    "no code from text: %s",
    async (code) => {
      expect(await whyOf(`async () => ${code}`)).toMatch(/not defined|cannot be made from text|could not load module/);
    },
  );
});
