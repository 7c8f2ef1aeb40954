/** The command from outside: exit codes, streams, the report, banners, records. (Longer than other files: a case a promise.) */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const POLICY = `version = 1
requires_approval = ["fs.delete"]
[filesystem]
read_allow = ["data/**"]
write_allow = ["out/**"]
delete_allow = ["out/**"]
[environment]
allow_vars = ["COLOUR"]
[runtime]
max_seconds = 2
max_output = "1KiB"
max_calls = 50
`;

/** For scripts that have nothing to do before their time is over. */
const SOON = ["--max-seconds", "0.3"];

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "data/a.txt": "alpha\n" });
});
afterEach(() => place.remove());

describe("exit codes", () => {
  const table: readonly [string, number, string | null, string?][] = [
    ["a script that ends well", 0, null, "return 1"],
    ["an error of the script's own", 1, null, "throw new TypeError('mine')"],
    ["a script that does not parse", 1, "E_SYNTAX", "let = ="],
    ["a file that is not there", 1, "E_NOT_FOUND", 'fs.read("data/none")'],
    ["a bad argument", 1, "E_ARGUMENT", "fs.read(5)"],
    ["an uncaught denial", 2, "E_POLICY_DENIED", 'fs.read("secret.txt")'],
    [
      "a capability met at run time",
      2,
      "E_CAPABILITY",
      'const s = globalThis["sub" + "process"]; s["ex" + "ec"](["ls"])',
    ],
    ["a capability that the verifier sees", 3, "E_CAPABILITY", 'subprocess.exec(["ls"])'],
    ["what the subset lacks", 3, "E_SUBSET", 'eval("1")'],
    [
      "an ask that nobody can answer",
      4,
      "E_APPROVAL_UNAVAILABLE",
      'fs.write("out/a", "", { createParents: true }); fs.delete("out/a")',
    ],
    ["too long", 6, "E_LIMIT_TIME", "for (;;) {}"],
    ["too much memory", 6, "E_LIMIT_MEMORY", "const a = []; for (;;) a.push(new Array(1e4).fill(1))"],
    ["too deep", 6, "E_LIMIT_STACK", "(function f() { f(); f() })()"],
    ["too much output", 6, "E_LIMIT_OUTPUT", 'for (;;) print("0123456789")'],
    ["too many calls", 6, "E_LIMIT_CALLS", 'for (;;) { try { fs.exists("data/a.txt") } catch {} }'],
  ];
  for (const [title, exitCode, code, script = ""] of table) {
    test(`${title}: ${exitCode}${code === null ? "" : `, ${code}`}`, async () => {
      const report = await place.report(script, code === "E_LIMIT_TIME" ? SOON : []);
      expect(report).toMatchObject({ ok: exitCode === 0, exitCode });
      expect(report.error?.code ?? null).toBe(code);
    });
  }

  test("a caught denial is no failure", async () => {
    const report = await place.report(
      'try { fs.read("secret.txt") } catch (error) { return [error.code, error.name, error instanceof AgentRunError] }',
    );
    expect(report).toMatchObject({ exitCode: 0, value: ["E_POLICY_DENIED", "AgentRunError", true] });
    expect(report.calls).toMatchObject([{ seq: 1, capability: "fs.read", target: "secret.txt", decision: "deny" }]);
  });

  test("limits on time, memory, output and calls cannot be caught", async () => {
    for (const script of [
      "try { for (;;) {} } catch { return 1 } finally { for (;;) {} }",
      "try { const a = []; for (;;) a.push(new Array(1e5).fill(1)) } catch { return 1 }",
      "try { for (;;) print('0123456789') } catch { return 1 }",
      "for (let i = 0; ; i++) try { fs.exists('data/a.txt') } catch { if (i > 60) return 1 }",
    ]) {
      const options = script.includes("for (;;) {}") ? SOON : [];
      expect((await place.report(script, options)).exitCode, script).toBe(6);
    }
  });

  test("with --json a policy that does not load and an option that does not fit are a report, too", async () => {
    place.write("bad.toml", "version = 2");
    const bad = await place.run(["--policy", "bad.toml", "--json", "-"]);
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_POLICY_INVALID" } });
    const odd = await place.run(["--policy", "agent-run.toml", "--json", "none.js"]);
    expect(JSON.parse(odd.stdout)).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_CONFIG" } });
  });

  test("with --json a wrong use is a report of that shape, and the same text on standard error", async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [["--json"], "missing required argument 'script'"],
      [["--json", "--polcy", "p.toml", "s.js"], "unknown option '--polcy' (Did you mean --policy?)"],
      [["check", "--json"], "missing required argument 'script'"],
      [["--json", "--seed", "x", "-"], "option '--seed <n>' argument 'x' is invalid"],
      [["policy", "valdate", "--json"], "unknown command 'valdate' (Did you mean validate?)"],
    ];
    const { calls, value, ...shape } = await place.report("null.x");
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await place.run(args);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_CONFIG" } });
      expect(report.error.message).toContain(message);
      expect(Object.keys(report).sort()).toEqual(Object.keys({ calls, value, ...shape }).sort());
      expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining("error: ") });
    }
  });

  test("--json behind -- is the script's", async () => {
    expect((await place.run(["--polcy", "-", "--", "--json"])).stdout).toBe("");
  });

  test("a mistyped command is no script, and is answered with the command that is near", async () => {
    const near: readonly (readonly [readonly string[], string])[] = [
      [["chek", "s.js"], "check"],
      [["docter"], "doctor"],
      [["inti"], "init"],
      [["aduit", "verify", "x"], "audit"],
    ];
    for (const [args, meant] of near) {
      const { code, stdout, stderr } = await place.run(args);
      expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
      expect(stderr).toContain(`did you mean \`agent-run ${meant}\`?`);
    }
    for (const path of ["./chek", "chek.js", "nothing-like-it"]) {
      expect((await place.run([path])).stderr).not.toContain("did you mean");
    }
    place.write("chek", "print(1)");
    expect((await place.run(["chek"])).stdout).toBe("1\n");
  });

  test("configuration that is not usable: 5, with a message on standard error and nothing on standard output", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["--policy", "none.toml", "data/a.txt"], /none\.toml/],
      [["--policy", "agent-run.toml", "none.js"], /does not exist/],
      [["--policy", "agent-run.toml", "data"], /directory/],
      [["--yes", "data/a.txt"], /--policy/],
      [["--policy", "agent-run.toml", "--input", "{", "-"], /--input is not JSON/],
      [["--policy", "agent-run.toml", "--seed", "-1", "-"], /seed/],
      [["--policy", "agent-run.toml", "--max-seconds", "0", "-"], /max-seconds/],
      [["--policy", "agent-run.toml", "--no-such-option", "-"], /unknown option/],
      [["audit", "verify", "none.jsonl"], /does not exist/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await place.run(args);
      expect({ args, code, stdout }).toEqual({ args, code: 5, stdout: "" });
      expect(stderr).toMatch(message);
    }
  });
});

