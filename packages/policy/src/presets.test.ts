import { expect, test } from "vitest";
import { loadPolicyText, loadPreset } from "./load.ts";
import type { PolicyData } from "./policy-data.ts";
import { secureDefaultsText } from "./secure-defaults.ts";
import { askCommand, askPath, askUrl, askVariable } from "./testing/ask.ts";
import { directoryWith, diskWorld, presetTexts } from "./testing/disk-world.ts";

const ROOT = directoryWith({});

const loadedBefore = new Map<string, PolicyData>();

function preset(name: string): PolicyData {
  const before = loadedBefore.get(name);
  if (before !== undefined) return before;
  const loaded = loadPreset(name, diskWorld(), { root: ROOT });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  loadedBefore.set(name, loaded.data);
  return loaded.data;
}

test.each([...presetTexts.keys()])("the preset %s loads, alone and inherited, without a banner or warning", (name) => {
  const alone = preset(name);
  const inherited = loadPolicyText(`version = 1\ninherits = ["${name}"]\n`, { path: "-" }, diskWorld(), { root: ROOT });
  for (const data of [alone, inherited.ok ? inherited.data : null]) {
    expect(data?.banners).toEqual([]);
    expect(data?.warnings).toEqual([]);
  }
  expect(alone.files[0]?.path).toBe(`preset:${name}`);
  expect(alone.name).toBe(name);
});

const TOOLCHAINS = ["python", "node", "ruby", "rust", "go", "java", "dotnet"];

test("the presets are these", () => {
  const others = ["secure-defaults", "guardrails", "read-only", "workspace", "web-read"];
  expect([...presetTexts.keys()].sort()).toEqual([...TOOLCHAINS, ...others].sort());
});

test.each([...presetTexts.keys()])(
  "the preset %s asks nothing, and only `web-read` reaches the network, by GET",
  (name) => {
    const { rules, subprocess, network } = preset(name);
    expect(rules.filter(({ effect }) => effect === "ask")).toEqual([]);
    const reached = rules.filter(({ effect, on }) => effect === "allow" && on.some((one) => one.startsWith("net.")));
    expect(reached.length > 0).toBe(name === "web-read");
    expect(new Set(reached.flatMap(({ on }) => on))).toEqual(new Set(name === "web-read" ? ["net.http_get"] : []));
    expect([network.privateHosts, network.followRedirects]).toEqual([{}, 0]);
    expect([subprocess.sandbox, subprocess.freeArgs, subprocess.setEnv]).toEqual(["auto", [], []]);
  },
);

test.each(TOOLCHAINS)('`%s` with `sandbox = "none"` says that its commands run any code', (name) => {
  const text = `version = 1\ninherits = ["${name}"]\n[subprocess]\nsandbox = "none"\n`;
  const loaded = loadPolicyText(text, { path: "-" }, diskWorld(), { root: ROOT });
  expect(loaded.ok && loaded.data.warnings.length).toBeGreaterThan(0);
  expect(loaded.ok && loaded.data.banners.join()).toContain("run without a jail");
});

test("a command that the operator grants is told, though a preset grants it, too", () => {
  const text = 'version = 1\ninherits = ["node"]\n[subprocess]\nallow_commands = ["node"]\n';
  const loaded = loadPolicyText(text, { path: "-" }, diskWorld(), { root: ROOT });
  expect(loaded.ok && loaded.data.warnings).toEqual(["`node` is an interpreter: who may run it may run any code"]);
});

test("toolchains can be inherited together", () => {
  const text = `version = 1\ninherits = ${JSON.stringify([...TOOLCHAINS, "web-read"])}\n`;
  const loaded = loadPolicyText(text, { path: "-" }, diskWorld(), { root: ROOT });
  expect(loaded.ok && [loaded.data.warnings, loaded.data.banners]).toEqual([[], []]);
  expect(loaded.ok && askCommand(loaded.data, ["cargo", "test"])).toBe("allow");
  expect(loaded.ok && askCommand(loaded.data, ["npm", "publish"])).toMatch(/^subprocess\.deny_args\.npm/);
});

test("presets/secure-defaults.toml is the built-in denials as a policy", () => {
  expect(presetTexts.get("secure-defaults")).toBe(secureDefaultsText());
});

