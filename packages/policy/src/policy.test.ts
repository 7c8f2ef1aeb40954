/** What a loaded policy answers: grants, hints, totality. (Longer than other files: the rows share one policy.) */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { atomsOf } from "./atom.ts";
import { AtomIndex } from "./atom-index.ts";
import { UNKNOWN_CIRCUMSTANCES } from "./condition.ts";
import { Policy } from "./policy.ts";
import type { HostPattern, RuleData, RuleMatch } from "./policy-data.ts";
import type { CanonicalRequest, Target } from "./request.ts";
import { Rule } from "./rule.ts";
import { CAPABILITIES, type Capability } from "./signatures.ts";
import { readSubject } from "./subject.ts";
import {
  answerOf,
  commandRequest,
  pathRequest,
  policyOf,
  ROOT,
  requestFor,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/** Rules and requests over few names, so that they meet often. */
const name = fc.constantFrom("a", "b", ".env", "A", "src", "\u017frc", "caf\u00e9");
const pathValue = fc
  .array(name, { maxLength: 3 })
  .map((names) => (names.length === 0 ? ROOT : `${ROOT}/${names.join("/")}`));
const segment = fc.constantFrom("a", "b", "**", "*", "?", ".*", "[^a]", "src", "S*", "*r*", "\\*", "CAFE\u0301");
const pathPattern = fc
  .tuple(fc.constantFrom(ROOT, "/work", "", "/**"), fc.array(segment, { minLength: 1, maxLength: 3 }))
  .map(([start, parts]) => [start, ...parts].join("/"));
const host = fc.constantFrom("a.com", "b.a.com", "*.a.com", "*", "localhost", "127.0.0.1", "8.8.8.8", "::1");
const hostPattern: fc.Arbitrary<HostPattern> = fc.record({
  scheme: fc.constantFrom("http", "https", "*"),
  host,
  port: fc.constantFrom(80, 443, 3000, "*" as const),
  path: fc.constantFrom(null, "/v1/**", "/a/*"),
});
const match: fc.Arbitrary<RuleMatch> = fc.oneof(
  fc.record({ kind: fc.constant("path"), patterns: fc.array(pathPattern, { maxLength: 2 }), below: fc.boolean() }),
  fc.record({ kind: fc.constant("host"), patterns: fc.array(hostPattern, { maxLength: 2 }) }),
  fc.record({
    kind: fc.constant("address"),
    ranges: fc.array(fc.constantFrom("8.8.8.8/32", "0.0.0.0/0", "::/0", "127.0.0.1")),
  }),
  fc.record({ kind: fc.constant("variable"), patterns: fc.array(fc.constantFrom("PATH", "A*", "*", "?")) }),
  fc.record({ kind: fc.constant("command"), name: fc.constantFrom("git", "rg", "tools/x") }),
  fc.record({
    kind: fc.constant("command"),
    name: fc.constantFrom("git", "rg"),
    args: fc.array(fc.constantFrom("push", "-f", "push --force")),
  }),
  fc.record({ kind: fc.constant("any") }),
) as fc.Arbitrary<RuleMatch>;
const ruleOf = (effect: fc.Arbitrary<RuleData["effect"]>): fc.Arbitrary<RuleData> =>
  fc.record({
    ref: fc.nat(99).map((id) => ({ id: `r${id}` })),
    effect,
    on: fc.subarray([...CAPABILITIES], { minLength: 1 }),
    match,
  });
const rule = ruleOf(fc.constantFrom("allow", "allow", "ask", "deny"));

const pathTarget = fc
  .tuple(
    fc.constantFrom<Capability>("fs.read", "fs.write", "fs.delete"),
    fc.constantFrom("read", "search", "write", "delete"),
    pathValue,
  )
  .map(([on, role, value]) => ({ on, role, kind: "path", value }) as Target);
const url = fc.constantFrom(
  "https://a.com/",
  "https://b.a.com/v1/x",
  "http://localhost:3000/",
  "http://127.0.0.1/",
  "https://8.8.8.8/",
);
const netRequest = fc
  .tuple(url, fc.subarray(["8.8.8.8", "127.0.0.1", "::1", "10.0.0.1"]))
  .map(([value, addresses]) => urlRequest(value, addresses));
const request: fc.Arbitrary<CanonicalRequest> = fc.oneof(
  fc.array(pathTarget, { minLength: 1, maxLength: 3 }).map((targets) => requestFor("fs.write", targets)),
  netRequest,
  fc
    .array(fc.constantFrom("push", "-f", "status", "--force", "-c", "x"))
    .map((args) => commandRequest(["git", ...args])),
  fc.constantFrom("PATH", "AB", "x", "LD_X").map(variableRequest),
);

const empty = policyOf("").data;
const policyWith = (rules: readonly RuleData[]): Policy => Policy.revive({ ...empty, rules });

describe("for every policy and request", () => {
  test("the empty policy denies", () => {
    fc.assert(
      fc.property(request, (asked) => {
        expect(policyWith([]).decide(asked).effect).toBe("deny");
      }),
    );
  });

  test("adding a denial never makes the answer milder", () => {
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        ruleOf(fc.constant("deny")),
        fc.nat(6),
        request,
        (rules, deny, at, asked) => {
          const before = policyWith(rules).decide(asked).effect;
          const after = policyWith([...rules.slice(0, at), deny, ...rules.slice(at)]).decide(asked).effect;
          expect(STRICTNESS[after]).toBeGreaterThanOrEqual(STRICTNESS[before]);
        },
      ),
      { numRuns: 1500 },
    );
  });

  test("adding a grant never defeats a denial by a rule", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), ruleOf(fc.constant("allow")), request, (rules, allow, asked) => {
        const before = policyWith(rules).decide(asked);
        if (before.effect !== "deny" || before.rule.id === "default") return;
        expect(policyWith([allow, ...rules]).decide(asked).effect).toBe("deny");
        expect(policyWith([...rules, allow]).decide(asked).effect).toBe("deny");
      }),
      { numRuns: 1500 },
    );
  });

  test("adding a grant never makes the answer stricter", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), ruleOf(fc.constant("allow")), request, (rules, allow, asked) => {
        const before = policyWith(rules).decide(asked).effect;
        expect(STRICTNESS[policyWith([...rules, allow]).decide(asked).effect]).toBeLessThanOrEqual(STRICTNESS[before]);
      }),
      { numRuns: 1500 },
    );
  });

  test("the order of rules does not change the effect", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), request, (rules, asked) => {
        expect(policyWith([...rules].reverse()).decide(asked).effect).toBe(policyWith(rules).decide(asked).effect);
      }),
      { numRuns: 1000 },
    );
  });

  test("more targets never make the answer milder", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), pathTarget, pathTarget, (rules, one, other) => {
        const policy = policyWith(rules);
        const alone = policy.decide(requestFor("fs.write", [one])).effect;
        const both = policy.decide(requestFor("fs.write", [other, one])).effect;
        expect(STRICTNESS[both]).toBeGreaterThanOrEqual(STRICTNESS[alone]);
      }),
    );
  });

  test("what is granted is seen by `grants`", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), request, (rules, asked) => {
        const policy = policyWith(rules);
        if (policy.decide(asked).effect === "deny") return;
        for (const { on } of asked.targets) expect(policy.grants(on)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("a revived copy decides the same", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), request, (rules, asked) => {
        const policy = policyWith(rules);
        expect(Policy.revive(structuredClone(policy.data)).decide(asked)).toEqual(policy.decide(asked));
      }),
    );
  });
});

