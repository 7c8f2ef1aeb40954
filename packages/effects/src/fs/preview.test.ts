import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OperationContext, Target } from "@agent-run/gate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Handle, hold, release } from "./descriptor.ts";
import { previewOfWrite } from "./preview.ts";

const CANARY = "canary-2b7f";

let directory: string;
let file: Handle;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), "agent-run-preview-")));
  writeFileSync(join(directory, "a"), `${CANARY}\n`);
  file = hold(join(directory, "a"));
});
afterEach(() => {
  release(file);
  rmSync(directory, { recursive: true });
});

/** `mode`: how local-only values are kept; `sealed`: paths that are local-only. */
const preview = (mode: "sealed" | "redact" | null, sealed: readonly string[] = []) => {
  const decide = ({ value }: Target) => (sealed.includes(value) ? { sealed: { label: ["local"], accepts: [] } } : {});
  const context = { policy: { localOnly: mode === null ? null : { mode } }, decide } as unknown as OperationContext;
  const old = { file, real: join(directory, "a") };
  return previewOfWrite({ old, content: Buffer.from("new\n"), append: false }, context);
};

test("what is there is shown against what would be written", () => {
  expect(preview(null)).toMatchObject({ kind: "diff", lines: ["@@ -1,1 +1,1 @@", `-${CANARY}`, "+new"] });
  expect(preview("sealed")).toMatchObject({ kind: "diff" });
});

test("of a file that is local-only nothing is shown, not even its size", () => {
  expect(preview("sealed", [join(directory, "a")])).toBeNull();
});

test("nothing is shown where a script may have local-only text in the open", () => {
  expect(preview("redact")).toBeNull();
});
