/** The MCP server as clients of both protocol generations see it: the built command, started by the client. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS, recordOf, SERVE, type Session } from "./mcp-client.fixture.ts";
import { HTTP_GENERATIONS } from "./mcp-http.fixture.ts";

/** The machine may be busy; nothing here is about time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const POLICY = `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
deny = ["**/private/**"]
[environment]
allow_vars = ["COLOUR"]
[runtime]
max_seconds = 60
max_output = "4MiB"
[tools.search]
capabilities = ["fs.read"]
`;

/** What this policy can never allow is not listed. */
const LISTED = ["run", "check", "explain", "policy", "fs_read", "fs_write", "fs_list", "env_read", "tool_routing"];

type Mistake = [title: string, tool: string, given: Record<string, unknown>, message: RegExp];
const noArgument = (name: string): Mistake => [
  `the argument ${JSON.stringify(name)}`,
  "run",
  { script: "return 1", [name]: "x" },
  /`run` has no argument/,
];

describe.each([...GENERATIONS, ...HTTP_GENERATIONS])("a client of %s", (title, connect) => {
  let place: Workplace;
  let session: Session;
  beforeAll(async () => {
    place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha\n", "data/private/key": "canary" });
    session = await connect(place);
  });
  afterAll(async () => {
    await session.close();
    place.remove();
  });

  const run = (script: string, more: Record<string, unknown> = {}) => session.call("run", { script, ...more });

  test("is spoken to in its own revision", () => {
    expect(session.protocol).toBe(/^revision (\S+)/.exec(title)?.[1]);
  });

  test("lists the same tools in the same order, with schemas and annotations", async () => {
    const tools = await session.tools();
    expect(tools.map(({ name }) => name)).toEqual(LISTED);
    expect(await session.tools()).toEqual(tools);
    for (const { inputSchema, outputSchema, annotations } of tools) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(outputSchema).toMatchObject({ type: "object" });
      expect(annotations).toHaveProperty("readOnlyHint");
    }
    const looks = (tools as readonly { name: string; annotations?: { readOnlyHint?: boolean } }[])
      .filter((tool) => tool.annotations?.readOnlyHint === true)
      .map(({ name }) => name);
    expect(looks).toEqual(LISTED.filter((name) => name !== "run" && name !== "fs_write"));
    expect(tools[0]?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true, openWorldHint: false });
    expect(tools[0]?._meta).toMatchObject({ "anthropic/maxResultSizeChars": 500_000 });
  });

  test("is told an API that is there, in TypeScript that parses, with an example that runs", async () => {
    const guide = (await session.tools())[0]?.description ?? "";
    const declarations = guide.slice(guide.indexOf("declare "), guide.indexOf("\n\nExample:\n"));
    const parsed = await session.call("check", { script: declarations, typescript: true });
    expect(parsed.text).toBe("ok: the script passes the verifier");
    const calls = [...declarations.matchAll(/^declare const (\w+): \{(.*?)\};?$/gms)].flatMap(
      ([, object, members = ""]) => [...members.matchAll(/(?:^|\n) *(\w+)\(/g)].map(([, name]) => `${object}.${name}`),
    );
    expect(calls).toContain("fs.read");
    expect(calls).toContain("env.read");
    expect(calls).not.toContain("fs.delete");
    const kinds = await run(`return [${calls.map((call) => `typeof ${call}`).join(", ")}]`);
    expect(kinds.data.value).toEqual(calls.map(() => "function"));
    const example = await run(guide.slice(guide.indexOf("Example:\n") + "Example:\n".length));
    expect(example).toMatchObject({ isError: false, data: { value: [], stdout: "1 files\n" } });
  });

  test("offers no argument that is the operator's", async () => {
    const names = (await session.tools()).flatMap(({ inputSchema }) =>
      Object.keys((inputSchema as { properties: object }).properties),
    );
    expect([...new Set(names)].sort()).toEqual(
      [
        ...[
          "append",
          "args",
          "argv",
          "base64",
          "bytes",
          "call",
          "createParents",
          "data",
          "encoding",
          "input",
          "length",
        ],
        ...["name", "offset", "on", "path", "pattern", "recursive", "script", "task_id", "typescript", "url"],
      ].sort(),
    );
  });

  test("runs a script and gets value, output and calls, as data and as text", async () => {
    const { data, text, isError } = await run('print(fs.read("data/a.txt")); return { n: 6 * 7 }');
    expect(isError).toBe(false);
    expect(data).toMatchObject({ ok: true, exitCode: 0, value: { n: 42 }, stdout: "alpha\n\n", error: null });
    expect(data.calls).toEqual([
      {
        seq: 1,
        capability: "fs.read",
        target: "data/a.txt",
        decision: "allow",
        rule: "filesystem.read_allow[0]",
        code: null,
      },
    ]);
    expect(text).toContain("alpha");
    expect(text).toContain('value: {"n":42}');
  });

  test("is not told where the record is", async () => {
    const { data, text } = await run("return 1");
    expect(data).not.toHaveProperty("record");
    expect(JSON.stringify(data) + text).not.toContain(place.state);
    expect(await recordOf(place)).toContain(place.state);
  });

  test("gives a script its input and its arguments", async () => {
    const { data } = await run("return [input.deep[1], args]", { input: { deep: [1, "two"] }, args: ["a", "b c"] });
    expect(data.value).toEqual(["two", ["a", "b c"]]);
  });

  test("runs TypeScript", async () => {
    const script = "const n: number = 3; interface A { b: string }; return (n as number) + 1";
    expect((await run(script, { typescript: true })).data.value).toBe(4);
    expect((await run(script)).data).toMatchObject({ error: { code: "E_SYNTAX" } });
  });

  test("gets a denial as a tool error with code, rule and hint, as data and as text", async () => {
    const { data, text, isError } = await run('fs.read("data/private/key")');
    expect(isError).toBe(true);
    expect(data).toMatchObject({
      ok: false,
      exitCode: 2,
      error: { code: "E_POLICY_DENIED", capability: "fs.read", target: "data/private/key", line: 1 },
    });
    expect(data.error).toMatchObject({ rule: { id: "filesystem.deny[0]", line: 7 } });
    expect((data.error as { hint: string }).hint).toContain("filesystem.deny[0]");
    for (const part of ["E_POLICY_DENIED at line 1", "rule: filesystem.deny[0]", "hint: "])
      expect(text).toContain(part);
    expect(JSON.stringify(data) + text).not.toContain("canary");
  });

  test("gets what the verifier refuses, all of it, and nothing ran", async () => {
    const { data, text, isError } = await run('print("ran");\neval("1");\nsubprocess.exec(["ls"])');
    expect(isError).toBe(true);
    expect(data).toMatchObject({
      exitCode: 3,
      stdout: "",
      calls: [],
      problems: [
        { code: "E_SUBSET", line: 2 },
        { code: "E_CAPABILITY", line: 3, hint: expect.stringContaining("allow_commands") },
      ],
    });
    expect(text).toContain("E_SUBSET at line 2");
    expect(text).toContain("E_CAPABILITY at line 3");
  });

  test("gets a syntax error with its place and frame", async () => {
    const { data, text, isError } = await run("const a = 1;\nconst b = ;");
    expect(isError).toBe(true);
    expect(data).toMatchObject({ exitCode: 1, error: { code: "E_SYNTAX", line: 2 } });
    expect(text).toContain("> 2 | const b = ;");
  });

  test("gets an error of the script's own, and what was printed before it", async () => {
    const { data, isError } = await run('print("before");\nthrow new TypeError("mine")');
    expect(isError).toBe(true);
    expect(data).toMatchObject({ exitCode: 1, stdout: "before\n", error: { code: null, name: "TypeError", line: 2 } });
  });

  test("is told that nobody is asked", async () => {
    const { data, isError } = await run('fs.write("out/a", "1", { createParents: true }); fs.delete("out/a")');
    expect(isError).toBe(true);
    expect(data).toMatchObject({ exitCode: 4, error: { code: "E_APPROVAL_UNAVAILABLE" } });
    expect((data.error as { hint: string }).hint).toContain("what cannot be taken back is answered by terminal");
    expect(place.has("out/a")).toBe(true);
  });

  test("checks a script without running it", async () => {
    const good = await session.call("check", { script: 'fs.write("out/checked", "1", { createParents: true })' });
    expect(good).toMatchObject({ isError: false, data: { ok: true, exitCode: 0, problems: [] } });
    expect(place.has("out/checked")).toBe(false);
    const bad = await session.call("check", { script: "let = =" });
    expect(bad).toMatchObject({ isError: false, data: { ok: false, exitCode: 1, problems: [{ code: "E_SYNTAX" }] } });
    const typed = await session.call("check", { script: "const a: string = ''", typescript: true });
    expect(typed.data.ok).toBe(true);
  });

  const explained: readonly [string, Record<string, unknown>, object][] = [
    [
      "a grant",
      { on: "fs.read", path: "data/x" },
      { decision: "allow", code: null, rule: { id: "filesystem.read_allow[0]" } },
    ],
    [
      "a denial",
      { on: "fs.read", path: "other" },
      { decision: "deny", code: "E_POLICY_DENIED", target: "other", hint: expect.stringContaining("data/**") },
    ],
    ["a pattern that finds something", { on: "fs.read", pattern: "**/*.md" }, { decision: "allow" }],
    [
      "a pattern that can find nothing",
      { on: "fs.read", pattern: "other/*.md" },
      { decision: "deny", target: "other", hint: expect.stringContaining('read_allow = ["other/**"]') },
    ],
    ["an ask", { on: "fs.delete", path: "out/a" }, { decision: "ask", code: "E_APPROVAL_UNAVAILABLE" }],
    ["a path of the home directory", { on: "fs.read", path: "~/x" }, { decision: "deny", target: "~/x" }],
    ["a variable", { on: "env.read", name: "COLOUR" }, { decision: "allow" }],
    ["a host", { on: "net.http_get", url: "https://example.com/" }, { decision: "deny" }],
    ["a command", { on: "subprocess.exec", argv: ["ls", "-l"] }, { decision: "deny", target: "ls" }],
    ["a write with its size", { on: "fs.write", path: "out/a.md", bytes: 10 }, { decision: "allow" }],
    ["a line", { call: "fs.write out/a.md bytes=10" }, { decision: "allow", code: null }],
    ["a line with a command", { call: "subprocess.exec ls -l 'a b'" }, { decision: "deny", target: "ls" }],
    ["a line with a quoted path", { call: 'fs.read "an other"' }, { decision: "deny", target: "an other" }],
  ];
  test.each(explained)("has %s explained", async (_title, call, wanted) => {
    expect(await session.call("explain", call)).toMatchObject({ isError: false, data: wanted });
  });

  const mistaken: readonly Mistake[] = [
    ["a size that is none", "explain", { on: "fs.write", path: "a", bytes: -1 }, /`bytes` must be a whole number/],
    ["no call at all", "explain", {}, /`call` or `on` is missing/],
    ["a call in both forms", "explain", { call: "fs.read a", on: "fs.read" }, /`on` cannot stand beside it/],
    ["a line that is no call", "explain", { call: "fs.raed a" }, /did you mean `fs\.read`/],
    ["an unknown capability", "explain", { on: "fs.fly" }, /`on` must be one of fs\.read/],
    ["a call without its target", "explain", { on: "fs.read" }, /`path` must be a string/],
    ["a target of another capability", "explain", { on: "fs.read", url: "https://x.y/" }, /`url` is not a member/],
    ["no script", "run", {}, /`script` is missing/],
    ["a script that is no text", "run", { script: 5 }, /`script` must be a string/],
    ["arguments that are no texts", "run", { script: "1", args: [1] }, /`args` must be an array of strings/],
    ["a flag that is no flag", "check", { script: "1", typescript: "yes" }, /`typescript` must be true or false/],
    ...["policy", "root", "ask", "seed", "audit", "maxSeconds", "toString", "\u202e"].map(noArgument),
  ];
  test.each(mistaken)("gets %s back as a tool error with the code", async (_title, tool, given, message) => {
    const runs = place.records().length;
    const { text, data, isError } = await session.call(tool, given);
    expect(isError).toBe(true);
    expect(text).toMatch(/^E_ARGUMENT: /);
    expect(text).toMatch(message);
    expect(JSON.stringify(data)).toContain("E_ARGUMENT");
    expect(text).not.toContain("\u202e");
    expect(place.records().length).toBe(runs);
  });

  test("reads no file for an input that begins with an @", async () => {
    expect((await run("return [input, args]", { input: "@data/a.txt", args: ["@data/a.txt"] })).data.value).toEqual([
      "@data/a.txt",
      ["@data/a.txt"],
    ]);
  });

  test("gets an error for a tool that is not there", async () => {
    for (const name of ["fly", "__proto__", "toString", ""]) {
      await expect(session.call(name, {})).rejects.toThrow(/there is no tool/);
    }
  });

  test("hears of the progress of a long run if it wants to", async () => {
    const stop = new AbortController();
    const heard: number[] = [];
    const long = session.call(
      "run",
      { script: "for (;;) {}" },
      {
        signal: stop.signal,
        onProgress: ({ progress }) => {
          heard.push(progress);
          if (heard.length === 2) stop.abort();
        },
      },
    );
    await expect(long).rejects.toThrow();
    expect(heard[1]).toBeGreaterThan(heard[0] ?? Number.NaN);
  });

  test("keeps its connection whatever a script prints, throws or returns", async () => {
    const printed = await run('for (let i = 0; i < 3; i++) print("\\0".repeat(1e6))');
    expect(printed.data).toMatchObject({ ok: true, truncated: true });
    expect(printed.text).toContain("(the output was cut here)");
    const returned = await run('return "x".repeat(3e6)');
    expect(returned).toMatchObject({ isError: true, data: { value: null, error: { code: "E_TOO_LARGE" } } });
    const thrown = await run('throw new Error("y".repeat(3e6))');
    expect(thrown.text.length).toBeLessThan(20_000);
    const asked = await run('for (let i = 0; i < 300; i++) fs.exists("data/a.txt")');
    expect(asked.data).toMatchObject({ ok: true, moreCalls: 100 });
    expect(asked.data.calls).toHaveLength(200);
    expect((await run('return "a\\ud800b"')).data.value).toBe("a\ufffdb");
    expect((await run("return 1")).data.value).toBe(1);
  });
});

test("a policy that does not load is told on standard error, with exit code 5, and nothing is served", async () => {
  const place = new Workplace({ "agent-run.toml": "version = 1\nnonsense = true\n" });
  const { code, stdout, stderr } = await place.run(SERVE);
  expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
  expect(stderr).toContain("agent-run.toml:2");
  place.remove();
});
