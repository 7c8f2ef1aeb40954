/**
 * When sealed work shows: at ticks only, through the built command. And what becomes of the vault: it starts where there
 * is something to keep, may die without a word, and is gone when the run is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Answer } from "../../../examples/servers.mjs";
import { KEYS, LocalOnlyWorld } from "./local-only.fixture.ts";
import { gone, processesBelow, procFile, vaultsBelow } from "./process-tree.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** What the private server does with a request of this run; the process of the run that is on. */
let answer: () => Answer | Promise<Answer> = () => ({});
let running = -1;
let world: LocalOnlyWorld;

const policy = (local: string, open: string, localOnly: string) => `version = 1
[filesystem]
write_allow = ["out/**"]
local_only_read = ["private/**"]
local_only_write = ["private/**"]
[network]
http_get_allow = ["${open}"]
local_only_hosts = ["${local}"]
[environment]
local_only_vars = ["INTERNAL_URL"]
[local_only]
${localOnly}
[[secret]]
name = "stripe"
env = "STRIPE_KEY"
`;

beforeAll(async () => {
  world = await LocalOnlyWorld.start(() => "version = 1\n", { local: () => answer() });
});
afterEach(() => {
  answer = () => ({});
  for (const server of ["local", "public"] as const) world.heard(server);
});
afterAll(() => world.close());

const POST = 'net.httpPost("$LOCAL/", fs.read("private/note.md")); ';

/** `localOnly`: lines of that table. */
async function run(script: string, localOnly: string, onStart: (interrupt: () => void) => void = () => undefined) {
  const { local, public: open } = world.at;
  world.place.write("agent-run.toml", policy(local, open.replace("localhost", "127.0.0.1"), localOnly));
  return world.report(script.replaceAll("$PUBLIC", open.replace("localhost", "127.0.0.1")), [], {
    onStart: (interrupt, pid) => {
      running = pid;
      onStart(interrupt);
    },
  });
}

const slowly = (ms: number) => async () => {
  await sleep(ms);
  return {};
};

describe("a run with sealed work ends at a tick", () => {
  const ticks = 'settle = ["500ms", "3s", "20s"]';

  test("and that is all its duration says", async () => {
    const fast = await run(POST, ticks);
    answer = slowly(1000);
    const slow = await run(POST, ticks);
    expect([500, 3000, 20_000]).toContain(fast.durationMs);
    expect([3000, 20_000]).toContain(slow.durationMs);
  });

  test("by which the work is done, and seen by who may see it", async () => {
    answer = slowly(800);
    await run(`${POST} fs.write("private/done.txt", net.httpGet("$LOCAL/").status)`, ticks);
    expect(world.place.read("private/done.txt")).toBe("200");
    expect(world.heard("local").map(({ body }) => body.toString())).toEqual([KEYS.note, ""]);
  });

  test("as does a public call that comes after it, so often as `max_waits` says", async () => {
    const alternate = (n: number) => `for (let i = 0; i < ${n}; i++) { ${POST} net.httpGet("$PUBLIC/") }`;
    answer = slowly(700);
    const once = await run(alternate(1), ticks);
    expect(once.error).toBe(null);
    expect([3000, 20_000]).toContain(once.durationMs);
    expect((await run(alternate(2), ticks)).error).toMatchObject({ code: "E_WAITS" });
  });

  test("at the only one with `strict`, however long the work took, or whether it was done", async () => {
    const strict = 'profile = "strict"\nsettle = ["2s"]';
    const durations: number[] = [];
    for (const delay of [0, 800, 6000]) {
      answer = slowly(delay);
      durations.push((await run(POST, strict)).durationMs);
    }
    expect(durations).toEqual([2000, 2000, 2000]);
  });

  test("or when it is done with `relaxed`, which says so", async () => {
    answer = slowly(800);
    const { local, public: open } = world.at;
    world.place.write("agent-run.toml", policy(local, open, 'profile = "relaxed"'));
    const script = world.fill(`${POST} fs.write("private/relaxed.txt", "done")`);
    const { stderr, code } = await world.place.run(["--policy", "agent-run.toml", "-"], {
      stdin: script,
      env: world.env,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/how long work on local-only values takes is visible.*profile = "relaxed"/);
    expect(world.place.read("private/relaxed.txt")).toBe("done");
  });

  test("and at once where there was none", async () => {
    expect((await run('print(env.read("INTERNAL_URL"), 1 + 1)', ticks)).durationMs).toBe(0);
  });

  test("of its own length where the script names one", async () => {
    const { durationMs, error } = await run('seal.settle("700ms")', ticks);
    expect({ durationMs, error }).toEqual({ durationMs: 700, error: null });
  });
});

describe("the vault", () => {
  test("that is killed in the middle looks like work that takes long, and the run ends well", async () => {
    const killed: number[] = [];
    answer = () => {
      for (const pid of vaultsBelow(running)) {
        killed.push(pid);
        process.kill(pid, "SIGKILL");
      }
      return {};
    };
    const { durationMs, error, value } = await run(`${POST} ${POST} return 1`, 'settle = ["500ms", "2s"]');
    expect(killed).toHaveLength(1);
    expect({ durationMs, error, value }).toEqual({ durationMs: 2000, error: null, value: 1 });
  });

  test("is gone with the run that an interrupt ended while it waited for a tick", async () => {
    let below: readonly number[] = [];
    let stop: () => void = () => undefined;
    answer = async () => {
      below = processesBelow(running);
      stop();
      await sleep(30_000, undefined, { ref: false });
      return {};
    };
    const { exitCode, error } = await run(POST, 'settle = ["60s"]', (interrupt) => {
      stop = interrupt;
    });
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 130, code: "E_INTERRUPTED" });
    expect(below.length).toBeGreaterThan(0);
    await gone(below);
  });

  test("has the secrets, and neither process of the run has them in its environment", async () => {
    const environments: string[] = [];
    answer = () => {
      for (const pid of [running, ...processesBelow(running)]) environments.push(procFile(pid, "environ"));
      return {};
    };
    await run(POST, 'settle = ["3s"]');
    expect(environments.length).toBeGreaterThan(1);
    expect(environments.join("\n")).toContain("HOME=");
    for (const key of [KEYS.stripe, "p&ss"]) expect(environments.join("\n")).not.toContain(key);
  });

  test("starts only where a policy declares something local-only", async () => {
    const { public: open } = world.at;
    const vaults: (readonly number[])[] = [];
    answer = () => {
      vaults.push(vaultsBelow(running));
      return {};
    };
    await run(POST, 'settle = ["3s"]');
    const { local } = world.at;
    world.place.write("open.toml", `version = 1\n[network]\nhttp_get_allow = ["${local}", "${open}"]\n`);
    const { code } = await world.place.run(["--policy", "open.toml", "-"], {
      stdin: `net.httpGet("${local}/")`,
      env: world.env,
      onStart: (_, pid) => {
        running = pid;
      },
    });
    expect(code).toBe(0);
    expect(vaults.map(({ length }) => length)).toEqual([1, 0]);
  });
});
