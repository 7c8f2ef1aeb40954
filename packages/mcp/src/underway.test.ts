import { describe, expect, test } from "vitest";
import { Underway } from "./underway.ts";

const untilAborted = (signal: AbortSignal) =>
  new Promise<string>((resolve) => {
    if (signal.aborted) resolve("aborted");
    signal.addEventListener("abort", () => resolve("aborted"));
  });

describe("calls that are under way", () => {
  test("are interrupted by their own client's cancellation only", async () => {
    const underway = new Underway();
    const [mine, other] = [new AbortController(), new AbortController()];
    const first = underway.perform({}, mine.signal, untilAborted);
    let otherEnded = false;
    const second = underway.perform({}, other.signal, untilAborted).finally(() => {
      otherEnded = true;
    });
    mine.abort();
    expect(await first).toBe("aborted");
    expect(otherEnded).toBe(false);
    other.abort();
    expect(await second).toBe("aborted");
  });

  test("are interrupted and awaited when the server closes, failed ones too", async () => {
    const underway = new Underway();
    const ended: string[] = [];
    const late = async (signal: AbortSignal) => {
      await untilAborted(signal);
      await new Promise((resolve) => setImmediate(resolve));
      ended.push("late");
    };
    void underway.perform({}, new AbortController().signal, late);
    underway
      .perform({}, new AbortController().signal, async (signal) => {
        await untilAborted(signal);
        throw new Error("failed");
      })
      .catch(() => ended.push("failed"));
    await underway.close();
    expect(ended.sort()).toEqual(["failed", "late"]);
  });

  test("that begin after that, or cancelled, are interrupted at once", async () => {
    const underway = new Underway();
    expect(await underway.perform({}, AbortSignal.abort(), untilAborted)).toBe("aborted");
    await underway.close();
    expect(await underway.perform({}, new AbortController().signal, untilAborted)).toBe("aborted");
  });

  test("are bounded in number and in what their arguments take, and there is room again when they end", async () => {
    const full = /too many calls/;
    const [one, other] = [new AbortController(), new AbortController()];
    const few = new Underway(1);
    const first = few.perform({}, one.signal, untilAborted);
    await expect(few.perform({}, other.signal, untilAborted)).rejects.toThrow(full);
    one.abort();
    await first;
    const large = { deep: [{ text: "x".repeat(200 * 1024 * 1024) }] };
    const second = few.perform(large, other.signal, untilAborted);
    const many = new Underway(3);
    const third = many.perform(large, other.signal, untilAborted);
    await expect(many.perform(large, other.signal, untilAborted)).rejects.toThrow(full);
    other.abort();
    expect(await Promise.all([second, third])).toEqual(["aborted", "aborted"]);
    expect(await many.perform(large, AbortSignal.abort(), untilAborted)).toBe("aborted");
  });
});
