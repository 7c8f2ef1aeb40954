/** The mutants of eval/exfiltration are of the sources as they are; that each is killed, `mutants.mjs` shows. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MUTANTS } from "../../../eval/exfiltration/mutants-list.mjs";
import { techniques } from "../../../eval/exfiltration/techniques/index.mjs";

const source = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
const names = new Set(techniques().map(({ id }) => id));

describe("each mutant changes the sources at one place an edit, and its killers are there", () => {
  for (const { id, rule, edits, killers } of MUTANTS) {
    test(`${id}: ${rule}`, () => {
      expect(edits.map(({ file, find }) => [file, source(file).split(find).length - 1])).toEqual(
        edits.map(({ file }) => [file, 1]),
      );
      expect(killers.filter((name) => !names.has(name))).toEqual([]);
      expect(killers).not.toEqual([]);
    });
  }
});
