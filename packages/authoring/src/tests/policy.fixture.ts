/** For tests only: policies and their tests from text, under `/work/proj`. */
import { createHash } from "node:crypto";
import { loadPolicyText, type PolicyData, type PolicyTest, type PolicyWorld } from "@agent-run/policy";
import { type ReadyTest, readyTests } from "./ready-test.ts";

const ROOT = "/work/proj";
export const BASE = { home: "/home/me" };

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => (path.startsWith("/") ? path : ROOT),
  homes: [BASE.home],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

export interface Tested {
  readonly data: PolicyData;
  readonly tests: readonly PolicyTest[];
  readonly ready: readonly ReadyTest[];
}

/** Throws where the text does not load, or a call is none. */
export function tested(text: string): Tested {
  const from = { path: "agent-run.toml", realPath: `${ROOT}/agent-run.toml` };
  const loaded = loadPolicyText(`version = 1\n${text}`, from, world);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  const { tests } = loaded.checks;
  const { ready, broken } = readyTests(tests, loaded.data, BASE);
  if (broken.length > 0) throw new Error(broken.map(({ message }) => message).join("\n"));
  return { data: loaded.data, tests, ready };
}
