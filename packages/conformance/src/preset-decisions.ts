/**
 * What every preset answers to the same requests, as a page: a change of a preset is then read as a change of decisions.
 * Independent of the machine: root and home are names, and commands are decided by the names that are typed.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import {
  argumentPaths,
  type CanonicalRequest,
  type Decision,
  loadPreset,
  Policy,
  type PolicyWorld,
  readCall,
  requestOf,
} from "@agent-run/policy";

export const UPDATE = "npm run presets:decisions";

const ROOT = "/work/project";
const HOME = "/home/me";

/** By what they are about; each as `agent-run policy explain` takes it. */
const REQUESTS: Readonly<Record<string, readonly string[]>> = {
  "Files of the project": [
    ...[
      "fs.read src/a.ts",
      "fs.read tests/a.py",
      "fs.read README.md",
      "fs.read package.json",
      "fs.read .github/workflows/ci.yml",
    ],
    ...[
      "fs.read node_modules/x/index.js",
      "fs.read target/debug/x",
      "fs.write src/a.ts",
      "fs.write tests/test_a.py",
      "fs.write lib/a.rb",
    ],
    ...[
      "fs.write cmd/x/main.go",
      "fs.write docs/a.md",
      "fs.write README.md",
      "fs.write package.json",
      "fs.write pyproject.toml",
    ],
    ...[
      "fs.write Cargo.toml",
      "fs.write new.txt",
      "fs.write build/x",
      "fs.write target/x",
      "fs.write out/report.md bytes=10",
    ],
    ...[
      "fs.write .github/workflows/ci.yml",
      "fs.write .husky/pre-commit",
      "fs.write Dockerfile",
      "fs.write node_modules/x/index.js",
    ],
    ...[
      "fs.write .venv/bin/python",
      "fs.delete src/a.ts",
      "fs.delete build/x",
      "fs.delete target/x",
      "fs.delete .",
      "fs.delete tests",
    ],
  ],
  "Secrets and settings": [
    ...[
      "fs.read .env",
      "fs.read .env.local",
      "fs.write .env",
      "fs.read secrets/db.txt",
      "fs.read config/credentials.yml.enc",
    ],
    ...[
      "fs.read config/production.yml",
      "fs.read appsettings.Staging.json",
      "fs.read environments/prod/main.tf",
      "fs.read terraform.tfstate",
    ],
    ...[
      "fs.read server.key",
      "fs.read .npmrc",
      "fs.read ~/.ssh/id_ed25519",
      "fs.read ~/.aws/credentials",
      "fs.read ~/.npmrc",
    ],
    ...["fs.read ~/.cargo/credentials.toml", "fs.read ~/.bash_history"],
  ],
  "Out of bounds": [
    ...[
      "fs.read .git/HEAD",
      "fs.write .git/hooks/pre-commit",
      "fs.delete .git",
      "fs.read agent-run.toml",
      "fs.write agent-run.toml",
    ],
    ...[
      "fs.write .claude/settings.json",
      "fs.write .vscode/tasks.json",
      "fs.read /etc/passwd",
      "fs.read /etc/hostname",
      "fs.write /etc/cron.d/x",
    ],
    ...[
      "fs.read /proc/self/environ",
      "fs.read /dev/mem",
      "fs.read ../other/a.ts",
      "fs.read ~/notes.txt",
      "fs.write ~/.bashrc",
      "fs.write /tmp/x",
    ],
  ],
  Network: [
    ...[
      "net.http_get https://docs.python.org/3/",
      "net.http_get https://docs.rs/serde",
      "net.http_get https://example.com/",
    ],
    ...[
      "net.http_get http://docs.python.org/3/",
      "net.http_get https://docs.python.org.example.com/",
      "net.http_get https://www.w3.org/services/x",
    ],
    ...[
      "net.http_post https://docs.python.org/3/",
      "net.http_put https://example.com/x",
      "net.http_delete https://example.com/x",
    ],
    ...[
      "net.http_get https://packages.example.com/x",
      "net.http_get http://localhost:8080/",
      "net.http_get http://127.0.0.1:80/",
    ],
    ...[
      "net.http_get http://10.0.0.1/",
      "net.http_get http://[::1]/",
      "net.http_get http://169.254.169.254/latest/meta-data/",
    ],
    ...["net.http_get http://metadata.google.internal/", "net.http_get http://2130706433/"],
  ],
  Environment: [
    ...[
      "env.read LANG",
      "env.read TZ",
      "env.read PATH",
      "env.read HOME",
      "env.read CI",
      "env.read NODE_ENV",
      "env.read CARGO_HOME",
    ],
    ...[
      "env.read JAVA_HOME",
      "env.read GITHUB_TOKEN",
      "env.read AWS_SECRET_ACCESS_KEY",
      "env.read DATABASE_URL",
      "env.read LD_PRELOAD",
    ],
  ],
  "Commands that look": [
    ...[
      "subprocess.exec git status",
      "subprocess.exec git log --grep push",
      "subprocess.exec git diff HEAD~1",
      "subprocess.exec rg push",
    ],
    ...[
      "subprocess.exec rg x /etc/shadow",
      "subprocess.exec git diff --no-index /etc/passwd x",
      "subprocess.exec rg --pre sh x",
    ],
    ...[
      "subprocess.exec git -c core.pager=x log",
      "subprocess.exec cat README.md",
      "subprocess.exec ls",
      "subprocess.exec env",
    ],
  ],
  "Commands that change": [
    ...[
      "subprocess.exec git commit -m x",
      "subprocess.exec git switch -c x",
      "subprocess.exec git branch -d x",
      "subprocess.exec git rebase main",
    ],
    ...[
      "subprocess.exec git push",
      "subprocess.exec git push -uf origin main",
      "subprocess.exec git push origin +main",
      "subprocess.exec git push origin :x",
    ],
    ...[
      "subprocess.exec git reset --hard",
      "subprocess.exec git checkout -- .",
      "subprocess.exec git clean -fdx",
      "subprocess.exec git branch -D x",
    ],
    ...[
      "subprocess.exec git stash drop",
      "subprocess.exec git reflog expire --all",
      "subprocess.exec git tag -d v1",
      "subprocess.exec rm -rf .",
    ],
  ],
  Toolchains: [
    ...[
      "subprocess.exec python app.py",
      "subprocess.exec python -c x",
      "subprocess.exec pytest",
      "subprocess.exec uv publish",
    ],
    ...[
      "subprocess.exec node app.js",
      "subprocess.exec node -e x",
      "subprocess.exec npm test",
      "subprocess.exec npm publish",
    ],
    ...[
      "subprocess.exec npx git push -f",
      "subprocess.exec ruby app.rb",
      "subprocess.exec ruby -e x",
      "subprocess.exec bundle exec rspec",
    ],
    ...[
      "subprocess.exec gem push x.gem",
      "subprocess.exec cargo test",
      "subprocess.exec cargo publish",
      "subprocess.exec cargo --config a=b build",
    ],
    ...[
      "subprocess.exec go test ./...",
      "subprocess.exec go run x.com/y@latest",
      "subprocess.exec mvn verify",
      "subprocess.exec mvn deploy",
    ],
    ...[
      "subprocess.exec ./gradlew build",
      "subprocess.exec ./gradlew publish",
      "subprocess.exec dotnet build",
      "subprocess.exec dotnet nuget push x",
    ],
    ...[
      "subprocess.exec docker push x",
      "subprocess.exec bash -c x",
      "subprocess.exec curl https://example.com",
      "subprocess.exec sudo x",
    ],
  ],
};