test("reading `secure-defaults` as a text gives the entries that are taken from the table", () => {
  const remarked = new Map([["secure-defaults", `${secureDefaultsText()}# another text\n`]]);
  const read = loadPreset("secure-defaults", diskWorld({ presets: remarked }), { root: ROOT });
  const rules = read.ok ? read.data.rules.filter(({ ref }) => ref.file !== undefined) : [];
  const removed = (presets: ReadonlyMap<string, string>) => {
    const text =
      'version = 1\ninherits = ["secure-defaults"]\n[filesystem]\ndeny = ["!~/.mozilla"]\n[environment]\ndeny_vars = ["!*JWT*"]\n';
    const loaded = loadPolicyText(text, { path: "-" }, diskWorld({ presets }), { root: ROOT });
    return loaded.ok ? loaded.data.banners : loaded.problems;
  };
  expect(removed(remarked)).toEqual(removed(presetTexts));
  expect(removed(presetTexts)).toHaveLength(2);
  const builtin = preset("secure-defaults").rules.filter(({ ref }) =>
    /^builtin\.(?!protected|git|policy_files|agent_hosts)/.test(ref.id),
  );
  const patterns = (list: typeof rules) =>
    list.flatMap(({ match }): readonly string[] =>
      match.kind === "path" || match.kind === "variable" ? match.patterns : [],
    );
  expect(patterns(rules)).toEqual(patterns(builtin));
});

const answers = (data: PolicyData) => ({
  read: askPath(data, "fs.read", `${ROOT}/src/a.ts`),
  hidden: askPath(data, "fs.read", `${ROOT}/.github/x.yml`),
  env: askPath(data, "fs.read", `${ROOT}/.env`),
  outside: askPath(data, "fs.read", "/etc/hostname"),
  write: askPath(data, "fs.write", `${ROOT}/src/a.ts`),
  git: askPath(data, "fs.write", `${ROOT}/.git/config`),
  delete: askPath(data, "fs.delete", `${ROOT}/src/a.ts`),
  net: askUrl(data, "https://example.com/"),
  log: askCommand(data, ["git", "log"]),
  push: askCommand(data, ["git", "push"]),
  shell: askCommand(data, ["bash"]),
  variable: askVariable(data, "LANG"),
});

const NOTHING = {
  read: "default",
  hidden: "default",
  env: "builtin.env_files",
  outside: "default",
  write: "default",
  git: "builtin.git",
  delete: "default",
  net: "default",
  log: "default",
  push: "default",
  shell: "default",
  variable: "default",
};

test("`secure-defaults` grants nothing", () => {
  expect(answers(preset("secure-defaults"))).toEqual(NOTHING);
});

test("`read-only` reads the root, and nothing else", () => {
  expect(answers(preset("read-only"))).toEqual({ ...NOTHING, read: "allow", hidden: "allow" });
});

test("`workspace` reads and writes the root, looks at history in a jail, and reaches no network", () => {
  const data = preset("workspace");
  const changes = { read: "allow", hidden: "allow", write: "allow", log: "allow" };
  expect(answers(data)).toEqual({ ...NOTHING, ...changes, push: "subprocess.deny_args.git[0]" });
  expect(data.subprocess.sandbox).toBe("auto");
});

/** What each toolchain writes and deletes, and one thing that it does not write. */
test.each([
  ["python", "src/pkg/a.py", "dist/a.whl", "mypkg/a.py"],
  ["node", "src/a.ts", "dist/a.js", "node_modules/x/index.js"],
  ["ruby", "lib/a.rb", "pkg/a.gem", ".bundle/config"],
  ["rust", "src/main.rs", "target/debug/x", ".cargo/config.toml"],
  ["go", "internal/a.go", "bin/x", "vendor/x/a.go"],
  ["java", "src/main/java/A.java", "target/a.jar", "gradle/wrapper/gradle-wrapper.jar"],
  ["dotnet", "src/A/A.cs", "src/A/bin/a.dll", "NuGet.Config"],
] as const)(
  "`%s` writes sources and builds, deletes builds only, and reads the project",
  (name, source, built, other) => {
    const data = preset(name);
    const at = (path: string) => `${ROOT}/${path}`;
    const test = source.replace(/^[a-z]+/, name === "rust" ? "tests" : name === "ruby" ? "spec" : "test");
    for (const path of [source, built, "docs/a.md", "README.md", ...(name === "java" ? [] : [test])]) {
      expect(askPath(data, "fs.write", at(path)), path).toBe("allow");
    }
    expect(askPath(data, "fs.delete", at(built))).toBe("allow");
    for (const path of [source, "README.md", "docs", "src"])
      expect(askPath(data, "fs.delete", at(path)), path).toBe("default");
    for (const path of [other, ".github/workflows/ci.yml", ".husky/pre-commit", "new.txt"]) {
      expect(askPath(data, "fs.write", at(path)), path).toBe("default");
    }
    for (const path of [source, other, ".git/HEAD", ".github/workflows/ci.yml"]) {
      if (path !== "NuGet.Config") expect(askPath(data, "fs.read", at(path)), path).toBe("allow");
    }
    expect(askPath(data, "fs.write", at(".git/config"))).toBe("builtin.git");
    expect(askPath(data, "fs.read", "/etc/hostname")).toBe("default");
    expect(askUrl(data, "https://example.com/")).toBe("default");
  },
);

