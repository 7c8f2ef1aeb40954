/** The compiled code beside the bundles: taken where it fits, and without effect where it does not. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { execaSync } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const BUNDLES = ["command.cjs", "worker.cjs", "vault.cjs"];
const POLICY = `version = 1
[filesystem]
local_only_write = ["out/**"]
[environment]
local_only_vars = ["KEY"]
[local_only]
profile = "relaxed"
`;
const SCRIPT = 'fs.write("out/key", env.read("KEY")); seal.settle(); print(6 * 7)';
let base: string;
let copy: string;

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-bundles-")));
  copy = join(base, "dist");
  cpSync(join(ROOT, "dist"), copy, { recursive: true });
  mkdirSync(join(base, "work/out"), { recursive: true });
  writeFileSync(join(base, "work/p.toml"), POLICY);
});
afterAll(() => rmSync(base, { recursive: true }));

/** What the command shows, and what its vault wrote. */
const answer = () => {
  const cwd = join(base, "work");
  const words = ["--policy", "p.toml", "--audit", join(base, "record"), "-"];
  const { exitCode, stdout } = execaSync(process.execPath, [join(copy, "agent-run.cjs"), ...words], {
    cwd,
    env: { HOME: join(base, "home"), XDG_STATE_HOME: join(base, "state"), KEY: "plaintext" },
    input: SCRIPT,
  });
  const written = readFileSync(join(cwd, "out/key"), "utf8");
  rmSync(join(cwd, "out/key"));
  return [exitCode, stdout, written];
};

test.each(BUNDLES)("V8 takes the compiled code of %s", (name) => {
  const file = join(ROOT, "dist", name);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "utf8")}\n})`;
  const script = new Script(text, { filename: file, cachedData: readFileSync(`${file}.cache`) });
  expect(script.cachedDataRejected).toBe(false);
});

test("code of another version, damaged code and no code change nothing but the time", () => {
  expect(answer()).toEqual([0, "42", "plaintext"]);
  for (const name of BUNDLES) writeFileSync(join(copy, `${name}.cache`), readFileSync(`${copy}/vm.image`));
  expect(answer()).toEqual([0, "42", "plaintext"]);
  for (const name of BUNDLES) writeFileSync(join(copy, `${name}.cache`), "");
  expect(answer()).toEqual([0, "42", "plaintext"]);
  for (const name of BUNDLES) rmSync(join(copy, `${name}.cache`));
  expect(answer()).toEqual([0, "42", "plaintext"]);
});
