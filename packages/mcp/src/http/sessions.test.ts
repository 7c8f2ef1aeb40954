import { setTimeout as sleep } from "node:timers/promises";
import { Server } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, test } from "vitest";
import { Sessions } from "./sessions.ts";

let sessions: Sessions;
afterEach(() => sessions.close());

function sessionsWith(bounds: { most: number; idleMs: number }): void {
  sessions = new Sessions(() => new Server({ name: "test", version: "1" }, { capabilities: {} }), bounds);
}

const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const asked = (id?: string) =>
  new Request("http://127.0.0.1/mcp", {
    method: "POST",
    headers: id === undefined ? headers : { ...headers, "mcp-session-id": id },
  });
const clientInfo = { name: "t", version: "1" };
const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
const INITIALIZE = { jsonrpc: "2.0", id: 1, method: "initialize", params };

async function begin(done = true): Promise<string | null> {
  const answer = await sessions.answer(asked(), INITIALIZE);
  if (done) {
    await answer.response.text();
    answer.done();
  }
  return answer.response.headers.get("mcp-session-id");
}

async function statusOf(id: string | null): Promise<number> {
  const { response, done } = await sessions.answer(asked(id ?? ""), { jsonrpc: "2.0", id: 2, method: "ping" });
  await response.text();
  done();
  return response.status;
}

describe("a session", () => {
  test("ends when nobody has used it for a while, and not while it is used", async () => {
    sessionsWith({ most: 10, idleMs: 60 });
    const [idle, busy] = [await begin(), await begin(false)];
    for (let isThere = true; isThere; ) {
      await sleep(200);
      isThere = (await statusOf(idle)) !== 404;
    }
    expect(await statusOf(busy)).toBe(200);
  });

  test("has to wait where all others are in use", async () => {
    sessionsWith({ most: 2, idleMs: 60_000 });
    const first = await begin(false);
    const second = await begin();
    const third = await begin();
    expect([await statusOf(first), await statusOf(second), await statusOf(third)]).toEqual([200, 404, 200]);
    const { response } = await sessions.answer(asked(third ?? ""), { jsonrpc: "2.0", id: 3, method: "ping" });
    expect(response.status).toBe(200);
    expect((await sessions.answer(asked(), INITIALIZE)).response.status).toBe(503);
  });

  test("is not begun by a request that is refused", async () => {
    sessionsWith({ most: 1, idleMs: 60_000 });
    const picky = new Request("http://127.0.0.1/mcp", { method: "POST", headers: { accept: "text/html" } });
    const { response, done } = await sessions.answer(picky, INITIALIZE);
    done();
    expect(response.status).toBe(406);
    expect(await begin()).not.toBeNull();
  });
});
