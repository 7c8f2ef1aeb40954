import type { ServerContext } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Heartbeat } from "./heartbeat.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Progress {
  readonly method: string;
  readonly params: { readonly progressToken: unknown; readonly progress: number; readonly message: string };
}

function contextWith(meta: object | undefined, said: Progress[]): ServerContext {
  const notify = async (notification: Progress) => {
    said.push(notification);
    throw new Error("the client is away");
  };
  return { mcpReq: { _meta: meta, notify } } as unknown as ServerContext;
}

describe("a call that goes on", () => {
  test("says at least every ten seconds what it waits for, until it ends", () => {
    const said: Progress[] = [];
    const heartbeat = new Heartbeat(contextWith({ progressToken: 0 }, said), "the call waits for its turn");
    vi.advanceTimersByTime(10_000);
    expect(said[0]).toMatchObject({ method: "notifications/progress", params: { progressToken: 0 } });
    expect(said.at(-1)?.params.message).toBe("the call waits for its turn (10 s)");
    heartbeat.says("the script is running");
    vi.advanceTimersByTime(10_000);
    expect(said.at(-1)?.params.message).toBe("the script is running (20 s)");
    const progress = said.map(({ params }) => params.progress);
    expect(progress).toEqual([...progress].sort((one, other) => one - other));
    expect(new Set(progress).size).toBe(progress.length);
    heartbeat.stop();
    const count = said.length;
    vi.advanceTimersByTime(60_000);
    expect(said).toHaveLength(count);
  });

  test("says nothing to a client that did not ask", () => {
    const said: Progress[] = [];
    new Heartbeat(contextWith(undefined, said), "the call waits for its turn");
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([]);
  });
});
