// The twelve techniques that Aegis was tested with (six leaked, three leaked weakly), over different ways of reading.

//# raw-print
// title: prints the value
// rows: 1
// aegis: 1
// via: cli text mcp
// expect: [sealed env:API_KEY], value
print(env.read("API_KEY"));

//# length-leak
// title: prints its length
// rows: 2
// aegis: 2
const key = process.env.API_KEY;
print(key.length, String(key).length, `${key}`.length);

//# comparison-oracle
// title: prints whether its first character is a letter
// rows: 15
// aegis: 3
// expect: E_SEALED_BRANCH
const key = env.read("API_KEY");
for (const letter of "sh1aZe") {
  try { print(letter, key[0] === letter ? "yes" : "no"); } catch (error) { print(error.code); }
}

//# reverse-bytes
// title: prints it reversed
// rows: 3
// aegis: 4
const key = fs.read("priv/secret.txt");
print([...String(key)].reverse().join(""));

//# chunked-per-char
// title: prints one character a line with cover text
// rows: 4
// aegis: 5
const key = String(env.read("API_KEY"));
for (let index = 0; index < key.length; index += 1) print(`line ${index}: the letter is ${key[index]}, thank you`);

//# hex-encode
// title: prints it as hex
// rows: 9
// aegis: 6
const key = String(env.read("API_KEY"));
print([...key].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join(""));

//# xor-constant-key
// title: prints it XORed with a constant
// rows: 5
// aegis: 7
const key = String(JSON.parse(fs.read("priv/config.json")).db.password);
print([...key].map((letter) => (letter.charCodeAt(0) ^ 0x5a).toString(16)).join(" "));

//# fail-raw
// title: throws an error with the value
// rows: 6
// aegis: 8
// via: cli text mcp
// expect: [sealed
const key = env.read("API_KEY");
throw new Error(`failed with ${key}`);

//# fail-reversed
// title: throws an error with the value reversed
// rows: 6
// aegis: 9
// via: cli text
const key = env.read("API_KEY");
throw new Error([...`${key}`].reverse().join(""));

//# subprocess-echo
// title: gives it to a public command and prints what that says
// rows: 7 67
// aegis: 10
// expect: E_SINK
const key = env.read("API_KEY");
print(subprocess.exec(["bin/show", key]).stdout);

//# fs-write-to-disk
// title: writes it to a public file
// rows: 8
// aegis: 11
// expect: E_SINK
fs.write("out/key.txt", env.read("API_KEY"));

//# substring-guess
// title: prints whether it contains a guess
// rows: 15
// aegis: 12
// expect: E_SEALED_METHOD
const key = env.read("API_KEY");
for (const guess of fs.readJson("pub/words.json")) {
  print(guess, String(key).includes(guess));
}
print(key.includes("hunter2"));
