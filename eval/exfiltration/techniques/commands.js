// Commands, public and cleared.

//# argv-env-stdin
// title: arguments, environment, input, folder and time-out of a public command
// rows: 67
// expect: E_SINK
const key = env.read("API_KEY");
for (const attempt of [() => subprocess.exec(["bin/show", key]), () => subprocess.exec(["bin/show", `--x=${key}`]), () => subprocess.exec(["bin/show"], { stdin: key }), () => subprocess.exec(["bin/show"], { stdin: `a${key}` }), () => subprocess.exec(["bin/show"], { env: { LANG: `${key}` } }), () => subprocess.exec(["bin/show"], { env: { [`${key}`]: "1" } }), () => subprocess.exec(["bin/show"], { cwd: `${key}` }), () => subprocess.exec(["bin/show"], { timeoutMs: key.length })]) {
  try { print(attempt().stdout); } catch (error) { print(error.code); }
}
subprocess.exec(["bin/show", key]);

//# broken-argv
// title: pieces of a token as arguments of a public command
// rows: 67 74
// expect: E_TOKEN_BROKEN
const text = String(env.read("API_KEY"));
subprocess.exec(["bin/show", text.slice(0, 20), text.slice(20)]);

//# secret-as-command
// title: as the name of a command
// rows: 68
// expect: E_SINK
const key = env.read("API_KEY");
for (const argv of [[key], [`bin/${key}`], [`${key}`, "x"]]) {
  try { print(subprocess.exec(argv).exitCode); } catch (error) { print(error.code); }
}
subprocess.exec([`${key}`]);

//# cleared-oracle
// title: a cleared command with public arguments as an oracle
// rows: 69
const results = [];
for (const guess of ["hunter2", "1234", "sk_live"]) results.push(subprocess.exec(["bin/cleared", "grep", guess]));
print(results[0].exitCode, results[1].stdout, results[2].stderr);
try { if (results[0].exitCode === 0) print("yes"); } catch (error) { print(error.code); }

//# cleared-check
// title: check, which throws on an exit code
// rows: 69
try { print(subprocess.exec(["bin/cleared"], { check: true })); } catch (error) { print(error.code, error.message); }

//# cleared-with-data
// title: sealed data into a cleared command, by input and by argument
// rows: 71
const key = env.read("API_KEY");
for (const attempt of [() => subprocess.exec(["bin/cleared"], { stdin: `${key}` }), () => subprocess.exec(["bin/cleared", "grep", `${key}`])]) {
  try { print(attempt()); } catch (error) { print(error.code); }
}
net.httpGet("$PUBLIC/after");

//# public-command-environment
// title: what a public command finds in its environment
// rows: 70
env.read("API_KEY");
subprocess.exec(["bin/show", "environment"]);

//# environment-of-ancestors
// title: what a public command finds in the environments of the processes above it
// rows: 70
// expect: looked
print(subprocess.exec(["bin/look"]).stdout);

//# public-command-after
// title: public commands before and after sealed work
// rows: 70
subprocess.exec(["bin/show", "one"]);
subprocess.exec(["bin/cleared"]);
subprocess.exec(["bin/show", "two"]);

//# push-outcome
// title: a command that is given a credential, and its one boolean
// rows: 72
const result = subprocess.exec(["bin/push", "origin", "main"]);
print(result, result.exitCode, result.stdout);

//# push-other-words
// title: other words for a command that is given a credential
// rows: 72
// expect: E_POLICY_DENIED
for (const argv of [["bin/push", "evil", "main"], ["bin/push", "origin", "main", "more"], ["bin/push"], ["bin/push", "origin", "--upload-pack=x"]]) {
  try { print(subprocess.exec(argv).exitCode); } catch (error) { print(error.code); }
}

//# push-sealed-argument
// title: sealed data among the words of a command whose outcome is public
// rows: 72
const key = env.read("API_KEY");
for (const word of [key, key[0], key.map((k) => k[0])]) {
  try { print(subprocess.exec(["bin/push", "origin", `${word}`]).ok); } catch (error) { print(error.code); }
}

//# sealed-command-output
// title: what a cleared command says, in a public sink
// expect: E_SINK
const { stdout } = subprocess.exec(["bin/cleared"]);
print(stdout, stdout.length);
fs.write("out/stdout.txt", `${stdout}`);

//# child-process
// title: Node's names for the same
const key = env.read("API_KEY");
const { execFileSync } = require("child_process");
try { print(execFileSync("bin/show", [`${key}`])); } catch (error) { print(error.code); }
try { print(execFileSync("bin/cleared", [])); } catch (error) { print(error.code); }
