import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTokenFile } from "./token-file.ts";

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "agent-run-token-"));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

describe("the token of a server", () => {
  test("lies in a file of its owner's, and is gone with it", () => {
    const made = makeTokenFile(join(state, "deep/er"), 7);
    if (!made.ok) throw new Error(made.failure.message);
    const { token, path, remove } = made.value;
    expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    remove();
    remove();
    expect(existsSync(path)).toBe(false);
  });

  test("takes the place of the one before, whatever that file was", () => {
    mkdirSync(join(state, "mcp"), { mode: 0o700 });
    const [path, victim] = [join(state, "mcp/http-7.token"), join(state, "victim")];
    writeFileSync(victim, "mine");
    symlinkSync(victim, path);
    const made = makeTokenFile(state, 7);
    expect(made.ok && readFileSync(path, "utf8").trim()).toBe(made.ok && made.value.token);
    expect(readFileSync(victim, "utf8")).toBe("mine");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["others can write to", () => chmodSync(mkdirSync(join(state, "mcp"), { recursive: true }) ?? "", 0o777)],
    [
      "is a link",
      () => {
        mkdirSync(join(state, "elsewhere"));
        symlinkSync(join(state, "elsewhere"), join(state, "mcp"));
      },
    ],
    ["is a file", () => writeFileSync(join(state, "mcp"), "")],
  ])("is kept in no directory that %s", (_title, prepare) => {
    prepare();
    expect(makeTokenFile(state, 7)).toMatchObject({ ok: false, failure: { code: "E_CONFIG" } });
    expect(existsSync(join(state, "mcp/http-7.token"))).toBe(false);
  });
});
