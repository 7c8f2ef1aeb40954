/** The compiled code beside the bundles: taken where it fits, and without effect where it does not. */
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { execaSync } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "./sources.ts";

const BUNDLES = ["command.cjs", "worker.cjs"];
let copy: string;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-bundles-")));
  cpSync(join(ROOT, "dist"), copy, { recursive: true });
});
afterAll(() => rmSync(copy, { recursive: true }));

const answer = () => {
  const { exitCode, stdout } = execaSync(process.execPath, [join(copy, "agent-run.cjs"), "--audit", "record", "-"], {
    cwd: copy,
    env: { HOME: copy },
    input: "print(6 * 7)",
  });
  return [exitCode, stdout];
};

test.each(BUNDLES)("V8 takes the compiled code of %s", (name) => {
  const file = join(ROOT, "dist", name);
  const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, "utf8")}\n})`;
  const script = new Script(text, { filename: file, cachedData: readFileSync(`${file}.cache`) });
  expect(script.cachedDataRejected).toBe(false);
});

test("code of another version, damaged code and no code change nothing but the time", () => {
  expect(answer()).toEqual([0, "42"]);
  for (const name of BUNDLES) writeFileSync(join(copy, `${name}.cache`), readFileSync(`${copy}/vm.image`));
  expect(answer()).toEqual([0, "42"]);
  for (const name of BUNDLES) writeFileSync(join(copy, `${name}.cache`), "");
  expect(answer()).toEqual([0, "42"]);
  for (const name of BUNDLES) rmSync(join(copy, `${name}.cache`));
  expect(answer()).toEqual([0, "42"]);
});
