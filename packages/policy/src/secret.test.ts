/** What a declared secret opens: reading its name sealed, and exactly its uses. */
import { expect, test } from "vitest";
import type { Policy } from "./policy.ts";
import type { CanonicalRequest } from "./request.ts";
import {
  answerOf,
  commandRequest,
  pathRequest,
  policyOf,
  requestFor,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";

const STRIPE = `[[secret]]
name = "stripe"
env = "STRIPE_KEY"
[[secret.use]]
host = "api.stripe.com"
methods = ["GET", "POST"]
paths = ["/v1/charges/**"]
slot = "header:authorization"
format = "Bearer {}"
response = "public"
`;

const GITHUB = `[[secret]]
name = "github"
env = "GITHUB_TOKEN"
[[secret.use]]
command = ["git", "push", "origin", "*"]
slot = "askpass"
remote = "https://github.com/me/project.git"
response = "sealed"
outcome = "ok"
`;

const withSecret = (request: CanonicalRequest, ...labels: string[]): CanonicalRequest => ({ ...request, labels });

const git = (...words: string[]): CanonicalRequest => commandRequest(["git", ...words], "/usr/bin/git");

const withGit = (text: string): Policy =>
  policyOf(text).withCommands([{ name: "git", path: "/usr/bin/git", dev: 1, ino: 1 }]);

test.each(["STRIPE_KEY", "stripe"])("reading `%s` gives a handle of the secret", (name) => {
  const policy = policyOf(`${STRIPE}[environment]\nallow_vars = ["*"]\n`.replace(/(.*)(\[environment\].*)/s, "$2$1"));
  expect(policy.decide(variableRequest(name))).toMatchObject({
    effect: "allow",
    rule: { id: "secret.stripe" },
    sealed: { label: ["secret:stripe"], accepts: [] },
  });
  expect(policy.data.banners).toEqual([]);
});

test("a secret that is data has the label of its place", () => {
  const data = STRIPE.replace("env =", "data = true\nenv =");
  expect(policyOf(data).decide(variableRequest("stripe")).sealed).toEqual({ label: ["local"], accepts: [] });
  const label = '[[label]]\nname = "keys"\nsources = ["env:STRIPE_KEY"]\nsinks = []\n';
  expect(policyOf(`${data}${label}`).decide(variableRequest("stripe")).sealed?.label).toEqual(["keys"]);
});

test("a denial of the operator beats a secret", () => {
  const policy = policyOf(`[environment]\ndeny_vars = ["STRIPE_*"]\n${STRIPE}`);
  expect(answerOf(policy, variableRequest("STRIPE_KEY"))).toBe("environment.deny_vars[0]");
  expect(answerOf(policy, variableRequest("stripe"))).toBe("allow");
});

test("a variable of which the secret is a part is not read as a whole", () => {
  const policy = policyOf(
    `[environment]\nallow_vars = ["*"]\n[[secret]]\nname = "db"\nenv = "CONFIG"\nfield = "db.password"\n`,
  );
  expect(answerOf(policy, variableRequest("CONFIG"))).toBe("secret.db");
  expect(policy.decide(variableRequest("db")).sealed?.label).toEqual(["secret:db"]);
});

test("a request with the secret at its place is allowed, in the open as declared", () => {
  const policy = policyOf(STRIPE);
  const request = withSecret(urlRequest("https://api.stripe.com/v1/charges?limit=3"), "secret:stripe");
  expect(policy.decide(request)).toEqual({
    effect: "allow",
    code: null,
    rule: { id: "secret.stripe.use[0]", file: "/work/proj/agent-run.toml", line: 5 },
    matched: ["secret.stripe.use[0]"],
    layer: "policy",
    use: { secret: "stripe", index: 0 },
  });
});

test.each([
  ["without the secret", urlRequest("https://api.stripe.com/v1/charges")],
  ["with another secret", withSecret(urlRequest("https://api.stripe.com/v1/charges"), "secret:other")],
  ["at another path", withSecret(urlRequest("https://api.stripe.com/v1/refunds"), "secret:stripe")],
  [
    "at a path that may be read as another",
    withSecret(urlRequest("https://api.stripe.com/v1/charges/..;/x"), "secret:stripe"),
  ],
  ["at another host", withSecret(urlRequest("https://stripe.com/v1/charges"), "secret:stripe")],
  ["over http", withSecret(urlRequest("http://api.stripe.com/v1/charges"), "secret:stripe")],
  ["at another port", withSecret(urlRequest("https://api.stripe.com:444/v1/charges"), "secret:stripe")],
  [
    "with HEAD, which is not listed",
    withSecret({ ...urlRequest("https://api.stripe.com/v1/charges"), attrs: { method: "HEAD" } }, "secret:stripe"),
  ],
  ["without a method", withSecret({ ...urlRequest("https://api.stripe.com/v1/charges"), attrs: {} }, "secret:stripe")],
  ["with DELETE", withSecret(urlRequest("https://api.stripe.com/v1/charges", [], "net.http_delete"), "secret:stripe")],
])("a request %s is not opened by the use", (_, request) => {
  const decision = policyOf(STRIPE).decide(request);
  expect(decision).toMatchObject({ effect: "deny", rule: { id: "default" } });
  expect(decision).not.toHaveProperty("use");
});

test("a refusal without the secret says where it goes", () => {
  const { hint } = policyOf(STRIPE).decide(urlRequest("https://api.stripe.com/v1/charges"));
  expect(hint).toMatch(
    /^`secret\.stripe\.use\[0\]` \(.*:5\) allows GET, POST with the secret `stripe` in the header `authorization`; nothing is granted/,
  );
});

test("a public grant of the host stays public without the secret, and is a use with it", () => {
  const policy = policyOf(`[network]\nhttp_get_allow = ["api.stripe.com"]\n${STRIPE}`);
  const request = urlRequest("https://api.stripe.com/v1/charges");
  expect(policy.decide(request)).not.toHaveProperty("use");
  expect(policy.decide(withSecret(request, "secret:stripe"))).toMatchObject({
    effect: "allow",
    use: { secret: "stripe" },
  });
});

test("the address of a use is decided as of other hosts", () => {
  const policy = policyOf(STRIPE);
  const to = (address: string) =>
    answerOf(policy, withSecret(urlRequest("https://api.stripe.com/v1/charges", [address]), "secret:stripe"));
  expect(to("3.18.12.63")).toBe("allow");
  expect(to("10.0.0.1")).toBe("builtin.special_address");
});

test("a sealed answer of a use is sealed, and the secret may be sent there, nothing else", () => {
  const policy = policyOf(STRIPE.replace('"public"', '"sealed"'));
  const request = withSecret(urlRequest("https://api.stripe.com/v1/charges"), "secret:stripe");
  expect(policy.decide(request).sealed).toEqual({ label: ["local"], accepts: ["secret:stripe"] });
});

test("a local-only host with a use takes both local data and the secret, and its answer is sealed", () => {
  const local = '[network]\nlocal_only_hosts = ["api.stripe.com"]\n';
  const policy = policyOf(`${local}${STRIPE.replace('"public"', '"sealed"')}`);
  expect(policy.decide(withSecret(urlRequest("https://api.stripe.com/v1/charges"), "secret:stripe"))).toMatchObject({
    use: { secret: "stripe", index: 0 },
    sealed: { label: ["local"], accepts: ["local", "secret:stripe"] },
  });
  expect(policy.decide(urlRequest("https://api.stripe.com/v1/charges"))).not.toHaveProperty("use");
});

test("a command use matches its words without any label, and its answer is sealed", () => {
  const policy = withGit(GITHUB);
  expect(policy.data.subprocess.allowed).toEqual(["git"]);
  expect(policy.decide(git("push", "origin", "main"))).toMatchObject({
    effect: "allow",
    use: { secret: "github", index: 0 },
    sealed: { label: ["local"], accepts: [] },
  });
});

test.each([
  ["fewer words", ["push", "origin"]],
  ["more words", ["push", "origin", "main", "x"]],
  ["an option where a word is", ["push", "origin", "--mirror"]],
  ["another word", ["push", "upstream", "main"]],
  ["another subcommand", ["status"]],
])("a command with %s is no use of the secret", (_, words) => {
  expect(answerOf(withGit(GITHUB), git(...words))).toBe("default");
});

test("`**` at the end stands for any more words", () => {
  const policy = withGit(GITHUB.replace('"origin", "*"', '"origin", "**"'));
  for (const words of [[], ["a"], ["a", "--tags"]])
    expect(answerOf(policy, git("push", "origin", ...words)), words.join(" ")).toBe("allow");
  expect(answerOf(policy, git("push"))).toBe("default");
  expect(answerOf(policy, git("push", "origin", "--receive-pack=x"))).toBe("builtin.program_flags.git");
});

test("the command of a use is the very file that its name was found to be", () => {
  const policy = withGit(GITHUB);
  expect(answerOf(policy, commandRequest(["git", "push", "origin", "main"], "/tmp/git"))).toBe("default");
});

test("a public grant of the command stays public for other words", () => {
  const policy = withGit(`[subprocess]\nallow_commands = ["git"]\n${GITHUB}`);
  expect(policy.decide(git("status"))).toMatchObject({ effect: "allow" });
  expect(policy.decide(git("status"))).not.toHaveProperty("use");
  expect(policy.decide(git("push", "origin", "main"))).toHaveProperty("use");
});

test("a use of a secret does not take local-only files along", () => {
  const policy = withGit(`[filesystem]\nlocal_only_read = ["notes/**"]\n${GITHUB}`);
  const request = git("push", "origin", "main");
  const path = { on: "fs.read", role: "read", kind: "path", value: "/work/proj/notes" } as const;
  expect(answerOf(policy, { ...request, targets: [...request.targets, path] })).toBe("builtin.local_only");
});

test("the file of a secret is unreachable, whatever grants it", () => {
  const text =
    '[filesystem]\nread_allow = ["**"]\nwrite_allow = ["**"]\ndelete_allow = ["**"]\nlocal_only_read = ["keys/a.json"]\n';
  const policy = policyOf(`${text}[[secret]]\nname = "a"\nfile = "keys/a.json"\nfield = "k"\n`);
  for (const on of ["fs.read", "fs.write", "fs.delete"] as const)
    expect(answerOf(policy, pathRequest(on, "keys/a.json")), on).toBe("builtin.protected.secret");
  expect(answerOf(policy, pathRequest("fs.read", "keys/A.json"))).toBe("builtin.protected.secret");
  expect(answerOf(policy, pathRequest("fs.delete", "keys"))).toBe("builtin.protected.secret");
  expect(answerOf(policy, pathRequest("fs.read", "keys/b.json"))).toBe("allow");
  expect(policy.secretFiles()).toEqual([{ path: "/work/proj/keys/a.json", access: "all", what: "secret" }]);
});

test("the policy of the run stays unreachable for local-only entries, too", () => {
  const policy = policyOf('[filesystem]\nlocal_only_read = ["**"]\nlocal_only_write = ["**"]\n');
  expect(answerOf(policy, pathRequest("fs.read", "agent-run.toml"))).toBe("builtin.protected.policy");
  expect(answerOf(policy, pathRequest("fs.write", ".agent-run/record/x"))).toBe("builtin.protected.the_record");
});

test("a policy whose only grant is a use grants its capabilities", () => {
  const policy = policyOf(`${STRIPE}${GITHUB}`);
  expect(
    ["net.http_get", "net.http_post", "subprocess.exec", "env.read"].map((on) => policy.grants(on as "env.read")),
  ).toEqual([true, true, true, true]);
  expect(policy.grants("net.http_put")).toBe(false);
  expect(policy.usesOf("stripe")).toHaveLength(1);
});

test("several targets of which one is a use are that use", () => {
  const policy = policyOf(STRIPE);
  const url = withSecret(urlRequest("https://api.stripe.com/v1/charges", ["3.18.12.63"]), "secret:stripe");
  expect(policy.decide(url).use).toEqual({ secret: "stripe", index: 0 });
  const other = { on: "net.http_get", role: "connect", kind: "url", value: "https://evil.example/" } as const;
  expect(answerOf(policy, { ...url, targets: [...url.targets, other] })).toBe("default");
  expect(answerOf(policy, requestFor("net.http_get", [other]))).toBe("default");
});

test("only commands that scripts may run as they like are warned about", () => {
  const source = '[[secret]]\nname = "a"\ncommand = ["node", "token.js"]\n';
  expect(
    policyOf(
      `${source}${GITHUB.replace('"git", "push"', '"bash", "push"').replace(/slot.*\nremote.*/, 'slot = "stdin"')}`,
    ).data.warnings,
  ).toEqual([]);
  expect(policyOf(`[subprocess]\nlocal_only_commands = ["node"]\n${source}`).data.warnings).toEqual([
    "`node` is an interpreter: who may run it may run any code",
  ]);
});
