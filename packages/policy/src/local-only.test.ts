/** What is local-only, and what a call with it may do. (Longer than other files: a case a promise.) */
import { expect, test } from "vitest";
import type { Decision } from "./decision.ts";
import type { Policy } from "./policy.ts";
import type { CanonicalRequest, Target } from "./request.ts";
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

const FILES = `[filesystem]
read_allow = ["**"]
write_allow = ["**"]
delete_allow = ["**"]
local_only_read = ["notes/**", "app.json"]
local_only_write = ["notes/**", "private/**"]
`;

const target = (on: Target["on"], role: Target["role"], path: string): Target => ({
  on,
  role,
  kind: "path",
  value: `${ROOT}/${path}`,
});

const copy = (from: string, to: string): CanonicalRequest =>
  requestFor("fs.write", [target("fs.read", "read", from), target("fs.write", "write", to)]);

const move = (from: string, to: string): CanonicalRequest =>
  requestFor("fs.write", [
    target("fs.read", "read", from),
    target("fs.delete", "delete", from),
    target("fs.write", "write", to),
  ]);

const sealed = (policy: Policy, request: CanonicalRequest): Decision["sealed"] => policy.decide(request).sealed;

const withLabels = (request: CanonicalRequest, ...labels: string[]): CanonicalRequest => ({ ...request, labels });

test("local-only beats every public grant: reading is sealed, and the public grant gives nothing else", () => {
  const policy = policyOf(FILES);
  expect(policy.decide(pathRequest("fs.read", "notes/a.md"))).toMatchObject({
    effect: "allow",
    rule: { id: "filesystem.local_only_read[0]" },
    sealed: { label: ["local"], accepts: [] },
  });
  expect(policy.decide(pathRequest("fs.read", "src/a.ts"))).not.toHaveProperty("sealed");
  expect(answerOf(policy, pathRequest("fs.delete", "notes/a.md"))).toBe("filesystem.local_only_read[0]");
  expect(answerOf(policy, pathRequest("fs.write", "app.json"))).toBe("filesystem.local_only_read[1]");
  expect(answerOf(policy, pathRequest("fs.read", "private/a"))).toBe("filesystem.local_only_write[1]");
});

test("a write into a local-only directory is sealed and takes what is local", () => {
  expect(sealed(policyOf(FILES), pathRequest("fs.write", "private/a"))).toEqual({
    label: ["local"],
    accepts: ["local"],
  });
});

test("a refusal names the entry and what is missing", () => {
  const policy = policyOf(FILES);
  const hint = (request: CanonicalRequest) => policy.decide(request).hint;
  const entry = "`filesystem.local_only_read[1]` (/work/proj/agent-run.toml:6) makes it local-only";
  expect(hint(pathRequest("fs.write", "app.json"))).toBe(
    `${entry}, and no entry of \`filesystem.local_only_write\` names it`,
  );
  expect(hint(pathRequest("fs.delete", "app.json"))).toBe(`${entry}, and what is local-only is not deleted or moved`);
  expect(hint(copy("app.json", "out.json"))).toMatch(
    /^a call that touches what is local-only acts on what is local-only/,
  );
});

test.each(["NOTES/a.md", "notes/A.MD", "Notes"])(
  "another spelling, `%s`, is local-only too, though not granted",
  (path) => {
    const policy = policyOf(FILES);
    const answer = answerOf(policy, pathRequest("fs.read", path));
    expect(answer).toBe(path === "notes/A.MD" ? "allow" : "filesystem.local_only_read[0]");
    expect(policy.isLocalOnly(target("fs.read", "read", path))).toBe(true);
  },
);

test("a decomposed letter is the same letter", () => {
  const policy = policyOf('[filesystem]\nread_allow = ["**"]\nlocal_only_read = ["\u00e9t\u00e9/**"]\n');
  expect(policy.isLocalOnly(target("fs.read", "read", "e\u0301te\u0301/a"))).toBe(true);
});

test("what lies below a local-only path that is written without `**` is not public", () => {
  const policy = policyOf('[filesystem]\nread_allow = ["**"]\nlocal_only_read = ["notes"]\n');
  expect(answerOf(policy, pathRequest("fs.read", "notes/a.md"))).toBe("filesystem.local_only_read[0]");
  expect(sealed(policy, pathRequest("fs.read", "notes"))).toEqual({ label: ["local"], accepts: [] });
});

