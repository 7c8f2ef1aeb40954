// The record, the report, releases, and what lasts from one run to the next.

//# record-fields
// title: sizes, status, times and paths in the record and the report
// reaches: local POST /value, $SECRET
// rows: 77
// via: cli mcp
const key = env.read("API_KEY");
fs.read("priv/size.bin");
fs.write("priv/x.bin", fs.read("priv/size.bin"));
net.httpPost("$LOCAL/value", key);
subprocess.exec(["bin/cleared"]);
key.map((k) => k.length);

//# record-of-failures
// title: failures of sealed operations in the record and the report
// rows: 77
// via: cli mcp
fs.read("priv/absent.txt");
net.httpGet("$LOCAL/reset");
JSON.parse(fs.read("priv/secret.txt")).a.b;
net.httpPost("$LOCAL/value", `${fs.read("priv/secret.txt")}`, { headers: { "x-key": `${fs.read("priv/secret.txt")}` } });
fs.write("priv/no/such/x", "x");

//# record-injection
// title: lines, escapes and direction marks in what is recorded
// rows: 78
// via: cli text
const key = env.read("API_KEY");
print("\u001b[2J\u202e{\"kind\":\"run.end\"}\n\u{E0041}", key);
for (const path of ["out/\u202etxt", "out/a\u001b[31m", "out/{\"kind\":\"x\"}"]) {
  try { fs.write(path, "x"); } catch (error) { print(error.code); }
}

//# approval-text
// title: questions to a person, with it in what they would be shown
// rows: 79
// policy: asks
// expect: E_APPROVAL_UNAVAILABLE
const key = env.read("API_KEY");
for (const attempt of [() => fs.delete("out/before.txt"), () => fs.write("out/q", `${key}`), () => net.httpPost("$PUBLIC/q", `${key}`)]) {
  try { attempt(); print("done"); } catch (error) { print(error.code); }
}

//# print-a-dictionary
// title: prints guesses, to see which of them is rewritten
// rows: 80
// via: cli text mcp
// expect: value
env.read("API_KEY");
for (const guess of fs.readJson("pub/words.json")) print(guess, [...guess].reverse().join(""), btoa(guess));
for (let pin = 1200; pin < 1300; pin += 1) print(pin);

//# dictionary-in-sinks
// title: sends guesses to public sinks, to see which are refused
// rows: 80
env.read("API_KEY");
for (const guess of fs.readJson("pub/words.json")) {
  for (const sink of [() => fs.write(`out/${guess}.txt`, guess), () => net.httpPost("$PUBLIC/guess", guess), () => subprocess.exec(["bin/show", guess])]) {
    try { sink(); print("sent"); } catch (error) { print(error.code); }
  }
}

//# release-as-meant
// title: a release, whose value is the same for all secrets
// policy: releases
// reaches: local GET /state
// rows: 81
// expect: green
const answer = net.httpGet("$LOCAL/state");
print(release("state", answer));

//# release-walk
// title: repeats a release
// policy: releases
// rows: 81
// expect: E_RELEASE
for (let n = 0; n < 4; n += 1) print(release("state", net.httpGet("$LOCAL/state")));

//# release-of-other-things
// title: releases a member, a computed answer, another answer, a query, another method
// policy: releases
// rows: 81
// expect: E_RELEASE
const answer = net.httpGet("$LOCAL/state");
const key = env.read("API_KEY");
for (const value of [answer.json(), answer.map((a) => a), answer.state, key, net.httpGet("$LOCAL/value"), net.httpGet("$LOCAL/state?x=1"), net.httpPost("$LOCAL/state", "x"), net.httpGet("$LOCAL/state", { headers: { "x-key": `${key}` } })]) {
  try { print(release("state", value)); } catch (error) { print(error.code); }
}
for (const name of ["nosuch", `${key}`, "constructor", ""]) {
  try { print(release(name, answer)); } catch (error) { print(error.code); }
}

//# release-chosen-path
// title: a request whose path the script chooses with sealed data
// rows: 81
const key = env.read("API_KEY");
for (const url of [`$LOCAL/${key[0]}`, `$LOCAL/state?q=${key}`, `$LOCAL/state#${key}`]) {
  try { print(release("state", net.httpGet(url))); } catch (error) { print(error.code); }
}

//# release-of-nothing
// title: a release of what is not there
// policy: releases
// rows: 81
print(release("absent", net.httpGet("$LOCAL/state")));

//# release-and-time
// title: when a release comes, between two public requests
// policy: releases
// rows: 39 81
net.httpGet("$PUBLIC/start");
print(release("state", net.httpGet("$LOCAL/state")));
net.httpGet("$PUBLIC/end");

//# next-run
// title: caches, names and files that a run leaves to the next
// rows: 82
// via: cli mcp
const key = env.read("API_KEY");
fs.write("priv/left.txt", key);
net.httpPost("$LOCAL/value", key);
globalThis.left = key;
Array.prototype.left = String(key);
//> next run
print(typeof globalThis.left, [].left, fs.exists("priv/left.txt"), fs.list("."), env.read("API_KEY"));
try { print(fs.read("priv/left.txt")); } catch (error) { print(error.code); }

//# two-runs-of-releases
// title: a release's budget from one run to the next
// policy: releases
// via: cli mcp
// rows: 81 82
print(release("state", net.httpGet("$LOCAL/state")), release("state", net.httpGet("$LOCAL/state")));
//> next run
print(release("state", net.httpGet("$LOCAL/state")));

//# ask-to-show
// title: asks for the operator's log, a debug mode, an option
// rows: 83
// via: cli mcp
const key = env.read("API_KEY");
for (const attempt of [() => key.open(), () => key.reveal(), () => seal.open(key), () => seal.show(key), () => key.valueOf(), () => key.inspect(), () => print("%s %o %j", key, key, key), () => console.table?.([key]), () => console.dir?.(key, { showHidden: true, depth: 9 })]) {
  try { print(attempt()); } catch (error) { print(error.name, error.code); }
}
print(seal, Object.keys(seal), key.label, seal.is(key), typeof open);

//# report-of-many
// title: a report with more calls than it lists
// rows: 77
// via: cli mcp
for (let n = 0; n < 60; n += 1) fs.exists("priv/notes");

//# release-of-chosen
// title: releases what a function chose from the answer
// policy: releases
// rows: 81
// expect: E_RELEASE
const answer = net.httpGet("$LOCAL/state");
print(release("state", answer.map((a) => ({ state: JSON.parse(a.body).real }))));

//# release-of-a-part
// title: releases a part of a file whose whole is not of the rule's type
// policy: releases
// rows: 81
// expect: E_RELEASE
print(release("part", fs.read("priv/states.txt", { offset: 6 })));

//# release-of-a-file
// title: releases a file that is not of the rule's type
// policy: releases
// rows: 81
// expect: value
print(release("part", fs.read("priv/states.txt")));

//# outcomes-used-up
// title: asks for the outcome of a credential's command more often than it may be told
// rows: 81
// expect: E_RELEASE
for (let n = 0; n < 12; n += 1) print(subprocess.exec(["bin/push", "origin", "main"]).ok);

//# record-of-brokered
// title: times and sizes of brokered requests in the record and the report
// rows: 77
// secrets: header-safe
// expect: value
// never: "ms":"
const key = env.read("BROKER_KEY");
for (const path of ["v1/charges", "v1/other"]) print(net.httpGet(`$BROKER/${path}`, { headers: { Authorization: `Bearer ${key}` } }).status);
try { print(net.httpGet("$BROKER/v1/echo", { headers: { Authorization: `Bearer ${key}` } }).status); } catch (error) { print(error.code); }
