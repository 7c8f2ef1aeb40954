import { describe, expect, test } from "vitest";
import { Lane, type Step } from "./lane.ts";

/** Steps that write down what becomes of them; `open` lets a step go on that waits. */
class Scene {
  readonly lane = new Lane();
  readonly log: string[] = [];
  readonly #open = new Map<string, () => void>();

  step(name: string, waits = false): Step {
    return {
      act: async (signal) => {
        this.log.push(`${name} begins`);
        if (waits)
          await new Promise<void>((resolve) => {
            this.#open.set(name, resolve);
            signal.addEventListener("abort", () => {
              this.log.push(`${name} stops`);
              resolve();
            });
          });
        this.log.push(`${name} ends`);
      },
      drop: () => void this.log.push(`${name} dropped`),
    };
  }

  open(name: string): void {
    this.#open.get(name)?.();
  }

  /** Everything that can go on has. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

describe("the lane", () => {
  test("does one thing after another, in the order of the script", async () => {
    const scene = new Scene();
    scene.lane.add(scene.step("a", true));
    scene.lane.add(scene.step("b"));
    await scene.quiet();
    expect(scene.log).toEqual(["a begins"]);
    scene.open("a");
    await scene.quiet();
    expect(scene.log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  test("does what was put off before the next effect, in its order, and not before an answer", async () => {
    const scene = new Scene();
    scene.lane.defer(scene.step("read 1"));
    scene.lane.defer(scene.step("read 2"));
    scene.lane.addAnswer(scene.step("answer"));
    await scene.quiet();
    expect(scene.log).toEqual(["answer begins", "answer ends"]);
    scene.lane.add(scene.step("effect"));
    await scene.quiet();
    expect(scene.log.filter((entry) => entry.endsWith("begins")).slice(1)).toEqual([
      "read 1 begins",
      "read 2 begins",
      "effect begins",
    ]);
  });

  test("goes on after a step that failed", async () => {
    const scene = new Scene();
    scene.lane.add({ act: () => Promise.reject(new Error("no")), drop: () => undefined });
    scene.lane.add(scene.step("next"));
    await scene.quiet();
    expect(scene.log).toEqual(["next begins", "next ends"]);
  });

  test("drops what the last tick was too early for, stops what is under way, and does what comes later", async () => {
    const scene = new Scene();
    scene.lane.add(scene.step("slow", true));
    scene.lane.add(scene.step("waiting"));
    await scene.quiet();
    scene.lane.drop();
    scene.lane.add(scene.step("later"));
    await scene.quiet();
    expect(scene.log).toEqual([
      "slow begins",
      "slow stops",
      "slow ends",
      "waiting dropped",
      "later begins",
      "later ends",
    ]);
  });

  test("ends with everything stopped and dropped, deferred reads included", async () => {
    const scene = new Scene();
    scene.lane.add(scene.step("slow", true));
    scene.lane.add(scene.step("waiting"));
    scene.lane.defer(scene.step("read"));
    await scene.quiet();
    await scene.lane.end();
    expect(scene.log).toEqual(["slow begins", "read dropped", "slow stops", "slow ends", "waiting dropped"]);
  });
});
