/** What a `[[rule]]` becomes, and what it does beside the rules of sections. (Longer than other files: a case a key.) */
import { describe, expect, test } from "vitest";
import { loadPolicyText } from "./load.ts";
import { Policy } from "./policy.ts";
import type { CanonicalRequest } from "./request.ts";
import { showPolicy } from "./show.ts";
import { directoryWith, diskWorld } from "./testing/disk-world.ts";
import {
  answerOf,
  commandRequest,
  pathRequest,
  policyOf,
  searchRequest,
  urlRequest,
  variableRequest,
} from "./testing/policy-of.ts";

const rule = (lines: string, id = "r") => `[[rule]]\nid = "${id}"\n${lines}\n`;

/** Without what every rule has. */
const compiled = (lines: string) =>
  policyOf(rule(lines))
    .data.rules.filter(({ ref }) => ref.id === "r")
    .map(({ ref: _ref, effect: _effect, ...rest }) => rest);

const FS = ["fs.read", "fs.write", "fs.delete"];

describe("a rule becomes", () => {
  test.each([
    [
      "a place of paths",
      'effect = "allow"\non = "fs.read"\npath = ["src/**", "/x"]',
      [{ on: ["fs.read"], match: { kind: "path", patterns: ["/work/proj/src/**", "/x"], below: false } }],
    ],
    [
      "for a denial, all that lies below, machine-wide",
      'effect = "deny"\non = "fs.*"\npath = "**/x"',
      [{ on: FS, match: { kind: "path", patterns: ["/**/x"], below: true } }],
    ],
    [
      "everything, where a denial names no place",
      'effect = "deny"\non = ["fs.*", "env.read"]',
      [{ on: [...FS, "env.read"], match: { kind: "any" } }],
    ],
    [
      "a question that opens nothing, where it names no place",
      'effect = "ask"\non = "net.http_get"',
      [{ on: ["net.http_get"], match: { kind: "any" } }],
    ],
    [
      "one rule for each kind, where a grant names no place",
      'effect = "allow"\non = ["env.read", "fs.read"]',
      [
        { on: ["env.read"], match: { kind: "variable", patterns: ["*"] } },
        { on: ["fs.read"], match: { kind: "path", patterns: ["/**"], below: false } },
      ],
    ],
    [
      "one rule for each command",
      'effect = "allow"\non = "subprocess.exec"\ncommand = ["a", "b"]\nargv = ["log **"]\nexcept = ["log -p"]',
      [
        {
          on: ["subprocess.exec"],
          match: { kind: "command", name: "a", args: ["log **"] },
          except: { kind: "command", name: "a", args: ["log -p"] },
        },
        {
          on: ["subprocess.exec"],
          match: { kind: "command", name: "b", args: ["log **"] },
          except: { kind: "command", name: "b", args: ["log -p"] },
        },
      ],
    ],
    [
      "a question about a command that opens the door",
      'effect = "ask"\non = "subprocess.exec"\ncommand = "a"',
      [{ on: ["subprocess.exec"], match: { kind: "command", name: "a" }, opens: true }],
    ],
    [
      "a denial of arguments of every command",
      'effect = "deny"\non = "subprocess.exec"\nargv = "--force"',
      [{ on: ["subprocess.exec"], match: { kind: "command", name: "*", args: ["--force"] } }],
    ],
    [
      "hosts with every port and path",
      'effect = "allow"\non = "net.http_get"\nhost = "a.example"\nport = [443, 8443]\nurl_path = ["/v1/", "/v2"]',
      [
        {
          on: ["net.http_get"],
          match: {
            kind: "host",
            patterns: [
              { scheme: "https", host: "a.example", port: 443, path: "/v1/**" },
              { scheme: "https", host: "a.example", port: 443, path: "/v2" },
              { scheme: "https", host: "a.example", port: 8443, path: "/v1/**" },
              { scheme: "https", host: "a.example", port: 8443, path: "/v2" },
            ],
          },
        },
      ],
    ],
    [
      "every host, refined",
      'effect = "allow"\non = "net.http_get"\nport = 8443',
      [
        {
          on: ["net.http_get"],
          match: { kind: "host", patterns: [{ scheme: "*", host: "*", port: 8443, path: null }] },
        },
      ],
    ],
    [
      "every host",
      'effect = "allow"\non = "net.http_get"',
      [
        {
          on: ["net.http_get"],
          match: { kind: "host", patterns: [{ scheme: "*", host: "*", port: "*", path: null }] },
        },
      ],
    ],
    [
      "this machine at a port",
      'effect = "allow"\non = "net.http_get"\nhost = ["localhost", "::1"]\nport = 3000',
      [
        {
          on: ["net.http_get"],
          match: {
            kind: "host",
            patterns: [
              { scheme: "http", host: "localhost", port: 3000, path: null },
              { scheme: "http", host: "::1", port: 3000, path: null },
            ],
          },
        },
      ],
    ],
    [
      "a method as a condition",
      'effect = "deny"\non = "net.*"\nhost = "http://a.example"\nmethod = "HEAD"\nwhen = { bytes = { gt = "1kB" } }',
      [
        {
          on: ["net.http_get", "net.http_post", "net.http_put", "net.http_patch", "net.http_delete"],
          match: { kind: "host", patterns: [{ scheme: "http", host: "a.example", port: "*", path: null }] },
          when: [
            { attribute: "method", test: { op: "in", values: ["HEAD"] } },
            { attribute: "bytes", test: { op: "gt", value: 1000 } },
          ],
        },
      ],
    ],
    [
      "what else it says",
      'effect = "allow"\non = "env.read"\nname = "A*"\nexcept = "AB"\nlimit = { calls = 3 }\nexpires = 2027-03-31\nhours = "Sat-Mon 22:00-06:00 UTC"\nreason = "x"\nadvice = "y"',
      [
        {
          on: ["env.read"],
          match: { kind: "variable", patterns: ["A*"] },
          except: { kind: "variable", patterns: ["AB"] },
          limit: { calls: 3 },
          expires: Date.UTC(2027, 2, 31),
          hours: { days: [1, 6, 7], from: 1320, to: 360, zone: "UTC" },
          reason: "x",
          advice: "y",
        },
      ],
    ],
  ])("%s", (_title, lines, expected) => expect(compiled(lines)).toEqual(expected));

  test("its id, with its place", () => {
    const [first] = policyOf(`\n${rule('effect = "deny"\non = "fs.read"')}`).data.rules;
    expect(first?.ref).toEqual({ id: "r", file: "/work/proj/agent-run.toml", line: 3, column: 3 });
  });
});

