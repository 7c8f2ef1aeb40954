// Commands in the jail; only where one works.

//# jailed-look
// title: a public command looks at private files, other processes, the record
// rows: 70
// policy: jailed
// expect: told
env.read("API_KEY");
print(subprocess.exec(["bin/tell"]).stdout);
print(subprocess.exec(["bin/look"]).stdout);

//# jailed-look-after
// title: the same after a cleared command has made private files
// rows: 70 52
// policy: jailed
// expect: told
subprocess.exec(["bin/cleared"]);
fs.write("priv/left.txt", env.read("API_KEY"));
print(subprocess.exec(["bin/tell"]).stdout);

//# jailed-hard-link
// title: a public command makes links to a private file
// rows: 50
// policy: jailed
for (const kind of ["soft", "hard"]) {
  print(subprocess.exec(["bin/link", kind]).exitCode);
  for (const attempt of [() => fs.read(`out/${kind}.txt`), () => fs.stat(`out/${kind}.txt`), () => fs.list("out")]) {
    try { print(attempt()); } catch (error) { print(error.code); }
  }
}

//# jailed-cleared
// title: a cleared command writes to public places
// rows: 52
// policy: jailed
// reaches: local POST /echo
const result = subprocess.exec(["bin/cleared"]);
net.httpPost("$LOCAL/echo", `${result.exitCode}`);
print(result.exitCode, fs.list("out"));

//# jailed-push
// title: a push from a repository whose hooks and settings would pass the credential on
// rows: 72
// policy: jailed
// setup: bad-repository
// reaches: broker POST /git/repository.git/git-receive-pack
const result = subprocess.exec(["git", "push", "origin", "main"]);
print(result.ok, result.stdout, result.exitCode);
print(fs.list("out"));

//# jailed-push-elsewhere
// title: other remotes and options for the push with a credential
// rows: 72
// policy: jailed
// setup: bad-repository
for (const argv of [["git", "push", "https://localhost:1/x.git", "main"], ["git", "push", "origin", "--receive-pack=env"], ["git", "-c", "core.hooksPath=out", "push", "origin", "main"], ["git", "push", "origin", "+main"], ["git", "fetch", "origin"]]) {
  try { print(subprocess.exec(argv)); } catch (error) { print(error.code); }
}