describe("a search", () => {
  const searchOf = (value: string) => requestFor("fs.read", [{ on: "fs.read", role: "search", kind: "path", value }]);
  const readOf = (value: string) => requestFor("fs.read", [{ on: "fs.read", role: "read", kind: "path", value }]);
  const ancestors = (path: string) =>
    path.split("/").map((_, at, parts) => parts.slice(0, parts.length - at).join("/") || "/");

  test("is granted for every directory on the way to what may be read", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), pathValue, (rules, path) => {
        const policy = policyWith(rules);
        if (policy.decide(readOf(path)).effect !== "allow") return;
        for (const above of ancestors(path)) expect(policy.decide(searchOf(above)).rule.id).not.toBe("default");
      }),
      { numRuns: 2000 },
    );
  });

  test("is denied and asked about wherever a read of the directory is, by the same rule", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), pathValue, (rules, path) => {
        const policy = policyWith(rules);
        const read = policy.decide(readOf(path));
        const search = policy.decide(searchOf(path));
        if (read.effect === "allow") expect(search.effect).toBe("allow");
        else if (read.rule.id !== "default")
          expect([search.effect, search.rule.id]).toEqual([read.effect, read.rule.id]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the index of patterns", () => {
  const capabilities = fc.constantFrom<Capability>(
    "fs.read",
    "fs.delete",
    "net.http_get",
    "env.read",
    "subprocess.exec",
  );
  test("finds what asking every pattern finds", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), request, fc.constantFrom("open", "deny"), (rules, asked, list) => {
        const atoms = rules.flatMap((data, order) => atomsOf(new Rule(data, order), list, []));
        const facts = {
          on: asked.on,
          attrs: asked.attrs,
          circumstances: UNKNOWN_CIRCUMSTANCES,
          address: null,
          urls: [],
        };
        const indexed = new AtomIndex(atoms);
        const unindexed = new AtomIndex(atoms.map((atom) => ({ ...atom, key: null })));
        for (const target of asked.targets) {
          const subject = readSubject(target, asked.attrs);
          if (subject === null) continue;
          const ids = (index: AtomIndex) =>
            index
              .find(subject, facts)
              [list].map((atom) => [atom.order, atom.data.ref.id].join())
              .sort();
          expect(ids(indexed)).toEqual(ids(unindexed));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("does not hide a rule whose pattern can never match: everything about its capability is denied", () => {
    fc.assert(
      fc.property(capabilities, fc.constantFrom("oops", "/r/../x", "/r/.", ""), (on, pattern) => {
        const broken = {
          ref: { id: "x" },
          effect: "deny",
          on: [on],
          match: { kind: "path", patterns: [pattern], below: true },
        } as const;
        const policy = policyWith([...policyOf('[environment]\nallow_vars = ["A"]').data.rules, broken]);
        if (on === "env.read") expect(answerOf(policy, variableRequest("A"))).toBe("builtin.error");
        else expect(policy.decide(pathRequest("fs.read", "a")).effect).toBe("deny");
      }),
      { numRuns: 20 },
    );
  });
});

describe("a decision is given", () => {
  const policy = policyOf('[filesystem]\nread_allow = ["**"]\n[environment]\nallow_vars = ["*"]');

  test("for whatever is put in its place", () => {
    const target = fc.record(
      {
        on: fc.anything(),
        role: fc.anything(),
        kind: fc.constantFrom("path", "url", "address", "command", "variable", 1),
        value: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const anyRequest = fc.oneof(
      fc.anything(),
      fc.record({ v: fc.constantFrom(1, 2), on: fc.anything(), targets: fc.anything(), attrs: fc.anything() }),
      fc.record({ v: fc.constant(1), targets: fc.array(fc.oneof(target, fc.anything())), attrs: fc.anything() }),
    );
    fc.assert(
      fc.property(anyRequest, (asked) => {
        const decision = policy.decide(asked as CanonicalRequest);
        expect(decision.effect).toBe("deny");
        expect(decision.code).toBe("E_POLICY_DENIED");
      }),
      { numRuns: 1000 },
    );
  });

  test("for whatever text is the value of a target", () => {
    const kinds = [
      ["fs.read", "path"],
      ["net.http_get", "url"],
      ["net.http_get", "address"],
      ["subprocess.exec", "command"],
      ["env.read", "variable"],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.string({ unit: "binary" }), ([on, kind], value) => {
        const asked = requestFor(on, [{ on, role: "read", kind, value }], { command: value, argv: [value] });
        expect(["allow", "deny"]).toContain(policy.decide(asked).effect);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a hint teaches", () => {
  const policy = policyOf(`
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["src/**", "docs/*.md", "CHANGELOG.md", "pkg/**"]
delete_allow = ["out/**"]
deny = ["src/private"]
[network]
http_get_allow = ["api.github.com", "https://v.example.org:8443/v1/**", "http://localhost:3000"]
[environment]
allow_vars = ["LANG"]
[subprocess]
allow_commands = ["git", "rg"]
`);
  const hint = (asked: CanonicalRequest, typed = asked) => policy.decide(asked, typed).hint;

  test.each([
    [
      pathRequest("fs.read", "docs/x/y.md"),
      'granted by `filesystem.read_allow`: `docs/*.md`, `src/**`, `CHANGELOG.md` and 1 more; to allow it: [filesystem] read_allow = ["docs/x/y.md"]',
    ],
    [
      pathRequest("fs.read", "/etc/hosts"),
      'it lies outside the root `/work/proj`; granted by `filesystem.read_allow`: `src/**`, `docs/*.md`, `CHANGELOG.md` and 1 more; to allow it: [filesystem] read_allow = ["/etc/hosts"]',
    ],
    [
      pathRequest("fs.write", "x"),
      'nothing is granted by `filesystem.write_allow`; to allow it: [filesystem] write_allow = ["x"]',
    ],
    [
      pathRequest("fs.read", "src/private/a"),
      "`filesystem.deny[0]` (/work/proj/agent-run.toml:7) denies it, and no grant opens a denial",
    ],
    [
      pathRequest("fs.read", "src/.env"),
      "`builtin.env_files` denies it; only an exact entry of the main policy opens it",
    ],
    [pathRequest("fs.write", ".git/x"), "`builtin.git` denies it, and no grant opens a denial"],
    [
      pathRequest("fs.delete", "out/x"),
      "`requires_approval[0]` (/work/proj/agent-run.toml:3) has a person asked every time",
    ],
    [
      urlRequest("https://api.example.com:444/x"),
      'granted by `network.http_get_allow`: `api.github.com`, `https://v.example.org:8443/v1/**`, `http://localhost:3000`; to allow it: [network] http_get_allow = ["https://api.example.com:444"]',
    ],
    [
      urlRequest("https://api.github.com/", ["10.0.0.1"]),
      '`api.github.com` leads to an address of a special range (private); a name may lead there only with a range in [network.private_hosts], besides its http_get_allow: "api.github.com" = ["10.0.0.0/8"]',
    ],
    [
      commandRequest(["curl", "x"]),
      'granted by `subprocess.allow_commands`: `git`, `rg`; to allow it: [subprocess] allow_commands = ["curl"]',
    ],
    [
      commandRequest(["git", "-c", "a=b", "log"]),
      "`-c` of `git` reads configuration that can run another program; no rule can open this",
    ],
    [
      variableRequest("HOME"),
      'granted by `environment.allow_vars`: `LANG`; to allow it: [environment] allow_vars = ["HOME"]',
    ],
    [variableRequest("LD_PRELOAD"), "it says how processes are started or supervised; no rule can open this"],
  ])("case %#", (asked, expected) => expect(hint(asked)).toBe(expected));

  test("names a directory that a write has to make, as the script's own words do", () => {
    const typed = pathRequest("fs.write", "out/new/a");
    const made = requestFor("fs.write", [...typed.targets, ...pathRequest("fs.write", "out/new").targets]);
    expect(policyOf('[filesystem]\nwrite_allow = ["out/new/a"]').decide(made, typed).hint).toBe(
      'granted by `filesystem.write_allow`: `out/new/a`; to allow it: [filesystem] write_allow = ["out/new"]',
    );
  });

  test("says of a command's word that it may be no path", () => {
    const words = commandRequest(["git", "/x/y"]);
    const typed = requestFor(
      "subprocess.exec",
      [...words.targets, ...pathRequest("fs.read", "/x/y").targets],
      words.attrs,
    );
    expect(hint(typed)).toMatch(
      /read_allow = \["\/x\/y"\]; or, where it is no path: \[subprocess\.commands\.git\] args = "free"$/,
    );
  });

  test("without naming where a link leads", () => {
    const typed = pathRequest("fs.read", "src/link");
    const real = requestFor("fs.read", [...typed.targets, ...pathRequest("fs.read", "/home/me/very/private").targets]);
    expect(hint(real, typed)).toBe(
      "it leads to what is not granted; granted by `filesystem.read_allow`: `src/**`, `docs/*.md`, `CHANGELOG.md` and 1 more",
    );
  });
});

describe("the line that would grant a call", () => {
  const policy = policyOf("");
  test.each([
    [".", '[filesystem] read_allow = ["**"]'],
    ["src", '[filesystem] read_allow = ["src/**"]'],
    ["/", '[filesystem] read_allow = ["/**"]'],
    ["a[1]", '[filesystem] read_allow = ["a\\\\[1\\\\]/**"]'],
  ])("a search of %s: %s", (target, line) => expect(policy.grantHint("fs.read", target, "search")).toBe(line));

  test.each([
    ["fs.read", "out/a.md", '[filesystem] read_allow = ["out/a.md"]'],
    ["fs.read", "a[1]*", '[filesystem] read_allow = ["a\\\\[1\\\\]\\\\*"]'],
    ["fs.write", 'a"b\\c', '[filesystem] write_allow = ["a\\\\\\"b\\\\\\\\c"]'],
    ["fs.read", "$&$1", '[filesystem] read_allow = ["\\\\$&\\\\$1"]'],
    ["fs.read", undefined, '[filesystem] read_allow = ["src/**"]'],
    ["net.http_post", "https://a.example/x?y=z", '[network] http_post_allow = ["a.example"]'],
    ["net.http_get", "http://127.0.0.1:3000/", '[network] http_get_allow = ["http://127.0.0.1:3000"]'],
    ["net.http_get", "http://[::1]/", '[network] http_get_allow = ["http://[::1]:80"]'],
    ["net.http_get", undefined, '[network] http_get_allow = ["api.example.com"]'],
    ["subprocess.exec", "git push origin", '[subprocess] allow_commands = ["git"]'],
    ["env.read", "HOME", '[environment] allow_vars = ["HOME"]'],
  ] as const)("%s %s: %s", (capability, target, line) => expect(policy.grantHint(capability, target)).toBe(line));

  test("does grant it", () => {
    const cases: readonly (readonly [Capability, string, CanonicalRequest])[] = [
      ["fs.read", "a[1]*", pathRequest("fs.read", "a[1]*")],
      ["fs.read", "{x}/$(y)", pathRequest("fs.read", "{x}/$(y)")],
      ["net.http_get", "https://a.example:444/x", urlRequest("https://a.example:444/x")],
      ["net.http_get", "http://a.example/x", urlRequest("http://a.example/x")],
      ["net.http_get", "http://[::1]:80/", urlRequest("http://[::1]/")],
      ["subprocess.exec", "git status", commandRequest(["git", "status"])],
      ["env.read", "HOME", variableRequest("HOME")],
    ];
    for (const [capability, target, asked] of cases) {
      const granting = policyOf(policy.grantHint(capability, target).replace("] ", "]\n"));
      expect([target, answerOf(granting, asked)]).toEqual([target, "allow"]);
      expect(granting.grants(capability)).toBe(true);
    }
  });
});

describe("a capability is granted", () => {
  test("only by a rule about it, and not behind a denial of everything", () => {
    const policy = policyOf(
      '[filesystem]\nread_allow = ["src/**"]\nwrite_allow = ["out/**"]\ndeny = []\n[environment]\nallow_vars = ["A"]',
    );
    expect(CAPABILITIES.filter((capability) => policy.grants(capability))).toEqual(["fs.read", "fs.write", "env.read"]);
    const closed = policyOf(
      '[filesystem]\nread_allow = ["src/**"]\ndeny = ["/"]\n[environment]\nallow_vars = ["A"]\ndeny_vars = ["*"]',
    );
    expect(CAPABILITIES.filter((capability) => closed.grants(capability))).toEqual([]);
  });
});
