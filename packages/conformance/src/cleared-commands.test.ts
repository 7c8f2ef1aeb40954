/** Commands that are given sealed data, end to end: in the vault's jail, where there is one, under a policy that was loaded. */
import { detectJail } from "@agent-run/effects";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";

const POLICY = `version = 1
[filesystem]
read_allow = ["out/**"]
write_allow = ["out/**"]
local_only_read = ["notes/**"]
local_only_write = ["notes/**"]
[subprocess]
local_only_commands = ["sort", "tee"]
[local_only]
settle = ["3s"]
profile = "strict"
`;

let place: Workplace;
beforeEach(() => {
  place = new Workplace({ "agent-run.toml": POLICY, "notes/plan.md": "b\na\n", "out/x": "x" });
});
afterEach(() => place.remove());

describe.runIf(detectJail().ok)("a command in `local_only_commands`", () => {
  test("reads local-only files that it is called with", async () => {
    await place.report('fs.write("notes/sorted", subprocess.exec(["sort", "notes/plan.md"]).stdout)');
    expect(place.read("notes/sorted")).toBe("a\nb\n");
  });

  test("writes where sealed data may go, and nowhere that a script could look", async () => {
    await place.report(
      'const stdin = fs.read("notes/plan.md"); for (const name of ["notes/t", "out/t"]) subprocess.exec(["tee", name], { stdin })',
    );
    expect(place.has("notes/t")).toBe(true);
    expect(place.has("out/t")).toBe(false);
  });
});
