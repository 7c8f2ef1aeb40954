// Corners of the language with a handle in hand.

//# tagged-template
// title: tagged templates and String.raw
const key = env.read("API_KEY");
const tag = (parts, ...values) => parts.map((part, n) => part + (values[n] ?? "")).join("|");
print(tag`a${key}b${key}`, String.raw`x${key}`, String(tag`${key}`).length);

//# to-primitive
// title: overridden Symbol.toPrimitive, hints, and Date
const key = env.read("API_KEY");
const wrapped = { [Symbol.toPrimitive]: (hint) => (hint === "number" ? Number(String(key).length) : `${key}`) };
print(`${wrapped}`, +wrapped, wrapped + "");
for (const attempt of [() => key[Symbol.toPrimitive]("number"), () => key[Symbol.toPrimitive]("default"), () => { key[Symbol.toPrimitive] = () => "x"; return `${key}`; }]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# json-replacer
// title: a replacer and a reviver that see every value
const key = env.read("API_KEY");
const seen = [];
print(JSON.stringify({ key, list: [key] }, (name, value) => { seen.push(typeof value, String(value).length); return value; }));
try { print(JSON.parse(`{"a": "${key}", "b": 1}`, (name, value) => { seen.push(name, String(value).length); return value; })); } catch (error) { print(error.name, error.code); }
print(seen);

//# reviver-on-sealed
// title: a reviver on a sealed text
const seen = [];
try { print(JSON.parse(fs.read("priv/config.json"), (name, value) => { seen.push(name, value); return value; })); } catch (error) { print(error.name, error.code); }
print(seen);

//# regex-state
// title: lastIndex and legacy members of RegExp
const pattern = /[a-z0-9]+/g;
const text = String(env.read("API_KEY"));
pattern.test(text);
print(pattern.lastIndex, RegExp.$1, RegExp.lastMatch, RegExp["$'"]);
try { pattern[Symbol.replace] = () => "x"; } catch (error) { print(error.name); }
print(text.replace(pattern, "y").length);

//# intl
// title: collation, if there is any
const key = String(env.read("API_KEY"));
try { print(typeof Intl === "undefined" ? "none" : new Intl.Collator().compare(key, "m")); } catch (error) { print(error.name); }
print(key.localeCompare("m", "de"), key.toLocaleUpperCase("tr").length);

//# array-holes
// title: a handle as length, index and hole
const size = fs.read("priv/size.bin").length;
for (const attempt of [() => new Array(size).length, () => { const list = []; list.length = size; return list.length; }, () => Array.from({ length: size }).length, () => [1, 2, 3].at(size), () => "x".repeat(size).length, () => [1, 2, 3].slice(size), () => [].fill.call({ length: size }, 1)]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# typed-arrays
// title: as size and content of typed arrays
const size = fs.read("priv/size.bin").length;
for (const attempt of [() => new Uint8Array(size).length, () => new ArrayBuffer(size).byteLength, () => Uint8Array.from([size])[0], () => new DataView(new ArrayBuffer(8)).setUint32(0, size), () => Uint8Array.of(size, 1).length]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# generators
// title: passed through generators, return and throw
const key = env.read("API_KEY");
function* walk() { try { yield key; yield key[0]; } finally { yield `${key}`; } }
const walker = walk();
print(walker.next(), walker.return(key), walker.next(), [...walk()].length);
try { walk().throw(key); } catch (error) { print(error); }

//# reflection
// title: Reflect and Object on the handle
const config = JSON.parse(fs.read("priv/config.json"));
for (const attempt of [() => Reflect.has(config, "bit"), () => Reflect.get(config, "bit"), () => Object.entries(config), () => Object.assign({}, config), () => Object.getOwnPropertyNames(config), () => JSON.stringify(Object.getOwnPropertyDescriptors(config)), () => Object.fromEntries([[config.bit, 1]]), () => Reflect.apply(config, null, []), () => Object.groupBy?.([config], (x) => x.bit), () => config.hasOwnProperty("bit"), () => config.__proto__, () => config.constructor, () => Object.prototype.toString.call(config)]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# thenables
// title: then, await, Promise.resolve and async disposal
const key = env.read("API_KEY");
print(typeof key.then, await key, await Promise.resolve(key), await { then: (resolve) => resolve(key) });
for (const attempt of [() => key.finally(print), () => key.catch(print), () => key[Symbol.asyncIterator], () => key[Symbol.dispose]]) {
  try { print(await attempt()); } catch (error) { print(error.name, error.code); }
}

//# function-arguments
// title: as this, default, rest, new.target and arguments
const key = env.read("API_KEY");
function probe(a = key, ...rest) { return [typeof this, String(a).length, rest.length, arguments.length]; }
print(probe.call(key), probe.apply(null, [key, key]), probe(undefined));
try { print(probe.apply(null, key)); } catch (error) { print(error.name, error.code); }
try { print(Math.max(...key)); } catch (error) { print(error.name, error.code); }

//# labels-and-names
// title: names of functions, classes and labels computed from it
const key = env.read("API_KEY");
const object = { [`${key}`]() {}, [`get ${key}`]: class {} };
print(Object.values(object).map((value) => value.name.length), Object.keys(object).map((name) => name.length));
const { [`${key}`]: found } = object;
print(typeof found);

//# weak-and-private
// title: WeakMap, private members, WeakRef
const key = env.read("API_KEY");
class Holder { #key = key; static has(value) { return #key in value; } tell() { return this.#key; } }
print(new Holder().tell(), Holder.has(new Holder()), typeof WeakRef, typeof FinalizationRegistry);
try { print(new WeakMap([[key, 1]]).get(key)); } catch (error) { print(error.name); }

//# console-formats
// title: every way of console and its format strings
// via: cli text
const key = env.read("API_KEY");
console.log("%s|%d|%i|%f|%j|%o|%O|%c", key, key, key, key, key, key, key, key);
console.error(key); console.warn({ key }); console.info([key]); console.debug(new Map([[key, key]]));
print({ nested: { deeper: { deepest: { key } } } }, [[[[key]]]], new Error(`${key}`), () => key, class { static key = key; });

//# circular
// title: cyclic and very deep structures with it
const key = env.read("API_KEY");
const loop = { key };
loop.loop = loop;
print(loop);
let deep = key;
for (let n = 0; n < 500; n += 1) deep = { deep };
print(deep);
try { fs.write("out/deep.txt", JSON.stringify(deep)); } catch (error) { print(error.name, error.code); }

//# input-and-args
// title: the script's own input and arguments
const key = env.read("API_KEY");
try { input = key; } catch (error) { print(error.name); }
try { args.push(key); } catch (error) { print(error.name); }
print(input, args.length);

//# environment-enumeration
// title: all variables, by every way
print(Object.keys(process.env), JSON.stringify({ ...process.env }), env.has("API_KEY"), env.has("BROKER_KEY"), "API_KEY" in process.env);
try { print(process.env.PUSH_TOKEN); } catch (error) { print(error.code); }
try { print(env.read("NO_SUCH_NAME")); } catch (error) { print(error.code); }

//# require-anything
// title: modules that would know more
// expect: E_SUBSET
for (const name of ["os", "process", "v8", "inspector", "worker_threads", "async_hooks", "perf_hooks", "diagnostics_channel", "fs", "child_process"]) {
  try { print(name, Object.keys(require(name)).length > 0); } catch (error) { print(name, error.code); }
}

//# pagination
// title: follows a list as long as there is more
const page = net.httpGet("$LOCAL/value").json();
try { for (let next = page.list; next; next = next.more) print(next); } catch (error) { print(error.code); }

//# large-values
// title: large sealed values in many places
const big = fs.read("priv/size.bin");
let text = "";
for (let n = 0; n < 200; n += 1) text += big;
print(text.length);
print(net.httpPost("$LOCAL/echo", text).status, fs.write("priv/large.bin", text));
