import { describe, expect, it } from "vitest";
import { errorOf, newMachine, QUIET, run, SETUP } from "./engine.fixture.ts";
import { guestError } from "./guest-error.ts";

describe("positions", () => {
  const cases: [string, string, { line: number; column: number }][] = [
    ["line 1 is counted from the user's first column", "null.x", { line: 1, column: 5 }],
    ["a later line", "\n\n   undefinedName", { line: 3, column: 4 }],
    ["the innermost frame of the user's file", "\nfunction f() { throw new Error('x') }\nf()", { line: 2, column: 31 }],
    ["UTF-16 units, not code points", "\n'😀😀'; null.x", { line: 2, column: 13 }],
    ["after an await", "await null;\nthrow new Error('x')", { line: 2, column: 16 }],
    ["in a callback of a built-in", "\n[1].map(() => { null.x })", { line: 2, column: 21 }],
  ];
  it.each(cases)("%s", async (_title, body, { line, column }) => {
    const error = await errorOf(body);
    expect({ line: error.line, column: error.column }).toEqual({ line, column });
  });

  it("all frames of the user's file, with names, none of the guest's or the engine's", async () => {
    const { frames } = await errorOf(
      "function inner() { [1].forEach(probe.refuse) }\nfunction outer() { inner() }\nouter()",
    );
    expect(frames.map(({ name, line }) => [name, line])).toEqual([
      ["inner", 1],
      ["outer", 2],
      [null, 3],
    ]);
  });

  it("a text that does not parse is E_SYNTAX with its place", async () => {
    const machine = await newMachine();
    const end = machine.run({ code: "(async () => {\n  let = ;\n})", name: "script.js" }, SETUP, QUIET);
    expect(end).toMatchObject({ kind: "error", error: { name: "SyntaxError", code: "E_SYNTAX", line: 2 } });
  });

  it("a SyntaxError at run time has no code", async () => {
    expect(await errorOf("JSON.parse('{')")).toMatchObject({ name: "SyntaxError", code: null, line: 1 });
    expect(await errorOf("new RegExp('(')")).toMatchObject({ name: "SyntaxError", code: null });
  });

  it("a program that is no function is an error, not a crash", async () => {
    for (const code of ["", "1", "null", "({})", "() => 1"]) {
      const end = (await newMachine()).run({ code, name: "script.js" }, SETUP, QUIET);
      expect(end.kind, code).toBe("error");
    }
  });

  it("odd file names do no harm", async () => {
    for (const name of ["", "a\0b", "agent-run:00-kernel.js", "a (b):1:2", "\n".repeat(10), "é中"]) {
      const end = (await newMachine()).run({ code: "(async () => { null.x })", name }, SETUP, QUIET);
      expect(end, name).toMatchObject({ kind: "error", error: { name: "TypeError" } });
    }
  });
});

