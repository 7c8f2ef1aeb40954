/** What the operator's rules let out of sealed answers, and no more of it, through the built command. */
import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { lanes } from "./lanes.fixture.ts";
import { KEYS, LocalOnlyWorld, TICKS } from "./local-only.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Runs wait for their ticks: some do at the same time, each in a world of its own. */
const worlds = lanes(3, () =>
  LocalOnlyWorld.start(
    ({ local }) => `version = 1
[filesystem]
write_allow = ["out/**"]
local_only_read = ["private/**"]
local_only_write = ["kept/**"]
[network]
local_only_hosts = ["${local}"]
[local_only]
${TICKS}
max_waits = 8
${Object.entries({
  state: [`GET ${local}/state`, "$.state", '{ enum = ["green", "yellow", "red"] }', 'else = "unknown"\nper_run = 2'],
  odd: [`GET ${local}/odd`, "$.state", '{ enum = ["green", "yellow"] }', 'else = "unknown"'],
  absent: [`GET ${local}/state`, "$.no.such[0]", "{ int = [0, 9] }", ""],
  up: [`GET ${local}/state`, "$.checks[1].up", '"bool"', ""],
  count: ["file:private/config.json", "$.count", "{ int = [0, 9] }", ""],
  region: ["file:private/config.json", "$.region", '{ pattern = "[a-z]{2}-[0-9]", max = 8 }', 'else = "none"'],
  daily: ["file:private/config.json", "$.state", '{ enum = ["green"] }', "per_run = 9\nper_day = 3"],
})
  .map(
    ([name, [from, select, type, more]]) =>
      `[[release]]\nname = "${name}"\nfrom = "${from}"\nselect = "${select}"\ntype = ${type}\n${more}\n`,
  )
  .join("")}`,
    {
      local: ({ url }) => ({
        status: 500,
        headers: { "x-secret": encodeURIComponent(KEYS.hazard) },
        body: { state: url === "/odd" ? KEYS.note : "green", checks: [{ up: false }, { up: true }] },
      }),
    },
  ),
);

const run = async (world: LocalOnlyWorld, code: string) => {
  const { value, error } = await world.report(code);
  return error === null ? value : { code: error.code, message: error.message, hint: error.hint };
};

describe.concurrent("a release", () => {
  test.each([
    ["of one of some words", 'return release("state", net.httpGet("$LOCAL/state"))', "green"],
    ["of an answer that was read as JSON", 'return release("state", net.httpGet("$LOCAL/state").json())', "green"],
    ["of a boolean deep inside", 'return release("up", net.httpGet("$LOCAL/state"))', true],
    ["of a number of a file", 'return release("count", fs.read("private/config.json"))', 7],
    ["of another word is what `else` says", 'return release("odd", net.httpGet("$LOCAL/odd"))', "unknown"],
    ["of what is not there is `withheld`", 'return release("absent", net.httpGet("$LOCAL/state"))', "withheld"],
    [
      "of a field that the file lacks is what `else` says",
      'return release("region", fs.readJson("private/config.json"))',
      "none",
    ],
  ])("%s", async (_, code, value) => {
    expect(await worlds.with((world) => run(world, code))).toEqual(value);
  });

  test("decides what a script does in the open", async () => {
    const state =
      'if (release("state", net.httpGet("$LOCAL/state")) === "green") fs.write("out/go.txt", "go", { createParents: true })';
    const made = await worlds.with(async (world) => {
      await run(world, state);
      return world.place.read("out/go.txt");
    });
    expect(made).toBe("go");
  });
});

describe.concurrent("no release", () => {
  test.each([
    ["by a rule that is not there", 'release("stat", net.httpGet("$LOCAL/state"))', /no release rule `stat`/],
    ["of another answer", 'release("state", net.httpGet("$LOCAL/other"))', /accepts only the answer of `GET /],
    [
      "of a part of the answer",
      'release("state", net.httpGet("$LOCAL/state").json().state)',
      /accepts only the answer/,
    ],
    ["of something computed", 'release("state", net.httpGet("$LOCAL/state").map((r) => r))', /accepts only the answer/],
    [
      "of an answer to sealed data",
      'release("state", net.request({ url: "$LOCAL/state", headers: { a: fs.read("private/note.md") } }))',
      /accepts only the answer/,
    ],
    [
      "more often than `per_run` says",
      'const r = net.httpGet("$LOCAL/state"); for (const n of [1, 2, 3]) release("state", r)',
      /per run/,
    ],
  ])("%s", async (_, code, message) => {
    const answer = await worlds.with((world) => run(world, code));
    expect(answer).toMatchObject({ code: "E_RELEASE", message: expect.stringMatching(message) as string });
    expect(answer).toHaveProperty("hint");
  });

  test("of a public value", async () => {
    expect(await worlds.with((world) => run(world, 'release("state", "green")'))).toMatchObject({ code: "E_ARGUMENT" });
  });

  test("more often in a day than `per_day` says, however many runs there are", async () => {
    const twice = 'const f = fs.read("private/config.json"); return [release("daily", f), release("daily", f)]';
    const answers = await worlds.with(async (world) => [
      await run(world, twice),
      await run(world, twice),
      await run(world, 'release("daily", fs.read("private/config.json"))'),
    ]);
    expect(answers).toEqual([
      ["green", "green"],
      expect.objectContaining({ code: "E_RELEASE", message: expect.stringContaining("per day") as string }),
      expect.objectContaining({ code: "E_RELEASE" }),
    ]);
  });
});

test.concurrent("each release is on the record, by its rule and without its value", async () => {
  const record = await worlds.with(async (world) => {
    await run(world, 'release("state", net.httpGet("$LOCAL/state"))');
    return readFileSync(world.place.records().at(-1) ?? "", "utf8");
  });
  const released = record.split("\n").filter((line) => line.includes("release"));
  expect(released).toHaveLength(1);
  expect(released[0]).toContain('"state"');
  expect(released[0]).not.toContain("green");
});
