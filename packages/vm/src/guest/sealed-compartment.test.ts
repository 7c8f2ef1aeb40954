/** From a guarded script in the engine to what a compartment is given: the user's own text, by whatever route it came. */
import { expect, it } from "vitest";
import { parseScript, readCompartment } from "../source/index.ts";
import { sealedRun, sealedWorld } from "./sealed-world.fixture.ts";

/** What the host makes of the functions that a script sends to compartments. */
async function readAll(body: string) {
  const text = `const key = env.read("KEY"); ${body}`;
  const parsed = parseScript(text, { name: "script.js", typescript: false, guard: true });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const { calls, end } = await sealedRun(body, sealedWorld(), true);
  if (end.kind !== "value") throw new Error(JSON.stringify(end));
  const sources = calls.flatMap(({ args }) => (typeof args.source === "string" ? [args.source] : []));
  return sources.map((source) => {
    const read = readCompartment(source, parsed.program);
    return read.ok ? read.value : read.failure;
  });
}

it.each([
  "(k) => !k.a ? k.b : 1",
  "async (k) => {\r\n  if (k && k.é) return `😀${k}`;\r\n}",
  "function named(k) { return k === 1 && { ...k } }",
  "k => { for (const x of k) switch (x) { case 1: return x } /* done */ }",
])("%s arrives as it was written", async (written) => {
  expect(await readAll(`\n\nkey.map(${written})`)).toEqual([{ source: written, line: 3 }]);
});

it("a function of the script's own variable, of a property and of a class arrives, too", async () => {
  const body =
    "const f = (k) => k || 1;\nconst o = { f: (k) => !k };\nclass A { static f = (k) => k > 1 }\nfor (const one of [f, o.f, A.f]) key.map(one)";
  expect(await readAll(body)).toEqual([
    { source: "(k) => k || 1", line: 1 },
    { source: "(k) => !k", line: 2 },
    { source: "(k) => k > 1", line: 3 },
  ]);
});

it.each([
  "Math.max",
  "((k) => k).bind(null)",
  "new Proxy((k) => k, {})",
  "class { }",
  "({ f(k) { return k } }).f",
  "function* (k) { }",
])("%s is E_FN", async (fn) => {
  expect(await readAll(`key.map(${fn})`)).toEqual([expect.objectContaining({ code: "E_FN" })]);
});

it("a function of ours is no way into a compartment", async () => {
  expect(await readAll("key.map(print)")).toEqual([
    expect.objectContaining({ code: expect.stringMatching(/^E_(FN|CAPTURE)$/) }),
  ]);
});

it("names of the list that fs.readdirSync asks for are computed by a function that passes", async () => {
  expect(await readAll('fs.readdirSync("a")')).toEqual([
    { source: "(list) => list.map((entry) => entry.name)", line: null },
  ]);
});
