/** One call, asked in every way there is: the same names and the same answers. And which policy it was that answered. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workplace } from "./command.ts";
import { GENERATIONS, type Session } from "./mcp-client.fixture.ts";

const POLICY = `version = 1
[filesystem]
read_allow = ["src/**"]
[[rule]]
id = "small"
effect = "allow"
on = "fs.write"
path = "out/**"
when = { bytes = { le = 10 } }
[[rule]]
id = "ask-first"
effect = "ask"
on = "fs.delete"
path = "out/**"
`;

let place: Workplace;
let session: Session;
beforeAll(async () => {
  place = new Workplace({ "agent-run.toml": POLICY, "src/a": "x" });
  place.write("bounds.toml", 'version = 1\n[filesystem]\nread_allow = ["/**"]\n');
  const [, connect] = GENERATIONS[0] ?? [];
  if (connect === undefined) throw new Error("no client");
  session = await connect(place, {}, ["--ceiling", "bounds.toml"]);
});
afterAll(async () => {
  await session.close();
  place.remove();
});

const AROUND = ["--policy", "agent-run.toml", "--ceiling", "bounds.toml", "--json"];

describe("of one call", () => {
  test.each([
    ["fs.read src/a", "allow"],
    ["fs.write out/a bytes=5", "deny"],
    ["fs.write out/a bytes=50", "deny"],
    ["fs.delete out/a", "deny"],
    ["fs.read .env", "deny"],
  ])("%s: every report says the same in the same names", async (call, effect) => {
    place.write("calls.txt", `${call}\n`);
    const json = async (...words: string[]) => JSON.parse((await place.run([...words, ...AROUND])).stdout);
    const [one, many, why, asked] = await Promise.all([
      json("evaluate", call),
      json("simulate", "calls.txt"),
      json("policy", "explain", call),
      session.call("explain", { call }),
    ]);
    expect(one.decision).toBe(effect);
    const names = ({ decision, code, rule, matched, layer, hint }: Record<string, unknown>) => ({
      ...{ decision, code, rule, matched, layer, hint },
    });
    expect(names(many.calls[0])).toEqual(names(one));
    expect(names(why)).toEqual(names(one));
    expect(names(asked.data)).toEqual(names(one));
    if (one.rule.file !== undefined) expect(one.rule).toMatchObject({ line: 3, column: 15 });
  });
});

describe("a policy that is found and not trusted", () => {
  test("applies to no verdict, which each says on standard error", async () => {
    place.write("calls.txt", "fs.read src/a\n");
    const asks = [
      ["evaluate", "fs.read src/a"],
      ["simulate", "calls.txt"],
      ["policy", "explain", "fs.read src/a"],
      ["policy", "can", "--on", "fs.read"],
    ];
    for (const words of asks) {
      const { stdout, stderr } = await place.run(words);
      expect(stdout, words.join(" ")).not.toContain("filesystem.read_allow[0]");
      expect(stderr, words.join(" ")).toContain("agent-run.toml is not trusted, so everything is denied");
    }
  });

  test("is validated and linted all the same", async () => {
    const valid = await place.run(["policy", "validate"]);
    expect(valid).toMatchObject({ code: 0, stdout: expect.stringContaining("ok: agent-run.toml loads") });
    const { code, stdout } = await place.run(["policy", "lint", "--fail-on", "note"]);
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining("no-limit") });
  });

  test("where there is none, that is an error and not an empty list", async () => {
    const empty = new Workplace();
    for (const command of ["validate", "lint"]) {
      const { code, stderr } = await empty.run(["policy", command]);
      expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining("no agent-run.toml lies here") });
    }
    empty.remove();
  });
});