describe("what was thrown", () => {
  const cases: [string, string, { name: string; message: string }][] = [
    ["a string", "throw 'text'", { name: "Error", message: "text" }],
    ["null", "throw null", { name: "Error", message: "null" }],
    ["undefined", "throw undefined", { name: "Error", message: "undefined" }],
    ["a symbol", "throw Symbol('s')", { name: "Error", message: "Symbol(s)" }],
    ["a BigInt", "throw 10n", { name: "Error", message: "10" }],
    ["a function", "throw () => 1", { name: "Error", message: "uncaught [Function (anonymous)]" }],
    ["a named function", "throw function f() {}", { name: "Error", message: "uncaught [Function: f]" }],
    ["an object", "throw { a: 1, b: ['x', null] }", { name: "Error", message: "uncaught { a: 1, b: [ 'x', null ] }" }],
    ["an empty object", "throw {}", { name: "Error", message: "uncaught {}" }],
    [
      "no members and no prototype",
      "throw { __proto__: null }",
      { name: "Error", message: "uncaught [Object: null prototype] {}" },
    ],
    [
      "an array",
      "throw [1, , 2n, Symbol('s')]",
      { name: "Error", message: "uncaught [ 1, <1 empty item>, 2n, Symbol(s) ]" },
    ],
    ["an instance", "class Bad { code = 7 } throw new Bad()", { name: "Error", message: "uncaught Bad { code: 7 }" }],
    [
      "a map",
      "throw new Map([[{ a: 1 }, new Set([2])]])",
      { name: "Error", message: "uncaught Map(1) { { a: 1 } => Set(1) { 2 } }" },
    ],
    ["a date", "throw new Date(0)", { name: "Error", message: "uncaught 1970-01-01T00:00:00.000Z" }],
    [
      "an error inside",
      "throw { cause: new TypeError('m') }",
      { name: "Error", message: "uncaught { cause: [TypeError: m] }" },
    ],
    [
      "what is deep",
      "throw { a: { b: { c: { d: 1 } } } }",
      { name: "Error", message: "uncaught { a: { b: { c: [Object] } } }" },
    ],
    [
      "what holds itself",
      "const o = { n: 1 }; o.o = o; throw o",
      { name: "Error", message: "uncaught <ref *1> { n: 1, o: [Circular *1] }" },
    ],
    [
      "an error without a message",
      "const e = new TypeError(); e.message = 5; throw e",
      { name: "Error", message: "uncaught [Error]" },
    ],
    ["a name and no message", "throw { name: 'N' }", { name: "Error", message: "uncaught { name: 'N' }" }],
    [
      "accessors",
      "throw { get a() { return 1 }, set b(x) {} }",
      { name: "Error", message: "uncaught { a: [Getter], b: [Setter] }" },
    ],
    [
      "an element that is a getter",
      "const a = [1]; Object.defineProperty(a, 0, { get() { throw 1 }, enumerable: true }); throw a",
      { name: "Error", message: "uncaught [ [Getter] ]" },
    ],
    [
      "a subclass",
      "class V extends Error { constructor() { super('m'); this.name = 'V' } } throw new V()",
      { name: "V", message: "m" },
    ],
    ["an inherited name", "class V extends TypeError {} throw new V('m')", { name: "TypeError", message: "m" }],
    [
      "a name on a prototype",
      "class V extends Error {} V.prototype.name = 'V'; throw new V('m')",
      { name: "V", message: "m" },
    ],
    ["no prototype", "throw Object.assign(Object.create(null), { message: 'm' })", { name: "Error", message: "m" }],
    ["a message that is no string", "throw { message: 5 }", { name: "Error", message: "uncaught { message: 5 }" }],
  ];
  it.each(cases)("%s", async (_title, body, expected) => {
    expect(await errorOf(body)).toMatchObject({ ...expected, code: null });
  });

  it("no getter and no toString of the script runs to show it, and no call is made", async () => {
    const asked: string[] = [];
    const bodies = [
      "throw { get message() { probe.call('getter') }, get name() { probe.call('getter') } }",
      "throw { toString() { probe.call('toString') }, [Symbol.toPrimitive]() { probe.call('toPrimitive') } }",
      "throw { get [Symbol.toStringTag]() { probe.call('tag') } }",
      "class E extends Error { get name() { probe.call('getter') } get stack() { probe.call('getter') } } throw new E()",
      "throw new Proxy(new Error('m'), { getOwnPropertyDescriptor() { probe.call('trap') }, getPrototypeOf() { probe.call('trap') } })",
    ];
    for (const body of bodies) {
      const call = (json: string) => {
        asked.push(json);
        return '{"ok":null}';
      };
      expect((await run(body, { ports: { call } })).kind, body).toBe("error");
    }
    expect(asked).toEqual([]);
  });

  it("what a value says of itself is not asked", async () => {
    const bodies: [string, string][] = [
      ["throw { get [Symbol.toStringTag]() { for (;;) {} } }", "uncaught { [Symbol(Symbol.toStringTag)]: [Getter] }"],
      [
        "throw { [Symbol.for('nodejs.util.inspect.custom')]() { return 'a lie' } }",
        "uncaught { [Symbol(nodejs.util.inspect.custom)]: [Function: [nodejs.util.inspect.custom]] }",
      ],
      ["class A { static get name() { for (;;) {} } } throw new A()", "uncaught {}"],
      [
        "class A {} Object.defineProperty(A.prototype, 'constructor', { get() { for (;;) {} } }); throw new A()",
        "uncaught {}",
      ],
      [
        "class A extends Map { forEach() { for (;;) {} } get size() { return 9 } } throw new A([[1, 2]])",
        "uncaught Map(1) { 1 => 2 }",
      ],
      ["throw { toJSON() { for (;;) {} }, a: 1 }", "uncaught { toJSON: [Function: toJSON], a: 1 }"],
      ["throw { then: 1, __proto__: { get message() { for (;;) {} } } }", "uncaught { then: 1 }"],
    ];
    for (const [body, message] of bodies) expect((await errorOf(body)).message, body).toBe(message);
  });

  it("a value of any size is shown in part", async () => {
    const bodies = [
      "throw 'x'.repeat(1e6).split('')",
      "throw Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => ['key' + i, { i }]))",
      "throw new Set(Array(1e4).keys())",
      "let o = {}; for (let i = 0; i < 1e4; i++) o = { o }; throw o",
      "throw { text: 'x'.repeat(1e6) }",
      "const a = []; a.length = 2 ** 32 - 1; throw a",
      "const wide = (n) => n === 0 ? 1 : Array.from({ length: 20 }, () => wide(n - 1)); throw wide(4)",
    ];
    for (const body of bodies) {
      const { message } = await errorOf(body);
      expect(message, body).toMatch(/^uncaught [[{S]/);
      expect(message.length, body).toBeLessThan(2100);
    }
  });

  it("a proxy's trap that loops meets the limit, and no effect happens in it", async () => {
    const traps = ["ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"];
    for (const trap of traps) {
      let polls = 0;
      const stop = () => (++polls > 200 ? "E_LIMIT_TIME" : null);
      const asked: string[] = [];
      const call = (json: string) => {
        asked.push(json);
        return '{"ok":null}';
      };
      const body = `throw new Proxy({}, { ${trap}() { for (;;) try { probe.call("x") } catch {} } })`;
      expect(await run(body, { ports: { stop, call } }), trap).toMatchObject({ kind: "fatal", code: "E_LIMIT_TIME" });
      expect(asked).toEqual([]);
    }
  });

  it("a proxy that throws at every trap is still an error", async () => {
    const handler = "new Proxy({}, { get() { throw new Error('trap') } })";
    expect(await errorOf(`throw new Proxy({}, ${handler})`)).toMatchObject({ name: "Error", code: null });
  });

  it("of a deep stack the innermost fifty frames are kept", async () => {
    const { frames } = await errorOf("function f(n) { if (n === 0) throw new Error('deep'); f(n - 1) } f(80)");
    expect(frames.length).toBe(50);
  });

  it("long texts are cut", async () => {
    const { message, name } = await errorOf("const e = new Error('m'.repeat(1e6)); e.name = 'n'.repeat(1e6); throw e");
    expect(message.length).toBeLessThan(20_100);
    expect(name.length).toBeLessThan(20_100);
  });

  it("a stack that the script wrote gives positions only of its own file", async () => {
    const { frames } = await errorOf(
      `const e = new Error("x"); e.stack = "    at f (/etc/passwd:1:1)\\n    at g (script.js:99999999:1)\\n    at script.js:x:y\\n".repeat(40); throw e`,
    );
    expect(frames.every(({ name }) => name === "g")).toBe(true);
  });
});

it("a described stack with hostile text is parsed in linear time", () => {
  const stack = `    at ${"(".repeat(50_000)}${" (".repeat(50_000)}`;
  const described = { name: "E", message: "", stack, constructors: [], causes: [], overflow: false, exhausted: false };
  expect(guestError(described, { code: "", name: "s" }).frames).toEqual([]);
});
