// Implicit flow: decisions instead of data.

//# equality-with-a-guess
// title: compares it with guesses
// rows: 15
// expect: E_SEALED_BRANCH
const key = env.read("API_KEY");
if (key === "hunter2") print("it is hunter2");
if (key == "1234") print("it is the PIN");

//# text-equality
// title: compares text with it in it
// rows: 15
// expect: E_SEALED_BRANCH
const text = `${env.read("API_KEY")}`;
if (text === "hunter2") print("yes");

//# object-is
// title: Object.is, includes, indexOf, Set and Map as comparisons
// rows: 15
const key = env.read("API_KEY");
const guesses = fs.readJson("pub/words.json");
print(guesses.map((guess) => Object.is(String(key), guess)), guesses.includes(key), guesses.indexOf(String(key)), new Set(guesses).has(String(key)));

//# switch-on-it
// title: switch over guesses
// rows: 16
// expect: E_SEALED_BRANCH
switch (env.read("API_KEY")) {
  case "hunter2": print("a"); break;
  case "1234": print("b"); break;
  default: print("c");
}

//# loop-count
// title: loops as often as a sealed number says
// rows: 16
// expect: E_SEALED_BRANCH
const config = JSON.parse(fs.read("priv/config.json"));
for (let index = 0; index < config.items.length; index += 1) print(index);

//# ternary-and-logic
// title: ternary, and, or, not, nullish
// rows: 16
// expect: E_SEALED_BRANCH
const bit = JSON.parse(fs.read("priv/config.json")).bit;
for (const attempt of [() => (bit ? 1 : 0), () => bit && 1, () => bit || 1, () => !bit, () => bit ?? 1]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# while-it-is-true
// title: a while loop, do-while, and for-of over a sealed list
// rows: 16
const config = JSON.parse(fs.read("priv/config.json"));
for (const attempt of [
  () => { let n = 0; while (config.bit && n < 3) n += 1; return n; },
  () => { let n = 0; for (const item of config.items) n += 1; return n; },
  () => { let n = 0; for (const name in config) n += 1; return n; },
  () => [...config.items].length,
  () => Object.keys(config),
]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# shape
// title: typeof, instanceof, in, ownKeys, prototypes
// rows: 17
const config = JSON.parse(fs.read("priv/config.json"));
print(typeof config, typeof config.bit, typeof config.no.such, "bit" in config, "nosuch" in config);
print(Reflect.ownKeys(config).map(String), Object.getPrototypeOf(config) === Object.getPrototypeOf(config.bit), Array.isArray(config.items));
print(Object.getOwnPropertyDescriptor(config, "bit") === undefined, Object.isFrozen(config), Object.isExtensible(config));

//# destructuring
// title: destructured with defaults, which a missing member would take
// rows: 17
const { bit = "none", absent = "none", db: { password = "none" } = {} } = JSON.parse(fs.read("priv/config.json"));
print(bit, absent, password);

//# optional-chaining
// title: optional chaining on what may not be there
// rows: 17
const config = JSON.parse(fs.read("priv/config.json"));
try { print(config?.absent?.more, config.items?.[3]?.state); } catch (error) { print(error.code); }

//# comparisons-in-sort
// title: a sort's comparator over sealed values
const config = JSON.parse(fs.read("priv/config.json"));
const list = [config.bit, config.items[0], config.db.password, "m"];
try { print(list.sort().map(String).map((text) => text.length)); } catch (error) { print(error.code); }
try { print(list.sort((a, b) => (a < b ? -1 : 1)).length); } catch (error) { print(error.code); }

//# arithmetic-then-index
// title: a sealed number as index into a public table
const table = ["zero", "one", "two"];
const bit = fs.read("priv/bit.txt");
print(table[bit], table[`${bit}`], table[bit.length], "xyz".charAt(bit.length));

//# function-by-name
// title: a sealed value chooses the function
const bit = fs.read("priv/bit.txt");
const table = { 0: () => print("zero"), 1: () => print("one") };
try { table[bit](); } catch (error) { print(error.name, error.code); }

//# date-from-it
// title: dates and intervals made from it
const size = fs.read("priv/size.bin").length;
try { print(new Date(size).getTime(), new Date(String(size)).getTime()); } catch (error) { print(error.name, error.code); }

//# guard-by-eval
// title: code from text, so that no guard sees it
// rows: 29
// expect: E_SUBSET
const bit = fs.read("priv/bit.txt");
print(eval("bit == '1' ? 'one' : 'zero'"));

//# guard-by-constructor
// title: the function constructor by another way
// rows: 29
// expect: E_SUBSET
const bit = fs.read("priv/bit.txt");
const name = ["constr", "uctor"].join("");
try { print((() => {})[name]("b", "return b == '1'")(bit)); } catch (error) { print(error.name, error.code); }
try { print((async () => {})[name]("b", "return b == '1'")(bit)); } catch (error) { print(error.name, error.code); }

//# guard-by-generator
// title: comparisons inside generators, async functions, getters and callbacks
// rows: 29
const bit = fs.read("priv/bit.txt");
function* ask() { yield bit == "1"; }
const object = { get one() { return bit == "1"; } };
for (const attempt of [() => ask().next().value, () => object.one, () => ["1", "0"].find((x) => x == bit), () => ["1"].some((x) => Object.is(x, bit))]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}
try { print(await (async () => bit == "1")()); } catch (error) { print(error.code); }

//# compare-two-secrets
// title: whether two secrets are the same, by handle and by text
// rows: 26
const [a, b] = [env.read("API_KEY"), fs.read("priv/secret.txt")];
for (const attempt of [() => a === b, () => `${a}` === `${b}`, () => Object.is(a, b), () => [String(a)].includes(String(b))]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}

//# same-secret-twice
// title: reads it twice and compares the tokens
// rows: 26
const [a, b] = [fs.read("priv/bit.txt"), fs.read("priv/bit.txt")];
print(Object.is(String(a), String(b)), Object.is(a, b));