test("a public name that really is a local-only file is read sealed, and not written", () => {
  const policy = policyOf(FILES);
  const linked = (on: "fs.read" | "fs.write", role: Target["role"]) =>
    requestFor(on, [target(on, role, "src/link"), target(on, role, "notes/a.md")]);
  expect(sealed(policy, linked("fs.read", "read"))).toBeDefined();
  expect(answerOf(policy, linked("fs.write", "write"))).toBe("builtin.local_only");
});

test("a local-only name that really leads elsewhere needs a grant there", () => {
  const policy = policyOf('[filesystem]\nlocal_only_read = ["notes/**"]\n');
  const linked = requestFor("fs.read", [
    target("fs.read", "read", "notes/link"),
    { on: "fs.read", role: "read", kind: "path", value: "/srv/x" },
  ]);
  expect(answerOf(policy, linked)).toBe("default");
});

test("private files go to private places only", () => {
  const policy = policyOf(FILES);
  expect(answerOf(policy, copy("notes/a.md", "out/a.md"))).toBe("builtin.local_only");
  expect(sealed(policy, copy("notes/a.md", "private/a.md"))).toEqual({ label: ["local"], accepts: ["local"] });
  expect(sealed(policy, copy("src/a.ts", "private/a.ts"))).toEqual({ label: ["local"], accepts: ["local"] });
  expect(answerOf(policy, copy("src/a.ts", "out/a.ts"))).toBe("allow");
});

test("nothing moves out of, into or inside what is local-only", () => {
  const policy = policyOf(FILES);
  expect(answerOf(policy, move("notes/a.md", "out/a.md"))).toBe("filesystem.local_only_read[0]");
  expect(answerOf(policy, move("src/a.ts", "private/a.ts"))).toBe("builtin.local_only");
  expect(answerOf(policy, move("notes/a.md", "private/a.md"))).toBe("filesystem.local_only_read[0]");
  expect(answerOf(policy, move("src/a.ts", "out/a.ts"))).toBe("allow");
});

test("a directory above local-only files is not deleted, moved or copied as a whole, whether or not they exist", () => {
  const policy = policyOf(
    FILES.replace('"notes/**", "app.json"', '"docs/notes/**"').replace('"notes/**", "private/**"', ""),
  );
  expect(answerOf(policy, pathRequest("fs.delete", "docs"))).toBe("builtin.local_only");
  expect(answerOf(policy, move("docs", "out"))).toBe("builtin.local_only");
  expect(answerOf(policy, copy("docs", "out"))).toBe("builtin.local_only");
  expect(answerOf(policy, pathRequest("fs.read", "docs"))).toBe("allow");
  expect(answerOf(policy, pathRequest("fs.delete", "docs2"))).toBe("allow");
});

test("a denial beats local-only, and a question is still asked", () => {
  const policy = policyOf(`requires_approval = ["fs.write"]\n${FILES}deny = ["notes/old"]\n`);
  expect(answerOf(policy, pathRequest("fs.read", "notes/old/a"))).toBe("filesystem.deny[0]");
  expect(policy.decide(pathRequest("fs.write", "notes/a"))).toMatchObject({
    effect: "ask",
    sealed: { accepts: ["local"] },
  });
});

test("a search is sealed where only local-only files can be found, and public where public ones can", () => {
  const only = policyOf('[filesystem]\nlocal_only_read = ["notes/*.md"]\n');
  expect(sealed(only, searchRequest("notes"))).toEqual({ label: ["local"], accepts: [] });
  const both = policyOf(FILES);
  expect(sealed(both, searchRequest("notes"))).toBeDefined();
  expect(both.decide(searchRequest("."))).not.toHaveProperty("sealed");
});

const HOSTS = `[network]
http_get_allow = ["*.example.com", "localhost:3000", "127.0.0.1:11434", "[::1]:11434"]
local_only_hosts = ["localhost:11434", "status.internal", "private.example.com/v1/**"]
private_hosts = { "status.internal" = ["10.2.0.0/16"], "alias.example.com" = ["127.0.0.0/8"] }
`;

test.each(["net.http_get", "net.http_post", "net.http_delete"] as const)(
  "a local-only host is granted for %s, sealed",
  (on) => {
    const policy = policyOf(HOSTS);
    const request = urlRequest("https://status.internal/x", ["10.2.0.1"], on);
    expect(policy.decide(request)).toMatchObject({ effect: "allow", sealed: { label: ["local"], accepts: ["local"] } });
    expect(policy.grants(on)).toBe(true);
  },
);