describe("streams", () => {
  test("standard output has what the script printed and nothing else", async () => {
    place.write("s.js", 'print("one", { a: 1 }); console.error("two"); fs.read("data/a.txt")');
    const { code, stdout, stderr } = await place.run(["--policy", "agent-run.toml", "s.js"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "one { a: 1 }\ntwo\n" });
    expect(stderr).toMatch(/^agent-run: 1 call allowed, 0 denied; record \S+\.jsonl\n$/);
  });

  test("the closing line counts as denied what a person, nobody to ask or the policy refused, not what failed", async () => {
    place.write(
      "s.js",
      'for (const f of [() => fs.write("out/a", "", { createParents: true }), () => fs.delete("out/a"), () => fs.read("b"), () => fs.read("data/none")]) try { f() } catch {}',
    );
    const { stderr } = await place.run(["--policy", "agent-run.toml", "s.js"]);
    expect(stderr).toContain("agent-run: 2 calls allowed, 2 denied; record ");
  });

  test("--quiet leaves standard error to errors", async () => {
    place.write("s.js", "print(1)");
    const { stderr } = await place.run(["--policy", "agent-run.toml", "--quiet", "s.js"]);
    expect(stderr).toBe("");
  });

  test("what was printed before an error is kept", async () => {
    expect(await place.report('print("before"); null.x')).toMatchObject({ exitCode: 1, stdout: "before\n" });
    expect(await place.report('print("before"); for (;;) {}')).toMatchObject({ exitCode: 6, stdout: "before\n" });
  });

  test("what was printed before the thread had to be killed is kept", async () => {
    expect(await place.report('print("before"); Array(2 ** 32 - 1).indexOf(1)')).toMatchObject({
      exitCode: 6,
      stdout: "before\n",
    });
  });

  test("output is cut at max_output, between characters", async () => {
    const report = await place.report('for (;;) print("é€😀")');
    expect(report).toMatchObject({ exitCode: 6, truncated: true });
    expect(Buffer.byteLength(report.stdout)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(report.stdout)).toBeGreaterThan(1010);
    expect(report.stdout).not.toContain("\ufffd");
  });

  test("errors on a terminal have no control characters of the script's", async () => {
    place.write("s.js", 'throw new Error("\\u001b[2J\\u202e\\u200bboo\\nagent-run: 9 calls allowed")');
    const { stderr } = await place.run(["--policy", "agent-run.toml", "s.js"]);
    for (const character of ["\u001b", "\u202e", "\u200b"]) expect(stderr).not.toContain(character);
    expect(stderr).toContain("\\u001b[2J\\u202e\\u200bboo\\nagent-run");
  });
});

