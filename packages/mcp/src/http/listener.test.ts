import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Listener, openListener } from "./listener.ts";

const LIMITS = { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 50 };

async function opened(port = 0): Promise<Listener> {
  const result = await openListener(port, LIMITS);
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}

/** What comes back for bytes that are sent one at a time, for as long as the connection is there. */
function dripped(port: number, head: string, drop: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    let open = true;
    const socket = connect(port, "127.0.0.1", async () => {
      socket.write(head);
      while (open) {
        socket.write(drop);
        await sleep(20);
      }
    });
    socket.on("error", () => undefined);
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("close", () => {
      open = false;
      resolve(text);
    });
  });
}

describe("a client that sends drop by drop is cut off", () => {
  test("in the head of its request", async () => {
    const listener = await opened();
    let served = 0;
    listener.serve(() => {
      served += 1;
    });
    expect(await dripped(listener.port, "POST /mcp HTTP/1.1\r\nHost: a\r\n", "a: b\r\n")).toMatch(/^HTTP\/1\.1 408 /);
    expect(served).toBe(0);
    await listener.close(0);
  });

  test("in its body", async () => {
    const listener = await opened();
    const ended: boolean[] = [];
    listener.serve((request) => {
      request.on("error", () => undefined).resume();
      request.on("close", () => ended.push(request.complete));
    });
    await dripped(listener.port, "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", "x");
    expect(ended).not.toContain(true);
    await listener.close(0);
  });
});

describe("a port", () => {
  test("that is taken is an error that says so, and a free one is found", async () => {
    const listener = await opened();
    expect(await openListener(listener.port)).toMatchObject({
      ok: false,
      failure: { code: "E_CONFIG", message: expect.stringContaining("another program listens there") },
    });
    expect(listener.port).toBeGreaterThan(0);
    await listener.close(0);
  });

  test("answers that nothing is served yet, until it is", async () => {
    const listener = await opened();
    expect((await fetch(`http://127.0.0.1:${listener.port}/mcp`)).status).toBe(503);
    await listener.close(0);
  });

  test("is given up with the connections that are left, also while a request goes on", async () => {
    const listener = await opened();
    listener.serve(() => undefined);
    const never = fetch(`http://127.0.0.1:${listener.port}/mcp`);
    await sleep(50);
    await listener.close(10);
    await expect(never).rejects.toThrow();
  });
});