test("addresses of a local-only host are decided as of other hosts", () => {
  const policy = policyOf(HOSTS);
  expect(answerOf(policy, urlRequest("http://localhost:11434/api", ["127.0.0.1"]))).toBe("allow");
  expect(sealed(policy, urlRequest("http://localhost:11434/api", ["::1"]))).toBeDefined();
  expect(answerOf(policy, urlRequest("https://status.internal/x", ["10.3.0.1"]))).toBe("builtin.special_address");
  expect(answerOf(policy, urlRequest("https://status.internal/x", ["127.0.0.1"]))).toBe("builtin.special_address");
});

test("another port of the same machine is as public as it is granted", () => {
  const policy = policyOf(HOSTS);
  expect(policy.decide(urlRequest("http://localhost:3000/", ["127.0.0.1"]))).toMatchObject({ effect: "allow" });
  expect(policy.decide(urlRequest("http://localhost:3000/", ["127.0.0.1"]))).not.toHaveProperty("sealed");
});

test.each(["http://127.0.0.1:11434/", "http://[::1]:11434/"])(
  "`%s` is the local-only server by another name",
  (url) => {
    const policy = policyOf(HOSTS);
    expect(answerOf(policy, urlRequest(url))).toBe("network.local_only_hosts[0]");
    expect(policy.decide(urlRequest(url)).hint).toContain("it is granted by the spelling of that entry only");
  },
);

test("a public name that leads to a local-only server does not make it public", () => {
  const policy = policyOf(HOSTS.replace('"localhost:3000"', '"localhost:3000", "https://alias.example.com:11434"'));
  const to = (address: string) => answerOf(policy, urlRequest("https://alias.example.com:11434/", [address]));
  expect(to("127.0.0.1")).toBe("network.local_only_hosts[0]");
  const open = policyOf(
    HOSTS.replace('["localhost:11434", ', "[").replace('"localhost:3000"', '"https://alias.example.com:11434"'),
  );
  expect(answerOf(open, urlRequest("https://alias.example.com:11434/", ["127.0.0.1"]))).toBe("allow");
});

test("a public name that leads to a local-only address does not make it public, on that port", () => {
  const policy = policyOf(`[network]
http_get_allow = ["https://alias.example.com:8443", "https://alias.example.com:9443"]
local_only_hosts = ["10.2.0.5:8443"]
private_hosts = { "alias.example.com" = ["10.2.0.0/16"] }
`);
  const to = (port: number, address: string) =>
    answerOf(policy, urlRequest(`https://alias.example.com:${port}/`, [address]));
  expect(to(8443, "10.2.0.5")).toBe("network.local_only_hosts[0]");
  expect(to(8443, "10.2.0.6")).toBe("allow");
  expect(to(9443, "10.2.0.5")).toBe("allow");
});

test("a path that may be read as a local-only one is local-only", () => {
  const policy = policyOf(HOSTS);
  expect(sealed(policy, urlRequest("https://private.example.com/v1/a"))).toBeDefined();
  expect(answerOf(policy, urlRequest("https://private.example.com/V1/a"))).toBe("network.local_only_hosts[2]");
  expect(answerOf(policy, urlRequest("https://private.example.com/x/..;/v1/a"))).toBe("network.local_only_hosts[2]");
  expect(policy.decide(urlRequest("https://private.example.com/v2/a"))).not.toHaveProperty("sealed");
});

test("a local-only variable is read sealed, in its own case only, and an exact entry opens a built-in denial", () => {
  const policy = policyOf('[environment]\nallow_vars = ["*"]\nlocal_only_vars = ["INTERNAL_URL", "APP_KEY", "MY_*"]\n');
  expect(sealed(policy, variableRequest("INTERNAL_URL"))).toEqual({ label: ["local"], accepts: [] });
  expect(sealed(policy, variableRequest("APP_KEY"))).toEqual({ label: ["local"], accepts: [] });
  expect(answerOf(policy, variableRequest("internal_url"))).toBe("environment.local_only_vars[0]");
  expect(answerOf(policy, variableRequest("MY_TOKEN"))).toBe("builtin.variables");
  expect(policy.decide(variableRequest("LANG"))).not.toHaveProperty("sealed");
  expect(policy.data.banners).toEqual([
    "`APP_KEY` is open for env.read, sealed, although builtin.variables denies it everywhere else: environment.local_only_vars[1] in /work/proj/agent-run.toml:4 names it",
  ]);
});

