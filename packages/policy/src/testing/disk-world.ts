/** For tests only: a `PolicyWorld` over the real disk, and directories to try it in. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { PolicyWorld } from "../world.ts";

const PRESETS = fileURLToPath(new URL("../../../../presets", import.meta.url));

export const presetTexts: ReadonlyMap<string, string> = new Map(
  readdirSync(PRESETS)
    .filter((name) => name.endsWith(".toml"))
    .map((name) => [name.replace(/\.toml$/, ""), readFileSync(join(PRESETS, name), "utf8")]),
);

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export function diskWorld(changes: Partial<PolicyWorld> = {}): PolicyWorld {
  return {
    readText(path) {
      try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
        return { ok: true, text, realPath: realpathSync.native(path) };
      } catch (error) {
        return { ok: false, reason: error instanceof TypeError ? "it is not valid UTF-8" : reasonOf(error) };
      }
    },
    realPath(path) {
      try {
        return realpathSync.native(path);
      } catch {
        return null;
      }
    },
    homes: ["/home/u"],
    presets: presetTexts,
    sha256,
    ...changes,
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error && error.code === "ENOENT" ? "it does not exist" : "it can not be opened";

const made: string[] = [];

afterAll(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** A new directory, by its real path, with the files in it; it is gone after the tests of the file. */
export function directoryWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-policy-")));
  made.push(directory);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}
