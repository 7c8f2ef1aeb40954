/** In a process of its own each, since what is forgotten is gone for good. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const directory = mkdtempSync(join(tmpdir(), "agent-run-forget-"));
const module = join(directory, "forget.mjs");
beforeAll(async () => {
  const entry = fileURLToPath(new URL("./forget-variables.ts", import.meta.url));
  const options = { bundle: true, platform: "node", format: "esm", logLevel: "error" } as const;
  await build({ ...options, entryPoints: [entry], outfile: module });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Forgotten {
  readonly gone: boolean;
  readonly before: string;
  readonly block: string;
  readonly child: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: string;
}

/** `program`: how the process is started, so that its name in /proc is another. */
function forget(names: readonly string[], env: Readonly<Record<string, string>>): Forgotten {
  const text = `
    import { execFileSync } from "node:child_process";
    import { readFileSync } from "node:fs";
    import { forgetVariables } from ${JSON.stringify(module)};
    const block = () => readFileSync("/proc/self/environ", "latin1");
    const before = block();
    const gone = forgetVariables(${JSON.stringify(names)});
    const child = execFileSync("/bin/sh", ["-c", "cat /proc/$PPID/environ; env"], { encoding: "latin1" });
    const argv = readFileSync("/proc/self/cmdline", "latin1").split("\\0")[0];
    console.log(JSON.stringify({ gone, before, block: block(), child, env: process.env, argv }));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", text], { env, encoding: "utf8" });
  return JSON.parse(out) as Forgotten;
}

describe.skipIf(process.platform !== "linux")("a forgotten variable", () => {
  test("is in no block, no child's sight and no `process.env`; every other one is untouched, in its place", () => {
    const env = { A: "1", KEY: "s3cret-value=with=equals", KEY_2: "stays", Z: "é ü" };
    const { gone, before, block, child, env: left, argv } = forget(["KEY"], env);
    expect(before).toContain("KEY=s3cret");
    expect(gone).toBe(true);
    for (const text of [block, child, JSON.stringify(left)]) expect(text).not.toContain("s3cret");
    const kept = (text: string) => text.split("\0").filter((entry) => !entry.startsWith("KEY="));
    const blank = "x".repeat("KEY=s3cret-value=with=equals".length);
    expect(block.split("\0")).toEqual(before.split("\0").map((entry) => (entry.startsWith("KEY=") ? blank : entry)));
    expect(kept(block).filter((entry) => entry !== blank)).toEqual(kept(before));
    expect(left).toMatchObject({ A: "1", KEY_2: "stays", Z: "é ü" });
    expect(argv).toBe(process.execPath);
  });

  test("may be one of many, empty, or not there", () => {
    const { gone, block } = forget(["A", "B", "EMPTY", "NONE"], { A: "aaaa-1", B: "bbbb-2", EMPTY: "", C: "cccc" });
    expect(gone).toBe(true);
    expect(block).not.toMatch(/aaaa|bbbb|EMPTY/);
    expect(block).toContain("C=cccc");
  });

  test("nothing is touched where nothing of it is set", () => {
    const { gone, before, block } = forget(["NONE"], { A: "1" });
    expect([gone, block]).toEqual([true, before]);
  });

  test("whose value holds what looks like another's entry is forgotten whole", () => {
    const { block } = forget(["KEY"], { KEY: "a\nB=secret-part", B: "public" });
    expect(block).not.toContain("secret-part");
    expect(block).toContain("B=public");
  });
});
