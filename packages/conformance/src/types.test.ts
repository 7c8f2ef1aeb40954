/** `agent-run types`: what a compiler takes and refuses with the declarations of a policy. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Policy } from "@agent-run/policy";
import { wholeDeclarations } from "@agent-run/runtime";
import { defineCapability, loadPolicy } from "@agent-run/runtime/library";
import { type } from "arktype";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ROOT } from "./sources.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-run-types-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** Messages of the compiler about scripts, each alone, with nothing but the language's own library; in one start of it. */
function compileAll(cases: readonly { readonly declarations: string; readonly script: string }[]): readonly string[] {
  const place = mkdtempSync(join(folder, "compiled-"));
  const options = {
    ...{ composite: true, emitDeclarationOnly: true, strict: true, target: "es2023", lib: ["es2023"] },
    ...{ types: [], module: "esnext", moduleDetection: "force" },
  };
  const names = cases.map(({ declarations, script }, at) => {
    const name = `case${at}`;
    mkdirSync(join(place, name));
    writeFileSync(join(place, name, "api.d.ts"), declarations);
    writeFileSync(join(place, name, "script.ts"), script);
    const config = { compilerOptions: options, files: ["api.d.ts", "script.ts"] };
    writeFileSync(join(place, name, "tsconfig.json"), JSON.stringify(config));
    return name;
  });
  const { stdout } = spawnSync(process.execPath, [TSC, "-b", "--pretty", "false", ...names], {
    cwd: place,
    encoding: "utf8",
  });
  return names.map((name) =>
    stdout
      .split(/^(?=case\d+\/)/m)
      .filter((line) => line.startsWith(`${name}/`))
      .join(""),
  );
}

const declarationsOf = async (policy: string) => {
  const file = join(mkdtempSync(join(folder, "policy-")), "x.toml");
  writeFileSync(file, `version = 1\n${policy}`);
  return wholeDeclarations(Policy.revive(await loadPolicy(file)));
};

const types = (policy: string, ...options: string[]) => {
  writeFileSync(join(folder, "x.toml"), `version = 1\n${policy}`);
  return execa(process.execPath, [join(ROOT, "dist/agent-run.cjs"), "types", "--policy", "x.toml", ...options], {
    cwd: folder,
    env: { HOME: folder, XDG_STATE_HOME: join(folder, "state") },
    reject: false,
  });
};

const FILES = '[filesystem]\nread_allow = ["data/**"]\nwrite_allow = ["out/**"]\n';
const NET = '[network]\nhttp_get_allow = ["api.example.com"]\n';
const REST = '[subprocess]\nallow_commands = ["true"]\nsandbox = "none"\n[environment]\nallow_vars = ["LANG"]\n';
const TOOLS = '[[rule]]\nid = "a"\neffect = "allow"\non = ["tool.payments.refund", "tool.mail.*"]\n';

const GRANTED: readonly (readonly [string, string, string])[] = [
  [
    "files",
    FILES,
    'const t: string = fs.read("data/a", { offset: 1 }); fs.write("out/a", t, { append: true }); fs.copy("data/a", "out/b"); for (const { path, size } of fs.list("data")) print(path, size); fs.glob("*", { cwd: "data" }).length',
  ],
  [
    "requests",
    NET,
    'const r = net.httpGet("https://api.example.com", { timeoutMs: 5 }); print(r.status, r.json().a, r.headers["x"], r.headers.get("y")); const [a] = await Promise.all([fetch("https://api.example.com")]); print((await a.json()).b)',
  ],
  [
    "commands and variables",
    REST,
    'const { exitCode, stdout } = subprocess.exec(["true"], { env: { A: "b" }, check: true }); print(exitCode + 1, stdout.length, env.read("LANG")?.length, env.has("LANG"))',
  ],
  [
    "what is always there",
    "",
    'console.log(args[0]?.length, input.x, new URL("https://x/").hostname, btoa("x"), crypto.sha256("x"), structuredClone({ a: 1 }).a); try { print(1) } catch (e) { if (e instanceof AgentRunError) print(e.code, e.rule?.line) }',
  ],
  [
    "tools that the policy names",
    TOOLS,
    'tools.payments.refund({ amount: 1 }); tools.mail.send(); tools.mail["list"]?.({})',
  ],
  [
    "sealed values",
    '[environment]\nlocal_only_vars = ["INTERNAL"]\n[filesystem]\nlocal_only_read = ["notes/**"]\n',
    'const s: Sealed = env.read("INTERNAL"); const n = fs.read<Sealed>("notes/a"); print(`${s}`, s.map((v, x) => v + x, 1).label, n.json().get("x")); seal.compute([s, n], (a, b) => a + b); seal.settle("1s")',
  ],
];

