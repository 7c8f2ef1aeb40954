// Errors: their text, their kind, their place, and that they happen.

//# parse-error
// title: JSON.parse quotes what it cannot parse
// rows: 30
const text = fs.read("priv/secret.txt");
try { print(JSON.parse(text)); } catch (error) { print(error.name, error.message); }
try { print(JSON.parse(`{"a": ${text}}`)); } catch (error) { print(error.name, error.message); }

//# read-json
// title: fs.readJson of a file that is JSON for some secrets only
// rows: 30
try { print(fs.readJson("priv/secret.txt")); } catch (error) { print(error.name, error.code, error.message); }
try { print(fs.readJson("priv/secret.txt").a.b.c); } catch (error) { print(error.name, error.code, error.message); }

//# header-injection
// title: CR and LF in a header of a local-only request
// rows: 31
const key = fs.read("priv/secret.txt");
try { print(net.httpGet("$LOCAL/value", { headers: { "x-key": `${key}` } }).status); } catch (error) { print(error.code, error.message); }

//# nul-in-argv
// title: NUL in an argument, an environment and the input of a cleared command
// rows: 31
const key = fs.read("priv/secret.txt");
for (const attempt of [() => subprocess.exec(["bin/cleared", `${key}`]), () => subprocess.exec(["bin/cleared"], { stdin: `${key}` }), () => subprocess.exec(["bin/cleared"], { env: { LANG: `${key}` } })]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# invalid-url
// title: a URL that some secrets make invalid or too long
// rows: 32
const key = env.read("API_KEY");
for (const url of [`$LOCAL/${key}`, `$LOCAL/?q=${key}`, `$LOCAL/value#${key}`, `$LOCAL/${encodeURIComponent(key)}`]) {
  try { print(net.httpGet(url).status); } catch (error) { print(error.code); }
}

//# unhandled-rejection
// title: a rejection that nobody handles
// rows: 33
// via: cli text mcp
const key = env.read("API_KEY");
Promise.reject(new Error(`rejected ${key}`));
print("before");

//# error-cause
// title: chains of causes
// rows: 33
// via: cli text mcp
const key = env.read("API_KEY");
throw new Error("outer", { cause: new TypeError(`inner ${key}`, { cause: key }) });

//# error-name
// title: the name, the stack and own members of an error
// rows: 33
// via: cli text mcp
const key = env.read("API_KEY");
const error = new Error("x");
error.name = String(key);
error.stack = `at ${key}:1:1`;
error.code = key;
error.hint = `${key}`;
error.line = key;
throw error;

//# thrown-values
// title: throws the handle, an object, a function, a symbol
// rows: 33
// via: cli mcp
const key = env.read("API_KEY");
for (const value of [key, { key }, [key], () => key, Symbol(`${key}`), { toString: () => String(key) }]) {
  try { throw value; } catch (error) { print(error, String(error?.key ?? "")); }
}
throw { message: `${key}`, key };

//# aggregate-error
// title: AggregateError out of Promise.any
// rows: 33
const key = env.read("API_KEY");
await Promise.any([Promise.reject(new Error(`${key}`)), Promise.reject(key), Promise.reject({ key })]);

//# error-classes
// title: a class of errors with getters and toJSON
// rows: 33
const key = env.read("API_KEY");
class Sneaky extends Error {
  get message() { return `${key}`; }
  toJSON() { return { key }; }
  toString() { return String(key); }
}
print(new Sneaky(), String(new Sneaky()), JSON.stringify(new Sneaky()));
throw new Sneaky();

//# return-it
// title: returns it, alone and nested
// rows: 34
// via: cli text mcp
const key = env.read("API_KEY");
return { key, list: [key, `${key}`], [`${key}`]: 1, length: `${key}`.length };

//# return-sealed
// title: returns the handle itself
// rows: 34
// via: cli text mcp
return env.read("API_KEY");

//# return-lazily
// title: returns what computes its members when it is written down
// rows: 34 76
const key = env.read("API_KEY");
return { get a() { return key; }, toJSON() { return { b: `${key}`, c: key.length }; } };

//# return-promise
// title: returns a promise of it
// rows: 34
return Promise.resolve({ key: await env.read("API_KEY") });

//# disk-full-write
// title: a local-only write that fails for some secrets
// rows: 35
const key = fs.read("priv/size.bin");
for (const path of ["priv/copy.bin", "priv/no/such/folder/x.bin", "priv/notes"]) {
  try { print(fs.write(path, `${key}`)); } catch (error) { print(error.code); }
}

//# vault-crash
// title: the vault is killed when a bit is set
// rows: 36
// setup: crash-on-a-bit
print(net.httpGet("$LOCAL/crash").status);
fs.write("out/after.txt", "after");
net.httpGet("$PUBLIC/after");

//# late-labels
// title: errors whose hint would depend on what a value turned out to be
// rows: 37
const config = JSON.parse(fs.read("priv/config.json"));
for (const value of [config.db.password, config.absent, config.items, config.bit, config.bit.map((b) => (b ? [] : "x"))]) {
  try { fs.write("out/x", value); } catch (error) { print(error.code, error.message, error.hint); }
}

//# methods-of-kinds
// title: methods that only one kind of value has
// expect: E_SEALED_METHOD
const config = JSON.parse(fs.read("priv/config.json"));
for (const attempt of [() => config.items.push(1), () => config.db.password.startsWith("h"), () => config.bit.toFixed(1), () => config.items.forEach((x) => x), () => config.db.password.then(print), () => config.absent.slice(1)]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code, error.message); }
}

//# call-and-construct
// title: calls it, constructs it, spreads it, awaits it, iterates it
const key = env.read("API_KEY");
for (const attempt of [() => key(), () => new key(), () => [...key], () => ({ ...key }), () => key`x`, () => class extends key {}, () => key[Symbol.iterator], () => Object.entries(key), () => key in {}, () => ({}) instanceof key, () => delete key.a, () => { key.a = 1; }]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code, error.message); }
}
print(await key);

//# stack-position
// title: where an error is, by line, column and depth of the stack
const key = env.read("API_KEY");
function deep(n) { if (n === 0) return key.startsWith("h"); return deep(n - 1); }
try { print(deep(7)); } catch (error) { print(error.stack, error.line, error.column); }

//# missing-file
// title: a private file that is not there, and one that is
// rows: 46
for (const path of ["priv/absent.txt", "priv/secret.txt", "priv/notes", "priv/absent/deep.txt"]) {
  try { print(fs.read(path)); } catch (error) { print(error.code); }
}

//# encoding-error
// title: bytes that are no text for some secrets
for (const options of [{ encoding: "base64" }, { encoding: "utf8" }, { offset: 3, length: 4 }, { offset: 1e9 }]) {
  try { print(fs.read("priv/secret.txt", options)); } catch (error) { print(error.code); }
}
try { print(atob(fs.read("priv/secret.txt"))); } catch (error) { print(error.name, error.code); }
