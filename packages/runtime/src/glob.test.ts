/** `fs.glob` from a script to the disk, under a policy as people write it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openPolicy } from "./open-policy.ts";
import { Runtime } from "./runtime.ts";

const FILES = ["README.md", "src/a.ts", "src/a.md", "src/deep/b.ts", "src/.env", "out/c.md", "src/.git/d.md"];

let directory: string;
const open: Runtime[] = [];

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-glob-")));
  for (const name of FILES) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), name);
  }
});

afterEach(async () => {
  for (const runtime of open.splice(0)) await runtime.close();
  rmSync(directory, { recursive: true, force: true });
});

function runtimeWith(filesystem: string): Runtime {
  const path = join(directory, "agent-run.toml");
  writeFileSync(path, `version = 1\n[filesystem]\n${filesystem}`);
  const audit = join(directory, "record");
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  const runtime = new Runtime({ policy: opened.data, audit });
  open.push(runtime);
  return runtime;
}

/** What is found, or the code of the refusal. */
async function found(policy: string, pattern: string): Promise<unknown> {
  const { value, error } = await runtimeWith(policy).run(`return fs.glob(${JSON.stringify(pattern)})`);
  return error?.code ?? value;
}

describe("a glob finds what may be read, wherever the pattern begins", () => {
  test.each([
    ['read_allow = ["src/**"]', "**/*.md", ["src/.git/d.md", "src/a.md"]],
    ['read_allow = ["src/**/*.ts"]', "src/**/*.ts", ["src/a.ts", "src/deep/b.ts"]],
    ['read_allow = ["src/**/*.ts"]', "**", ["src/a.ts", "src/deep/b.ts"]],
    ['read_allow = ["**/*.md"]', "**/*", ["README.md", "out/c.md", "src/.git/d.md", "src/a.md"]],
    ['read_allow = ["src/*"]', "src/**", ["src/a.md", "src/a.ts"]],
    ['read_allow = ["src/**"]\ndeny = ["src/deep"]', "**/*.ts", ["src/a.ts"]],
    ['read_allow = ["**"]', "**/.env*", []],
    ['read_allow = ["src/**"]', "{out,src}/*.md", ["src/a.md"]],
    ['read_allow = ["src/**"]', "out/*.md", "E_POLICY_DENIED"],
    ['read_allow = ["src/**"]', "/proc/*", "E_POLICY_DENIED"],
    ['read_allow = ["src/**"]', "README.md", "E_POLICY_DENIED"],
    ['read_allow = ["src/**"]\ndeny = ["src"]', "src/**", "E_POLICY_DENIED"],
    ['write_allow = ["src/**"]', "src/**", "E_CAPABILITY"],
  ])("%j: `%s`", async (policy, pattern, expected) => expect(await found(policy, pattern)).toEqual(expected));
});

test("a refusal and its hint name where the pattern begins, and the line does grant it", async () => {
  const { error, calls } = await runtimeWith('read_allow = ["src/**"]').run('fs.glob("out/**/*.md")');
  expect(error).toMatchObject({
    message: "the policy does not allow `fs.read` of anything at or below `out`",
    target: "out",
    hint: expect.stringContaining('to allow it: [filesystem] read_allow = ["out/**"]'),
  });
  expect(calls).toMatchObject([{ capability: "fs.read", target: "out", decision: "deny", rule: "default" }]);
  expect(await found('read_allow = ["out/**"]', "out/**/*.md")).toEqual(["out/c.md"]);
});

test.each([
  ["src/**/*.ts", '[filesystem] read_allow = ["src/**"]'],
  ["*.ts", '[filesystem] read_allow = ["**"]'],
  ["README.md", '[filesystem] read_allow = ["README.md"]'],
])(
  "a policy that reads nothing refuses `%s` before the run, with the line that would grant it",
  async (pattern, line) => {
    const { error } = await runtimeWith('write_allow = ["out/**"]').run(`fs.glob("${pattern}")`);
    expect(error).toMatchObject({ code: "E_CAPABILITY", hint: `to allow it, the policy needs: ${line}`, line: 1 });
  },
);

test("a pattern that backtracks for ever costs its run the time limit, and the host goes on", async () => {
  writeFileSync(join(directory, "src", "a".repeat(200)), "");
  const runtime = runtimeWith('read_allow = ["src/**"]');
  const script = `return fs.glob("src/${"*a".repeat(60)}*b")`;
  const [slow, next] = await Promise.all([runtime.run(script, { maxSeconds: 0.5 }), runtime.run("return 2")]);
  expect(slow.error?.code).toBe("E_LIMIT_TIME");
  expect(next.value).toBe(2);
  expect((await runtime.run('return fs.glob("src/*.ts")')).value).toEqual(["src/a.ts"]);
});
