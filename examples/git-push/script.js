const push = subprocess.exec(["git", "push", "origin", "main"]);
print(push.ok ? "pushed" : "not pushed");
print(`git said: ${push.stderr}`);

const other = subprocess.exec(["git", "push", "origin", "no-such-branch"]);
print(other.ok ? "pushed" : "not pushed");
