/** A policy and its ceilings: whose answer it is, and that no rule of the one opens what the other leaves closed. */
import { describe, expect, test } from "vitest";
import type { Policy } from "./policy.ts";
import type { CanonicalRequest } from "./request.ts";
import {
  commandRequest,
  pathRequest,
  requestFor,
  searchRequest,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";
import { policyUnder } from "./testing/under-ceilings.ts";

const [FIRST, SECOND] = ["ceiling:/etc/bounds/0.toml", "ceiling:/etc/bounds/1.toml"];

function told(policy: Policy, request: CanonicalRequest): string {
  const { effect, layer, rule } = policy.decide(request);
  return `${effect} ${layer} ${rule.id}`;
}

const READ = (list: string, more = "") => `${more}\n[filesystem]\nread_allow = ${list}\n`;

describe("the strictest answer is the answer", () => {
  const wide = READ('["/**"]');
  const ask = READ('["/**"]', 'requires_approval = ["fs.read"]');
  const deny = `${wide}deny = ["a"]\n`;
  const denyAll = `${wide}deny = ["/**"]\n`;
  test.each([
    [wide, [wide], "allow policy filesystem.read_allow[0]"],
    [ask, [wide], "ask policy requires_approval[0]"],
    [deny, [wide], "deny policy filesystem.deny[0]"],
    ["", [wide], "deny policy default"],
    [wide, [""], `deny ${FIRST} default`],
    [wide, [ask], `ask ${FIRST} requires_approval[0]`],
    [wide, [denyAll], `deny ${FIRST} filesystem.deny[0]`],
    [deny, [ask], "deny policy filesystem.deny[0]"],
    [ask, [denyAll], `deny ${FIRST} filesystem.deny[0]`],
    [wide, [wide, denyAll], `deny ${SECOND} filesystem.deny[0]`],
    [wide, [ask, denyAll], `deny ${SECOND} filesystem.deny[0]`],
    // Equal answers: the policy's own, but of questions the ceiling's, which `--yes` does not answer.
    [deny, [denyAll], "deny policy filesystem.deny[0]"],
    [ask, [ask], `ask ${FIRST} requires_approval[0]`],
    [wide, [ask, ask], `ask ${FIRST} requires_approval[0]`],
  ])("%#", (main, ceilings, answer) => {
    expect(told(policyUnder(main, ...ceilings), pathRequest("fs.read", "a"))).toBe(answer);
  });
});

test("a relative pattern of a ceiling hangs under the ceiling's own directory, and a warning says so", () => {
  const policy = policyUnder(READ('["**"]'), READ('["**", "/work/proj/a", "b"]'));
  expect(told(policy, pathRequest("fs.read", "a"))).toContain("allow");
  expect(told(policy, pathRequest("fs.read", "b"))).toBe(`deny ${FIRST} default`);
  expect(policy.data.warnings).toEqual([
    "filesystem.read_allow[0] of /etc/bounds/0.toml and 1 more grants only below the ceiling's own directory `/etc/bounds`, not below the policy's; in a ceiling write absolute patterns, as `/**`",
  ]);
  expect(policyUnder(READ('["**"]'), READ('["/**"]')).data.warnings).toEqual([]);
});

test("the hint of a refusal names the ceiling, and what the ceiling itself grants", () => {
  const { hint } = policyUnder(READ('["**"]'), READ('["/work/proj/src/**"]')).decide(pathRequest("fs.read", "a"));
  expect(hint).toMatch(
    /^the ceiling `\/etc\/bounds\/0.toml` is why, whatever the policy allows: .*granted by `filesystem.read_allow`: `\/work\/proj\/src\/\*\*`/,
  );
  const asked = policyUnder(READ('["**"]'), READ('["/**"]', 'requires_approval = ["fs.read"]'));
  expect(asked.decide(pathRequest("fs.read", "a")).hint).toMatch(
    /asked every time, by the ceiling `\/etc\/bounds\/0.toml`$/,
  );
});

test("the ids of all layers are told, and those of a ceiling can not pass for the policy's own", () => {
  const both = READ('["/**"]', 'requires_approval = ["fs.read"]');
  expect(policyUnder(both, both).decide(pathRequest("fs.read", "a")).matched).toEqual([
    "requires_approval[0]",
    "filesystem.read_allow[0]",
    `${FIRST} requires_approval[0]`,
    `${FIRST} filesystem.read_allow[0]`,
  ]);
});

test("a built-in denial that the policy opens stays closed unless the ceiling opens it, too", () => {
  const open = READ('["/work/proj/.env"]');
  const request = pathRequest("fs.read", ".env");
  expect(told(policyUnder(open), request)).toBe("allow policy filesystem.read_allow[0]");
  expect(told(policyUnder(open, READ('["/**"]')), request)).toBe(`deny ${FIRST} builtin.env_files`);
  expect(told(policyUnder(open, open), request)).toBe("allow policy filesystem.read_allow[0]");
});

test("no rule reaches the files of a ceiling", () => {
  const all = '[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\ndelete_allow = ["/**"]\n';
  const policy = policyUnder(all, all);
  for (const on of ["fs.read", "fs.write", "fs.delete"] as const) {
    expect(told(policy, pathRequest(on, "/etc/bounds/0.toml"))).toBe(`deny ${FIRST} builtin.protected.policy`);
    expect(told(policy, pathRequest(on, "/etc/bounds/other.toml"))).toContain("allow");
  }
  expect(told(policy, pathRequest("fs.delete", "/etc/bounds"))).toBe(`deny ${FIRST} builtin.protected.policy`);
});

test("every kind of call is bounded", () => {
  const main = `[network]
http_get_allow = ["api.example.com", "10.1.2.3"]
private_hosts = { "api.example.com" = ["10.0.0.0/8"] }
[environment]
allow_vars = ["LANG", "USER"]
[subprocess]
allow_commands = ["git", "rg"]
`;
  const ceiling = `[network]
http_get_allow = ["api.example.com"]
private_hosts = { "api.example.com" = ["10.2.0.0/16"] }
[environment]
allow_vars = ["LANG"]
[subprocess]
allow_commands = ["git"]
deny_args.git = ["push"]
`;
  const policy = policyUnder(main, ceiling);
  const answers = [
    urlRequest("https://api.example.com/"),
    urlRequest("https://api.example.com/", ["10.2.0.1"]),
    urlRequest("https://api.example.com/", ["10.3.0.1"]),
    urlRequest("https://10.1.2.3/"),
    variableRequest("LANG"),
    variableRequest("USER"),
    commandRequest(["git", "log"]),
    commandRequest(["git", "push"]),
    commandRequest(["rg"]),
  ].map((request) => policy.decide(request).effect);
  expect(answers).toEqual(["allow", "allow", "deny", "deny", "allow", "deny", "allow", "deny", "deny"]);
});

test("a capability can be granted only where every layer grants it", () => {
  const policy = policyUnder(READ('["**"]'), READ('["/**"]'), '[filesystem]\nwrite_allow = ["/**"]\n');
  expect([policy.grants("fs.read"), policy.grants("fs.write")]).toEqual([false, false]);
  expect(policy.withheldBy("fs.read")).toBe("/etc/bounds/1.toml");
  // Where the policy itself grants nothing, that comes first.
  expect(policy.withheldBy("fs.write")).toBeNull();
  expect(policyUnder(READ('["**"]'), READ('["/**"]')).grants("fs.read")).toBe(true);
});

test("one more target of a call is decided by all layers", () => {
  const policy = policyUnder(READ('["**"]'), READ('["/work/proj/a"]'));
  const target = (value: string) => ({ on: "fs.read", role: "read", kind: "path", value }) as const;
  expect(policy.decideTarget(target("/work/proj/a")).effect).toBe("allow");
  expect(policy.decideTarget(target("/work/proj/b"))).toMatchObject({ effect: "deny", layer: FIRST });
});

test("a command is the same file in every layer, or it is not run", () => {
  const text = '[subprocess]\nallow_commands = ["git"]\n';
  const found = (path: string) => [{ name: "git", path, dev: 1, ino: 1 }];
  const run = (...paths: readonly string[]) =>
    policyUnder(text, text)
      .withCommands(found("/usr/bin/git"), [], paths.map(found))
      .decide(commandRequest(["git"], "/usr/bin/git")).effect;
  expect([run("/usr/bin/git"), run("/opt/git"), run()]).toEqual(["allow", "deny", "deny"]);
});

test("files that secrets come from are closed, those of a ceiling's secrets too", () => {
  const secret = (name: string) => `[[secret]]\nname = "${name}"\nfile = "/keys/${name}"\n`;
  const policy = policyUnder(secret("a"), `${secret("a")}${secret("b")}`);
  expect([...new Set(policy.secretFiles().map(({ path }) => path))]).toEqual(["/keys/a", "/keys/b"]);
});

test("paths that are protected later are protected under a ceiling, too", () => {
  const policy = policyUnder(READ('["/**"]'), READ('["/**"]'));
  const guarded = policy.protecting([{ path: "/work/proj/record", access: "all", what: "the record" }]);
  expect(told(guarded, pathRequest("fs.read", "record/x"))).toBe("deny policy builtin.protected.the_record");
  expect(told(guarded, pathRequest("fs.read", "/etc/bounds/0.toml"))).toContain("deny");
});

describe("a `[[rule]]`", () => {
  const small = (bytes: number, place = "/work/proj/**") =>
    `[[rule]]\nid = "small"\neffect = "allow"\non = ["fs.write"]\npath = ["${place}"]\nwhen = { bytes = { le = ${bytes} } }\n`;
  const write = (bytes?: number) =>
    requestFor("fs.write", pathRequest("fs.write", "a").targets, bytes === undefined ? {} : { bytes });

  test("of a ceiling bounds by its conditions, and of the policy by its own", () => {
    const policy = policyUnder(small(20), small(10));
    const answers = [5, 15, 25, undefined].map((bytes) => told(policy, write(bytes)));
    expect(answers).toEqual([
      "allow policy small",
      `deny ${FIRST} default`,
      "deny policy default",
      "deny policy default",
    ]);
  });

  test("with a limit is counted in its own layer", () => {
    const limited = small(9).replace('id = "small"', 'id = "small"\nlimit = { calls = 1 }');
    expect(policyUnder(limited, limited).decide(write(5)).limited).toEqual(["small", `${FIRST} small`]);
    expect(policyUnder(small(9), limited).decide(write(5)).limited).toEqual([`${FIRST} small`]);
    expect(policyUnder(small(9), small(9)).decide(write(5)).limited).toBeUndefined();
  });

  test("of a ceiling that expires, or speaks at some hours, is asked at the same moment", () => {
    const expiring = small(9).replace('id = "small"', 'id = "small"\nexpires = 2030-01-01');
    const policy = policyUnder(small(9), expiring);
    const at = (now: number | null) => policy.decide(write(5), write(5), { now, actor: null }).effect;
    expect([at(Date.UTC(2029, 0)), at(Date.UTC(2031, 0)), at(null)]).toEqual(["allow", "deny", "deny"]);
    expect(policy.at(() => ({ now: Date.UTC(2029, 0), actor: null })).decide(write(5)).effect).toBe("allow");
  });

  test("with relative places in a ceiling is warned about", () => {
    const { warnings } = policyUnder(small(9), small(9, "a/**")).data;
    expect(warnings).toEqual([expect.stringMatching(/^the rule `small` of \/etc\/bounds\/0.toml grants only below/)]);
  });
});

test("a request that is none is denied, not thrown", () => {
  const policy = policyUnder(READ('["/**"]'), READ('["/**"]'));
  expect(policy.decide(requestFor("fs.read", [])).effect).toBe("deny");
  expect(policy.decide(null as unknown as CanonicalRequest).effect).toBe("deny");
});

describe("what a ceiling makes local-only", () => {
  const ceiling = `[filesystem]
read_allow = ["/work/proj/**"]
write_allow = ["/work/proj/**"]
local_only_read = ["/work/proj/p/**"]
local_only_write = ["/work/proj/p/**"]
[network]
http_get_allow = ["open.example.com"]
local_only_hosts = ["sealed.example.com"]
[environment]
allow_vars = ["LANG"]
local_only_vars = ["INNER"]
`;
  const open = `[filesystem]
read_allow = ["**"]
write_allow = ["**"]
[network]
http_get_allow = ["sealed.example.com", "open.example.com"]
[environment]
allow_vars = ["INNER", "LANG"]
`;
  test.each([
    [pathRequest("fs.read", "p/x"), "filesystem.local_only_read"],
    [pathRequest("fs.write", "p/x"), "filesystem.local_only_write"],
    [urlRequest("https://sealed.example.com/"), "network.local_only_hosts"],
    [urlRequest("https://sealed.example.com/", ["1.2.3.4"]), "network.local_only_hosts"],
    [variableRequest("INNER"), "environment.local_only_vars"],
  ])("is not opened by the policy (%#), and the key to add is told", (request, key) => {
    expect(policyUnder(open, ceiling).decide(request)).toMatchObject({
      effect: "deny",
      code: "E_POLICY_DENIED",
      layer: FIRST,
      rule: { id: expect.stringMatching(/\.local_only/) },
      hint: expect.stringContaining(`the policy needs an entry of \`${key}\``),
    });
    expect(policyUnder(open).decide(request).effect).toBe("allow");
  });

  test("leaves the rest as it is", () => {
    const policy = policyUnder(open, ceiling);
    const requests = [pathRequest("fs.read", "q"), variableRequest("LANG"), urlRequest("https://open.example.com/")];
    expect(requests.map((request) => policy.decide(request).effect)).toEqual(["allow", "allow", "allow"]);
  });

  test("is left out of listings of the policy's public places", () => {
    const policy = policyUnder(open, ceiling);
    const target = (value: string) => ({ on: "fs.read", role: "read", kind: "path", value }) as const;
    expect([policy.isLocalOnly(target("/work/proj/p/x")), policy.isLocalOnly(target("/work/proj/q"))]).toEqual([
      true,
      false,
    ]);
  });

  test("is not searched in the open where nothing open can be found", () => {
    const bound = '[filesystem]\nlocal_only_read = ["/work/proj/d/*/s/**"]\n';
    expect(policyUnder(READ('["**"]'), bound).decide(searchRequest("d"))).toMatchObject({
      effect: "deny",
      layer: FIRST,
    });
  });

  test("is used where the policy seals it, too, and has the labels of both", () => {
    const sealed = '[filesystem]\nlocal_only_read = ["p/**"]\nlocal_only_write = ["p/**", "elsewhere/**"]\n';
    const policy = policyUnder(sealed, ceiling);
    const local = ["local", `${FIRST} local`];
    expect(policy.decide(pathRequest("fs.read", "p/x")).sealed).toEqual({ label: local, accepts: [] });
    expect(policy.decide(pathRequest("fs.write", "p/x")).sealed).toMatchObject({ accepts: local });
    // A plain grant of the ceiling is enough to be written to, but not by what the ceiling itself makes local-only.
    expect(policy.decide(pathRequest("fs.write", "elsewhere/x"))).toMatchObject({
      effect: "allow",
      sealed: { accepts: ["local"] },
    });
  });

  test("is no public thing that a sealed call may take along", () => {
    const main = '[filesystem]\nread_allow = ["p/**"]\nlocal_only_write = ["q/**"]\n';
    const bound = '[filesystem]\nlocal_only_read = ["/work/proj/p/**"]\nlocal_only_write = ["/work/proj/q/**"]\n';
    const request = requestFor("fs.write", [
      { on: "fs.read", role: "read", kind: "path", value: "/work/proj/p/x" },
      { on: "fs.write", role: "write", kind: "path", value: "/work/proj/q/x" },
    ]);
    expect(told(policyUnder(main), request)).toContain("allow");
    expect(told(policyUnder(main, bound), request)).toBe(`deny ${FIRST} filesystem.local_only_read[0]`);
  });

  test("is copied to where every layer takes it", () => {
    const sealed = '[filesystem]\nlocal_only_read = ["p/**"]\nlocal_only_write = ["p/**", "elsewhere/**"]\n';
    const policy = policyUnder(sealed, ceiling);
    const copy = (to: string) =>
      policy.decide(
        requestFor("fs.write", [
          { on: "fs.read", role: "read", kind: "path", value: "/work/proj/p/x" },
          { on: "fs.write", role: "write", kind: "path", value: `/work/proj/${to}` },
        ]),
      ).effect;
    expect([copy("p/y"), copy("elsewhere/y")]).toEqual(["allow", "deny"]);
  });
});

test("what the policy seals and the ceiling grants in the open is sealed", () => {
  const sealed = '[filesystem]\nlocal_only_read = ["p/**"]\n';
  const policy = policyUnder(sealed, READ('["/**"]'));
  expect(policy.decide(pathRequest("fs.read", "p/x"))).toMatchObject({ effect: "allow", sealed: { label: ["local"] } });
  expect(policyUnder(sealed, "").decide(pathRequest("fs.read", "p/x"))).toMatchObject({ effect: "deny", layer: FIRST });
});

test("labels of two layers are never taken for each other", () => {
  const groups = (a: string, b: string) => `[filesystem]
local_only_read = ["/work/proj/a/**", "/work/proj/b/**"]
local_only_write = ["/work/proj/a/**", "/work/proj/b/**"]
[[label]]
name = "one"
sources = ["file:/work/proj/${a}/**"]
sinks = ["file:/work/proj/${a}/**"]
[[label]]
name = "two"
sources = ["file:/work/proj/${b}/**"]
sinks = ["file:/work/proj/${b}/**"]
`;
  // The same names for the other places: what is `one` for the policy is `two` for the ceiling.
  const policy = policyUnder(groups("a", "b"), groups("b", "a"));
  const from = policy.decide(pathRequest("fs.read", "a/x")).sealed?.label ?? [];
  const into = (path: string) => policy.decide(pathRequest("fs.write", path)).sealed?.accepts ?? [];
  const flows = (path: string) => from.every((label) => into(path).includes(label));
  expect(from).toEqual(["one", `${FIRST} two`]);
  expect([flows("a/y"), flows("b/y")]).toEqual([true, false]);
});