describe("beside the sections", () => {
  test("a denial beats every grant, and a question beats a grant", () => {
    const policy = policyOf(
      `[filesystem]\nread_allow = ["**"]\n${rule('effect = "deny"\non = "fs.read"\npath = "a/**"')}${rule('effect = "ask"\non = "fs.read"\npath = "b/**"', "q")}${rule('effect = "allow"\non = "fs.read"', "all")}`,
    );
    expect(["a/x", "b/x", "c"].map((path) => answerOf(policy, pathRequest("fs.read", path)))).toEqual([
      "r",
      "ask",
      "allow",
    ]);
  });

  test("what is local-only is not opened by a rule", () => {
    const policy = policyOf(
      `[filesystem]\nlocal_only_read = ["private/**"]\n[environment]\nlocal_only_vars = ["INNER"]\n[network]\nlocal_only_hosts = ["inner.example"]\n${rule('effect = "allow"\non = ["fs.read", "fs.write", "fs.delete", "env.read", "net.http_get"]')}`,
    );
    const read = policy.decide(pathRequest("fs.read", "private/a"));
    expect([read.effect, read.rule.id, read.sealed?.label]).toEqual([
      "allow",
      "filesystem.local_only_read[0]",
      ["local"],
    ]);
    expect(answerOf(policy, pathRequest("fs.write", "private/a"))).toBe("filesystem.local_only_read[0]");
    expect(policy.decide(variableRequest("INNER")).rule.id).toBe("environment.local_only_vars[0]");
    expect(policy.decide(urlRequest("https://inner.example/")).sealed?.label).toEqual(["local"]);
    expect(policy.decide(pathRequest("fs.read", "open")).sealed).toBeUndefined();
  });

  test("what is always denied stays so: only a section opens it", () => {
    const policy = policyOf(rule('effect = "allow"\non = ["fs.read", "env.read"]'));
    expect(answerOf(policy, pathRequest("fs.read", ".env"))).toBe("builtin.env_files");
    expect(answerOf(policy, variableRequest("API_TOKEN"))).toBe("builtin.variables");
    expect(
      answerOf(policyOf(rule('effect = "allow"\non = "fs.read"\npath = ".env"')), pathRequest("fs.read", ".env")),
    ).toBe("builtin.env_files");
    expect(answerOf(policy, urlRequest("http://127.0.0.1/"))).toBe("default");
    const everywhere = policyOf(rule('effect = "allow"\non = "net.http_get"'));
    expect(answerOf(everywhere, urlRequest("http://localhost:3000/"))).toBe("builtin.special_address");
  });
});

