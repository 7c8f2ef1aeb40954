import { createHash } from "node:crypto";
import { loadPolicyText, Policy, type PolicyWorld, requestOf } from "@agent-run/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ImportFormat, importPolicy } from "./import.ts";
import {
  type AgsecStatement,
  agsecVerdict,
  type ClaudeLists,
  type CodexRule,
  claudeVerdict,
  codexVerdict,
  HOME,
  ROOT,
  type ScriptCall,
  type SiphrixRule,
  siphrixVerdict,
  type Verdict,
} from "./source-policies.fixture.ts";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: [HOME],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

function imported(format: ImportFormat, text: string): Policy {
  const result = importPolicy(text, { format, file: "source" });
  if (!result.ok) throw new Error(`${result.problem.line}: ${result.problem.message}\n${text}`);
  const loaded = loadPolicyText(result.text, { path: "imported.toml" }, world, { root: ROOT });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return Policy.revive(structuredClone(loaded.data));
}

/** The policy on a machine that has `git` there. */
function resolved(policy: Policy, path: string): Policy {
  const there = (name: string, at: string, ino: number) => ({ name, path: at, dev: 1, ino });
  const commands = [
    there("git", path, 1),
    ...["/usr/bin/git", "/opt/git/bin/git", "/usr/local/bin/git"].map((one, at) => there(one, one, at + 1)),
  ];
  return Policy.revive({ ...policy.data, subprocess: { ...policy.data.subprocess, commands } });
}

function answer(policy: Policy, call: ScriptCall): Verdict {
  const request = requestOf({ ...call } as never, policy.data, { home: HOME });
  return request.ok ? policy.decide(request.value).effect : "deny";
}

const RANK = { deny: 0, ask: 1, allow: 2 };

/** How often each answer was given: a law about grants is worth nothing where nothing is granted. */
class Count {
  readonly of = { allow: 0, ask: 0, deny: 0 };

  expectBothAnswers(): void {
    expect(this.of.allow).toBeGreaterThan(0);
    expect(this.of.deny).toBeGreaterThan(0);
  }

  expectNoWider(policy: Policy, calls: readonly ScriptCall[], source: (call: ScriptCall) => Verdict): void {
    for (const call of calls) {
      const ours = answer(policy, call);
      this.of[ours]++;
      if (RANK[ours] > RANK[source(call)]) expect({ call, ours }).toEqual({ call, ours: source(call) });
    }
  }
}

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const COMMANDS = ["git", "npm", "rm", "ls"];
const WORDS = [
  "push",
  "status",
  "run",
  "test",
  "main",
  "--force",
  "-rf",
  "-f",
  "-C",
  "x",
  "--",
  "test:unit",
  "a b",
  "push main",
];
const argv = fc
  .tuple(pick(...COMMANDS, "/usr/bin/git"), fc.array(pick(...WORDS), { maxLength: 4 }))
  .map(([command, args]) => [command, ...args]);
const commandCall = argv.map((words): ScriptCall => ({ on: "subprocess.exec", argv: words }));
const SEGMENTS = ["src", "docs", "a.ts", "b.md", ".env", "x", "key.pem", "{a,b}"];
const path = fc
  .tuple(pick(ROOT, ROOT, HOME, "/etc", ""), fc.array(pick(...SEGMENTS), { minLength: 1, maxLength: 4 }))
  .map(([base, segments]) => `${base}/${segments.join("/")}`);
const pathCall = fc
  .tuple(pick("fs.read", "fs.write", "fs.delete"), path)
  .map(([on, one]): ScriptCall => ({ on, path: one }));
const urlCall = fc
  .tuple(
    pick("net.http_get", "net.http_post"),
    pick("https", "http"),
    pick("a.com", "x.a.com", "b.org"),
    pick("/", "/v1/x"),
  )
  .map(([on, scheme, host, rest]): ScriptCall => ({ on, url: `${scheme}://${host}${rest}` }));
const calls = fc.array(fc.oneof(commandCall, pathCall, urlCall), { minLength: 20, maxLength: 20 });
const RUNS = { numRuns: 60 };