describe("an uncaught error", () => {
  test("has the position and the lines of the user's own source", async () => {
    place.write(
      "s.ts",
      'interface A { n: number }\nconst a: A = { n: 1 };\n\nfunction f(x: A): never {\n  throw new RangeError("no " + x.n);\n}\nf(a);\n',
    );
    const { code, stderr } = await place.run(["--policy", "agent-run.toml", "s.ts"]);
    expect(code).toBe(1);
    expect(stderr).toContain("error[RangeError]: no 1\n");
    expect(stderr).toContain("at s.ts:5:");
    expect(stderr).toContain('> 5 |   throw new RangeError("no " + x.n);');
  });

  test("that is no error is shown as `print` would show it, on one line", async () => {
    place.write("s.js", "\nthrow { a: 1, get b() { return fs.read('data/a.txt') } }");
    const { code, stderr } = await place.run(["--policy", "agent-run.toml", "s.js"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[Error\]: uncaught \{ a: 1, b: \[Getter\] \}\n/);
    expect(stderr).toContain("0 calls allowed, 0 denied");
  });

  test("of a denial names the rule with file and line, and a hint", async () => {
    const report = await place.report('const x = 1;\nfs.write("data/b.txt", "x")');
    expect(report.error).toMatchObject({
      code: "E_POLICY_DENIED",
      capability: "fs.write",
      target: "data/b.txt",
      line: 2,
    });
    expect(report.error?.rule?.id).toBe("default");
    expect(report.error?.hint).toMatch(/out/);
    expect(place.has("data/b.txt")).toBe(false);
  });
});

describe("what a script is given", () => {
  test("arguments, input, standard input as the script, a fixed seed", async () => {
    const args = ["--input", '{"n":[1,null,"é"]}', "--seed", "7"];
    const script = "return [args, input, Math.random()]";
    const first = await place.run(["--policy", "agent-run.toml", "--json", ...args, "-", "--", "a b", "--policy"], {
      stdin: script,
    });
    const second = await place.run(["--policy", "agent-run.toml", "--json", ...args, "-", "--", "a b", "--policy"], {
      stdin: script,
    });
    const { value } = JSON.parse(first.stdout);
    expect(value.slice(0, 2)).toEqual([["a b", "--policy"], { n: [1, null, "é"] }]);
    expect(JSON.parse(second.stdout).value[2]).toBe(value[2]);
  });

  test("input from a file", async () => {
    place.write("in.json", '[1, {"__proto__": {"x": 1}}]');
    const report = await place.report("return [input[0], Object.keys(input[1]), input[1].x ?? null]", [
      "--input",
      "@in.json",
    ]);
    expect(report.value).toEqual([1, ["__proto__"], null]);
  });

  test("input that is nested too deep is refused, not a crash", async () => {
    place.write("deep.json", `${"[".repeat(20_000)}${"]".repeat(20_000)}`);
    const report = await place.report("return 1", ["--input", "@deep.json"]);
    expect(report).toMatchObject({ exitCode: 1, error: { code: "E_ARGUMENT" } });
  });

  test("variables that are granted, and no others", async () => {
    const env = { COLOUR: "green", OTHER: "x", API_TOKEN: "t" };
    const script =
      'const r = {}; for (const n of ["COLOUR", "OTHER", "API_TOKEN", "PATH"]) try { r[n] = env.read(n) } catch (e) { r[n] = e.code } return r';
    const report = await place.report(script, [], { env });
    const denied = "E_POLICY_DENIED";
    expect(report.value).toEqual({ COLOUR: "green", OTHER: denied, API_TOKEN: denied, PATH: denied });
  });

  test("a TypeScript script by its name or --ts", async () => {
    expect((await place.report("const n: number = 2; return n", ["--ts"])).value).toBe(2);
    expect((await place.report("const n: number = 2; return n")).error?.code).toBe("E_SYNTAX");
  });

  test("markdown fences around the whole script are taken off, positions kept", async () => {
    const report = await place.report("```js\nprint(1);\nnull.x\n```\n");
    expect(report).toMatchObject({ stdout: "1\n", error: { line: 3 } });
  });
});

describe("approvals", () => {
  const SCRIPT = 'fs.write("out/a", "x", { createParents: true }); fs.delete("out/a"); return "gone"';

  test("--yes answers what the policy asks, and the record says so", async () => {
    const report = await place.report(SCRIPT, ["--yes"]);
    expect(report).toMatchObject({ exitCode: 0, value: "gone" });
    expect(place.has("out/a")).toBe(false);
    expect(readFileSync(report.record ?? "", "utf8")).toContain('"answer":"allow","by":"--yes"');
  });

  test("--yes never opens a denial", async () => {
    expect((await place.report('fs.delete("data/a.txt")', ["--yes"])).exitCode).toBe(2);
    expect(place.has("data/a.txt")).toBe(true);
  });

  test("without a person the file stays", async () => {
    expect((await place.report(SCRIPT)).exitCode).toBe(4);
    expect(place.read("out/a")).toBe("x");
  });
});

describe("which policy applies", () => {
  test("without one everything is denied, and a banner says how to grant", async () => {
    rmSync(join(place.directory, "agent-run.toml"));
    place.write("s.js", 'try { fs.read("data/a.txt") } catch (e) { print(e.code) }');
    const { code, stderr } = await place.run(["s.js"]);
    expect(code).toBe(3);
    expect(stderr).toContain("everything is denied");
    expect(stderr).toContain("--policy");
  });

  test("one that is found but not trusted does not apply", async () => {
    place.write("s.js", 'fs.read("data/a.txt")');
    const { code, stderr } = await place.run(["s.js"]);
    expect(code).toBe(3);
    expect(stderr).toContain("is not trusted");
    expect(stderr).toContain("policy trust");
  });

  test("the report says which one, and what its banners say", async () => {
    place.write("p.toml", `${POLICY}[subprocess]\nsandbox = "none"\nallow_commands = ["ls"]\n`);
    place.write("s.js", "return 1");
    const facts = async (...args: string[]) =>
      JSON.parse((await place.run([...args, "--json", "--quiet", "s.js"])).stdout).policy;
    expect(await facts("--policy", "p.toml")).toMatchObject({
      file: join(place.directory, "p.toml"),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      banners: [expect.stringContaining("without a jail")],
    });
    expect(await facts()).toMatchObject({ banners: [expect.stringContaining("is not trusted")] });
  });

  test("one in a folder above is found from below", async () => {
    mkdirSync(join(place.directory, "deep/er"), { recursive: true });
    place.write("deep/er/s.js", "print(1)");
    const { stderr } = await place.run(["deep/er/s.js"]);
    expect(stderr).toContain("is not trusted");
  });

  test("--root rebases its patterns and the script's paths", async () => {
    place.write("elsewhere/data/a.txt", "beta");
    const report = await place.report('return fs.read("data/a.txt")', ["--root", "elsewhere"]);
    expect(report.value).toBe("beta");
  });

  test("a bad one runs nothing and lists every problem with its line", async () => {
    place.write("bad.toml", "version = 1\n[filesystem]\nread_alow = []\n[runtime]\nmax_seconds = -1\n");
    const { code, stdout, stderr } = await place.run(["--policy", "bad.toml", "-"], { stdin: "print(1)" });
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(/bad\.toml:3:1/);
    expect(stderr).toMatch(/did you mean `read_allow`/);
    expect(stderr).toMatch(/bad\.toml:5:/);
  });

  test("one that declares a variable local-only gives its handle: output, value and record hold none of it", async () => {
    place.write(
      "agent-run.toml",
      'version = 1\n[filesystem]\nwrite_allow = ["out/**"]\n[environment]\nlocal_only_vars = ["KEY"]\n',
    );
    const env = { KEY: "s3cret-of-mine" };
    const report = await place.report('const key = env.read("KEY"); print(key, `a ${key}`); return { key }', [], {
      env,
    });
    expect(report).toMatchObject({
      exitCode: 0,
      stdout: "[sealed env:KEY] a [sealed env:KEY]\n",
      value: { key: "[sealed env:KEY]" },
      calls: [{ capability: "env.read", target: "KEY", decision: "allow" }],
    });
    expect(JSON.stringify(report) + place.records().map((path) => readFileSync(path, "utf8"))).not.toContain("s3cret");
    const sent = await place.report('fs.write("out/a", env.read("KEY"))', [], { env });
    expect(sent).toMatchObject({ exitCode: 2, error: { code: "E_SINK" } });
  });
});

describe("the record", () => {
  test("of each run is complete, private and has start, intent, outcome and end", async () => {
    const report = await place.report('fs.read("data/a.txt"); try { fs.read("nope") } catch {}');
    const [record = ""] = place.records();
    expect(report.record).toBe(record);
    expect(statSync(record).mode & 0o777).toBe(0o600);
    const kinds = readFileSync(record, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).kind);
    expect(kinds).toEqual(["run.start", "verify", "intent", "outcome", "intent", "run.end"]);
    expect((await place.run(["audit", "verify", record])).code).toBe(0);
  });

  test("holds rejected scripts, too", async () => {
    await place.report('eval("1")');
    const [record = ""] = place.records();
    expect(readFileSync(record, "utf8")).toContain('"kind":"verify","ok":false');
    expect((await place.run(["audit", "verify", record])).code).toBe(0);
  });

  test("of a killed run tells of its calls what they failed with", async () => {
    const script =
      'for (const f of [() => fs.write("out/a", "", { createParents: true }), () => fs.delete("out/a"), () => fs.read("b"), () => fs.read("data/none")]) try { f() } catch {} Array(2 ** 32 - 1).indexOf(1)';
    const { calls } = await place.report(script);
    expect(calls.map(({ decision, code }) => [decision, code])).toEqual([
      ["allow", null],
      ["ask", "E_APPROVAL_UNAVAILABLE"],
      ["deny", "E_POLICY_DENIED"],
      ["allow", "E_NOT_FOUND"],
    ]);
  });

  test("of a killed run is finished from outside", async () => {
    const report = await place.report('fs.read("data/a.txt"); Array(2 ** 32 - 1).indexOf(1)');
    expect(report).toMatchObject({ exitCode: 6, error: { code: "E_LIMIT_TIME" } });
    expect(report.calls).toMatchObject([{ seq: 1, capability: "fs.read", decision: "allow", code: null }]);
    expect((await place.run(["audit", "verify", ...place.records()])).code).toBe(0);
  });

  test("with one changed byte does not verify", async () => {
    await place.report('fs.read("data/a.txt")');
    const [record = ""] = place.records();
    writeFileSync(record, readFileSync(record, "utf8").replace("fs.read", "fs.reap"));
    const { code, stdout } = await place.run(["audit", "verify", "--json", record]);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, files: [{ state: "broken" }] });
  });

  test("with torn bytes behind it is whole, and they are named as what a crash leaves", async () => {
    await place.report('fs.read("data/a.txt")');
    const [record = ""] = place.records();
    const whole = readFileSync(record, "utf8");
    writeFileSync(record, `${whole}{"torn`);
    const after = await place.run(["audit", "verify", record]);
    expect(after.code).toBe(0);
    expect(after.stdout).toMatch(/^complete: .*the record is whole; 6 bytes of crash residue follow its end/s);
    expect(after.stdout).not.toContain("unfinished");
    writeFileSync(record, whole.slice(0, -20));
    const torn = await place.run(["audit", "verify", record]);
    expect(torn.code).toBe(5);
    expect(torn.stdout).toMatch(/^unfinished: .*\d+ bytes of crash residue follow the last whole record/s);
    const { stdout } = await place.run(["audit", "verify", "--json", record]);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitCode: 5,
      files: [{ state: "unfinished", problems: [] }],
    });
    expect(JSON.parse(stdout).files[0].residueBytes).toBeGreaterThan(0);
  });

  test("that cannot be written stops the run before anything happens", async () => {
    place.write("file", "");
    for (const audit of ["file", "file/below", "/proc/none", "/dev/null"]) {
      const report = await place.report('fs.write("out/a", "x", { createParents: true })', ["--audit", audit]);
      expect(report).toMatchObject({ exitCode: 5, error: { code: "E_AUDIT" } });
    }
    expect(place.has("out/a")).toBe(false);
  });

  test("is kept only where nobody else can put it", async () => {
    const script = 'fs.write("out/a", "x", { createParents: true })';
    for (const folder of ["open", "linked", "elsewhere"]) mkdirSync(join(place.directory, folder));
    mkdirSync(join(place.directory, "open/runs"));
    chmodSync(join(place.directory, "open/runs"), 0o777);
    symlinkSync("../elsewhere", join(place.directory, "linked/runs"));
    for (const audit of ["open", "linked"]) {
      const report = await place.report(script, ["--audit", audit]);
      expect(report).toMatchObject({ exitCode: 5, record: null, calls: [], error: { code: "E_AUDIT" } });
      expect(report.error?.hint).toContain("--audit");
    }
    expect(place.has("out/a")).toBe(false);
    symlinkSync("elsewhere", join(place.directory, "link"));
    const { ok, record, run } = await place.report(script, ["--audit", "link"]);
    expect({ ok, record }).toEqual({ ok: true, record: join(place.directory, `link/runs/${run}.jsonl`) });
    expect(place.has(`elsewhere/runs/${run}.jsonl`)).toBe(true);
  });

  test("cannot be read, written or listed by a script", async () => {
    place.write(
      "open.toml",
      'version = 1\n[filesystem]\nread_allow = ["/**"]\nwrite_allow = ["/**"]\ndelete_allow = ["/**"]\n',
    );
    const audit = join(place.directory, "audit");
    const script = `const r = []; for (const f of [() => fs.list("audit"), () => fs.list("audit/runs"), () => fs.write("audit/runs/x", ""), () => fs.delete("audit", { recursive: true }), () => fs.move("audit", "b")]) try { f(); r.push("done") } catch (e) { r.push(e.code) } return r`;
    const { stdout } = await place.run(["--policy", "open.toml", "--audit", audit, "--json", "-"], { stdin: script });
    expect(JSON.parse(stdout).value).toEqual(Array(5).fill("E_POLICY_DENIED"));
  });
});

