/**
 * Command lines against the presets of toolchains: what loses work, publishes, or carries code in its words is refused in
 * every spelling, and what people type all day is not. (A table, so longer than other files.)
 */
import { describe, expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import { directoryWith, diskWorld } from "./testing/disk-world.ts";

const ROOT = directoryWith({});

const TOOLCHAINS = ["python", "node", "ruby", "rust", "go", "java", "dotnet"] as const;
type Toolchain = (typeof TOOLCHAINS)[number];

/** Granted beside the toolchain, as an operator could: the denials are there before the grant is. */
const GRANTED = [
  ...["docker", "podman", "skopeo", "helm", "gh", "glab", "twine", "flit", "pdm", "goreleaser", "sbt", "deno", "jsr"],
  ...["lerna", "nuget", "git-filter-repo", "git-lfs", "semantic-release", "vsce", "uvx", "bunx", "pipx"],
];

const policies = new Map(
  TOOLCHAINS.map((name) => {
    const text = `version = 1\ninherits = ["${name}"]\n[subprocess]\nallow_commands = ${JSON.stringify(GRANTED)}\n`;
    const loaded = loadPolicyText(text, { path: "-" }, diskWorld(), { root: ROOT });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return [name, Policy.revive(loaded.data)] as const;
  }),
);

/** `allow`, or the rule that refuses. Words are parted by spaces; `'a b'` is one. */
function answer(toolchain: Toolchain, line: string): string {
  const argv = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const [command = ""] = argv;
  const on = "subprocess.exec";
  const targets = [{ on, role: "execute", kind: "command", value: command }] as const;
  const decision = policies.get(toolchain)?.decide({ v: 1, on, targets, attrs: { command, argv }, labels: [] });
  return decision?.effect === "allow" ? "allow" : (decision?.rule.id ?? "");
}

const REFUSED = /^(?:subprocess\.deny_args\.|subprocess\.deny_commands|builtin\.program_flags\.)/;

const DESTRUCTIVE_GIT = [
  // Pushes that rewrite or remove.
  ...["git push --force", "git push -f", "git push origin main --force", "git push --forc", "git push --fo origin"],
  ...["git push -uf origin main", "git push -fu origin main", "git push -qfu", "git push -4f", "git push -vf"],
  ...["git push --force-with-lease", "git push --force-with-lease=main:abc", "git push --force-w origin"],
  ...["git push --force-if-includes", "git push --force=yes", "git push origin +main", "git push origin +main:main"],
  ...["git push origin HEAD:x +main", "git push origin -- +main", "git push --mirror", "git push --mir origin"],
  ...["git push --delete origin x", "git push -d origin x", "git push -qd origin x", "git push origin :x"],
  ...["git push origin :refs/tags/v1", "git push --del origin x", "git push --prune origin", "git push --pru origin"],
  ...["git -C x push -f", "git -C push push --force", "git --no-pager push -f", "git -P push -f", "git --bare push -f"],
  ...["git --namespace n push -f", "git --namespace=n push +x", "git --literal-pathspecs push --force"],
  ...[
    "git --no-optional-locks -C a -C b push -f",
    "git --attr-source HEAD push -f",
    "git --no-replace-objects push -f",
  ],
  ...["git -c alias.x=push x -f", "git -c push.default=current push -f", "git --config-env=a=B push -f"],
  ...["git --git-dir=.git push -f", "git --git-dir .git push -f", "git --work-tree=. push --force"],
  ...["git --exec-path=x push -f", "git send-pack --force x", "git send-pack origin +main", "git send-pack --mirror x"],
  ...["git send-pack origin :x", "git http-push --force x", "git http-push x +main", "git subtree push -P x origin +m"],
  ...["git lfs push --force x", "/usr/bin/git push -f", "GIT push -f", "git push --signed --force", "git push -o a -f"],
  // Where pushes go.
  ...[
    "git remote add x y",
    "git remote -v add x y",
    "git remote set-url origin x",
    "git remote set-url --push origin x",
  ],
  ...["git remote rm origin", "git remote remove origin", "git remote rename a b"],
  // The work tree and the index.
  ...[
    "git reset --hard",
    "git reset --hard HEAD~3",
    "git reset HEAD~3 --hard",
    "git reset --har",
    "git reset -q --hard",
  ],
  ...["git -C x reset --hard", "git reset --merge", "git reset --me HEAD~1"],
  ...["git checkout .", "git checkout -- .", "git checkout -- a.ts", "git checkout a.ts", "git checkout HEAD~1 a.ts"],
  ...[
    "git checkout -f main",
    "git checkout --force",
    "git checkout -p",
    "git checkout --ours x",
    "git checkout -B main x",
  ],
  ...["git --no-pager checkout -- .", "git checkout-index -a -f", "git restore .", "git restore -s HEAD~1 a.ts"],
  ...[
    "git restore --staged --worktree .",
    "git restore -SW .",
    "git switch -f main",
    "git switch --discard-changes main",
  ],
  ...["git switch --disc main", "git switch --force main", "git switch -C main x", "git switch --force-create main x"],
  ...[
    "git switch -qf main",
    "git clean -f",
    "git clean -fd",
    "git clean -xdf",
    "git clean -dfx",
    "git clean --force -d",
  ],
  ...[
    "git clean -d --forc",
    "git clean -ffdx",
    "git clean -f -n",
    "git clean -i",
    "git clean -di",
    "git clean --inter",
  ],
  ...["git -C x clean -fdx", "git clean -e x -f", "git rm -f x", "git rm -rf .", "git rm --force x", "git mv -f a b"],
  ...[
    "git mv --force a b",
    "git read-tree -u --reset HEAD",
    "git apply --unsafe-paths x",
    "git stash drop",
    "git stash clear",
  ],
  ...["git stash drop stash@{1}", "git stash -q drop", "git worktree remove --force x", "git worktree remove -f x"],
  ...[
    "git worktree remove x -ff",
    "git worktree remove --for x",
    "git submodule deinit --all",
    "git submodule update -f",
  ],
  ...["git submodule update --init --force"],
  // Branches, tags, other names.
  ...["git branch -D x", "git branch -d -f x", "git branch -df x", "git branch -fd x", "git branch --delete --force x"],
  ...[
    "git branch --del --for x",
    "git branch -rD origin/x",
    "git branch -f main HEAD~3",
    "git branch --force main HEAD~3",
  ],
  ...[
    "git branch -M a b",
    "git branch -m -f a b",
    "git branch --move --force a b",
    "git branch -C a b",
    "git branch -c -f a b",
  ],
  ...[
    "git branch --copy --force a b",
    "git tag -d v1",
    "git tag --delete v1",
    "git tag -f v1",
    "git tag --force v1 HEAD",
  ],
  ...["git tag -fa v1 -m x", "git tag --del v1", "git fetch -f", "git fetch origin +main:main", "git fetch --force"],
  ...["git pull --force", "git pull -f", "git pull origin +main", "git update-ref -d refs/heads/x"],
  ...["git update-ref refs/heads/x HEAD", "git update-ref --stdin", "git symbolic-ref HEAD x", "git symbolic-ref -d x"],
  ...["git notes remove HEAD", "git notes prune", "git receive-pack ."],
  // The way back.
  ...["git reflog expire --expire=now --all", "git reflog delete HEAD@{0}", "git reflog drop x", "git gc --prune=now"],
  ...[
    "git gc --prune now",
    "git gc --aggressive --prune=all",
    "git gc --pru=now",
    "git prune",
    "git prune --expire=now",
  ],
  ...["git repack -d", "git repack -ad", "git repack -A", "git repack -adf", "git lfs prune", "git filter-branch -f"],
  ...["git filter-repo --path x", "git replace a b", "git fast-import", "git svn dcommit", "git rebase -x id main"],
  ...["git bisect run x", "git config alias.p push", "git difftool", "git submodule foreach x"],
  // Under another name.
  ...["git-filter-repo --path x", "git-filter-repo x", "git-lfs push origin", "git-lfs prune"],
  ...[
    "docker push x",
    "docker --context c image push x",
    "docker buildx build --push .",
    "docker login",
    "podman push x",
  ],
  ...["docker buildx build --output=type=registry .", "docker buildx build -o type=registry .", "skopeo copy a b"],
  ...["helm push x y", "gh release create v1", "gh pr merge 1", "gh repo delete x", "gh api x", "glab mr merge 1"],
  ...["semantic-release", "vsce publish", "goreleaser release --clean", "goreleaser --config x release"],
];

const DESTRUCTIVE: Readonly<Record<Toolchain, readonly string[]>> = {
  python: [
    ...["twine upload dist/x", "twine --no-color upload x", "python -m twine upload x", "python3 -mtwine upload x"],
    ...[
      "uv publish",
      "uv --quiet publish",
      "uv run twine upload x",
      "uvx twine upload x",
      "uv tool run twine upload x",
    ],
    ...["poetry publish", "poetry publish --build", "poetry -C x publish", "poetry run twine upload x", "pdm publish"],
    ...["hatch publish", "flit publish", "python -m flit publish", "python setup.py sdist upload"],
    ...[
      "python setup.py register",
      "pipx run twine upload x",
      "python -c 'print(1)'",
      "python3 -c x",
      "python3.11 -c x",
    ],
    ...["python -cprint(1)", "python -Bc x", "python -IBc x", "python -W ignore -c x", "python -X dev -c x"],
    ...[
      "python -W -m -c x",
      "python -W -- -c x",
      "python -X a -B -c x",
      "python -c x script.py",
      "/usr/bin/python3 -c x",
    ],
    ...["uv run python -c x", "uv run -- python3 -Bc x", "poetry run python -c x", "hatch run python -c x"],
    ...[
      "python -m timeit x",
      "python -m pdb -c x a.py",
      "uv run git push -f",
      "poetry run git reset --hard",
      "mkdocs gh-deploy",
    ],
    ...["python -m uv publish", "python -m poetry publish", "pipx run git push --force"],
  ],
  node: [
    ...["npm publish", "npm pub", "npm publ --access public", "npm --tag x publish", "npm -w a publish", "npm p"],
    ...[
      "npm PUBLISH",
      "npm unpublish x",
      "npm unpub x",
      "npm deprecate x y",
      "npm dist-tag add x y",
      "npm dist-tags rm x y",
    ],
    ...["npm owner add x", "npm author add x", "npm token create", "npm adduser", "npm login", "npm access public"],
    ...[
      "npm exec -- npm publish",
      "npm x npm publish",
      "npm explore x -- npm publish",
      "npm run publish",
      "npx npm publish",
    ],
    ...["npx -y npm@latest publish", "yarn publish", "yarn npm publish", "yarn --cwd x publish", "yarn run publish"],
    ...["yarn workspaces foreach npm publish", "yarn workspace x npm publish", "yarn npm tag add x y", "pnpm publish"],
    ...[
      "pnpm -r publish",
      "pnpm recursive publish",
      "pnpm --filter x publish",
      "pnpm unpublish x",
      "pnpm exec npm publish",
    ],
    ...[
      "bun publish",
      "bunx npm publish",
      "deno publish",
      "jsr publish",
      "npx jsr publish",
      "lerna publish",
      "npx lerna publish",
    ],
    ...["npx semantic-release", "npx vsce publish", "node /usr/lib/node_modules/npm/bin/npm-cli.js publish"],
    ...[
      "node -e x",
      "node --eval x",
      "node --eval=x",
      "node -p x",
      "node -pe x",
      "node --print x",
      "node --no-warnings -e x",
    ],
    ...["node --import tsx -e x", "node --import=data:text/javascript,x", "node --import data:text/javascript,x a.js"],
    ...["node --loader data:x a.js", "node inspect -e x", "node -r x -e y", "npx node -e x", "npm exec -- node -e x"],
    ...[
      "yarn node -e x",
      "pnpm exec node --eval x",
      "npx -c 'git push -f'",
      "npm exec -c 'x'",
      "npm x --call x",
      "npm exec --call=x",
    ],
    ...["npx git push -f", "npx -- git push --force", "npm exec -- git push origin +main", "yarn git reset --hard"],
    ...[
      "pnpm exec git clean -fdx",
      "npx --yes /usr/bin/git push -f",
      "bun -e x",
      "bun --eval x",
      "bun x git push -f",
      "npm set a b",
    ],
  ],
  ruby: [
    ...[
      "gem push x.gem",
      "gem pus x.gem",
      "gem PUSH x",
      "gem yank x",
      "gem owner x",
      "gem signin",
      "gem exec gem push x",
    ],
    ...[
      "bundle exec gem push x",
      "bundle exec rake release",
      "rake release",
      "rake release:rubygem_push",
      "rake gem:release",
    ],
    ...[
      "bundle exec rake gem:release",
      "ruby -S gem push x",
      "ruby -e x",
      "ruby -ne x",
      "ruby -ane x",
      "ruby -W0 -e x",
    ],
    ...[
      "ruby -Ilib -e x",
      "ruby -I lib -e x",
      "ruby -rjson -e x",
      "ruby -r json -e x",
      "ruby3.2 -e x",
      "bundle exec ruby -e x",
    ],
    ...[
      "rake db:drop",
      "rake db:drop:all",
      "rake db:reset",
      "rails db:drop",
      "bundle exec rails db:reset",
      "rails runner x",
    ],
    ...["rails console", "bundle exec git push -f", "bundle exec git reset --hard", "rake -e x", "gem uninstall x"],
  ],
  rust: [
    ...[
      "cargo publish",
      "cargo publish --dry-run",
      "cargo --quiet publish",
      "cargo +nightly publish",
      "cargo -v publish -p x",
    ],
    ...[
      "cargo --color never publish",
      "cargo yank x",
      "cargo owner --add x",
      "cargo login x",
      "cargo release patch",
      "cargo workspaces publish",
    ],
    ...[
      "cargo --config a.b=1 build",
      "cargo --config=alias.p='publish' p",
      "cargo build --config x",
      "cargo install x",
    ],
    ...["cargo --conf x build", "rustc -Clinker=x a.rs", "rustc -C linker=x a.rs"],
  ],
  go: [
    ...[
      "go run example.com/x@latest",
      "go run github.com/a/b/cmd@v1 arg",
      "go install example.com/x@latest",
      "go get x.com/y@v1",
    ],
    ...[
      "go test -exec=x ./...",
      "go test -exec x",
      "go test --exec x",
      "go run -exec x .",
      "go build -toolexec=x",
      "go build --toolexec x",
    ],
    ...[
      "go vet -vettool=x",
      "go build -overlay=x",
      "go env -w A=b",
      "go env -u A",
      "go clean -modcache",
      "go clean -cache",
    ],
    ...["go clean --modcache -x", "go -C x clean -modcache", "goreleaser release"],
  ],
  java: [
    ...[
      "mvn deploy",
      "mvn clean deploy",
      "mvn -B -DskipTests deploy",
      "mvn deploy:deploy-file",
      "mvn site-deploy",
      "mvn release:perform",
    ],
    ...[
      "mvn org.apache.maven.plugins:maven-deploy-plugin:3.1:deploy",
      "mvn release:prepare",
      "mvn nexus-staging:release",
      "mvn wagon:upload",
    ],
    ...[
      "mvn -f x deploy",
      "mvn exec:exec",
      "./mvnw deploy",
      "./mvnw -q deploy",
      "gradle publish",
      "gradle :app:publish",
      "gradle pub",
    ],
    ...[
      "gradle publishToMavenLocal",
      "gradle pTML",
      "gradle :app:pubToM",
      "gradle publishAllPublicationsToXRepository",
      "gradle PUBLISH",
    ],
    ...[
      "gradle uploadArchives",
      "gradle uA",
      "gradle -q publish",
      "gradle build publish",
      "./gradlew publish",
      "./gradlew :lib:publish",
    ],
    ...[
      "./gradlew clean publ",
      "gradle bintrayUpload",
      "gradle artifactoryPublish",
      "gradle jib",
      "gradle :app:jib",
      "gradle -I x build",
    ],
    ...[
      "gradle --init-script x",
      "java -XX:OnError=x A",
      "java -XX:OnOutOfMemoryError=x A",
      "java @args A",
      "sbt publishSigned",
      "sbt publish",
    ],
  ],
  dotnet: [
    ...[
      "dotnet nuget push x",
      "dotnet nuget PUSH x",
      "dotnet NUGET push x",
      "dotnet nuget delete x 1",
      "dotnet -d nuget push x",
    ],
    ...[
      "dotnet publish -t:PublishContainer",
      "dotnet publish /t:PublishContainer",
      "dotnet publish /p:PublishProfile=x",
    ],
    ...[
      "dotnet publish -p:PublishProfile=x",
      "dotnet fsi x",
      "dotnet user-secrets list",
      "dotnet tool install x",
      "nuget push x",
    ],
    ...["dotnet nuget locals all --clear", "dotnet nuget locals all -c", "dotnet nuget add source x"],
  ],
};

const ORDINARY_GIT = [
  ...[
    "git status",
    "git status --short",
    "git log",
    "git log --oneline -n 5",
    "git log --grep push",
    "git log --grep --force",
  ],
  ...[
    "git log -S force",
    "git log -Sforce",
    "git log --author force",
    "git log -p -- clean",
    "git log --all --graph",
    "git log -g",
  ],
  ...[
    "git log --format=%H",
    "git show HEAD",
    "git show HEAD:push",
    "git show --stat",
    "git diff",
    "git diff -- reset",
    "git diff --hard",
  ],
  ...[
    "git diff HEAD~1 -- push",
    "git diff --stat main...force",
    "git blame checkout.ts",
    "git grep push",
    "git grep -n restore",
  ],
  ...[
    "git grep -e --force",
    "git ls-files -d",
    "git rev-parse HEAD",
    "git describe --tags",
    "git shortlog -sn",
    "git reflog",
  ],
  ...[
    "git reflog show main",
    "git remote -v",
    "git remote show origin",
    "git config --get user.name",
    "git config --list",
  ],
  ...[
    "git add .",
    "git add -A",
    "git add push",
    "git add --force x",
    "git commit -m 'push --force is bad'",
    "git commit -m 'reset --hard'",
  ],
  ...[
    "git commit -am clean",
    "git commit --amend",
    "git commit -m -f",
    "git commit -F push",
    "git push",
    "git push origin main",
  ],
  ...[
    "git push -u origin main",
    "git push --tags",
    "git push --follow-tags",
    "git push --dry-run",
    "git push origin HEAD:feature",
  ],
  ...[
    "git push --no-force-with-lease",
    "git push -o force",
    "git push origin feature-f",
    "git push --set-upstream origin x",
  ],
  ...[
    "git pull",
    "git pull --rebase",
    "git pull --ff-only origin main",
    "git fetch",
    "git fetch --all --prune",
    "git fetch origin main",
  ],
  ...[
    "git clone https://example.com/x",
    "git branch",
    "git branch -a",
    "git branch -d merged",
    "git branch -m old new",
    "git branch x",
  ],
  ...[
    "git branch --list force",
    "git branch --show-current",
    "git branch -vv",
    "git branch --contains HEAD",
    "git switch main",
  ],
  ...[
    "git switch -c feature",
    "git switch -",
    "git switch --detach HEAD~1",
    "git merge feature",
    "git merge --no-ff x",
    "git merge --abort",
  ],
  ...[
    "git rebase main",
    "git rebase --continue",
    "git rebase --abort",
    "git rebase -i main",
    "git cherry-pick abc",
    "git revert HEAD",
  ],
  ...[
    "git reset",
    "git reset HEAD a.ts",
    "git reset --soft HEAD~1",
    "git reset --mixed",
    "git reset -- hard",
    "git stash",
    "git stash list",
  ],
  ...[
    "git stash push -m wip",
    "git stash pop",
    "git stash apply",
    "git stash show -p",
    "git tag",
    "git tag -l",
    "git tag v1",
    "git tag -a v1 -m delete",
  ],
  ...[
    "git tag -am force v1",
    "git tag -n",
    "git rm x",
    "git rm --cached x",
    "git rm -r old",
    "git mv a b",
    "git clean -n",
    "git clean -nd",
  ],
  ...[
    "git clean --dry-run",
    "git worktree add ../x",
    "git worktree list",
    "git worktree remove x",
    "git submodule update --init",
  ],
  ...[
    "git submodule status",
    "git gc",
    "git gc --auto",
    "git fsck",
    "git apply x.patch",
    "git am x.patch",
    "git bisect start",
    "git notes list",
  ],
  ...[
    "git -C sub status",
    "git --no-pager log",
    "git -C push log",
    "git ls-tree HEAD",
    "git cat-file -p HEAD",
    "git archive HEAD",
  ],
  ...["rg push", "rg --files", "rg -n 'push --force'", "rg -e --force"],
  ...["docker build .", "docker ps", "docker run x", "docker pull x", "gh pr list", "gh pr view 1"],
];

const ORDINARY: Readonly<Record<Toolchain, readonly string[]>> = {
  python: [
    ...[
      "python app.py",
      "python app.py -c config.yml",
      "python3 -m pytest",
      "python -m pytest -c pytest.ini",
      "python -B -m pytest -c x",
    ],
    ...["python -mpytest -c x", "python -m http.server", "python -m build", "python setup.py sdist"],
    ...[
      "python --version",
      "pytest -q -k push",
      "pytest -x --lf",
      "pip list",
      "pip install -e .",
      "pip install -c constraints.txt x",
    ],
    ...[
      "uv sync",
      "uv run pytest -c x",
      "uv run python app.py",
      "uv pip list",
      "poetry install",
      "poetry run pytest",
      "poetry build",
    ],
    ...[
      "ruff check --fix .",
      "ruff format",
      "mypy src",
      "black .",
      "tox -e py311",
      "nox -s tests",
      "coverage run -m pytest",
    ],
    ...["hatch build", "hatch run test", "sphinx-build -b html docs out", "flake8 --config x", "python -m timeit.py"],
  ],
  node: [
    ...[
      "node script.js",
      "node script.js -e production",
      "node script.js --eval",
      "node --test",
      "node --import tsx app.ts -p 80",
    ],
    ...[
      "node --version",
      "npm test",
      "npm t",
      "npm run build",
      "npm run lint -- --fix",
      "npm ci",
      "npm install",
      "npm i -D x",
      "npm ls",
    ],
    ...["npm run release-notes", "npm pack", "npm audit", "npm version patch", "npm view x", "npx tsc -p ."],
    ...[
      "npx vitest run",
      "yarn",
      "yarn install",
      "yarn build",
      "yarn test",
      "yarn workspace x build",
      "pnpm install",
      "pnpm -r build",
    ],
    ...[
      "pnpm test",
      "bun test",
      "bun run build",
      "tsc --noEmit",
      "tsc -p .",
      "eslint -c x .",
      "prettier --check .",
      "vitest run",
      "jest -c x",
    ],
    ...["npx git log", "npm exec -- git status"],
  ],
  ruby: [
    ...[
      "ruby app.rb",
      "ruby app.rb -e test",
      "ruby -Itest test/a_test.rb",
      "ruby -Ilib:test test/a.rb",
      "ruby -rbundler/setup app.rb",
    ],
    ...[
      "ruby -c app.rb",
      "bundle install",
      "bundle exec rspec",
      "bundle exec rspec -e push",
      "bundle exec rake test",
      "rake",
      "rake test",
    ],
    ...[
      "rake spec",
      "rspec spec",
      "rspec -e push",
      "rubocop -A",
      "gem list",
      "gem build x.gemspec",
      "rails test",
      "rails routes",
    ],
    ...["bundle exec ruby -Itest test/a_test.rb", "bundle exec rails db:migrate", "yard doc"],
  ],
  rust: [
    ...[
      "cargo build",
      "cargo b",
      "cargo build --release",
      "cargo test",
      "cargo test -- --nocapture",
      "cargo t",
      "cargo check",
      "cargo clippy -- -D warnings",
    ],
    ...[
      "cargo fmt",
      "cargo fmt --check",
      "cargo doc",
      "cargo run",
      "cargo run -- -f x",
      "cargo bench",
      "cargo tree",
      "cargo add serde",
      "cargo clean",
    ],
    ...["cargo package", "cargo +nightly build", "cargo --offline test", "rustc --version", "rustfmt src/main.rs"],
  ],
  go: [
    ...[
      "go build ./...",
      "go test ./...",
      "go test -run TestPush ./...",
      "go test -race -cover ./...",
      "go run .",
      "go run ./cmd/x",
      "go vet ./...",
    ],
    ...[
      "go mod tidy",
      "go mod download",
      "go generate ./...",
      "go fmt ./...",
      "go list ./...",
      "go env",
      "go env GOPATH",
      "go version",
      "go doc fmt",
    ],
    ...["go clean", "gofmt -l .", "gofmt -w .", "golangci-lint run", "staticcheck ./...", "go build -o bin/x ./cmd/x"],
  ],
  java: [
    ...[
      "mvn test",
      "mvn -q verify",
      "mvn package",
      "mvn clean install",
      "mvn -pl api test",
      "mvn -o test",
      "mvn dependency:tree",
    ],
    ...[
      "mvn -Dtest=PushTest test",
      "mvn exec:java",
      "./mvnw test",
      "gradle build",
      "gradle test",
      "gradle :app:test",
      "gradle check",
      "gradle clean",
    ],
    ...[
      "gradle tasks",
      "gradle projects",
      "gradle properties",
      "./gradlew build",
      "./gradlew test --tests PushTest",
      "./gradlew --offline build",
    ],
    ...[
      "gradle processResources",
      "gradle javadoc",
      "java -jar build/x.jar",
      "java -cp build A",
      "javac A.java",
      "ktlint",
      "java -version",
    ],
  ],
  dotnet: [
    ...[
      "dotnet build",
      "dotnet build -c Release",
      "dotnet test",
      "dotnet test --filter Push",
      "dotnet run",
      "dotnet run -- push",
      "dotnet restore",
    ],
    ...[
      "dotnet format",
      "dotnet clean",
      "dotnet publish -c Release -o out",
      "dotnet pack",
      "dotnet list package",
      "dotnet add package x",
      "dotnet --info",
    ],
    ...[
      "dotnet nuget locals all --list",
      "dotnet nuget list source",
      "dotnet new console",
      "dotnet tool restore",
      "dotnet watch test",
    ],
  ],
};

describe.each(TOOLCHAINS)("the preset %s", (toolchain) => {
  test.each([...DESTRUCTIVE_GIT, ...DESTRUCTIVE[toolchain]])("refuses %s", (line) => {
    expect(answer(toolchain, line)).toMatch(REFUSED);
  });

  test.each([...ORDINARY_GIT, ...ORDINARY[toolchain]])("leaves alone %s", (line) => {
    expect(answer(toolchain, line)).toBe("allow");
  });
});

test("the tables are as long as they are meant to be", () => {
  expect(new Set([...DESTRUCTIVE_GIT, ...Object.values(DESTRUCTIVE).flat()]).size).toBeGreaterThan(400);
  expect(new Set([...ORDINARY_GIT, ...Object.values(ORDINARY).flat()]).size).toBeGreaterThan(250);
});
