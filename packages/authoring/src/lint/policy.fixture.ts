/** A policy of the tests from its text, as a file under `/work/proj`. */
import { createHash } from "node:crypto";
import { loadPolicyText, type PolicyChecks, type PolicyData, type PolicyWorld } from "@agent-run/policy";

const AT = { path: "/work/proj/agent-run.toml", realPath: "/work/proj/agent-run.toml" };

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: new Map(),
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

/** Throws where the text does not load. */
export function checkedOf(text: string): { readonly data: PolicyData; readonly checks: PolicyChecks } {
  const loaded = loadPolicyText(`version = 1\n${text}`, AT, world);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  return loaded;
}