describe("what an imported policy allows, its source allowed; what its source denied, it denies", () => {
  test("claude-code", () => {
    const line = fc
      .tuple(
        pick(...COMMANDS),
        fc.array(pick("push", "status", "run", "test*", "main", "--force", "-rf", "*", "-C", "x"), { maxLength: 3 }),
      )
      .map((parts) => parts.flat().join(" "));
    const bash = fc.tuple(line, pick("", ":*", " *")).map(([text, end]) => `Bash(${text}${end})`);
    const glob = fc
      .tuple(
        pick("", "/", "//", "~/", "./"),
        fc.array(pick("src", "*", "**", "*.ts", ".env", "a?ts", "docs", "{a,b}", "x"), { minLength: 1, maxLength: 3 }),
        pick("", "", "/"),
      )
      .map(([start, segments, end]) => `${start}${segments.join("/")}${end}`);
    const file = fc.tuple(pick("Read", "Edit"), glob).map(([tool, one]) => `${tool}(${one})`);
    const rule = fc.oneof(
      bash,
      file,
      pick("WebFetch(domain:a.com)", "WebFetch(domain:b.org)", "WebFetch", "Read", "Edit(*)", "Bash"),
    );
    const list = fc.array(rule, { maxLength: 5 });
    const count = new Count();
    fc.assert(
      fc.property(fc.record({ allow: list, ask: list, deny: list }), calls, (lists: ClaudeLists, some) => {
        const policy = imported("claude-code", JSON.stringify({ permissions: lists }, null, 2));
        count.expectNoWider(
          policy,
          some.filter((call) => !isDirectory(call, lists)),
          (call) => claudeVerdict(lists, call),
        );
      }),
      RUNS,
    );
    count.expectBothAnswers();
  });

  const codexWord = fc.oneof(
    pick(...WORDS.filter((one) => one !== "a b")),
    fc.uniqueArray(pick("push", "run", "-f"), { minLength: 1, maxLength: 2 }),
  );
  const codexRule = fc.record({
    pattern: fc
      .tuple(
        fc.oneof(pick(...COMMANDS, "/usr/bin/git", "/usr/local/bin/git"), fc.constant(["git", "npm"])),
        fc.array(codexWord, { maxLength: 3 }),
      )
      .map(([command, words]) => [command, ...words]),
    decision: pick<CodexRule["decision"]>("allow", "allow", "prompt", "forbidden"),
  });
  const codexHost = fc.record({
    name: fc.constant("git"),
    paths: fc.subarray(["/usr/bin/git", "/opt/git/bin/git"]),
  });
  const codexCalls = fc.array(
    argv.map(([command = "", ...args]): ScriptCall => ({ on: "subprocess.exec", argv: [command, ...args] })),
    { minLength: 20, maxLength: 20 },
  );
  const elsewhere = fc.array(
    fc.tuple(
      pick("/opt/git/bin/git", "/usr/bin/git", "/usr/local/bin/git", "git"),
      fc.array(pick(...WORDS), { maxLength: 3 }),
    ),
    { minLength: 10, maxLength: 10 },
  );

  /** `git` as a machine has it, whatever the rules say; null: nothing is found. */
  test.each([[null], ["/usr/bin/git"], ["/opt/git/bin/git"], ["/usr/local/bin/git"]])(
    "codex, where `git` is %s",
    (found) => {
      const count = new Count();
      const carried = { match: 0, no_match: 0 };
      fc.assert(
        fc.property(
          fc.array(codexRule, { maxLength: 6 }),
          fc.option(codexHost),
          codexCalls,
          elsewhere,
          (rules: readonly CodexRule[], host, some, others) => {
            const hosts = host === null ? [] : [host];
            const calls = [
              ...some,
              ...others.map(([command, args]) => ({ on: "subprocess.exec", argv: [command, ...args] })),
            ];
            // Examples that are true there, of which not all are here.
            const told = (rule: CodexRule) => {
              const shown = { ...rule, decision: "allow" as const };
              const [yes, no] = [true, false].map((wanted) =>
                calls.slice(0, 8).filter((call) => (codexVerdict([shown], call, hosts, true) === "allow") === wanted),
              );
              return { yes: yes ?? [], no: no ?? [] };
            };
            const text = [
              ...hosts.map(({ name, paths }) => `host_executable(name = "${name}", paths = ${JSON.stringify(paths)})`),
              ...rules.map((rule) => {
                const { yes, no } = told(rule);
                const list = (examples: readonly ScriptCall[]) => JSON.stringify(examples.map((one) => one.argv));
                return `prefix_rule(\n  pattern = ${JSON.stringify(rule.pattern)}, # words\n  decision = '${rule.decision}',\n  match = ${list(yes)},\n  not_match = ${list(no)},\n)`;
              }),
            ].join("\n");
            const policy = imported("codex", text);
            const result = importPolicy(text, { format: "codex", file: "source" });
            for (const key of ["match", "no_match"] as const)
              if (result.ok && result.text.includes(`\n${key} = [`)) carried[key]++;
            // Here a command is its file, so a call of `git` is one of that path; what is said of the name is said of it.
            count.expectNoWider(found === null ? policy : resolved(policy, found), calls, (call) => {
              const [name = "", ...args] = call.argv ?? [];
              const verdict = codexVerdict(rules, call, hosts, found !== null);
              if (verdict !== null || found === null || name !== "git") return verdict ?? "deny";
              return codexVerdict(rules, { ...call, argv: [found, ...args] }, hosts, true) ?? "deny";
            });
          },
        ),
        RUNS,
      );
      count.expectBothAnswers();
      expect(Math.min(carried.match, carried.no_match)).toBeGreaterThan(5);
    },
  );

  test("agsec", () => {
    const texts = pick(
      "git ",
      "git status",
      "git push ",
      "rm",
      "src",
      ".env",
      ROOT,
      "https://a.com/",
      "ls",
      "main",
      ".ts",
    );
    const op = fc.oneof(
      fc.record({ op: pick("==", "!=", "contains", "starts_with", "ends_with"), value: texts }),
      fc.record({ op: pick("in", "not_in"), value: fc.array(texts, { minLength: 1, maxLength: 3 }) }),
      fc.record({
        op: fc.constant("regex"),
        value: pick("\\brm\\s", "^/work/.*\\.ts$", "\\.env$", "(?!git)x", "src|docs", "[^s]rc", "\\S+x"),
      }),
      fc.record({ op: pick("exists", "not_exists") }),
    );
    const statement = fc.record({
      effect: pick("allow", "allow", "deny", "review"),
      actions: fc.array(pick("bash.execute", "file.*", "file.read", "file.write", "*", "web.fetch", "mcp.x"), {
        minLength: 1,
        maxLength: 2,
      }),
      conditions: fc.dictionary(pick("params.command", "params.file_path", "params.url", "params.amount"), op, {
        maxKeys: 2,
      }),
      match: pick("all", "any"),
    });
    const count = new Count();
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), calls, (statements, some) => {
        // JSON is YAML.
        const text = `version: "1.0"\nstatements: ${JSON.stringify(statements)}\n`;
        count.expectNoWider(imported("agsec", text), some, (call) =>
          agsecVerdict(statements as readonly AgsecStatement[], call),
        );
      }),
      RUNS,
    );
    count.expectBothAnswers();
  });

  test("siphrix", () => {
    const rule = fc.record(
      {
        action: pick("file_read", "file_write", "file_*", "*", "shell_exec", "network_access", "other"),
        category: pick("read", "write", "network", "destructive"),
        context: pick(true, false, false),
        effect: pick("allow", "allow", "block", "abort", "require_approval"),
      },
      { requiredKeys: ["action", "context", "effect"] },
    );
    const count = new Count();
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 4 }), calls, fc.boolean(), (rules, some, context) => {
        const text = JSON.stringify({ version: 4, rules: rules.map(yamlRule) });
        const source = (call: ScriptCall) => siphrixVerdict(rules as readonly SiphrixRule[], call, context);
        count.expectNoWider(imported("siphrix", text), some, source);
      }),
      RUNS,
    );
    count.expectBothAnswers();
  });
});

const yamlRule = ({
  action,
  category,
  context,
  effect,
}: {
  action: string;
  category?: string;
  context: boolean;
  effect: string;
}) => ({
  id: "r",
  match: {
    action: { glob: action },
    ...(category === undefined ? {} : { category }),
    ...(context ? { context: { env: "ci" } } : {}),
  },
  effect,
});

/** A directory that is granted with all in it is granted itself. */
function isDirectory({ path: one }: ScriptCall, { allow, ask }: ClaudeLists): boolean {
  return one !== undefined && [...allow, ...ask].some((rule) => /(?:\/|\*)\)$/.test(rule) && !/[.]\w+$/.test(one));
}
