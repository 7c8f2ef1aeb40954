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
    ["a function", "throw () => 1", { name: "Error", message: "[function]" }],
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
    ["a message that is no string", "throw { message: 5 }", { name: "Error", message: "[object]" }],
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
  const described = { name: "E", message: "", stack, constructors: [], overflow: false, exhausted: false };
  expect(guestError(described, { code: "", name: "s" }).frames).toEqual([]);
});
