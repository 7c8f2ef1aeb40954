import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { programOf, runProgram } from "./engine-run.fixture.ts";
import { BUILTIN_MODULES } from "./modules.ts";
import { loadTypescript, parseScript } from "./parse.ts";

const errorOf = (text: string, typescript = false) => {
  const parsed = parseScript(text, { name: "script.js", typescript });
  return parsed.ok ? null : parsed.error;
};

beforeAll(loadTypescript);

/** So many names in one scope that they are looked up in an index. */
const MANY = Array.from({ length: 40 }, (_, at) => `let b${at};`).join("");

/** Script, message, line and column. */
const BROKEN: readonly (readonly [string, string, number, number])[] = [
  ["let a = ;", "unexpected `;`", 1, 9],
  ["let a = 1;\nlet b = = 2", "unexpected `=`", 2, 9],
  ["foo(", "unexpected end of the script", 1, 5],
  ["if (a) {\n  b\n", "unexpected end of the script", 3, 1],
  ["a\r\nb c", "unexpected `c`", 2, 3],
  ["a\rb c", "unexpected `c`", 2, 3],
  ["a\u2028b c", "unexpected `c`", 2, 3],
  ["'😀' c", "unexpected `c`", 1, 6],
  ["\tlet 1a", "identifier directly after number", 1, 7],
  ["let a; let a", "identifier `a` has already been declared", 1, 12],
  ["let a; let b; var a", "identifier `a` has already been declared", 1, 19],
  [`let a;\n${MANY}\nlet a`, "identifier `a` has already been declared", 3, 5],
  [`${MANY}\nlet a, a`, "identifier `a` has already been declared", 2, 8],
  [`${MANY}\nfunction a() {}\nvar a`, "identifier `a` has already been declared", 3, 5],
  ["const a", "unexpected end of the script", 1, 8],
  ["'abc", "unterminated string constant", 1, 1],
  ["`abc", "unterminated template", 1, 2],
  ["/abc", "unterminated regular expression", 1, 2],
  ["/* abc", "unterminated comment", 1, 1],
  ["/(/", "invalid regular expression: /(/: Unterminated group", 1, 2],
  ["with (a) {}", "`with` in strict mode", 1, 1],
  ["010", "invalid number", 1, 1],
  ["'\\07'", "octal literal in strict mode", 1, 2],
  ["delete x", "deleting local variable in strict mode", 1, 1],
  ["eval = 1", "assigning to eval in strict mode", 1, 1],
  ["let yield", "the keyword `yield` is reserved", 1, 5],
  ["let await", "cannot use keyword `await` outside an async function", 1, 5],
  ["break", "unsyntactic break", 1, 1],
  ["a => { await b }", "cannot use keyword `await` outside an async function", 1, 8],
  ["super.x", "`super` keyword outside a method", 1, 1],
  ["new.target", "`new.target` can only be used in functions and class static block", 1, 1],
  ["a ?? b || c", "`??` needs parentheses beside `&&` and `||`", 1, 8],
  ["a && b ?? c", "`??` needs parentheses beside `&&` and `||`", 1, 8],
  ["({ a: 1, b })) ", "unexpected `)`", 1, 14],
  ["import a", "unexpected end of the script", 1, 9],
  ["x = {,}", "unexpected `,`", 1, 6],
  ["f(a b)", "unexpected `b`", 1, 5],
  ["class A { constructor() {} constructor() {} }", "duplicate constructor in the same class", 1, 28],
  ["class A { m() { this.#b } }", "private field `#b` must be declared in an enclosing class", 1, 22],
  ["a\u0000b", "the script contains a NUL character", 1, 2],
  ["'\u0000'", "the script contains a NUL character", 1, 2],
  ["a;\n'\ud800'", "the script contains half of a character", 2, 2],
  ["'\udc00\ud800'", "the script contains half of a character", 1, 2],
];

describe("a script that does not parse", () => {
  it.each(BROKEN)("%j says what and where", (text, message, line, column) => {
    expect(errorOf(text)).toMatchObject({ code: "E_SYNTAX", message, line, column });
  });

  it.each(BROKEN.filter(([text]) => !text.startsWith("/")))("%j says the same line as TypeScript", (text, _, line) => {
    expect(errorOf(text, true)).toMatchObject({ code: "E_SYNTAX", line });
  });

  it("gives the text that the position refers to", () => {
    const parsed = parseScript("\ufeff```js\nlet a = ;\n```", { name: "script.js", typescript: false });
    expect(parsed).toMatchObject({ ok: false, source: "\nlet a = ;\n", error: { line: 2, column: 9 } });
  });

  it.each([
    ["const f = () => { await g() }", "`await` needs an `async` function around it"],
    ["Here is the script:\n```js\nf()\n```", "send one code block and no prose"],
    ["f()\n```\nThat does it.\n```js\ng()", "send one code block and no prose"],
    ["@dec class A {}", "decorators are not part of the language"],
    ["'\u0000'", "write `\\0` inside a string"],
    ["'\ud800'", "write `\\ud800` inside a string"],
  ])("%j gets a hint", (text, hint) => {
    expect(errorOf(text)?.hint).toBe(hint);
  });
});

