/** Decisions by family, one call a row. (A table, so longer than other files.) */
import { describe, expect, test } from "vitest";
import { Policy } from "./policy.ts";
import type { CanonicalRequest } from "./request.ts";
import {
  answerOf,
  commandRequest,
  pathRequest,
  policyOf,
  ROOT,
  requestFor,
  searchRequest,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";

const FILES = policyOf(`
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", "CHANGELOG.md", "docs/*.md", "/opt/data/**", "~/notes/**", "pkg/[ab]*/**", "secrets/public.txt"]
write_allow = ["out/**", "**/agent-run.toml", ".git/**"]
delete_allow = ["out/**", "."]
deny = ["**/*.key", "src/private", "out/keep/me", "Tmp/"]
`);

describe("paths", () => {
  test.each([
    ["fs.read", "src", "allow"],
    ["fs.read", "src/a.ts", "allow"],
    ["fs.read", "src/.hidden/x", "allow"],
    ["fs.read", "src/a\nb", "allow"],
    ["fs.read", "CHANGELOG.md", "allow"],
    ["fs.read", "changelog.md", "default"],
    ["fs.read", "CHANGELOG.md/x", "default"],
    ["fs.read", "docs/a.md", "allow"],
    ["fs.read", "docs/x/a.md", "default"],
    ["fs.read", "docs", "default"],
    ["fs.read", ".", "default"],
    ["fs.read", "srcs/a", "default"],
    ["fs.read", "SRC/a", "default"],
    ["fs.read", "/work/src/a", "default"],
    ["fs.read", "/opt/data/x", "allow"],
    ["fs.read", "/opt/datax", "default"],
    ["fs.read", "/home/me/notes/x", "allow"],
    ["fs.read", "/home/you/notes/x", "default"],
    ["fs.read", "pkg/apple/x", "allow"],
    ["fs.read", "pkg/cherry/x", "default"],
    ["fs.write", "src/a.ts", "default"],
    ["fs.write", "out/a.md", "allow"],
    ["fs.read", "out/a.md", "default"],
    ["fs.delete", "out/a.md", "ask"],
    ["fs.delete", "src/a.ts", "default"],
    ["fs.read", "src/a.key", "filesystem.deny[0]"],
    ["fs.read", "src/A.KEY", "filesystem.deny[0]"],
    ["fs.read", "src/dir.key/x", "filesystem.deny[0]"],
    ["fs.read", "/opt/data/deep/x.key", "filesystem.deny[0]"],
    ["fs.write", "out/x.key", "filesystem.deny[0]"],
    ["fs.read", "src/private", "filesystem.deny[1]"],
    ["fs.read", "src/private/a/b", "filesystem.deny[1]"],
    ["fs.read", "src/Private/a", "filesystem.deny[1]"],
    ["fs.read", "src/private2", "allow"],
    ["fs.delete", "out/keep", "filesystem.deny[2]"],
    ["fs.delete", "out", "filesystem.deny[2]"],
    ["fs.delete", "OUT/Keep", "filesystem.deny[2]"],
    ["fs.delete", "out/keeps", "ask"],
    ["fs.write", "out/keep", "allow"],
    ["fs.write", "tmp/x", "filesystem.deny[3]"],
    ["fs.read", "src/.env", "builtin.env_files"],
    ["fs.read", "src/.ENV.local", "builtin.env_files"],
    ["fs.read", "src/.e\u200cnv", "builtin.env_files"],
    ["fs.read", "src/.ssh/config", "builtin.credentials"],
    ["fs.read", "/opt/data/.aws/credentials", "builtin.credentials"],
    ["fs.read", "secrets/public.txt", "allow"],
    ["fs.read", "secrets/other.txt", "builtin.secrets"],
    ["fs.write", "secrets/public.txt", "builtin.secrets"],
    ["fs.write", "out/agent-run.toml", "builtin.policy_files"],
    ["fs.write", "out/Agent-Run.local.toml", "builtin.policy_files"],
    ["fs.write", ".git/config", "builtin.git"],
    ["fs.write", "out/.git/hooks/x", "builtin.git"],
    ["fs.read", "agent-run.toml", "builtin.protected.policy"],
    ["fs.read", "agent-run.toml/x", "builtin.protected.policy"],
    ["fs.delete", ".", "filesystem.deny[1]"],
    ["fs.read", ".agent-run/record/x", "builtin.protected.the_record"],
    ["fs.delete", ".agent-run", "builtin.protected.the_record"],
    ["fs.delete", "/work", "filesystem.deny[1]"],
  ] as const)("%s of %s: %s", (on, path, answer) => expect(answerOf(FILES, pathRequest(on, path))).toBe(answer));

  test.each([
    [".", "allow"],
    ["/", "allow"],
    ["/work", "allow"],
    ["src", "allow"],
    ["src/deep/er", "allow"],
    ["docs", "allow"],
    ["docs/x", "default"],
    ["pkg", "allow"],
    ["pkg/cherry", "default"],
    ["pkg/apple/x", "allow"],
    ["srcs", "default"],
    ["SRC", "default"],
    ["out", "default"],
    ["/opt", "allow"],
    ["/home/you", "default"],
    ["/etc", "default"],
    ["src/dir.key", "filesystem.deny[0]"],
    ["src/Private/a", "filesystem.deny[1]"],
    ["src/.ssh", "builtin.credentials"],
    ["src/.git", "allow"],
    ["/proc", "builtin.system"],
    [".agent-run/record", "builtin.protected.the_record"],
  ] as const)("a search of %s: %s", (path, answer) => expect(answerOf(FILES, searchRequest(path))).toBe(answer));

  test("a search needs a grant: a question opens only what it names, and a person who is asked about all is asked", () => {
    const asked = policyOf('requires_approval = ["fs.read"]\n[filesystem]\nread_allow = ["src/**/*.ts"]');
    expect(answerOf(asked, searchRequest("src"))).toBe("ask");
    expect(answerOf(asked, searchRequest("out"))).toBe("default");
    const question = { kind: "path", patterns: [`${ROOT}/src/*`], below: false } as const;
    const ask = { ref: { id: "q" }, effect: "ask", on: ["fs.read"], match: question } as const;
    const policy = Policy.revive({ ...policyOf("").data, rules: [ask] });
    expect(answerOf(policy, searchRequest("src"))).toBe("default");
    expect(answerOf(policy, searchRequest("src/a"))).toBe("ask");
  });

  test.each(["a", "", "/a/../b", "/a//b", "/a/", "/a/./b", "~/a", "/a\0b"])(
    "%j did not come from a canonicalizer and is denied",
    (value) =>
      expect(answerOf(FILES, requestFor("fs.read", [{ on: "fs.read", role: "read", kind: "path", value }]))).toBe(
        "builtin.error",
      ),
  );
});

describe("hosts", () => {
  const policy = policyOf(`
[network]
http_get_allow = [
  "api.github.com", "*.example.com", "https://v.example.org:8443/v1/**", "localhost:3000", "http://10.1.1.1:80",
  "status.internal", "http://127.0.0.1:9000", "https://169.254.169.254", "any.example.net:*", "[::1]:7000",
]
http_post_allow = ["*"]
deny_hosts = ["evil.example.com", "https://api.github.com/admin"]
deny_ips = ["93.184.0.0/16"]
[network.private_hosts]
"status.internal" = ["10.2.0.0/16", "169.253.0.0/16"]
"a.example.com" = ["127.0.0.0/8"]
`);
  test.each([
    ["https://api.github.com/", "allow"],
    ["http://api.github.com/", "default"],
    ["https://api.github.com:444/", "default"],
    ["https://api.github.com.evil.com/", "default"],
    ["https://xapi.github.com/", "default"],
    ["https://github.com/", "default"],
    ["https://a.example.com/", "allow"],
    ["https://a.b.example.com/", "allow"],
    ["https://example.com/", "default"],
    ["https://aexample.com/", "default"],
    ["https://evil.example.com/", "network.deny_hosts[0]"],
    ["http://evil.example.com:99/", "network.deny_hosts[0]"],
    ["https://x.evil.example.com/", "allow"],
    ["https://api.github.com/admin", "network.deny_hosts[1]"],
    ["https://api.github.com/admin/users", "network.deny_hosts[1]"],
    ["https://api.github.com/Admin/users", "network.deny_hosts[1]"],
    ["https://api.github.com//admin", "network.deny_hosts[1]"],
    ["https://api.github.com/x/..;/admin", "network.deny_hosts[1]"],
    ["https://api.github.com/x%2F..%2Fadmin", "network.deny_hosts[1]"],
    ["https://api.github.com/%252e%252e/admin", "network.deny_hosts[1]"],
    ["https://api.github.com/admins", "allow"],
    ["https://v.example.org:8443/v1", "allow"],
    ["https://v.example.org:8443/v1/x?y=/../z", "allow"],
    ["https://v.example.org:8443/v2/x", "default"],
    ["https://v.example.org:8443/V1/x", "default"],
    ["https://v.example.org:8443/v1/..;/v2", "default"],
    ["https://v.example.org:8443/v1/..%2Fv2", "default"],
    ["https://v.example.org:8443/v1/..%5Cv2", "default"],
    ["https://v.example.org:8443/v1/x%00", "default"],
    ["https://v.example.org:8443/v1/%252e%252e/v2", "default"],
    ["https://v.example.org/v1/x", "default"],
    ["http://localhost:3000/", "allow"],
    ["http://localhost:3001/", "default"],
    ["https://localhost:3000/", "default"],
    ["http://127.0.0.1:3000/", "default"],
    ["http://127.0.0.1:9000/", "allow"],
    ["http://127.0.0.2:9000/", "default"],
    ["http://[::1]:7000/", "allow"],
    ["http://10.1.1.1/", "allow"],
    ["http://10.1.1.2/", "default"],
    ["https://169.254.169.254/", "allow"],
    ["https://any.example.net:5/", "allow"],
  ])("GET %s: %s", (url, answer) => expect(answerOf(policy, urlRequest(url))).toBe(answer));

  test.each([
    ["https://example.org/", "allow"],
    ["https://8.8.8.8/", "allow"],
    ["https://[2606:4700::1111]/", "allow"],
    ["https://127.0.0.1/", "builtin.special_address"],
    ["https://[::1]/", "builtin.special_address"],
    ["https://[::7f00:1]/", "builtin.special_address"],
    ["https://[64:ff9b::a9fe:a9fe]/", "builtin.special_address"],
    ["https://0.0.0.0/", "builtin.special_address"],
    ["https://10.0.0.1/", "builtin.special_address"],
    ["https://169.254.169.254/", "builtin.special_address"],
    ["https://localhost/", "builtin.special_address"],
    ["https://x.localhost/", "builtin.special_address"],
    ["https://93.184.216.34/", "network.deny_ips[0]"],
    ["https://[2002:5db8:d822::]/", "network.deny_ips[0]"],
  ])("POST to every host, %s: %s", (url, answer) =>
    expect(answerOf(policy, urlRequest(url, [], "net.http_post"))).toBe(answer),
  );

  test.each([
    ["https://api.github.com/", ["140.82.112.5"], "allow"],
    ["https://api.github.com/", ["140.82.112.5", "2606:4700::1111"], "allow"],
    ["https://api.github.com/", ["140.82.112.5", "127.0.0.1"], "builtin.special_address"],
    ["https://api.github.com/", ["10.0.0.1"], "builtin.special_address"],
    ["https://api.github.com/", ["169.254.169.254"], "builtin.special_address"],
    ["https://api.github.com/", ["::7f00:1"], "builtin.special_address"],
    ["https://api.github.com/", ["64:ff9b::808:808"], "builtin.special_address"],
    ["https://api.github.com/", ["93.184.216.34"], "network.deny_ips[0]"],
    ["https://api.github.com/", ["10.1.1.1"], "builtin.special_address"],
    ["https://status.internal/", ["10.2.3.4"], "allow"],
    ["https://status.internal/", ["10.3.3.4"], "builtin.special_address"],
    ["https://status.internal/", ["10.2.3.4", "10.3.3.4"], "builtin.special_address"],
    ["https://status.internal/", ["169.254.1.1"], "builtin.special_address"],
    ["https://a.example.com/", ["127.0.0.1"], "allow"],
    ["https://b.example.com/", ["127.0.0.1"], "builtin.special_address"],
    ["http://localhost:3000/", ["127.0.0.1", "::1"], "allow"],
    ["http://localhost:3000/", ["10.0.0.1"], "builtin.special_address"],
    ["http://127.0.0.1:9000/", ["127.0.0.1"], "allow"],
    ["http://127.0.0.1:9000/", ["127.0.0.2"], "builtin.special_address"],
    ["https://169.254.169.254/", ["169.254.169.254"], "allow"],
    ["https://no.example.org/", ["8.8.8.8"], "default"],
    ["https://api.github.com/", ["127.1"], "builtin.error"],
    ["https://api.github.com/", ["nonsense"], "builtin.error"],
  ] as const)("%s at %j: %s", (url, addresses, answer) =>
    expect(answerOf(policy, urlRequest(url, addresses))).toBe(answer),
  );

  test("the connection goes to the very address that the URL names", () => {
    expect(answerOf(policy, urlRequest("https://8.8.8.8/", ["8.8.8.8"], "net.http_post"))).toBe("allow");
    expect(answerOf(policy, urlRequest("https://8.8.8.8/", ["1.1.1.1"], "net.http_post"))).toBe(
      "builtin.special_address",
    );
  });

  test("a denied address is denied by whatever name it was found", () => {
    const denying = policyOf('[network]\nhttp_get_allow = ["*"]\ndeny_hosts = ["1.2.3.4", "2606:4700::1"]');
    expect(answerOf(denying, urlRequest("https://example.org/", ["1.2.3.4"]))).toBe("network.deny_hosts[0]");
    expect(answerOf(denying, urlRequest("https://example.org/", ["2606:4700::1"]))).toBe("network.deny_hosts[1]");
    expect(answerOf(denying, urlRequest("https://example.org/", ["1.2.3.5"]))).toBe("allow");
  });

  test("no range of `private_hosts` opens link-local and metadata addresses", () => {
    const network = { ...policy.data.network, privateHosts: { "status.internal": ["0.0.0.0/0", "::/0"] } };
    const wide = Policy.revive({ ...policy.data, network });
    const ask = (address: string) => answerOf(wide, urlRequest("https://status.internal/", [address]));
    expect(["10.9.9.9", "127.0.0.1", "fc00::1"].map(ask)).toEqual(["allow", "allow", "allow"]);
    for (const address of ["169.254.1.1", "169.254.169.254", "fe80::1", "fd00:ec2::254", "64:ff9b::a9fe:a9fe"]) {
      expect(ask(address)).toBe("builtin.special_address");
    }
  });

  test("an address under two URLs is allowed only where both may lead", () => {
    const urls = ["https://status.internal/", "https://api.github.com/"] as const;
    const on = "net.http_get";
    const ask = (address: string, hosts: readonly string[] = urls) =>
      answerOf(
        policy,
        requestFor(on, [
          ...hosts.map((value) => ({ on, role: "connect", kind: "url", value }) as const),
          { on, role: "connect", kind: "address", value: address },
        ]),
      );
    expect(ask("10.2.3.4", urls.slice(0, 1))).toBe("allow");
    expect(ask("10.2.3.4")).toBe("builtin.special_address");
    expect(ask("8.8.8.8", urls.slice(1))).toBe("allow");
    expect(ask("8.8.8.8")).toBe("default");
  });

  test("an address without a URL is denied", () => {
    const target = { on: "net.http_get", role: "connect", kind: "address", value: "8.8.8.8" } as const;
    expect(answerOf(policy, requestFor("net.http_get", [target]))).toBe("builtin.special_address");
  });
  test("an address whose URL is under another capability is denied", () => {
    const url = { on: "net.http_post", role: "connect", kind: "url", value: "https://api.github.com/" } as const;
    const address = { on: "net.http_get", role: "connect", kind: "address", value: "8.8.8.8" } as const;
    expect(answerOf(policy, requestFor("net.http_get", [url, address]))).toBe("builtin.special_address");
  });
  test.each([
    "https://API.github.com/",
    "https://api.github.com",
    "https://u@api.github.com/",
    "https://api.github.com/#x",
  ])("%s did not come from a canonicalizer and is denied", (url) =>
    expect(answerOf(policy, urlRequest(url))).toBe("builtin.error"),
  );
});

describe("commands", () => {
  const base = policyOf(`
[subprocess]
allow_commands = ["git", "rg", "tools/build.sh", "ls", "node", "env", "python3", "missing"]
deny_commands = ["python3", "curl"]
[subprocess.deny_args]
git = ["push --force", "reset --hard"]
[subprocess.ask_args]
git = ["push"]
`);
  const command = (name: string, path: string) => ({ name, path, dev: 1, ino: 1 });
  const policy = base.withCommands(
    [
      command("git", "/usr/bin/git"),
      command("rg", "/usr/bin/rg"),
      command("tools/build.sh", `${ROOT}/tools/build.sh`),
      command("ls", "/bin/busybox"),
      command("node", "/usr/bin/node"),
      command("env", "/usr/bin/env"),
      command("python3", "/usr/bin/python3.11"),
    ],
    ["`missing` is not on PATH"],
  );
  test.each([
    [["git", "status"], "/usr/bin/git", "allow"],
    [["/usr/bin/git", "status"], "/usr/bin/git", "allow"],
    [["git", "status"], "/tmp/git", "default"],
    [["git2", "status"], "/usr/bin/git", "default"],
    [["missing"], "missing", "allow"],
    [["missing"], "/tmp/missing", "default"],
    [["tools/build.sh"], `${ROOT}/tools/build.sh`, "allow"],
    [["./tools/build.sh"], `${ROOT}/tools/build.sh`, "allow"],
    [["build.sh"], "/usr/bin/build.sh", "default"],
    [["ls"], "/bin/busybox", "allow"],
    [["sh"], "/bin/busybox", "default"],
    [["busybox", "sh"], "/bin/busybox", "builtin.program_flags.busybox"],
    [["node", "-e", "1"], "/usr/bin/node", "allow"],
    [["env"], "/usr/bin/env", "allow"],
    [["env", "git", "push"], "/usr/bin/env", "builtin.program_flags.env"],
    [["python3", "x.py"], "/usr/bin/python3.11", "subprocess.deny_commands[0]"],
    [["python", "x.py"], "/usr/bin/python3.11", "subprocess.deny_commands[0]"],
    [["curl", "x"], "curl", "subprocess.deny_commands[1]"],
    [["/opt/CURL"], "/opt/CURL", "subprocess.deny_commands[1]"],
    [["mycurl"], "/usr/bin/curl", "subprocess.deny_commands[1]"],
    [["git", "push"], "/usr/bin/git", "ask"],
    [["git", "push", "origin", "main"], "/usr/bin/git", "ask"],
    [["git", "-C", "x", "push", "-uf"], "/usr/bin/git", "subprocess.deny_args.git[0]"],
    [["/usr/bin/git", "push", "+main"], "/usr/bin/git", "subprocess.deny_args.git[0]"],
    [["mygit", "push", "--force"], "/usr/bin/git", "subprocess.deny_args.git[0]"],
    [["git", "reset", "--hard"], "/usr/bin/git", "subprocess.deny_args.git[1]"],
    [["git", "reset", "--ha"], "/usr/bin/git", "subprocess.deny_args.git[1]"],
    [["git", "reset"], "/usr/bin/git", "allow"],
    [["git", "-c", "alias.x=!id", "x"], "/usr/bin/git", "builtin.program_flags.git"],
    [["rg", "--pre", "sh", "x"], "/usr/bin/rg", "builtin.program_flags.rg"],
    [["rg", "--pretty", "x"], "/usr/bin/rg", "allow"],
    [["wget"], "wget", "default"],
  ] as const)("%j at %s: %s", (argv, real, answer) =>
    expect(answerOf(policy, commandRequest(argv, real))).toBe(answer),
  );

  test("what resolving found is a warning of the policy", () =>
    expect(policy.data.warnings).toContain("`missing` is not on PATH"));

  test.each([
    ["no argv", {}],
    ["an empty argv", { command: "git", argv: [] }],
    ["another command than argv has", { command: "git", argv: ["rm", "-rf", "/"] }],
    ["a number in argv", { command: "git", argv: ["git", 1] }],
    ["a NUL in argv", { command: "git", argv: ["git", "a\0b"] }],
    ["an empty name", { command: "", argv: [""] }],
  ])("a request with %s is denied", (_, attrs) => {
    const target = { on: "subprocess.exec", role: "execute", kind: "command", value: "/usr/bin/git" } as const;
    expect(answerOf(policy, requestFor("subprocess.exec", [target], attrs))).toBe("builtin.error");
  });
});

describe("variables", () => {
  const policy = policyOf(`
[environment]
allow_vars = ["PATH", "npm_*", "LD_PRELOAD", "NODE_OPTIONS", "AGENT_RUN_X", "GITHUB_TOKEN", "*"]
deny_vars = ["AWS_*"]
`);
  test.each([
    ["PATH", "allow"],
    ["anything", "allow"],
    ["AWS_REGION", "environment.deny_vars[0]"],
    ["aws_region", "environment.deny_vars[0]"],
    ["LD_PRELOAD", "builtin.loader_variables"],
    ["ld_library_path", "builtin.loader_variables"],
    ["DYLD_INSERT_LIBRARIES", "builtin.loader_variables"],
    ["NODE_OPTIONS", "builtin.loader_variables"],
    ["NODE_OPTIONS_2", "allow"],
    ["AGENT_RUN_X", "builtin.loader_variables"],
    ["GITHUB_TOKEN", "allow"],
    ["GITLAB_TOKEN", "builtin.variables"],
    ["github_token", "builtin.variables"],
    ["MY_SECRET_1", "builtin.variables"],
    ["DB_PASSWORD", "builtin.variables"],
    ["SIGNING_KEY", "builtin.variables"],
    ["KEYBOARD", "allow"],
    ["", "builtin.error"],
    ["A=B", "builtin.error"],
    ["A\0", "builtin.error"],
    ["A\n", "builtin.error"],
    ["\ud800", "builtin.error"],
  ])("%j: %s", (name, answer) => expect(answerOf(policy, variableRequest(name))).toBe(answer));
});

describe("a decision", () => {
  const policy = policyOf(`
requires_approval = ["env.read"]
[filesystem]
read_allow = ["src/**", "docs/**"]
write_allow = ["out/**"]
deny = ["docs/private"]
[environment]
allow_vars = ["LANG"]
`);
  const copy = (from: string, to: string): CanonicalRequest =>
    requestFor("fs.write", [...pathRequest("fs.read", from).targets, ...pathRequest("fs.write", to).targets]);

  test("is the strictest over all targets and names the target", () => {
    expect(answerOf(policy, copy("src/a", "out/a"))).toBe("allow");
    const decision = policy.decide(copy("docs/private/a", "out/a"));
    expect(decision).toMatchObject({
      effect: "deny",
      code: "E_POLICY_DENIED",
      rule: { id: "filesystem.deny[0]", file: `${ROOT}/agent-run.toml`, line: 7 },
      matched: ["filesystem.read_allow[1]", "filesystem.write_allow[0]", "filesystem.deny[0]"],
      layer: "policy",
      target: { on: "fs.read", value: `${ROOT}/docs/private/a` },
    });
    expect(policy.decide(copy("src/a", "x"))).toMatchObject({ rule: { id: "default" }, target: { on: "fs.write" } });
  });

  test("of allow has no code, target and hint", () => {
    expect(policy.decide(pathRequest("fs.read", "src/a"))).toEqual({
      effect: "allow",
      code: null,
      rule: { id: "filesystem.read_allow[0]", file: `${ROOT}/agent-run.toml`, line: 5, column: 15 },
      matched: ["filesystem.read_allow[0]"],
      layer: "policy",
    });
  });

  test("of ask says what it becomes when nobody can be asked", () => {
    const decision = policy.decide(variableRequest("LANG"));
    expect(decision).toMatchObject({
      effect: "ask",
      code: "E_APPROVAL_UNAVAILABLE",
      rule: { id: "requires_approval[0]" },
    });
  });

  test("is not ask where nothing grants: `requires_approval` is no grant", () => {
    expect(answerOf(policy, variableRequest("HOME"))).toBe("default");
  });

  test("of another version of requests is a denial", () => {
    const asked = { ...pathRequest("fs.read", "src/a"), v: 2 } as unknown as CanonicalRequest;
    expect(answerOf(policy, asked)).toBe("builtin.error");
  });

  test("of no targets is a denial", () => expect(answerOf(policy, requestFor("fs.read", []))).toBe("builtin.error"));

  test("of a kind that the capability does not have is a denial", () => {
    const target = { on: "env.read", role: "read", kind: "path", value: `${ROOT}/src/a` } as const;
    expect(answerOf(policy, requestFor("env.read", [target]))).toBe("builtin.error");
  });

  test("of a rule that does not compile is a denial of everything the rule could have denied", () => {
    const rule = {
      ref: { id: "x" },
      effect: "deny",
      on: ["fs.read"],
      match: { kind: "path", patterns: ["oops"], below: true },
    } as const;
    const broken = { ...policy.data, rules: [...policy.data.rules, rule] };
    const revived = Policy.revive(broken);
    expect(answerOf(revived, pathRequest("fs.read", "src/a"))).toBe("builtin.error");
    expect(answerOf(revived, pathRequest("fs.write", "out/a"))).toBe("allow");
  });
});

describe("an ask rule that names its targets", () => {
  const base = policyOf("");
  const ask = {
    ref: { id: "q" },
    effect: "ask",
    on: ["fs.write"],
    match: { kind: "path", patterns: [`${ROOT}/out/**`], below: false },
  } as const;
  const policy = Policy.revive({
    ...base.data,
    rules: [ask, ...base.data.rules],
  });
  test("grants what it asks about", () => {
    expect(answerOf(policy, pathRequest("fs.write", "out/a"))).toBe("ask");
    expect(answerOf(policy, pathRequest("fs.write", "x"))).toBe("default");
    expect(policy.grants("fs.write")).toBe(true);
    expect(policy.grants("fs.read")).toBe(false);
  });
});
