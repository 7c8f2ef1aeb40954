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

  test("codex", () => {
    const word = fc.oneof(
      pick(...WORDS.filter((one) => one !== "a b")),
      fc.uniqueArray(pick("push", "run", "-f"), { minLength: 1, maxLength: 2 }),
    );
    const rule = fc.record({
      pattern: fc
        .tuple(fc.oneof(pick(...COMMANDS), fc.constant(["git", "npm"])), fc.array(word, { maxLength: 3 }))
        .map(([command, words]) => [command, ...words]),
      decision: pick("allow", "allow", "prompt", "forbidden"),
    });
    const count = new Count();
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.array(commandCall, { minLength: 20, maxLength: 20 }),
        (rules, some) => {
          const text = rules
            .map(
              ({ pattern, decision }) =>
                `prefix_rule(\n  pattern = ${JSON.stringify(pattern)}, # words\n  decision = '${decision}',\n)`,
            )
            .join("\n");
          count.expectNoWider(imported("codex", text), some, (call) =>
            codexVerdict(rules as readonly CodexRule[], call),
          );
        },
      ),
      RUNS,
    );
    count.expectBothAnswers();
  });

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