test("a local-only command is sealed and takes what is local; a public one may not be given private files", () => {
  const text = `[filesystem]\nlocal_only_read = ["notes/**"]\n[subprocess]\nallow_commands = ["cat", "wc"]\nlocal_only_commands = ["cat"]\n`;
  const policy = policyOf(text).withCommands([
    { name: "cat", path: "/bin/cat", dev: 1, ino: 1 },
    { name: "wc", path: "/bin/wc", dev: 1, ino: 2 },
  ]);
  const withFile = (name: string): CanonicalRequest => {
    const request = commandRequest([name, "notes/a"], `/bin/${name}`);
    return { ...request, targets: [...request.targets, target("fs.read", "read", "notes/a")] };
  };
  expect(policy.data.subprocess.allowed).toEqual(["cat", "wc"]);
  expect(sealed(policy, withFile("cat"))).toEqual({ label: ["local"], accepts: ["local"] });
  expect(answerOf(policy, withFile("wc"))).toBe("builtin.local_only");
  expect(policy.decide(commandRequest(["wc"], "/bin/wc"))).not.toHaveProperty("sealed");
});

test("listings can ask what is local-only", () => {
  const policy = policyOf(
    `${FILES}${HOSTS}[environment]\nlocal_only_vars = ["A"]\n[subprocess]\nlocal_only_commands = ["cat"]\n`,
  );
  const at = (on: Target["on"], kind: Target["kind"], value: string) =>
    policy.isLocalOnly({ on, role: "read", kind, value });
  expect(at("fs.read", "path", `${ROOT}/notes/x`)).toBe(true);
  expect(at("fs.delete", "path", `${ROOT}/private/x`)).toBe(true);
  expect(at("fs.read", "path", `${ROOT}/src`)).toBe(false);
  expect(at("net.http_post", "url", "https://status.internal/")).toBe(true);
  expect(at("net.http_post", "url", "https://a.example.com/")).toBe(false);
  expect(at("env.read", "variable", "a")).toBe(true);
  expect(at("subprocess.exec", "command", "cat")).toBe(true);
  expect(at("subprocess.exec", "command", "ls")).toBe(false);
  expect(at("fs.read", "path", "not/absolute")).toBe(false);
});

test("a policy whose only grants are local-only or uses grants those capabilities", () => {
  const policy = policyOf(`[filesystem]\nlocal_only_read = ["a/**"]\n[subprocess]\nlocal_only_commands = ["cat"]\n`);
  expect(policy.grants("fs.read")).toBe(true);
  expect(policy.grants("subprocess.exec")).toBe(true);
  expect(policy.grants("fs.write")).toBe(false);
  expect(policy.grants("env.read")).toBe(false);
});

test("without anything local-only there is nothing of it", () => {
  const policy = policyOf('[filesystem]\nread_allow = ["**"]\n[local_only]\nmax_waits = 3\n');
  expect(policy.localOnly).toBeNull();
  expect(policy.decide(pathRequest("fs.read", "a"))).not.toHaveProperty("sealed");
  expect(policy.usesOf("x")).toEqual([]);
});

const LABELS = `[filesystem]
read_allow = ["src/**"]
local_only_read = ["notes/**", "health/**", "app.json"]
local_only_write = ["notes/**", "health/**", "misc/**"]
[network]
local_only_hosts = ["localhost:11434"]
[environment]
local_only_vars = ["A", "B"]
[[label]]
name = "notes"
sources = ["file:notes/**", "host:localhost:11434", "env:A"]
sinks = ["file:notes/**", "host:localhost:11434"]
[[label]]
name = "health"
sources = ["file:health/**"]
sinks = []
`;

test("labels follow the place: sources give them, sinks take them, the rest is local", () => {
  const policy = policyOf(LABELS);
  const of = (request: CanonicalRequest) => sealed(policy, request);
  expect(of(pathRequest("fs.read", "notes/a"))).toEqual({ label: ["notes"], accepts: [] });
  expect(of(pathRequest("fs.write", "notes/a"))).toEqual({ label: ["notes"], accepts: ["notes"] });
  expect(of(pathRequest("fs.write", "misc/a"))).toEqual({ label: ["local"], accepts: ["local"] });
  expect(of(pathRequest("fs.read", "app.json"))).toEqual({ label: ["local"], accepts: [] });
  expect(of(urlRequest("http://localhost:11434/", ["127.0.0.1"]))).toEqual({ label: ["notes"], accepts: ["notes"] });
  expect(of(variableRequest("A"))).toEqual({ label: ["notes"], accepts: [] });
  expect(of(variableRequest("B"))).toEqual({ label: ["local"], accepts: [] });
});

