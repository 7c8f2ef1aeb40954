import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { OpenRequests } from "./open-requests.ts";

class Wire implements Transport {
  onclose?: () => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly sent: JSONRPCMessage[] = [];
  broken = false;

  async start(): Promise<void> {}
  async close(): Promise<void> {
    this.onclose?.();
  }
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.broken) throw new Error("EPIPE");
    this.sent.push(message);
  }
  hear(message: object): void {
    this.onmessage?.({ jsonrpc: "2.0", ...message } as JSONRPCMessage);
  }
}

const NEVER = 2 ** 31 - 1;
const answer = (id: number) => ({ jsonrpc: "2.0", id, result: {} }) as const;

test("are settled when each has its answer, however often it is asked", async () => {
  const wire = new Wire();
  const requests = new OpenRequests(wire);
  await requests.answered(NEVER);
  wire.hear({ id: 1, method: "tools/call" });
  wire.hear({ id: 2, method: "ping" });
  let settled = false;
  const all = requests.answered(NEVER).then(() => {
    settled = true;
  });
  await requests.send(answer(1));
  await requests.send({ jsonrpc: "2.0", method: "notifications/progress" });
  expect(settled).toBe(false);
  await requests.send({ jsonrpc: "2.0", id: 2, error: { code: 1, message: "no" } });
  await all;
  expect(wire.sent).toHaveLength(3);
});

test("that were cancelled, cannot be answered or are subscriptions are not waited for", async () => {
  const wire = new Wire();
  const requests = new OpenRequests(wire);
  wire.hear({ id: 1, method: "tools/call" });
  wire.hear({ id: 2, method: "tools/call" });
  wire.hear({ id: 3, method: "subscriptions/listen" });
  wire.hear({ method: "notifications/cancelled", params: { requestId: 1 } });
  wire.broken = true;
  await expect(requests.send(answer(2))).rejects.toThrow("EPIPE");
  await requests.answered(NEVER);
});

test("are waited for no longer than asked, and not on a wire that is closed", async () => {
  const wire = new Wire();
  const requests = new OpenRequests(wire);
  wire.hear({ id: 1, method: "tools/call" });
  await requests.answered(1);
  const waits = [requests.answered(NEVER), requests.answered(NEVER)];
  await wire.close();
  await Promise.all(waits);
});