describe("what stands around a script", () => {
  const codeOf = (text: string) => programOf(text).source;

  it.each([
    ["```js\nf()\n```", "\nf()\n"],
    ["```\nf()\n```", "\nf()\n"],
    ["```javascript\nf()\n```\n\n", "\nf()\n\n\n"],
    ["~~~ts\nf()\n~~~", "\nf()\n"],
    ["````js\n`a`\n````", "\n`a`\n"],
    ["```js\nf()\n`````", "\nf()\n"],
    ["\n\n  ```JS title=x\r\nf()\r\n  ```  \r\n", "\n\n  \r\nf()\r\n  \r\n"],
    ["```js\nf()", "\nf()"],
    ["```js\n```", "\n"],
    ["```{.typescript}\nf()\n```", "\nf()\n"],
    ["```js\nconst a = `\n\\`\\`\\`js\n`\n```", "\nconst a = `\n\\`\\`\\`js\n`\n"],

    ["\ufefff()", "f()"],
    ["\ufeff```js\nf()\n```", "\nf()\n"],
    ["#!/usr/bin/env node\nf()", "#!/usr/bin/env node\nf()"],
  ])("%j becomes %j", (text, source) => {
    expect(codeOf(text)).toBe(source);
  });

  it.each(["`a`", "``.length", "```js`.length", "f`x`", "const md = `\n~~~\n`", "a // ```"])(
    "%j has no fence",
    (text) => {
      expect(codeOf(text)).toBe(text);
    },
  );

  it("runs a hashbang as a comment, also inside a fence", async () => {
    for (const text of [
      "#!/usr/bin/env node\nreturn 1",
      "```js\n#!/usr/bin/env node\nreturn 1\n```",
      "\ufeff#!x\nreturn 1",
    ]) {
      expect(await runProgram(programOf(text)), text).toMatchObject({ kind: "value", json: "1" });
    }
    expect(errorOf("f()\n#!x")).toMatchObject({ code: "E_SYNTAX", line: 2 });
  });

  it("is closed by a fence that is as long as the one that opened it", () => {
    expect(errorOf("````js\nf()\n```")).toMatchObject({ code: "E_SYNTAX", line: 3 });
    expect(errorOf("```js\nf()\n~~~")).toMatchObject({ code: "E_SYNTAX", line: 3 });
  });

  it("refuses a fence of another language by its name", () => {
    expect(errorOf("```python\nprint(1)\n```")).toMatchObject({
      message: "the script is fenced as `python`, not as JavaScript",
      line: 1,
      column: 1,
      hint: "send JavaScript or TypeScript",
    });
    expect(errorOf("```constructor\nf()\n```")?.code).toBe("E_SYNTAX");
  });

  it("runs an empty script", async () => {
    for (const text of ["", "\n", "// nothing", "```js\n```", "\ufeff"]) {
      expect(await runProgram(programOf(text)), JSON.stringify(text)).toMatchObject({ kind: "value", json: "null" });
    }
  });
});

/** Nested a hundred thousand deep; `ts`: TypeScript alone. */
const deep = (open: string, inner: string, close: string) => open.repeat(100_000) + inner + close.repeat(100_000);
const NESTED: Readonly<Record<string, string>> = {
  parentheses: deep("(", "1", ")"),
  arrays: deep("[", "1", "]"),
  objects: `x = ${deep("{a:", "1", "}")}`,
  "template strings": deep("`$".concat("{"), "1", "}`"),
  blocks: deep("{", "", "}"),
  functions: deep("()=>{", "", "}"),
  callbacks: deep("f(()=>{", "", "})"),
  methods: deep("({a(){", "", "}})"),
  classes: deep("class{[", "1", "](){}}").replace(/^/, "x="),
  "class heritage": `x=${deep("class extends ", "a", "{}")}`,
  "else if": `if(a){}${"else if(a){}".repeat(100_000)}`,
  switches: deep("switch(a){case 1:", "", "}"),
  "try blocks": deep("try{", "", "}finally{}"),
  loops: `${"while(1)".repeat(100_000)};`,
  signs: `${"!".repeat(100_000)}1`,
  "conditional expressions": `${"a?1:".repeat(100_000)}1`,
  assignments: `${"a=".repeat(100_000)}1`,
  powers: `1${"**1".repeat(100_000)}`,
  awaits: `${"await ".repeat(100_000)}1`,
  news: `${"new ".repeat(100_000)}a`,
  patterns: `var ${deep("[", "a", "]")}=1`,
  "groups of a regular expression": `/${deep("(", "", ")")}/`,
  "classes of a regular expression": `/${deep("[", "a", "]")}/v`,
};
const NESTED_TYPES: Readonly<Record<string, string>> = {
  "types in parentheses": `let x: ${deep("(", "a", ")")}`,
  "type arguments": `let x: ${deep("A<", "b", ">")}`,
  "function types": `let x: ${deep("(a:", "b", ")=>c")}`,
  "object types": `let x: ${deep("{a:", "b", "}")}`,
  "conditional types": `type A=${"a extends b?1:".repeat(100_000)}1`,
  "type operators": `type A=${"keyof ".repeat(100_000)}b`,
  casts: `${"<a>".repeat(100_000)}b`,
  "casts of parentheses": deep("<a>(", "1", ")"),
  "generic calls": deep("f<a>(", "", ")"),
  "dotted namespaces": `namespace A${".B".repeat(100_000)}{}`,
  assertions: `x=a${" as b".repeat(100_000)}`,
  namespaces: deep("namespace A{", "", "}"),
  comparisons: `x=${"a<".repeat(100_000)}b`,
};