test("a source that is no sink takes nothing, so no value loses its label by being written and read", () => {
  expect(sealed(policyOf(LABELS), pathRequest("fs.write", "health/a"))).toEqual({ label: ["health"], accepts: [] });
});

test("a call that acts on several places takes what all of them take", () => {
  const policy = policyOf(LABELS);
  const two = requestFor("fs.write", [target("fs.write", "write", "notes/a"), target("fs.write", "write", "misc/a")]);
  expect(sealed(policy, two)).toEqual({ label: ["local", "notes"], accepts: [] });
  expect(sealed(policy, copy("app.json", "notes/a"))).toEqual({ label: ["local", "notes"], accepts: ["notes"] });
});

test("labels of the request change nothing where there is no use of a secret", () => {
  const policy = policyOf(FILES);
  const request = pathRequest("fs.write", "private/a");
  expect(policy.decide(withLabels(request, "local"))).toEqual(policy.decide(request));
});

test("a directory has the labels of what lies in it, and takes nothing that a place in it does not take", () => {
  const policy = policyOf(`[filesystem]
local_only_read = ["data/**"]
local_only_write = ["data/**"]
[[label]]
name = "health"
sources = ["file:data/health/**"]
sinks = ["file:data/health/**"]
`);
  expect(sealed(policy, pathRequest("fs.read", "data"))?.label).toEqual(["health", "local"]);
  expect(sealed(policy, searchRequest("data"))?.label).toEqual(["health", "local"]);
  expect(sealed(policy, pathRequest("fs.read", "data/a"))?.label).toEqual(["local"]);
  expect(sealed(policy, pathRequest("fs.write", "data"))?.accepts).toEqual([]);
  expect(sealed(policy, pathRequest("fs.write", "data/a"))?.accepts).toEqual(["local"]);
  expect(sealed(policy, pathRequest("fs.write", "data/health"))?.accepts).toEqual(["health"]);
});

test("a release from what is not sealed loads, and the operator is told that it has no effect", () => {
  const { warnings } = policyOf(
    '[network]\nlocal_only_hosts = ["status.example"]\n[[release]]\nname = "a"\nfrom = "GET https://status.example/x"\ntype = "bool"\n[[release]]\nname = "b"\nfrom = "GET https://h.example/x"\ntype = "bool"\n[[release]]\nname = "c"\nfrom = "file:a.json"\ntype = "bool"\n',
  ).data;
  expect(warnings).toEqual([
    "release.b has no effect: its host is not in `local_only_hosts`",
    "release.c has no effect: the file is not in `local_only_read`",
  ]);
});

test("a release from a file that sealed data may be written to loads, and the operator is told what that means", () => {
  const { warnings } = policyOf(
    '[filesystem]\nlocal_only_read = ["a.json", "b/**"]\nlocal_only_write = ["b/**"]\n[[release]]\nname = "r"\nfrom = "file:b/c.json"\ntype = "bool"\n[[release]]\nname = "q"\nfrom = "file:a.json"\ntype = "bool"\n',
  ).data;
  expect(warnings).toEqual([
    "release.r releases from a file that sealed data may be written to: an earlier run can choose what comes out",
  ]);
});

test("a secret and the variable of another may differ by case alone", () => {
  const { localOnly } = policyOf(
    '[[secret]]\nname = "crm_client"\nenv = "CRM"\n[[secret]]\nname = "crm"\nenv = "CRM_TOKEN"\n',
  ).data;
  expect(localOnly?.secrets.map(({ name }) => name)).toEqual(["crm_client", "crm"]);
});

test("a command that is asked about by itself is known by its listed name: what a jail shows depends on it", () => {
  const policy = policyOf('[subprocess]\nallow_commands = ["cat"]\nlocal_only_commands = ["sort"]');
  const asked = (value: string) =>
    policy.decideTarget({ on: "subprocess.exec", role: "execute", kind: "command", value });
  expect(asked("sort")).toMatchObject({ effect: "allow", sealed: { label: ["local"], accepts: ["local"] } });
  expect(asked("cat").sealed).toBeUndefined();
  expect(asked("cat").effect).toBe("allow");
});
