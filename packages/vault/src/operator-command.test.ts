import { createErrands } from "@agent-run/effects/errands";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { operatorCommand } from "./operator-command.ts";
import { Place } from "./vault.fixture.ts";

const errands = createErrands();
let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const POLICY = '[[secret]]\nname = "s"\ncommand = ["sh", "-c", "pass"]\n';

const run = (script: string, name = "sh", aborted = false) => {
  const stop = new AbortController();
  if (aborted) stop.abort();
  return operatorCommand([name, "-c", script], place.open(POLICY), errands, stop.signal);
};

describe("the operator's command", () => {
  test("gives what it prints on standard output, in the policy's directory, with the public environment", async () => {
    expect(await run('printf %s "$PWD"; echo no >&2')).toEqual({ ok: true, value: place.directory });
    const { ok, value } = { value: "", ...(await run("env | cut -d= -f1 | sort | tr '\\n' ' '")) };
    expect(ok).toBe(true);
    expect(value.split(" ").filter((name) => !["PWD", "OLDPWD", "SHLVL", "_", ""].includes(name))).toEqual([
      "HOME",
      "PATH",
    ]);
  });

  test("that fails, is not the one that was found, or is stopped gives none, and no word of its output", async () => {
    const bad = await run("echo half-a-secret; exit 3");
    expect(bad).toEqual({ ok: false, why: "`sh` ended with exit code 3" });
    expect(await run("true", "none")).toEqual({ ok: false, why: "`none` was not found" });
    expect(await run("echo x", "sh", true)).toMatchObject({ ok: false });
  });
});