describe("a question with a place", () => {
  test("opens the door by itself", () => {
    const policy = policyOf(
      `${rule('effect = "ask"\non = "fs.write"\npath = "out/**"')}${rule('effect = "ask"\non = "subprocess.exec"\ncommand = "tool"\nargv = ["push **"]', "t")}`,
    );
    expect(answerOf(policy, pathRequest("fs.write", "out/a"))).toBe("ask");
    expect(answerOf(policy, pathRequest("fs.write", "OUT/a"))).toBe("default");
    expect(answerOf(policy, commandRequest(["tool", "push", "x"]))).toBe("ask");
    expect(answerOf(policy, commandRequest(["tool", "-v", "push"]))).toBe("default");
    expect(policy.data.subprocess.allowed).toEqual(["tool"]);
  });

  test("opens nothing without one, and neither does `ask_args`", () => {
    const policy = policyOf(
      `[subprocess.ask_args]\ntool = ["push"]\n${rule('effect = "ask"\non = ["fs.write", "subprocess.exec"]')}`,
    );
    expect(answerOf(policy, pathRequest("fs.write", "out/a"))).toBe("default");
    expect(answerOf(policy, commandRequest(["tool", "push"]))).toBe("default");
    expect(policy.data.subprocess.allowed).toEqual([]);
  });
});

describe("commands", () => {
  const policy = policyOf(
    rule(
      'effect = "allow"\non = "subprocess.exec"\ncommand = ["git"]\nargv = ["log **", "show *"]\nexcept = ["log --stat"]',
    ),
  );
  test.each([
    [["git", "log"], "allow"],
    [["git", "log", "-3", "--oneline"], "allow"],
    [["git", "log", "--stat"], "default"],
    [["git", "log", "--sta", "x"], "default"],
    [["git", "show", "HEAD"], "allow"],
    [["git", "show", "--textual"], "default"],
    [["git", "show"], "default"],
    [["git", "show", "a", "b"], "default"],
    [["git", "status"], "default"],
    [["git", "-P", "log"], "default"],
    [["hg", "log"], "default"],
  ])("%j is answered by %s", (argv, expected) => expect(answerOf(policy, commandRequest(argv))).toBe(expected));

  test("are looked up where a rule allows them", () => {
    expect(policy.data.subprocess.allowed).toEqual(["git"]);
    expect(policy.grants("subprocess.exec")).toBe(true);
    const real = policy.withCommands([{ name: "git", path: "/usr/bin/git", dev: 1, ino: 2 }]);
    expect(answerOf(real, commandRequest(["git", "log"], "/usr/bin/git"))).toBe("allow");
    expect(answerOf(real, commandRequest(["git", "log"], "/opt/bin/git"))).toBe("default");
  });

  test("with any more words are denied without any, too, and left out so", () => {
    const grant = '[subprocess]\nallow_commands = ["tool"]\n';
    const deny = policyOf(
      `${grant}${rule('effect = "deny"\non = "subprocess.exec"\ncommand = "tool"\nargv = "push **"')}`,
    );
    const ask = policyOf(
      `${grant}${rule('effect = "ask"\non = "subprocess.exec"\ncommand = "tool"\nargv = "push **"')}`,
    );
    const allow = policyOf(rule('effect = "allow"\non = "subprocess.exec"\ncommand = "tool"\nexcept = "push **"'));
    const answers = (words: readonly string[]) =>
      [deny, ask, allow].map((one) => answerOf(one, commandRequest(["tool", ...words])));
    expect(answers(["push"])).toEqual(["r", "ask", "default"]);
    expect(answers(["push", "x"])).toEqual(["r", "ask", "default"]);
    expect(answers(["pull"])).toEqual(["allow", "allow", "allow"]);
  });

  test("are denied by any of their names, whatever else is listed", () => {
    const deny = policyOf(
      `[subprocess]\nallow_commands = ["py", "tool"]\n${rule('effect = "deny"\non = "subprocess.exec"\ncommand = ["python"]')}${rule('effect = "deny"\non = "subprocess.exec"\nargv = ["--force"]', "f")}`,
    ).withCommands([{ name: "py", path: "/usr/bin/python3.11", dev: 1, ino: 2 }]);
    expect(answerOf(deny, commandRequest(["py"], "/usr/bin/python3.11"))).toBe("r");
    const listed = policyOf(
      `[subprocess]\nallow_commands = ["other"]\n${rule('effect = "deny"\non = "subprocess.exec"\ncommand = "py"')}`,
    ).withCommands([
      { name: "py", path: "/opt/x", dev: 1, ino: 2 },
      { name: "other", path: "/opt/x", dev: 1, ino: 2 },
    ]);
    expect(answerOf(listed, commandRequest(["other"], "/opt/x"))).toBe("r");
    expect(answerOf(deny, commandRequest(["tool", "x", "--force"]))).toBe("f");
    expect(answerOf(deny, commandRequest(["tool", "x"]))).toBe("allow");
  });
});

