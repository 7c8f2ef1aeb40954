/** For tests only: a policy under `/work/proj` below ceilings that lie in `/etc/bounds`. */
import { createHash } from "node:crypto";
import { type LoadResult, loadPolicyText } from "../load.ts";
import { Policy } from "../policy.ts";
import type { PolicyData } from "../policy-data.ts";
import type { PolicyWorld } from "../world.ts";
import { presetTexts } from "./disk-world.ts";
import { ROOT } from "./policy-of.ts";

const world: PolicyWorld = {
  readText: () => ({ ok: false, reason: "there are no files" }),
  realPath: (path) => path,
  homes: ["/home/me"],
  presets: presetTexts,
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
};

export const CEILING_ROOT = "/etc/bounds";

export function load(main: string, ceilings: readonly string[] = []): LoadResult {
  const bounds = ceilings.map((text, index) => dataOf(ceilingOf(text, index)));
  return loadText(main, `${ROOT}/agent-run.toml`, { ceilings: bounds });
}

/** As a ceiling is loaded: the first one is `/etc/bounds/0.toml`. */
export const ceilingOf = (text: string, index = 0): LoadResult =>
  loadText(text, `${CEILING_ROOT}/${index}.toml`, { as: "ceiling" });

const loadText = (text: string, path: string, options: Parameters<typeof loadPolicyText>[3]): LoadResult =>
  loadPolicyText(`version = 1\n${text}`, { path, realPath: path }, world, options);

/** Throws where the text does not load. */
export function dataOf(loaded: LoadResult): PolicyData {
  if (loaded.ok) return loaded.data;
  throw new Error(loaded.problems.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n"));
}

export const policyUnder = (main: string, ...ceilings: readonly string[]): Policy =>
  Policy.revive(structuredClone(dataOf(load(main, ceilings))));

export const problemsUnder = (main: string, ...ceilings: readonly string[]): readonly string[] => {
  const loaded = load(main, ceilings);
  return loaded.ok ? [] : loaded.problems.map(({ line, message }) => `${line} ${message}`);
};
