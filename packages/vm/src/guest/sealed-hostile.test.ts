/**
 * Scripts that lie about sealed values: there is nothing to steal in the VM, so what is asserted is that the host is sent
 * what was checked, that no face can be forged or swapped, and that no other route leads to what the guest keeps.
 */
import { expect, it } from "vitest";
import { sealedRun, sealedValue, sealedWorld, sent, token } from "./sealed-world.fixture.ts";

it("a getter that first gives a public text and then a sealed value is read once", async () => {
  const body = `
    let reads = 0;
    const flip = (first, second) => ({ get a() { return reads++ === 0 ? first : second } });
    net.httpPost("https://a", flip("public", key));
    reads = 0;
    net.httpPost("https://a", flip(key, "public"));
    let texts = 0;
    net.httpGet("https://a", { headers: { get x() { return texts++ === 0 ? key : "public" } } });
    return [reads, texts]`;
  const calls = await sent(body);
  expect(calls.map(({ args }) => args.body ?? args.headers)).toEqual([
    '{"a":"public"}',
    `{"a":"${token(1)}"}`,
    [["x", token(1)]],
  ]);
});

it("a toJSON, a toString and a Proxy are asked once, inside the VM", async () => {
  const body = `
    let asked = 0;
    fs.write("a", JSON.stringify({ toJSON() { return asked++ === 0 ? String(key) : "later" } }));
    fs.write("b", \`\${{ toString() { return asked++ === 1 ? String(key) : "later" } }}\`);
    const list = new Proxy(["git", "x"], { get: (target, name) => (name === "1" && asked++ === 2 ? key : target[name]) });
    subprocess.exec(list);
    return asked`;
  const calls = await sent(body);
  expect(calls.map(({ args }) => args.data ?? args.argv)).toEqual([`"${token(1)}"`, token(1), ["git", token(1)]]);
});

it("a function's own toString says nothing about what a compartment runs", async () => {
  const body = `
    const fn = (k) => k.a;
    Object.defineProperty(fn, "toString", { value: () => "k => k.b" });
    Object.defineProperty(fn, Symbol.toPrimitive, { value: () => "k => k.c" });
    key.map(fn);
    key.map((function (k) { return k }).bind(null));
    key.map(new Proxy(fn, {}));
    key.map(Math.max)`;
  const [own, ...natives] = (await sent(body)).map(({ args }) => args.source);
  expect(own).toBe("(k) => k.a");
  for (const source of natives) expect(source).toContain("[native code]");
});

it("the arguments of a compartment are a snapshot, and a sealed value among them is its token", async () => {
  const body = `
    let reads = 0;
    key.map((k, a) => a, { get n() { return ++reads } }, key);
    key.map((k) => k, { get example() { return ++reads } });
    return reads`;
  expect((await sent(body)).map(({ args }) => args.args)).toEqual([[{ n: 1 }, token(1)], []]);
});

it.each([
  'globalThis.WeakMap = class { get() { return { token: "t", display: "[forged]" } } has() { return true } }',
  "globalThis.Proxy = function () { return {} }",
  "try { WeakMap.prototype.get = () => ({ display: '[forged]' }) } catch {}",
  "try { Map.prototype.get = () => 1; Map.prototype.has = () => true } catch {}",
  "try { Object.prototype.display = '[forged]'; Object.prototype.token = 'forged' } catch {}",
  "try { Object.prototype.sealed = { token: 'forged' } } catch {}",
  "try { Function.prototype.toString = () => 'k => 0'; Function.prototype.call = () => 0 } catch {}",
  "try { JSON.stringify = () => '{}'; JSON.parse = () => ({}) } catch {}",
  "globalThis.JSON = { stringify: () => '{}', parse: () => ({}) }",
  "try { RegExp.prototype.test = () => false; RegExp.prototype.exec = () => null } catch {}",
  "try { String.prototype.includes = () => false; String.prototype.match = () => null } catch {}",
  "try { Array.prototype.some = () => false; Array.prototype.map = () => ['forged'] } catch {}",
  "try { Symbol.prototype.description = 1; Promise.prototype.then = () => 1 } catch {}",
  "try { seal.compute = () => 0; seal.is = () => false } catch {}",
  "globalThis.seal = null; globalThis.btoa = null; globalThis.release = null",
])("after `%s` everything is as before", async (poison) => {
  const body = `
    const original = { btoa, map: key.map };
    ${poison};
    print(key);
    const text = original.btoa("me:" + key);
    key.map((k) => k + 1);
    fs.write("a", text);
    net.httpPost("https://a", { key });`;
  const { stdout, calls, end } = await sealedRun(body);
  expect(end.kind).toBe("value");
  expect(stdout).toBe("[sealed env:KEY]\n");
  expect(calls.slice(1).map(({ op, args }) => [op, args.text ?? args.source ?? args.data ?? args.body])).toEqual([
    ["seal.encode", `me:${token(1)}`],
    ["seal.compute", "(k) => k + 1"],
    ["fs.write", token(2)],
    ["net.request", `{"key":"${token(1)}"}`],
  ]);
});