describe("what a rule leaves out", () => {
  test("a grant leaves out too much rather than too little, a denial too little", () => {
    const grant = policyOf(rule('effect = "allow"\non = "fs.*"\npath = "out/**"\nexcept = ["**/*.sh"]'));
    expect(
      ["out/a", "out/a.sh", "out/A.SH", "out/x.sh/y"].map((path) => answerOf(grant, pathRequest("fs.read", path))),
    ).toEqual(["allow", "default", "default", "default"]);
    const deny = policyOf(
      `[filesystem]\nread_allow = ["**"]\ndelete_allow = ["**"]\n${rule('effect = "deny"\non = "fs.*"\npath = "data"\nexcept = ["data/open"]')}`,
    );
    expect(
      ["data", "data/x", "data/open", "data/OPEN", "data/open/x"].map((path) =>
        answerOf(deny, pathRequest("fs.read", path)),
      ),
    ).toEqual(["r", "r", "allow", "r", "r"]);
    expect(answerOf(deny, pathRequest("fs.delete", "."))).toBe("r");
  });

  test("of variables and hosts it is read so, too", () => {
    const grant = policyOf(
      rule('effect = "allow"\non = "env.read"\nname = ["LANG", "Lang", "LC_*"]\nexcept = ["lang", "LC_ALL"]'),
    );
    const names = ["LANG", "Lang", "LC_ALL", "LC_TIME"];
    expect(names.map((name) => answerOf(grant, variableRequest(name)))).toEqual([
      "default",
      "default",
      "default",
      "allow",
    ]);
    const deny = policyOf(
      `[environment]\nallow_vars = ["*"]\n${rule('effect = "deny"\non = "env.read"\nname = "L*"\nexcept = "LANG"')}`,
    );
    expect(["LANG", "Lang", "LC_ALL"].map((name) => answerOf(deny, variableRequest(name)))).toEqual([
      "allow",
      "r",
      "r",
    ]);
    const hosts = policyOf(
      `[network]\nhttp_get_allow = ["*"]\n${rule('effect = "deny"\non = "net.*"\nhost = "*.example"\nexcept = "a.example/open/**"')}`,
    );
    const urls = [
      "https://a.example/open/x",
      "https://a.example/Open/x",
      "https://a.example/",
      "https://b.example/open/",
    ];
    expect(urls.map((url) => answerOf(hosts, urlRequest(url)))).toEqual(["allow", "r", "r", "r"]);
  });

  test("a search below it is none", () => {
    const policy = policyOf(
      rule(
        'effect = "allow"\non = "fs.read"\npath = "src/**"\nexcept = ["src/inner"]\nwhen = { path = { ends_with = ".md" } }',
      ),
    );
    expect(["src", "src/inner", "src/inner/x", "other"].map((path) => answerOf(policy, searchRequest(path)))).toEqual([
      "allow",
      "default",
      "default",
      "default",
    ]);
    expect(["src/a.md", "src/a.ts"].map((path) => answerOf(policy, pathRequest("fs.read", path)))).toEqual([
      "allow",
      "default",
    ]);
  });

  test("conditions on a path do not keep a denial from what lies below a directory that is deleted", () => {
    const policy = policyOf(
      `[filesystem]\ndelete_allow = ["**"]\n${rule('effect = "deny"\non = "fs.delete"\npath = "a/b/c"\nwhen = { path = { ends_with = "c" }, actor = { ne = "admin" } }')}`,
    );
    const decide = (actor: string | null) => {
      const request = pathRequest("fs.delete", "a");
      return policy.decide(request, request, { now: null, actor }).effect;
    };
    expect([decide(null), decide("me"), decide("admin")]).toEqual(["deny", "deny", "allow"]);
  });
});

