/** The harness of eval/exfiltration against a runtime that leaks on purpose: each leak is found, and none where there is none. */
import { fileURLToPath } from "node:url";
import { parseScript } from "@agent-run/vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judge } from "../../../eval/exfiltration/judge.mjs";
import { ROWS } from "../../../eval/exfiltration/rows.mjs";
import { behaviourOf, HEADER_SAFE, SECRETS } from "../../../eval/exfiltration/secrets.mjs";
import { type Technique, techniques, techniquesIn } from "../../../eval/exfiltration/techniques/index.mjs";
import { gapsOf, timeOf } from "../../../eval/exfiltration/transcript.mjs";
import { World } from "../../../eval/exfiltration/world.mjs";

const FAKE = fileURLToPath(new URL("../../../eval/exfiltration/leaky-runtime.mjs", import.meta.url));

const world = new World();
beforeAll(async () => {
  await world.start();
});
afterAll(() => world.close());

const PROBE = `//# probe
// title: names the public server
// policy: default
// expect: done
net.httpGet("$PUBLIC/");
`;

/** The leak, the way in, and the section of the transcript where it must be found. */
const LEAKS: readonly (readonly [string, "cli" | "text" | "mcp", string])[] = [
  ["print", "cli", "stdout"],
  ["print", "text", "stdout"],
  ["print", "mcp", "frames"],
  ["base64", "cli", "stdout"],
  ["length", "cli", "stdout"],
  ["duration", "cli", "durations that are shown"],
  ["exit", "cli", "exit code"],
  ["stderr", "text", "stderr"],
  ["file", "cli", "public files"],
  ["file-name", "cli", "public files"],
  ["file-mode", "cli", "public files"],
  ["file-time", "cli", "times of public files"],
  ["argv", "cli", "public commands"],
  ["stdin", "cli", "public commands"],
  ["order", "cli", "public requests"],
  ["path", "cli", "public requests"],
  ["header", "cli", "public requests"],
  ["body", "cli", "public requests"],
  ["record", "cli", "record 1"],
  ["latency", "cli", "record 1"],
  ["frames", "mcp", "frames"],
];

const probe = (text: string): Technique => {
  const [technique] = techniquesIn("test", text);
  if (technique === undefined) throw new Error("the probe is no technique");
  return technique;
};

/** A leak is there at the first look; `retries` tells what is not. */
const judged = (leak: string, via: "cli" | "text" | "mcp", { text = PROBE, retries = 1 } = {}) =>
  judge(world, probe(via === "mcp" ? text.replace("expect: done", "expect: exitCode") : text), {
    via,
    command: [FAKE, `--leak=${leak}`],
    count: 2,
    retries,
  });

describe("the harness", () => {
  for (const [leak, via, section] of LEAKS) {
    test(`finds a secret in: ${leak} (${via})`, async () => {
      const { verdict, difference } = await judged(leak, via, { retries: 0 });
      expect({ verdict, section: difference?.section }).toEqual({ verdict: "LEAK", section });
    });
  }

  for (const via of ["cli", "text", "mcp"] as const) {
    test(`finds nothing where there is nothing (${via})`, async () => {
      expect(await judged("none", via)).toMatchObject({ verdict: "identical" });
    });
  }

  test("tells noise from a leak", async () => {
    expect(await judged("noise", "cli")).toMatchObject({ verdict: "NOISE" });
  });

  test("takes an attempt that did not happen for no proof", async () => {
    const text = PROBE.replace("expect: done", "expect: E_SINK");
    expect(await judged("none", "cli", { text })).toMatchObject({ verdict: "UNEXPECTED" });
  });
});

describe("times", () => {
  test("of files are told in ticks since the start of the run, and not of what was there before", () => {
    const times = [0, 9_900, 10_010, 10_290, 10_610].map((mtimeMs) =>
      timeOf({ name: "a", mtimeMs }, { startMs: 10_000, tickMs: 300 }),
    );
    expect(times).toEqual(["a before", "a before", "a at tick 0", "a at tick 1", "a at tick 2"]);
  });

  test("of requests are told as a tick later, or not", () => {
    const log = [0, 20, 320, 560].map((at) => ({ text: "", at }));
    expect(gapsOf(log, 300)).toBe("at once, at once, a tick later, at once");
  });
});

describe("the secrets", () => {
  for (const [name, list] of [
    ["all", SECRETS],
    ["header-safe", HEADER_SAFE],
  ] as const) {
    test(`${name}: the first two differ in every dimension of the world`, () => {
      const [one, other] = list.map(({ raw }) => behaviourOf(raw));
      const same = Object.entries(one ?? {}).filter(([key, value]) => other?.[key] === value);
      expect(list).toHaveLength(5);
      expect(same).toEqual([]);
    });
  }
});

describe("the techniques", () => {
  const list = techniques();

  test("have an instance of every row of the catalogue, of all twelve of Aegis, and forty beyond them", () => {
    const rows = new Set(list.flatMap((technique) => technique.rows));
    const aegis = new Set(list.flatMap((technique) => technique.aegis));
    expect(ROWS.filter(({ row }) => !rows.has(row))).toEqual([]);
    expect([...aegis].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(list.filter(({ rows: own }) => own.length === 0).length).toBeGreaterThanOrEqual(40);
  });

  test("parse, and are within the subset, but for those that say otherwise", () => {
    const bad = list.flatMap(({ id, scripts, expect: codes }) =>
      scripts.flatMap((script) => {
        const parsed = parseScript(script, { name: `${id}.js`, typescript: false });
        const problems = parsed.ok ? parsed.program.violations : [parsed.error];
        return problems.length === 0 || codes.includes("E_SUBSET") ? [] : [{ id, problems }];
      }),
    );
    expect(bad).toEqual([]);
  });
});