test.each([
  ...["config/production.yml", "application-prod.properties", "appsettings.Production.json", "values-staging.yaml"],
  ...[
    "docker-compose.qa.yml",
    "qa.toml",
    "config/settings/prod.py",
    "config/environments/staging.rb",
    "config/production.js",
  ],
  ...["deploy/prod/secrets-free.txt", "overlays/staging/a.yaml", "environments/qa/main.tf", "x.tfstate", "prod.tfvars"],
  ...["terraform.tfvars", "server.key", "certs/privkey.pem", "release.jks", "CONFIG/PRODUCTION.YML", "a/config/prod"],
])("settings of production and staging are out of reach of a toolchain: %s", (path) => {
  for (const on of ["fs.read", "fs.write", "fs.delete"] as const) {
    expect(askPath(preset("go"), on, `${ROOT}/${path}`)).toMatch(/^filesystem\.deny\[/);
  }
});

test.each([
  ...[
    "config/development.yml",
    "config/test.yml",
    "src/production.ts",
    "src/products.json",
    "node_modules/react/cjs/react.production.min.js",
  ],
  ...[
    "src/environments/environment.prod.ts",
    "docs/production.md",
    "webpack.prod.js",
    "src/staging/index.ts",
    "certs/ca.pem",
  ],
  ...["faqa.yml", "src/keyboard.key.ts", "lib/monkey.rb", "deploy/readme.md"],
])("what only sounds like it is not: %s", (path) => {
  expect(askPath(preset("go"), "fs.read", `${ROOT}/${path}`)).toBe("allow");
});

test("`web-read` names hosts one by one, with a word on each, and takes neither bodies nor http nor other ports", () => {
  const data = preset("web-read");
  const lines = (presetTexts.get("web-read") ?? "").split("\n").filter((line) => /^ {2}"/.test(line));
  expect(lines.length).toBeGreaterThan(30);
  for (const line of lines) expect(line).toMatch(/^ {2}"(?:https:\/\/[a-z0-9.-]+\/[A-Z]+\/\*\*|[a-z0-9.-]+)", +# [^ ]/);
  expect(askUrl(data, "https://docs.python.org/3/library/re.html")).toBe("allow");
  for (const url of [
    ...[
      "http://docs.python.org/",
      "https://docs.python.org:8443/",
      "https://python.org/",
      "https://x.docs.python.org/",
    ],
    ...[
      "https://raw.githubusercontent.com/a/b",
      "https://github.com/",
      "https://x.github.io/",
      "https://x.readthedocs.io/",
    ],
    ...["https://docs.python.org.evil.example/", "https://169.254.169.254/", "https://www.google.com/search?q=x"],
  ])
    expect(askUrl(data, url), url).not.toBe("allow");
  expect(askPath(data, "fs.read", `${ROOT}/a`)).toBe("default");
});

test.each([
  "log --oneline",
  "status",
  "diff HEAD",
  "show HEAD:commit",
  "branch --show-current",
  "grep push",
  "blame a.ts",
])("`workspace` lets git look: %s", (words) => {
  expect(askCommand(preset("workspace"), ["git", ...words.split(" ")])).toBe("allow");
});

test.each([
  "push",
  "-C x push",
  "commit -m x",
  "add .",
  "branch -D x",
  "checkout x",
  "clean -fd",
  "config a b",
  "stash",
  "tag v1",
])("`workspace` lets git change nothing: %s", (words) => {
  expect(askCommand(preset("workspace"), ["git", ...words.split(" ")])).toMatch(/^subprocess\.deny_args\.git/);
});