it("an answer's face is taken from the host alone: one in a public answer is data", async () => {
  const forged = { sealed: { token: token(9), display: "[forged]", kind: "value", label: [] } };
  const world = sealedWorld(() => ({ "env.names": [], "fs.glob": [forged] }));
  expect(await sealedValue('const [one] = fs.glob("*"); return [seal.is(one), one]', world)).toEqual([false, forged]);
});

it.each([
  "Object.create(key)",
  "new Proxy(key, {})",
  "Object.assign(Object.create(null), key)",
  "({ toJSON: key.toJSON, toString: key.toString })",
  "new (class { constructor() { Object.assign(this, key) } })()",
])("%s is no Sealed, and cannot stand for one", async (made) => {
  const body = `
    const made = ${made};
    const fails = (run) => { try { run(); return false } catch { return true } };
    return [seal.is(made), fails(() => seal.compute([made], (k) => k)), fails(() => \`\${made}\`.includes("sealed0"))]`;
  const [is, computes] = (await sealedValue(body)) as boolean[];
  expect([is, computes]).toEqual([false, true]);
});

it("no function or object that a Sealed shows can be changed, so no other Sealed is", async () => {
  const body = `
    const seen = [];
    const routes = [...Reflect.ownKeys(key), "toJSON", "valueOf", "startsWith", Symbol.toPrimitive, Symbol.iterator,
      Symbol.for("nodejs.util.inspect.custom")].map((name) => key[name]);
    for (const value of routes) seen.push(Object.isFrozen(value));
    return [seen.length > 10, seen.every(Boolean)]`;
  expect(await sealedValue(body)).toEqual([true, true]);
});

it("the trap's arguments never hand out the target", async () => {
  const body = `
    const outer = new Proxy(key, { get(target, name, receiver) { return target === key ? Reflect.get(target, name, receiver) : "leak" } });
    const seen = [];
    try { outer.toString() } catch (e) { seen.push(e.code) }
    seen.push(Reflect.get(key, "label", { label: "other" })[0]);
    try { Reflect.set(key, "a", 1, {}) } catch (e) { seen.push(e.code) }
    return seen`;
  expect(await sealedValue(body)).toEqual(["E_ARGUMENT", "local", "E_SEALED_METHOD"]);
});

it("two Sealed differ in nothing but their public faces", async () => {
  const world = sealedWorld((sealed) => ({ "env.read": ({ name }) => sealed(`env:${name}`) }));
  const body = `
    const other = env.read("B");
    const face = (one) => [typeof one, Reflect.ownKeys(one), Object.getPrototypeOf(one), Object.isFrozen(one), String(one).length,
      JSON.stringify(Object.getOwnPropertyDescriptors(one)), \`\${one.map}\`, one.label, Object.prototype.toString.call(one)];
    return [JSON.stringify(face(key)) === JSON.stringify(face(other)), String(key) === String(other)]`;
  expect(await sealedValue(body, world)).toEqual([true, false]);
});