describe("time", () => {
  const WORK = 'hours = "Mon-Fri 08:00-18:00 Europe/Berlin"';
  const at = (lines: string, now: number | null, text = "") => {
    const request = pathRequest("fs.read", "a");
    return policyOf(`${text}${rule(lines)}`).decide(request, request, { now, actor: null }).effect;
  };
  const ALL = '[filesystem]\nread_allow = ["**"]\n';
  test.each([
    ["a Monday morning in winter", Date.UTC(2027, 0, 4, 7, 0), "allow"],
    ["a minute before", Date.UTC(2027, 0, 4, 6, 59), "deny"],
    ["a Monday morning in summer", Date.UTC(2027, 6, 5, 6, 0), "allow"],
    ["the last minute", Date.UTC(2027, 0, 4, 16, 59), "allow"],
    ["the end", Date.UTC(2027, 0, 4, 17, 0), "deny"],
    ["a Sunday", Date.UTC(2027, 0, 3, 11), "deny"],
    ["an unknown time", null, "deny"],
    ["no time at all", Number.NaN, "deny"],
  ])("hours at %s", (_title, now, expected) =>
    expect(at(`effect = "allow"\non = "fs.read"\n${WORK}`, now)).toBe(expected),
  );

  test("hours over midnight belong to the day on which they begin", () => {
    const night = 'effect = "allow"\non = "fs.read"\nhours = "Fri 22:00-06:00 UTC"';
    const times = [
      Date.UTC(2027, 0, 1, 22),
      Date.UTC(2027, 0, 2, 5, 59),
      Date.UTC(2027, 0, 2, 6),
      Date.UTC(2027, 0, 1, 5),
    ];
    expect(times.map((now) => at(night, now))).toEqual(["allow", "allow", "deny", "deny"]);
  });

  test("a denial speaks at an unknown time, and only at its hours", () => {
    const deny = `effect = "deny"\non = "fs.read"\n${WORK}`;
    expect([null, Date.UTC(2027, 0, 4, 11), Date.UTC(2027, 0, 3, 11)].map((now) => at(deny, now, ALL))).toEqual([
      "deny",
      "deny",
      "allow",
    ]);
  });

  test("a grant ends, a denial and a question do not", () => {
    const end = Date.UTC(2027, 2, 31);
    const expires = (effect: string, text = "") =>
      [end - 1, end, null].map((now) =>
        at(`effect = "${effect}"\non = "fs.read"\npath = "**"\nexpires = 2027-03-31`, now, text),
      );
    expect(expires("allow")).toEqual(["allow", "deny", "deny"]);
    expect(expires("deny", ALL)).toEqual(["deny", "deny", "deny"]);
    expect(expires("ask", ALL)).toEqual(["ask", "ask", "ask"]);
  });

  test("is that of the clock, unless it is given", () => {
    let now = 0;
    const policy = policyOf(rule('effect = "allow"\non = "fs.read"\nexpires = 1970-01-02')).at(() => ({
      now,
      actor: null,
    }));
    const request = pathRequest("fs.read", "a");
    const effects = () => [
      policy.decide(request).effect,
      policy.decideTarget(request.targets[0] ?? never()).effect,
      policy.protecting([]).decide(request).effect,
      policy.withCommands([]).decide(request).effect,
    ];
    expect(effects()).toEqual(["allow", "allow", "allow", "allow"]);
    now = 86_400_000;
    expect(effects()).toEqual(["deny", "deny", "deny", "deny"]);
    expect(policy.decide(request, request, { now: 0, actor: null }).effect).toBe("allow");
  });
});

function never(): never {
  throw new Error("there is a target");
}