describe("interruption", () => {
  test("Ctrl-C ends the run with 130 and finishes the record", async () => {
    place.write("long.toml", "version = 1\n");
    const ended = place.run(["--policy", "long.toml", "--json", "-"], {
      stdin: "for (;;) {}",
      onStart: (interrupt) => {
        const wait = setInterval(() => {
          const [record] = place.records();
          if (record === undefined) return;
          clearInterval(wait);
          interrupt();
        }, 20);
      },
    });
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 130, error: { code: "E_INTERRUPTED" } });
    expect((await place.run(["audit", "verify", ...place.records()])).code).toBe(0);
  });
});

describe("other commands", () => {
  test("check verifies without running or recording", async () => {
    place.write("s.js", 'fs.write("out/x", "1", { createParents: true });');
    const { code, stdout } = await place.run(["check", "--policy", "agent-run.toml", "s.js"]);
    expect(code).toBe(0);
    expect(stdout).toContain("passes the verifier");
    expect(place.has("out/x")).toBe(false);
    expect(place.records()).toEqual([]);
  });

  test("check lists every problem with the line that would grant it", async () => {
    const { code, stdout } = await place.run(["check", "--policy", "agent-run.toml", "--json", "-"], {
      stdin: 'net.httpGet("https://a.example/");\nnew WeakRef({});\nsubprocess.exec(["git"]);',
    });
    expect(code).toBe(3);
    const { problems } = JSON.parse(stdout);
    expect(problems.map((problem: { code: string; line: number }) => [problem.code, problem.line])).toEqual([
      ["E_CAPABILITY", 1],
      ["E_SUBSET", 2],
      ["E_CAPABILITY", 3],
    ]);
    expect(problems[0].hint).toContain('http_get_allow = ["a.example"]');
  });

  test("init writes a policy that loads, and never over one", async () => {
    rmSync(join(place.directory, "agent-run.toml"));
    expect((await place.run(["init"])).code).toBe(0);
    expect((await place.run(["policy", "validate", "agent-run.toml"])).code).toBe(0);
    const before = place.read("agent-run.toml");
    expect((await place.run(["init"])).code).toBe(5);
    expect(place.read("agent-run.toml")).toBe(before);
  });

  test("init writes for what it finds, elsewhere, and over a file only when it is told to", async () => {
    place.write("Cargo.toml", "");
    place.write("api/Cargo.toml", "");
    const first = await place.run(["init", "--output", "rust.toml"]);
    expect(first.stdout).toContain("wrote rust.toml for rust (found Cargo.toml)");
    expect(place.read("rust.toml")).toContain('\ninherits = ["rust"]\n');
    expect(place.read("rust.toml")).toContain('\nwrite_allow = ["api/**"]\n');
    const validated = await place.run(["policy", "validate", "rust.toml"]);
    expect([validated.code, validated.stdout.split("\n").length]).toEqual([0, 2]);
    const again = await place.run(["init", "--output", "rust.toml", "--lang", "go"]);
    expect([again.code, again.stderr]).toEqual([5, expect.stringContaining("`--force` writes over it")]);
    symlinkSync("elsewhere.toml", join(place.directory, "link.toml"));
    for (const name of ["rust.toml", "link.toml"]) {
      expect((await place.run(["init", "--force", "--output", name, "--lang", "golang"])).code).toBe(0);
      expect(place.read(name)).toContain('inherits = ["go"]');
    }
    expect(place.has("elsewhere.toml")).toBe(false);
    expect((await place.run(["init", "--force", "--output", "api"])).code).toBe(5);
    expect(readdirSync(place.directory).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  test("init prints the policy alone, lists the languages, and says what was meant", async () => {
    const printed = await place.run(["init", "--lang", "c#", "--output", "-"]);
    expect(printed.stdout).toMatch(/^# What scripts may do here/);
    expect(printed.stderr).toBe("agent-run: a policy for dotnet\n");
    const { policy, languages } = JSON.parse(
      (await place.run(["init", "--lang", "c#", "--output", "-", "--json"])).stdout,
    );
    expect([policy, languages]).toEqual([printed.stdout, ["dotnet"]]);
    expect((await place.run(["init", "--list"])).stdout).toMatch(/^python +also py; found by pyproject\.toml/);
    const refused = await place.run(["init", "--lang", "pyton"]);
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining("did you mean `python`?")]);
  });

  test("init, demo and policy trust speak JSON, in failure, too", async () => {
    const data = async (...args: string[]) => JSON.parse((await place.run([...args, "--json"])).stdout);
    mkdirSync(join(place.directory, "new"));
    expect(await data("init", "new")).toEqual({
      ok: true,
      exitCode: 0,
      path: join(place.directory, "new/agent-run.toml"),
      languages: ["generic"],
      found: [],
    });
    expect(await data("init", "new")).toMatchObject({ ok: false, exitCode: 5, error: { code: "E_CONFIG" } });
    const { steps, ...tour } = await data("demo");
    expect(tour).toMatchObject({ ok: true, exitCode: 0, record: { ok: true, files: 6, changedCopy: "broken" } });
    const codes = steps.map(({ error }: { error: { code: string } | null }) => error?.code ?? null);
    expect(codes).toEqual([null, "E_POLICY_DENIED", "E_CAPABILITY", null, "E_APPROVAL_UNAVAILABLE", "E_LIMIT_TIME"]);
    expect(steps[3].stdout).toBe("the script has [sealed file:private/key.txt]\n");
    expect(steps[1]).toMatchObject({
      asExpected: true,
      error: { code: "E_POLICY_DENIED" },
      record: { state: "complete" },
    });
    expect(await data("policy", "trust", "agent-run.toml")).toMatchObject({ ok: false, exitCode: 5 });
  });

  test("policy validate tells of rules that have ended", async () => {
    place.write(
      "ended.toml",
      'version = 1\n[[rule]]\nid = "r"\neffect = "allow"\non = "fs.read"\nexpires = 2020-01-01\n',
    );
    const { stdout, code } = await place.run(["policy", "validate", "ended.toml"]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("r (ended.toml:2) ended at 2020-01-01T00:00:00Z and grants nothing"),
    ]);
  });

  test("policy validate and show speak of what is granted", async () => {
    expect((await place.run(["policy", "validate", "agent-run.toml"])).stdout).toMatch(/^ok: agent-run\.toml loads/);
    expect((await place.run(["policy", "show", "agent-run.toml"])).stdout).toMatch(/data\/\*\*/);
    const { stdout } = await place.run(["policy", "show", "--json", "agent-run.toml"]);
    expect(JSON.parse(stdout)).toMatchObject({ root: place.directory });
  });

  test("policy trust needs a terminal", async () => {
    const { code, stderr } = await place.run(["policy", "trust", "agent-run.toml"]);
    expect(code).toBe(5);
    expect(stderr).toMatch(/terminal/);
  });

  test("demo shows that everything works", async () => {
    const { code, stdout } = await place.run(["demo"]);
    expect(stdout).toContain("all as it should be");
    expect(code).toBe(0);
  });

  test("doctor finds nothing broken", async () => {
    const { code, stdout } = await place.run(["doctor", "--json"]);
    expect(code, stdout).toBe(0);
    expect(JSON.parse(stdout).findings.map(({ what }: { what: string }) => what)).toEqual([
      "node",
      "engine",
      "run",
      "jail",
      "policy",
      "ceilings",
    ]);
  });

  test("help exits with 0", async () => {
    for (const command of [[], ["policy"], ["policy", "lint"]]) {
      const { code, stdout } = await place.run([...command, "--help"]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/Example:\n {2}\$ /) });
    }
  });

  test("a command that only has commands shows them, and is an error", async () => {
    for (const command of ["policy", "audit"]) {
      const { code, stdout, stderr } = await place.run([command]);
      expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
      expect(stderr).toMatch(/Commands:\n(.|\n)*\nerror: one of these commands is missing\n$/);
    }
    const { error } = JSON.parse((await place.run(["policy", "--json"])).stdout);
    expect(error.code).toBe("E_CONFIG");
  });

  test("a wrong use names the help of its command", async () => {
    expect((await place.run(["policy", "can"])).stderr).toContain("(run `agent-run policy can --help`)");
  });
});

test("a script that is not UTF-8, or a link to nowhere, is refused before anything runs", async () => {
  writeFileSync(join(place.directory, "latin.js"), Buffer.from([0x70, 0xe9]));
  symlinkSync("nowhere", join(place.directory, "dangling.js"));
  for (const name of ["latin.js", "dangling.js"]) {
    expect((await place.run(["--policy", "agent-run.toml", name])).code, name).toBe(5);
  }
  chmodSync(place.directory, 0o700);
});
