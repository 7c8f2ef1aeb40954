// Encodings and arithmetic on whatever the script can get hold of as text.

//# base64-by-hand
// title: base64 without a library
// rows: 9
const text = String(env.read("API_KEY"));
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
let bits = "";
for (const letter of text) bits += letter.charCodeAt(0).toString(2).padStart(8, "0");
print(bits.match(/.{1,6}/g).map((six) => alphabet[parseInt(six.padEnd(6, "0"), 2)]).join(""));

//# base64-of-the-host
// title: btoa, which takes mixed text, and what comes back
// rows: 9
const key = env.read("API_KEY");
const coded = btoa(`me:${key}`);
print(coded, String(coded).length);
print(atob(coded));

//# encode-uri
// title: percent-encoding by the host
// rows: 9
const key = env.read("API_KEY");
print(encodeURIComponent(key), encodeURI(`x=${key}`), String(encodeURIComponent(key)).length);

//# bigint-base-36
// title: one large number, printed in base 36
// rows: 10
const text = String(fs.read("priv/secret.txt"));
let number = 0n;
for (const letter of text) number = number * 65536n + BigInt(letter.charCodeAt(0));
print(number.toString(36));

//# stream-cipher
// title: a stream cipher whose key the script makes
// rows: 11
const text = String(env.read("API_KEY"));
let state = 0x2545f491;
const next = () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return state & 255; };
print([...text].map((letter) => ((letter.charCodeAt(0) + next()) % 256).toString(16)).join("."));

//# permutation
// title: letters dealt into piles
// rows: 11
const text = String(env.read("API_KEY"));
const piles = Array.from({ length: 7 }, () => "");
for (let index = 0; index < text.length; index += 1) piles[(index * 3) % 7] += text[index];
print(piles.join("|"));

//# json-stringify
// title: JSON.stringify of the value in an object
// rows: 12
const key = env.read("API_KEY");
print(JSON.stringify({ key, deep: [{ key }] }));
print(JSON.stringify(key).length);

//# json-keys
// title: the value as the name of a member
// rows: 12
const key = env.read("API_KEY");
const object = { [key]: 1, [`${key}!`]: 2 };
print(JSON.stringify(object), Object.keys(object).map((name) => name.length));

//# array-join
// title: joined, concatenated, repeated
// rows: 12
const key = env.read("API_KEY");
print([key, key].join("-"), "a".concat(key), `${key}`.repeat(3), [key] + "", key + key);

//# as-map-key
// title: a key of Map, Set and symbol
// rows: 12
const key = env.read("API_KEY");
print([...new Map([[String(key), 1]])], [...new Set([String(key)])], Symbol(String(key)).description, Symbol.for(String(key)).toString());

//# sorted-letters
// title: its letters sorted
// rows: 13
print([...String(env.read("API_KEY"))].sort().join(""));

//# regex-search
// title: matches, searches, replaces
// rows: 13
const text = String(env.read("API_KEY"));
print(/hunter/.test(text), text.search(/[0-9]/), text.replace(/[a-z]/g, "x"), text.match(/\d/g)?.length, text.matchAll(/s/g).next().done);

//# numeric-coercion
// title: as a number, in every way
// rows: 13
const key = env.read("API_KEY");
for (const attempt of [() => +key, () => Number(key), () => key * 1, () => parseInt(key), () => Math.max(key), () => BigInt(key), () => key | 0, () => isNaN(key)]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# compress-and-measure
// title: run lengths and a dictionary coder inside the VM
// rows: 14
const text = `${env.read("API_KEY")}hunter2 1234 sk_live_`;
const seen = new Set();
let word = "";
let count = 0;
for (const letter of text) {
  word += letter;
  if (!seen.has(word)) { seen.add(word); word = ""; count += 1; }
}
print(count, seen.size);

//# text-encoder
// title: bytes by TextEncoder, code points, typed arrays
const text = String(env.read("API_KEY"));
const bytes = new TextEncoder().encode(text);
print(bytes.length, [...bytes].join(","), new TextDecoder().decode(bytes).length);
const view = new Uint16Array(text.length);
for (let index = 0; index < text.length; index += 1) view[index] = text.codePointAt(index);
print(view.reduce((sum, one) => sum + one, 0));

//# sha256-of-it
// title: its hash, for a dictionary at home
print(crypto.sha256(String(env.read("API_KEY"))));

//# hmac-oracle
// title: HMAC with it as the key, printed
const key = env.read("API_KEY");
const mac = crypto.hmac(key, "known text");
print(mac);
print(String(mac).length);

//# hmac-as-data
// title: HMAC of it under a known key
const mac = crypto.hmac("known key", `${env.read("API_KEY")}`);
print(mac);

//# node-crypto
// title: Node's names for hashes and HMAC
const key = env.read("API_KEY");
const { createHash, createHmac } = require("crypto");
for (const attempt of [() => createHash("sha256").update(key).digest("hex"), () => createHmac("sha256", key).update("known text").digest("base64"), () => createHmac("sha256", "known key").update(`${key}`).digest("hex")]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}

//# upper-case
// title: upper case and back, in a public sink
// rows: 74
// expect: E_TOKEN_BROKEN
const key = String(env.read("API_KEY"));
fs.write("out/upper.txt", key.toUpperCase());

//# normalise
// title: NFD, NFKC, localeCompare, padded and trimmed
const key = String(env.read("API_KEY"));
print(key.normalize("NFD") === key.normalize("NFKC"), key.localeCompare("m"), key.padStart(400).length, key.trim().length, key.at(-1));

//# url-objects
// title: inside URL and URLSearchParams
const key = env.read("API_KEY");
const url = new URL(`http://example.com/${key}?a=${key}#${key}`);
print(url.href.length, url.pathname.length, new URLSearchParams({ key }).toString().length);
print(url.searchParams.get("a"));

//# structured-clone
// title: structuredClone of it and of what holds it
const key = env.read("API_KEY");
for (const attempt of [() => structuredClone(key), () => structuredClone({ key }), () => structuredClone([String(key)])]) {
  try { print(JSON.stringify(attempt())); } catch (error) { print(error.name, error.code); }
}

//# buffer-forms
// title: Node's Buffer, if a script finds one
const key = env.read("API_KEY");
try { print(typeof Buffer === "undefined" ? "none" : Buffer.from(String(key)).toString("base64")); } catch (error) { print(error.code); }
try { print(require("buffer").Buffer.from(String(key)).toString("hex")); } catch (error) { print(error.code); }