describe("a decision", () => {
  const LIMITED = 'effect = "allow"\non = "fs.*"\npath = "a/**"\nlimit = { calls = 2 }';
  test("names the rules on which it counts, unless it is a denial", () => {
    const policy = policyOf(
      `${rule(LIMITED)}${rule('effect = "ask"\non = "fs.write"\npath = "a/q"\nlimit = { calls = 1 }', "q")}${rule('effect = "deny"\non = "fs.*"\npath = "a/no"', "no")}`,
    );
    const limited = (path: string) => policy.decide(pathRequest("fs.write", path)).limited;
    expect([limited("a/x"), limited("a/q"), limited("a/no"), limited("b")]).toEqual([
      ["r"],
      ["r", "q"],
      undefined,
      undefined,
    ]);
    const copy: CanonicalRequest = {
      ...pathRequest("fs.write", "a/x"),
      targets: ["a/x", "a/y"].map((path) => pathRequest("fs.write", path).targets[0] ?? never()),
    };
    expect(policy.decide(copy).limited).toEqual(["r"]);
  });

  test("gives advice instead of its usual hint", () => {
    const hint = (lines: string, path: string, text = "") =>
      policyOf(`${text}${rule(lines)}`).decide(pathRequest("fs.write", path)).hint;
    const OUT = 'on = "fs.write"\npath = "out/**"\nadvice = "write below out/ instead"';
    expect(hint(`effect = "deny"\n${OUT}`, "out/a", '[filesystem]\nwrite_allow = ["**"]\n')).toBe(
      "write below out/ instead",
    );
    expect(hint(`effect = "ask"\n${OUT}`, "out/a")).toBe("write below out/ instead");
    expect(hint(`effect = "allow"\n${OUT}`, "src/a")).toBe("write below out/ instead");
    expect(hint(`effect = "allow"\nwhen = { bytes = { le = 1 } }\n${OUT}`, "out/a")).toBe("write below out/ instead");
  });

  test("says what kept a grant of this place from holding", () => {
    const hint = (lines: string, bytes: number) => {
      const request = { ...pathRequest("fs.write", "out/a"), attrs: { bytes } };
      return policyOf(rule(`effect = "allow"\non = "fs.write"\n${lines}`)).decide(request).hint;
    };
    expect(hint("when = { bytes = { le = 10 } }", 11)).toContain("`bytes` was 11, and the rule takes at most 10");
    expect(hint('when = { actor = { eq = "ci" } }', 1)).toContain("`actor` is not known, and the rule takes ci");
    expect(hint("expires = 2027-03-31", 1)).toContain(
      "the time is not known, and the rule ends at 2027-03-31T00:00:00Z",
    );
    expect(hint('hours = "08:00-18:00 UTC"', 1)).toContain(
      "the time is not known, and the rule speaks at 08:00-18:00 UTC",
    );
    expect(hint('except = "out/a"', 1)).toContain("the rule leaves out /work/proj/out/a");
  });

  test("tells a script nothing about a path that it did not type", () => {
    const policy = policyOf(
      rule('effect = "allow"\non = "fs.read"\npath = "out/**"\nexcept = "out/inner"\nadvice = "read elsewhere"'),
    );
    const real = pathRequest("fs.read", "out/inner");
    expect(policy.decide(real, pathRequest("fs.read", "link")).hint).not.toContain("read elsewhere");
    expect(policy.decide(real).hint).toBe("read elsewhere");
  });
});

test("what a call says about another capability says nothing about a target", () => {
  const policy = policyOf(
    `[network]\nhttp_get_allow = ["a.example"]\n${rule('effect = "allow"\non = "fs.write"\nwhen = { bytes = { le = 10 } }')}`,
  );
  const get = urlRequest("https://a.example/");
  const saved = {
    ...get,
    attrs: { ...get.attrs, bytes: 3 },
    targets: [...get.targets, ...pathRequest("fs.write", "a").targets],
  };
  expect(answerOf(policy, saved)).toBe("default");
  expect(answerOf(policy, { ...pathRequest("fs.write", "a"), attrs: { bytes: 3 } })).toBe("allow");
});