const ORDER = ["secure-defaults", "guardrails", "read-only", "workspace", "web-read"];

/** The page. `presets`: name to text. */
export function presetDecisions(presets: ReadonlyMap<string, string>): string {
  const names = [...presets.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const answers = new Map(names.map((name) => [name, answersOf(policyOf(name, presets))]));
  const parts = Object.entries(REQUESTS).flatMap(([title, calls]) => [
    `\n## ${title}\n`,
    row(["", ...names]),
    row(["---", ...names.map(() => "---")]),
    ...calls.map((call) => row([code(call), ...names.map((name) => verdict(answers.get(name)?.get(call)))])),
  ]);
  return `${HEAD}${parts.join("\n")}\n\n# Which rule decides\n${names.map((name) => ruleTable(name, answers.get(name))).join("")}`;
}

const HEAD = `# Decisions of the presets

Written by \`${UPDATE}\`; a test holds it against the code. The root is \`${ROOT}\`, the home \`${HOME}\`. Commands are decided by name and
words, and the paths among their words as reads; whether a command is installed, and whether a jail works, is not asked. A run protects its
own policy and record besides. An empty cell is a denial; a request that is missing in the second part is denied since nothing grants it (\`default\`).
`;

const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** By request. */
type Answers = ReadonlyMap<string, Decision>;

const answersOf = (policy: Policy): Answers =>
  new Map(
    Object.values(REQUESTS)
      .flat()
      .map((call) => [call, ask(policy, call)]),
  );

function ruleTable(name: string, answers: Answers = new Map()): string {
  const rows = [...answers].flatMap(([call, { effect, rule }]) => {
    const file = rule.file === undefined || rule.file === `preset:${name}` ? "" : ` of \`${rule.file.slice(7)}\``;
    return rule.id === "default" ? [] : [row([code(call), effect, `${code(rule.id)}${file}`])];
  });
  return `\n## ${name}\n\n${[row(["request", "verdict", "rule"]), row(["---", "---", "---"]), ...rows].join("\n")}\n`;
}

const verdict = (decision: Decision | undefined): string =>
  decision === undefined || decision.effect === "deny" ? "" : decision.effect;
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

function policyOf(name: string, presets: ReadonlyMap<string, string>): Policy {
  const world: PolicyWorld = {
    readText: () => ({ ok: false, reason: "there are no files" }),
    realPath: (path) => path,
    homes: [HOME],
    presets,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
  };
  const loaded = loadPreset(name, world, { root: ROOT });
  if (!loaded.ok) throw new Error(`${name}: ${loaded.problems[0]?.message}`);
  return Policy.revive(loaded.data);
}

function ask(policy: Policy, text: string): Decision {
  const call = readCall(text);
  if (!call.ok) throw new Error(`\`${text}\` is no call`);
  const request = requestOf(call.value, policy.data, { home: HOME });
  if (!request.ok) throw new Error(`${text}: ${request.failure.message}`);
  return policy.decide(withArgumentPaths(request.value));
}

/** As a run does it before it looks at the disk. */
function withArgumentPaths(request: CanonicalRequest): CanonicalRequest {
  if (request.on !== "subprocess.exec") return request;
  const words = Array.isArray(request.attrs.argv) ? request.attrs.argv.map(String) : [];
  const paths = argumentPaths(words).flatMap(({ text, certain }) => (certain ? [posix.resolve(ROOT, text)] : []));
  const reads = paths.map((value) => ({ on: "fs.read", role: "read", kind: "path", value }) as const);
  return { ...request, targets: [...request.targets, ...reads] };
}