describe("hostile scripts", () => {
  it.each(Object.keys(NESTED))("nested %s are an error, not a crash", (name) => {
    for (const typescript of [false, true]) {
      expect(errorOf(NESTED[name] ?? "", typescript)).toMatchObject({
        code: "E_SYNTAX",
        message: "this is nested too deeply",
        line: 1,
      });
    }
  });

  it.each(Object.keys(NESTED_TYPES))("nested %s are an error, not a crash", (name) => {
    expect(errorOf(NESTED_TYPES[name] ?? "", true)).toMatchObject({ message: "this is nested too deeply" });
  });

  it.each([
    ["sums", `x=1${"+1".repeat(10_000)}`],
    ["sums of texts and other operators", `x=a${"+'b'*2-c".repeat(3000)}`],
    ["alternatives", `x=a${"||b".repeat(10_000)}`],
    ["chains of members", `a${".b".repeat(10_000)}`],
    ["chains of calls", `a${".b(c=>d)".repeat(5000)}`],
    ["sequences", `a${",b".repeat(10_000)}`],
    ["lists", `[${"1,".repeat(10_000)}]`],
    ["statements", "a();".repeat(10_000)],
    ["declarations", Array.from({ length: 10_000 }, (_, at) => `let a${at}=1;`).join("")],
    ["template parts", `\`${"$".concat("{1}").repeat(5000)}\``],
  ])("long %s are no nesting", (_, text) => {
    for (const typescript of [false, true]) expect(errorOf(text, typescript)).toBe(null);
  });

  it("nested legacy casts end by a count of tokens, before the depth would", () => {
    const text = `x=${"<a>(".repeat(20)}1${")".repeat(20)}`;
    expect(errorOf(text, true)).toMatchObject({ message: "this can be read in too many ways", line: 1 });
  });

  it.each([
    ["one string", `x = "${"a".repeat(10_000_000)}"`],
    ["one comment", `/*${"*".repeat(10_000_000)}*/ 1`],
    ["blank space", " ".repeat(10_000_000)],
    ["line ends", "\r\n".repeat(5_000_000)],
    ["a fence line", `\`\`\`${"js ".repeat(3_000_000)}\n1\n\`\`\``],
    ["emoji", `'${"😀".repeat(5_000_000)}'`],
  ])("ten megabytes of %s parse", (_, text) => {
    expect(errorOf(text)).toBe(null);
  });

  it("is refused above 16 MiB", () => {
    expect(errorOf(" ".repeat(16 * 1024 * 1024))).toBe(null);
    expect(errorOf(" ".repeat(16 * 1024 * 1024 + 1))?.message).toBe("the script is larger than 16 MiB");
  });

  it("never throws, whatever the text", () => {
    const parts = [
      "(",
      ")",
      "{",
      "}",
      "[",
      "<",
      ">",
      "=>",
      "`",
      "$".concat("{"),
      "class",
      "async",
      "a",
      "?",
      ":",
      "/",
      "enum",
      "@",
      "import",
      "\n",
    ];
    let state = 1;
    const next = (below: number) => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + next(12) }, () => parts[next(parts.length)]).join(next(2) === 0 ? "" : " ");
      for (const typescript of [false, true]) {
        const parsed = parseScript(text, { name: "script.js", typescript });
        if (!parsed.ok) expect(parsed.error.message, text).toMatch(/^\S.*[^.]$/s);
      }
    }
  });
});

describe("modules", () => {
  it("are those that the guest files make", () => {
    const made = ["../guest/", "../../../effects/src/guest/"].flatMap((folder) => {
      const place = new URL(folder, import.meta.url);
      return readdirSync(place)
        .filter((name) => name.endsWith(".js"))
        .flatMap((name) => [...readFileSync(new URL(name, place), "utf8").matchAll(/kernel\.addModule\("([^"]+)"/g)])
        .map(([, name]) => name);
    });
    expect([...BUILTIN_MODULES].sort()).toEqual(made.toSorted());
  });
});
