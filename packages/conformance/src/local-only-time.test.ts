/**
 * When sealed work shows: at ticks only, through the built command. And what becomes of the vault: it starts where there
 * is something to keep, may die without a word, and is gone when the run is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test as one, vi } from "vitest";
import type { Answer } from "../../../examples/servers.mjs";
import { KEYS, LocalOnlyWorld } from "./local-only.fixture.ts";
import { gone, processesBelow, procFile, vaultsBelow } from "./process-tree.fixture.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

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

const POST = 'net.httpPost("$LOCAL/", fs.read("private/note.md")); ';

/** A world of one test, as they wait for their ticks at the same time. */
class Scene {
  /** What the private server does with a request of this run. */
  answer: () => Answer | Promise<Answer> = () => ({});
  /** The process of the run that is on. */
  running = -1;
  readonly world: LocalOnlyWorld;

  private constructor(world: LocalOnlyWorld) {
    this.world = world;
  }

  static async start(): Promise<Scene> {
    let scene: Scene | undefined;
    const world = await LocalOnlyWorld.start(() => "version = 1\n", { local: () => scene?.answer() ?? {} });
    scene = new Scene(world);
    return scene;
  }

  /** `localOnly`: lines of that table. */
  run(script: string, localOnly: string, onStart: (interrupt: () => void) => void = () => undefined) {
    const { local, public: open } = this.world.at;
    this.world.place.write("agent-run.toml", policy(local, open.replace("localhost", "127.0.0.1"), localOnly));
    return this.world.report(script.replaceAll("$PUBLIC", open.replace("localhost", "127.0.0.1")), [], {
      onStart: (interrupt, pid) => {
        this.running = pid;
        onStart(interrupt);
      },
    });
  }
}

/** The test's scene is closed after it. */
function test(title: string, play: (scene: Scene) => Promise<void>): void {
  one.concurrent(title, async () => {
    const scene = await Scene.start();
    try {
      await play(scene);
    } finally {
      await scene.world.close();
    }
  });
}

const slowly = (ms: number) => async () => {
  await sleep(ms);
  return {};
};

describe("a run with sealed work ends at a tick", () => {
  const ticks = 'settle = ["500ms", "3s", "20s"]';

  test("and that is all its duration says", async (scene) => {
    const fast = await scene.run(POST, ticks);
    scene.answer = slowly(1000);
    const slow = await scene.run(POST, ticks);
    expect([500, 3000, 20_000]).toContain(fast.durationMs);
    expect([3000, 20_000]).toContain(slow.durationMs);
  });

  test("by which the work is done, and seen by who may see it", async (scene) => {
    scene.answer = slowly(800);
    await scene.run(`${POST} fs.write("private/done.txt", net.httpGet("$LOCAL/").status)`, ticks);
    expect(scene.world.place.read("private/done.txt")).toBe("200");
    expect(scene.world.heard("local").map(({ body }) => body.toString())).toEqual([KEYS.note, ""]);
  });

  test("as does a public call that comes after it, so often as `max_waits` says", async (scene) => {
    const alternate = (n: number) => `for (let i = 0; i < ${n}; i++) { ${POST} net.httpGet("$PUBLIC/") }`;
    scene.answer = slowly(700);
    const once = await scene.run(alternate(1), ticks);
    expect(once.error).toBe(null);
    expect([3000, 20_000]).toContain(once.durationMs);
    expect((await scene.run(alternate(2), ticks)).error).toMatchObject({ code: "E_WAITS" });
  });

  test("at the only one with `strict`, however long the work took, or whether it was done", async (scene) => {
    const strict = 'profile = "strict"\nsettle = ["2s"]';
    const durations: number[] = [];
    for (const delay of [0, 800, 6000]) {
      scene.answer = slowly(delay);
      durations.push((await scene.run(POST, strict)).durationMs);
    }
    expect(durations).toEqual([2000, 2000, 2000]);
  });

  test("or when it is done with `relaxed`, which says so", async (scene) => {
    scene.answer = slowly(800);
    const { local, public: open } = scene.world.at;
    scene.world.place.write("agent-run.toml", policy(local, open, 'profile = "relaxed"'));
    const script = scene.world.fill(`${POST} fs.write("private/relaxed.txt", "done")`);
    const { stderr, code } = await scene.world.place.run(["--policy", "agent-run.toml", "-"], {
      stdin: script,
      env: scene.world.env,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/how long work on local-only values takes is visible.*profile = "relaxed"/);
    expect(scene.world.place.read("private/relaxed.txt")).toBe("done");
  });

  test("and at once where there was none", async (scene) => {
    expect((await scene.run('print(env.read("INTERNAL_URL"), 1 + 1)', ticks)).durationMs).toBe(0);
  });

  test("of its own length where the script names one", async (scene) => {
    const { durationMs, error } = await scene.run('seal.settle("700ms")', ticks);
    expect({ durationMs, error }).toEqual({ durationMs: 700, error: null });
  });
});

describe("the vault", () => {
  test("that is killed in the middle looks like work that takes long, and the run ends well", async (scene) => {
    const killed: number[] = [];
    scene.answer = () => {
      for (const pid of vaultsBelow(scene.running)) {
        killed.push(pid);
        process.kill(pid, "SIGKILL");
      }
      return {};
    };
    const { durationMs, error, value } = await scene.run(`${POST} ${POST} return 1`, 'settle = ["500ms", "2s"]');
    expect(killed).toHaveLength(1);
    expect({ durationMs, error, value }).toEqual({ durationMs: 2000, error: null, value: 1 });
  });

  test("is gone with the run that an interrupt ended while it waited for a tick", async (scene) => {
    let below: readonly number[] = [];
    let stop: () => void = () => undefined;
    scene.answer = async () => {
      below = processesBelow(scene.running);
      stop();
      await sleep(30_000, undefined, { ref: false });
      return {};
    };
    const { exitCode, error } = await scene.run(POST, 'settle = ["60s"]', (interrupt) => {
      stop = interrupt;
    });
    expect({ exitCode, code: error?.code }).toEqual({ exitCode: 130, code: "E_INTERRUPTED" });
    expect(below.length).toBeGreaterThan(0);
    await gone(below);
  });

  test("has the secrets, and neither process of the run has them in its environment", async (scene) => {
    const environments: string[] = [];
    scene.answer = () => {
      for (const pid of [scene.running, ...processesBelow(scene.running)]) environments.push(procFile(pid, "environ"));
      return {};
    };
    await scene.run(POST, 'settle = ["6s"]');
    expect(environments.length).toBeGreaterThan(1);
    expect(environments.join("\n")).toContain("HOME=");
    for (const key of [KEYS.stripe, "p&ss"]) expect(environments.join("\n")).not.toContain(key);
  });

  test("starts only where a policy declares something local-only", async (scene) => {
    const { public: open } = scene.world.at;
    const vaults: (readonly number[])[] = [];
    scene.answer = () => {
      vaults.push(vaultsBelow(scene.running));
      return {};
    };
    await scene.run(POST, 'settle = ["6s"]');
    const { local } = scene.world.at;
    scene.world.place.write("open.toml", `version = 1\n[network]\nhttp_get_allow = ["${local}", "${open}"]\n`);
    const { code } = await scene.world.place.run(["--policy", "open.toml", "-"], {
      stdin: `net.httpGet("${local}/")`,
      env: scene.world.env,
      onStart: (_, pid) => {
        scene.running = pid;
      },
    });
    expect(code).toBe(0);
    expect(vaults.map(({ length }) => length)).toEqual([1, 0]);
  });
});
