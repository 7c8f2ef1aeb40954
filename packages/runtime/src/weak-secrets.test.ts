import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openPolicy } from "./open-policy.ts";
import { weakSecrets } from "./weak-secrets.ts";

const STRONG = "q9XvT2mKp7LwZr4BnJ8sD";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "agent-run-weak-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function told(response: string, value: string, source = 'env = "THE_KEY"'): string[] {
  const path = join(directory, "p.toml");
  const use = `host = "api.example.com"\nmethods = ["GET"]\npaths = ["/**"]\nslot = "header:x-key"\nresponse = "${response}"`;
  writeFileSync(path, `version = 1\n[[secret]]\nname = "api"\n${source}\n[[secret.use]]\n${use}\n`);
  const opened = openPolicy({ path, cwd: directory });
  if (!opened.ok) throw new Error(JSON.stringify(opened.problems));
  return weakSecrets(opened.data, { THE_KEY: value });
}

test("a guessable secret with public answers is told by its name, and its value is not in the sentence", () => {
  const [sentence = "", ...more] = told("public", "hunter2");
  expect(more).toEqual([]);
  expect(sentence).toContain("`api`");
  expect(sentence).not.toMatch(/hunter2|\b7\b/);
});

test("weak values of any length give the same sentence, so it does not tell how long they are", () => {
  expect(told("public", "1234")).toEqual(told("public", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
});

test("a random value, sealed answers and a secret that is not in the environment are no reason", () => {
  expect(told("public", STRONG)).toEqual([]);
  expect(told("sealed", "hunter2")).toEqual([]);
  expect(told("public", "hunter2", 'env = "ANOTHER_KEY"')).toEqual([]);
  expect(told("public", "hunter2", 'file = "key.txt"')).toEqual([]);
});

test("of a variable with JSON the declared field is looked at", () => {
  const source = 'env = "THE_KEY"\nfield = "a.b"';
  expect(told("public", JSON.stringify({ a: { b: "1234" }, other: STRONG }), source)).toHaveLength(1);
  expect(told("public", JSON.stringify({ a: { b: STRONG } }), source)).toEqual([]);
  expect(told("public", "no JSON", source)).toEqual([]);
});