const REFUSED: readonly (readonly [string, string, string, string])[] = [
  ["files", NET, 'fs.read("x")', "Cannot find name 'fs'"],
  ["writing", FILES.replace(/write_allow.*\n/, ""), 'fs.write("x", "y")', "'write' does not exist"],
  ["copying without reading", '[filesystem]\nwrite_allow = ["out/**"]\n', 'fs.copy("a", "b")', "'copy' does not exist"],
  ["deleting", FILES, 'fs.delete("x")', "'delete' does not exist"],
  ["requests", FILES, 'net.httpGet("https://x/")', "Cannot find name 'net'"],
  ["fetch", FILES, 'fetch("https://x/")', "Cannot find name 'fetch'"],
  ["POST", NET, 'net.httpPost("https://x/", "")', "'httpPost' does not exist"],
  ["commands", FILES, 'subprocess.exec(["git"])', "Cannot find name 'subprocess'"],
  ["variables", FILES, 'env.read("X")', "Cannot find name 'env'"],
  ["tools", FILES, "tools.payments.refund()", "Cannot find name 'tools'"],
  ["another tool", TOOLS, "tools.payments.charge()", "'charge' does not exist"],
  ["sealing where nothing is sealed", FILES, "seal.settle()", "Cannot find name 'seal'"],
  [
    "a Sealed as a text",
    '[environment]\nlocal_only_vars = ["INTERNAL"]\n',
    'const s: string = env.read("INTERNAL")',
    "is not assignable to type 'string'",
  ],
  [
    "a denied tool",
    `${TOOLS}[[rule]]\nid = "d"\neffect = "deny"\non = ["tool.payments.*"]\n`,
    "tools.payments.refund()",
    "'payments' does not exist",
  ],
  ["what no script has", FILES, "process.exit(); eval('1'); require('fs')", "Cannot find name 'process'"],
];

test("scripts that use what is granted compile, and others do not", async () => {
  const cases = await Promise.all(
    [...GRANTED, ...REFUSED].map(async ([, policy, script]) => ({
      declarations: await declarationsOf(policy),
      script,
    })),
  );
  const found = compileAll(cases);
  for (const [at, [what]] of GRANTED.entries()) expect(found[at], what).toBe("");
  for (const [at, [what, , , says]] of REFUSED.entries()) expect(found[GRANTED.length + at], what).toContain(says);
});

test("a ceiling narrows them", async () => {
  writeFileSync(join(folder, "above.toml"), 'version = 1\n[filesystem]\nread_allow = ["**"]\n');
  const { stdout } = await types(FILES + NET, "--ceiling", "above.toml");
  expect(stdout).toContain("read(");
  expect(stdout).not.toMatch(/write\(|httpGet/);
});

test("they go into a file, or into a report, or nowhere with a reason", async () => {
  const out = await types(FILES, "--out", "api.out.d.ts");
  expect([out.exitCode, out.stdout]).toEqual([0, ""]);
  expect(readFileSync(join(folder, "api.out.d.ts"), "utf8")).toContain("declare const fs: {");
  const json = JSON.parse((await types(FILES, "--json")).stdout);
  expect(json).toMatchObject({ ok: true, exitCode: 0, declarations: expect.stringContaining("declare const fs") });
  // Written over is what this command wrote before, and nothing else.
  expect((await types(FILES, "--out", "api.out.d.ts")).exitCode).toBe(0);
  writeFileSync(join(folder, "mine.ts"), "const mine = 1;");
  expect((await types(FILES, "--out", "mine.ts")).exitCode).toBe(5);
  expect(readFileSync(join(folder, "mine.ts"), "utf8")).toBe("const mine = 1;");
  const nowhere = await types(FILES, "--out", "no/such/folder/x.d.ts");
  expect([nowhere.exitCode, existsSync(join(folder, "no"))]).toEqual([5, false]);
  expect(nowhere.stderr).toContain("E_CONFIG");
  expect((await types("[nonsense]\n")).exitCode).toBe(5);
});

describe("own capabilities", () => {
  const effect = () => null;
  const capabilities = [
    defineCapability("payments.refund", {
      class: "irreversible",
      description: "gives money back */ eval(1) //",
      input: z.object({
        amount: z.number().int(),
        currency: z.enum(["EUR", "USD"]).default("EUR"),
        "odd name": z.string().optional(),
      }),
      effect,
    }),
    defineCapability("mail.send", {
      class: "irreversible",
      input: type({ to: "string[]", "urgent?": "boolean | null" }),
      effect,
    }),
    defineCapability("mail.list", { class: "read", input: z.object({ folder: z.string().optional() }), effect }),
    defineCapability("odd.any", {
      class: "read",
      input: { "~standard": { version: 1, vendor: "x", validate: (value: unknown) => ({ value }) } },
      effect,
    }),
    defineCapability("secret.tool", { class: "read", input: z.object({}), effect }),
  ];

  test("have the types of their schemas, and only those that are granted", async () => {
    writeFileSync(
      join(folder, "x.toml"),
      'version = 1\n[[rule]]\nid = "t"\neffect = "allow"\non = ["tool.payments.*", "tool.mail.*", "tool.odd.any"]\n',
    );
    const policy = await loadPolicy(join(folder, "x.toml"));
    const declarations = wholeDeclarations(Policy.revive(policy), { capabilities });
    const cases = [
      ['tools.payments.refund({ amount: 5, "odd name": "x" }); tools.mail.send({ to: ["a"], urgent: null })', null],
      ["tools.mail.list(); tools.odd.any({ x: 1 })", null],
      ["tools.payments.refund({})", "'amount' is missing"],
      ['tools.payments.refund({ amount: "5" })', "not assignable to type 'number'"],
      ['tools.payments.refund({ amount: 5, currency: "GBP" })', "not assignable to type"],
      ["tools.mail.send({ to: [1] })", "not assignable to type 'string'"],
      ["tools.secret.tool()", "'secret' does not exist"],
    ] as const;
    const found = compileAll(cases.map(([script]) => ({ declarations, script })));
    for (const [at, [script, says]] of cases.entries()) {
      if (says === null) expect(found[at], script).toBe("");
      else expect(found[at], script).toContain(says);
    }
    expect(declarations).toContain("/** gives money back * / eval(1) // */ refund(");
  });
});