describe("a policy", () => {
  test("grants a capability where a call could come true", () => {
    const grants = (text: string) => policyOf(text).grants("fs.read");
    expect(grants(rule('effect = "allow"\non = "fs.read"\nwhen = { actor = { eq = "ci" } }'))).toBe(true);
    expect(grants(`${rule('effect = "allow"\non = "fs.read"')}${rule('effect = "deny"\non = "fs.read"', "d")}`)).toBe(
      false,
    );
    expect(
      grants(
        `${rule('effect = "allow"\non = "fs.read"')}${rule('effect = "deny"\non = "fs.read"\nexcept = "a"', "d")}`,
      ),
    ).toBe(true);
    expect(
      grants(
        `${rule('effect = "allow"\non = "fs.read"')}${rule('effect = "deny"\non = "fs.read"\nwhen = { actor = { eq = "ci" } }', "d")}`,
      ),
    ).toBe(true);
    expect(grants(rule('effect = "ask"\non = "fs.read"'))).toBe(false);
  });

  test("has a hash over all that decides, and over nothing else", () => {
    const hash = (lines: string) => policyOf(rule(`effect = "allow"\non = "env.read"\n${lines}`)).data.hash;
    const others = [
      'name = "A"',
      'except = "A"',
      'when = { actor = { eq = "ci" } }',
      "limit = { calls = 1 }",
      "expires = 2027-03-31",
      'hours = "08:00-18:00 UTC"',
      'advice = "x"',
    ];
    expect(new Set([hash(""), ...others.map(hash)]).size).toBe(others.length + 1);
    expect(hash('reason = "x"\nmatch = ["env.read A"]')).toBe(hash(""));
  });

  test("shows what a rule asks for", () => {
    const shown = showPolicy(
      policyOf(
        rule(
          'effect = "allow"\non = "fs.write"\npath = "out/**"\nexcept = "**/x"\nwhen = { bytes = { le = "1MB" }, actor = { in = ["ci", "me"] } }\nlimit = { calls = 3 }\nexpires = 2027-03-31\nhours = "Mon-Fri 08:00-18:00 Europe/Berlin"\nreason = "reports"',
        ),
      ).data,
    );
    expect(shown).toContain(
      "fs.write  /work/proj/out/**, except /**/x, bytes le 1000000, actor in ci, me, expires 2027-03-31T00:00:00Z, hours Mon,Tue,Wed,Thu,Fri 08:00-18:00 Europe/Berlin, at most 3 calls of a run, because reports  (r, /work/proj/agent-run.toml:2)",
    );
  });
});

const load = (text: string, more: Readonly<Record<string, string>> = {}) => {
  const directory = directoryWith(more);
  return loadPolicyText(`version = 1\n${text}`, { path: "p.toml", realPath: `${directory}/p.toml` }, diskWorld());
};

