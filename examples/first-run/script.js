// Reads this repository, asks a local server, runs git, reads a variable, writes a report, and is refused a secret.
const manifest = fs.readJson("package.json");
const packages = fs.list("packages").filter((entry) => entry.type === "directory");
print(`${manifest.name} ${manifest.version}: ${packages.length} packages`);

const status = net.httpGet(`${args[0]}/status`).json();
print(`the server says: ${status.state}`);

const log = subprocess.exec(["git", "log", "-n", "3", "--format=%h %s"], { check: true });
const commits = log.stdout.trim().split("\n");
print(`last commits:\n  ${commits.join("\n  ")}`);

const who = env.read("USER") ?? "somebody";

let refused = null;
try {
  fs.read("examples/first-run/.env");
} catch (error) {
  refused = { code: error.code, rule: error.rule.id };
  print(`refused: ${error.message}`);
}

const report = { for: who, packages: packages.map(({ name }) => name), status, commits: commits.length, refused };
const { bytes } = fs.write("examples/first-run/out/report.json", JSON.stringify(report, null, 2), { createParents: true });
print(`wrote ${bytes} bytes`);
return report;