const problemsOf = (text: string, more: Readonly<Record<string, string>> = {}) => {
  const loaded = load(text, more);
  return loaded.ok
    ? []
    : loaded.problems.map(
        ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? "" : ` = ${hint}`}`,
      );
};

describe("examples", () => {
  const REPORTS =
    'effect = "allow"\non = ["fs.write"]\npath = ["out/**"]\nexcept = ["**/*.sh"]\nwhen = { bytes = { le = 10 } }\nexpires = 2027-03-31\nhours = "08:00-18:00 UTC"';
  test("that are so load", () => {
    const text =
      'match = [{ on = "fs.write", path = "out/a.md", bytes = 10 }, "fs.write out/b bytes=1", { on = "fs.write", path = "out/a", bytes = 1, now = 2027-03-30T12:00:00Z }]\nno_match = [{ on = "fs.write", path = "out/../.env", bytes = 10 }, "fs.write out/a bytes=11", "fs.write out/a.SH bytes=1", "fs.read out/a", { on = "fs.write", path = "out/a", bytes = 1, now = 2027-03-31 }]';
    expect(problemsOf(rule(`${REPORTS}\n${text}`))).toEqual([]);
  });

  test.each([
    [
      'match = [{ on = "fs.write", path = "out/a", bytes = 11 }]',
      "11:10 `r` does not match this call: `bytes` was 11, and the rule takes at most 10",
    ],
    [
      'match = ["fs.write out/a"]',
      "11:10 `r` does not match this call: `bytes` is not known, and the rule takes at most 10",
    ],
    ['match = ["fs.read out/a"]', "11:10 `r` does not match this call: it is not about fs.read"],
    [
      'match = [{ on = "fs.write", path = "out/a", bytes = 1, now = 2027-03-31T12:00:00Z }]',
      "11:10 `r` does not match this call: the rule ended at 2027-03-31T00:00:00Z",
    ],
    [
      'match = [{ on = "fs.write", path = "out/a", bytes = 1, now = 2027-03-30T18:00:00Z }]',
      "11:10 `r` does not match this call: the time was 2027-03-30T18:00:00Z, and the rule speaks at 08:00-18:00 UTC",
    ],
    [
      'no_match = ["fs.write out/a bytes=1"]',
      "11:13 `r` matches this call = narrow the rule, or move the example to `match`",
    ],
    [
      'match = [{ on = "fs.write", path = "a", byte = 1 }]',
      "11:10 `byte` is not a member of a call on fs.write; there are: path, bytes",
    ],
    [
      'match = [{ path = "a" }]',
      "11:10 `on` must be one of fs.read, fs.write, fs.delete, net.http_get, net.http_post, net.http_put, net.http_patch, net.http_delete, subprocess.exec, env.read",
    ],
  ])("that are not so do not: %s", (text, problem) =>
    expect(problemsOf(rule(`${REPORTS}\n${text}`))).toEqual([problem]),
  );

  test("may say all that conditions ask for", () => {
    const exec =
      'effect = "deny"\non = "subprocess.exec"\nwhen = { stdin_bytes = { gt = 5 }, env = { contains = "A=1" } }\nmatch = [{ on = "subprocess.exec", argv = ["x"], stdin_bytes = 6, env = ["A=1"] }, "subprocess.exec x"]\nno_match = [{ on = "subprocess.exec", argv = ["x"], stdin_bytes = 5 }]';
    const get =
      'effect = "allow"\non = "net.http_get"\nmethod = "HEAD"\nhost = "a.example"\nwhen = { actor = { eq = "ci" } }\nmatch = [{ on = "net.http_get", url = "https://a.example/", method = "HEAD", actor = "ci" }]\nno_match = [{ on = "net.http_get", url = "https://a.example/", actor = "ci" }]';
    expect(problemsOf(`${rule(exec)}${rule(get, "g")}`)).toEqual([]);
  });
});

test("ids are unique over all files, and inherited rules count", () => {
  const base = `version = 1\n${rule('effect = "deny"\non = "fs.write"\npath = "**/x"')}[[test]]\ngiven = "fs.write x"\nexpect = "deny"\n`;
  const files = { "base.toml": base };
  const own = (id: string) => `inherits = ["base.toml"]\n${rule('effect = "allow"\non = "fs.write"', id)}`;
  expect(problemsOf(own("r"), files)).toEqual(["3:6 there is another rule `r` in p.toml:3 = rename one of them"]);
  const loaded = load(own("mine"), files);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.data.rules.slice(0, 2).map(({ ref }) => ref.id)).toEqual(["mine", "r"]);
  const policy = Policy.revive(loaded.data);
  expect(["a/x", "a/y"].map((path) => answerOf(policy, pathRequest("fs.write", path)))).toEqual(["r", "allow"]);
  expect(loaded.checks.tests).toHaveLength(1);
});

test("tests and nevers are read for tools, with what is around their calls", () => {
  const loaded = load(`
[[test]]
name = "no secrets"
given = { on = "fs.write", path = "out/../.env", bytes = 3, now = 2027-01-01, actor = "ci", labels = ["local"] }
expect = { effect = "deny", rule = "builtin.env_files", code = "E_POLICY_DENIED" }
[[test]]
given = "subprocess.exec git push -f"
expect = "ask"
[[never]]
id = "no-writes"
on = ["fs.write", "fs.delete"]
path_not = ["/out/**"]
[[never]]
on = "net.*"
host = "*.evil.example"
`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const at = (line: number) => ({ file: "p.toml", line, column: 3 });
  expect(loaded.checks.tests).toEqual([
    {
      name: "no secrets",
      given: {
        call: { on: "fs.write", path: "out/../.env", bytes: 3, labels: ["local"] },
        circumstances: { now: Date.UTC(2027, 0, 1), actor: "ci" },
      },
      expect: { effect: "deny", rule: "builtin.env_files", code: "E_POLICY_DENIED" },
      at: at(3),
    },
    {
      name: null,
      given: {
        call: { on: "subprocess.exec", argv: ["git", "push", "-f"] },
        circumstances: { now: null, actor: null },
      },
      expect: { effect: "ask" },
      at: at(7),
    },
  ]);
  expect(loaded.checks.nevers).toEqual([
    {
      name: "no-writes",
      on: ["fs.write", "fs.delete"],
      where: [{ attribute: "path", not: true, patterns: ["/out/**"] }],
      at: at(10),
    },
    {
      name: null,
      on: ["net.http_get", "net.http_post", "net.http_put", "net.http_patch", "net.http_delete"],
      where: [
        { attribute: "host", not: false, patterns: [{ scheme: "*", host: "*.evil.example", port: "*", path: null }] },
      ],
      at: at(14),
    },
  ]);
  expect(problemsOf('[[test]]\ngiven = { on = "fs.read", pathe = "a" }\nexpect = "deny"')).toEqual([
    "3:9 `pathe` is not a member of a call on fs.read; there are: path, bytes, pattern",
  ]);
});
